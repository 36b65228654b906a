"""Changed rows, read from the history that the triggers write, as fields before and after."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class RowSource:
    """A tracked table that belongs to a record, and how its rows of that record are found.

    :ivar is_told: acts on these rows say themselves what they changed, so that the rows are shown
        only where no act announced them
    :ivar tell: says one key of a JSON object, from its name and both values; None says it as stored
    """

    model: type[models.Model]
    where: Mapping[str, Any]
    about: str
    hidden: frozenset[str] = frozenset({"id"})
    is_told: bool = False
    tell: "Callable[[str, Any, Any], FieldChange] | None" = None


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
    fields = [
        f
        for f in history._meta.concrete_fields
        if f.name not in PGH and f.name not in source.hidden
    ]
    columns = [f.attname for f in fields]
    found = list(
        history.objects.filter(**source.where).order_by("pgh_id").values(*columns, *STAMPS)
    )
    names = {f.attname: _names(f, found) for f in fields if f.is_relation}
    before: dict[Any, Mapping[str, Any]] = {}
    for row in found:
        is_gone = row["pgh_label"] == "delete"
        old = before.get(row["pgh_obj_id"], {})
        new = {} if is_gone else {name: row[name] for name in columns}
        before[row["pgh_obj_id"]] = new
        changes = tuple(_differences(columns, old, new, names, source.tell or _as_stored))
        if changes:
            yield _change(source, row, changes)


def _names(field: Any, rows: Iterable[Mapping[str, Any]]) -> dict[Any, str]:
    """Return what the records are called to which a column of these rows points."""
    ids = {row[field.attname] for row in rows} - {None}
    found = field.related_model._base_manager.in_bulk(ids)
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


def _differences(
    columns: Iterable[str],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    names: Mapping[str, Mapping[Any, str]],
    tell: Callable[[str, Any, Any], FieldChange],
) -> Iterator[FieldChange]:
    for column in columns:
        known = names.get(column, {})
        before, after = old.get(column), new.get(column)
        if isinstance(before or after, dict):
            yield from _parts(before or {}, after or {}, tell)
        elif before != after:
            label = column.removesuffix("_id").replace("_", " ")
            # Only a key can be looked up; a list or an object stands for itself.
            first, second = (known.get(v, v) if known else v for v in (before, after))
            yield FieldChange(label, text_of(first), text_of(second))


def _parts(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    tell: Callable[[str, Any, Any], FieldChange],
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
