"""Changed rows, read from the history that the triggers write, as fields before and after."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.timezone import localtime

from tembusu.foundation.core.terms import FieldChange

PGH = frozenset(
    {
        "pgh_id",
        "pgh_created_at",
        "pgh_label",
        "pgh_obj",
        "pgh_context",
        "pgh_context_id",
        "pgh_role",
    }
)
STAMPS = ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context", "pgh_context_id", "pgh_role")


OWN_KEY = "The database's own number of the row."
Tell = Callable[[str, Any, Any], FieldChange]
Names = Callable[[Collection[Any]], Mapping[Any, str]]


@dataclass(frozen=True, slots=True)
class RowSource:
    """A tracked table that belongs to a record, and how its rows of that record are found.

    :ivar spare: columns that mean nothing to people, each with the reason; exports have them
    :ivar labels: what the other columns are called where their names say it badly
    :ivar names: how the records are called to which a column points, where their own words don't do
    :ivar is_told: acts on these rows say themselves what they changed, so that the rows are shown
        only where no act announced them
    :ivar tell: says one key of a JSON object, from its name and both values; None says it as stored
    """

    model: type[models.Model]
    where: Mapping[str, Any]
    about: str
    spare: Mapping[str, str] = field(default_factory=lambda: {"id": OWN_KEY})
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Names] = field(default_factory=dict)
    is_told: bool = False
    tell: Tell | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one statement did to one row."""

    at: datetime
    label: str
    context_id: str
    context: Mapping[str, Any]
    role: str
    about: str
    is_told: bool
    changes: tuple[FieldChange, ...]


def changes_of(source: RowSource) -> Iterator[RowChange]:
    """Yield each change of a record's rows in one table, oldest first, people and bodies named."""
    history: Any = source.model.pgh_event_model  # type: ignore[attr-defined]
    fields = [f for f in history._meta.concrete_fields if f.name not in PGH]
    found = list(
        history.objects.filter(**source.where)
        .order_by("pgh_id")
        .values(*(f.attname for f in fields), *STAMPS)
    )
    columns = [_column(source, f, found) for f in fields]
    before: dict[Any, Mapping[str, Any]] = {}
    for row in found:
        is_gone = row["pgh_label"] == "delete"
        old = before.get(row["pgh_obj_id"], {})
        new = {} if is_gone else {column.name: row[column.name] for column in columns}
        before[row["pgh_obj_id"]] = new
        tell = source.tell or _as_stored
        changes = tuple(
            change
            for column in columns
            for change in column.differences(old.get(column.name), new.get(column.name), tell)
        )
        if changes:
            yield _change(source, row, changes)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a tracked table, as a trail tells it.

    :ivar words: what is said in place of a stored value: a record's name, a choice's label
    """

    name: str
    label: str
    is_spare: bool
    words: Mapping[Any, str]

    def differences(self, before: Any, after: Any, tell: Tell) -> Iterator[FieldChange]:
        """Yield what changed in the column: for a JSON object each key, otherwise at most one."""
        if isinstance(before or after, dict):
            for change in _parts(before or {}, after or {}, tell):
                yield replace(change, is_spare=self.is_spare)
        elif before != after:
            first, second = (text_of(self._said(value)) for value in (before, after))
            yield FieldChange(self.label, first, second, self.is_spare)

    def _said(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._said(one) for one in value]
        return self.words.get(value, value) if self.words else value


def _column(source: RowSource, of: Any, rows: Iterable[Mapping[str, Any]]) -> Column:
    label = source.labels.get(of.name, of.name.replace("_", " "))
    is_spare = of.name in source.spare
    words = {} if is_spare else _words(source, of, rows)
    return Column(of.attname, label, is_spare, words)


def _words(source: RowSource, of: Any, rows: Iterable[Mapping[str, Any]]) -> Mapping[Any, str]:
    if not of.is_relation:
        held = source.model._meta.get_field(of.name)
        return dict(getattr(held, "base_field", held).flatchoices)  # type: ignore[union-attr]
    ids = {row[of.attname] for row in rows} - {None}
    if names := source.names.get(of.name):
        return names(ids)
    found = of.related_model._base_manager.in_bulk(ids)
    return {pk: str(record) for pk, record in found.items()}


def _change(
    source: RowSource, row: Mapping[str, Any], changes: tuple[FieldChange, ...]
) -> RowChange:
    return RowChange(
        at=row["pgh_created_at"],
        label=row["pgh_label"],
        context_id=str(row["pgh_context_id"] or ""),
        context=row["pgh_context"] or {},
        role=row["pgh_role"],
        about=source.about,
        is_told=source.is_told,
        changes=changes,
    )


def _parts(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    tell: Tell,
) -> Iterator[FieldChange]:
    """Yield the keys that differ in two JSON objects, such as a draft's answers."""
    for name in [*old, *(key for key in new if key not in old)]:
        if old.get(name) != new.get(name):
            yield tell(name, old.get(name), new.get(name))


def _as_stored(name: str, before: Any, after: Any) -> FieldChange:
    return FieldChange(name.replace("_", " "), text_of(before), text_of(after))


def text_of(value: object) -> str:
    """Return a stored value as a person reads it; nothing is an empty text."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return localtime(value).strftime("%d %b %Y, %H:%M").lstrip("0")
    if isinstance(value, date):
        return value.strftime("%d %b %Y").lstrip("0")
    if isinstance(value, list | tuple):
        return "; ".join(text_of(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {text_of(item)}" for key, item in value.items())
    return str(value)
