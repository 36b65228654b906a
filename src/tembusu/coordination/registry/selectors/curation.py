"""Curated values that wait for review, and who says what of a field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import CuratedField, Registration, Study
from tembusu.coordination.registry.rules import curation as rules
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import studies
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.paging import Kind, Sort

# The longest waiting first.
QUEUE = Sort("since", "differs_since", Kind.MOMENT)


@dataclass(frozen=True, slots=True)
class Said:
    """What one registry says of a field, and beside it. ``is_source``: the study shows this."""

    registration: Registration
    values: Mapping[str, Any]
    is_source: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A field of a study with what is said of it: what holds, what registries say, what staff say.

    :ivar values: what holds, by field of ``records.unit``
    :ivar held: the curated rows, by field
    :ivar mark: fingerprint of both sides, by which a later decision is checked
    """

    field: str
    values: Mapping[str, Any]
    imported: Mapping[str, Any]
    said: Sequence[Said]
    held: Mapping[str, CuratedField]
    mark: str

    @property
    def curated(self) -> CuratedField | None:
        return self.held.get(self.field)


def check_sees_review(user: Any) -> None:
    """The queue exists only for those who may decide in it.

    :raises Http404: for everybody else
    """
    if not may_review(user):
        raise Http404("No page here.")


def may_review(user: Any) -> bool:
    return people.holds_anywhere(user, permissions.CURATE_STUDY.everywhere)


def list_differing(user: Any, *, field: str = "", text: str = "") -> QuerySet[CuratedField]:
    """Return the curated values over which a registry says something new; none to others."""
    rows = CuratedField.objects.filter(differs_since__isnull=False)
    if not may_review(user):
        return rows.none()
    if field:
        rows = rows.filter(field=field)
    for word in text.split()[:6]:
        rows = rows.filter(study__index__title__icontains=word) | rows.filter(
            study__index__registry_nos__contains=[word.upper()]
        )
    return rows.select_related("study", "study__index", "curated_by")


def count_differing(user: Any) -> int | None:
    """Return how many curated values wait for review; None for none."""
    return list_differing(user).count() or None


def fields_differing(user: Any) -> list[str]:
    """Return the fields of which a value waits for review."""
    return sorted(list_differing(user).order_by().values_list("field", flat=True).distinct())


def get_differing(user: Any, pk: int) -> CuratedField | None:
    """Return a curated value that may have to be reviewed, or None where it is gone."""
    if not may_review(user):
        return None
    return CuratedField.objects.select_related("study").filter(pk=pk).first()


def beside(one: CuratedField) -> Mapping[str, CuratedField]:
    """Return a curated row and those of what is said of its value, by field."""
    names = records.BESIDE.get(one.field, ())
    rows = CuratedField.objects.filter(study=one.study_id, field__in=names) if names else ()
    return {one.field: one, **{row.field: row for row in rows}}


def standing(study: Study, field: str) -> Standing:
    """Return a field of a study with all that is said of it."""
    registrations = list(studies.list_registrations(study))
    entries = [studies.current_record(one) for one in registrations]
    merged = records.effective_record(entries, {}, own_registry=studies.OWN)
    fields = records.unit(field)
    rows = CuratedField.objects.select_related("curated_by").filter(study=study, field__in=fields)
    held = {row.field: row for row in rows}
    imported, source = _part(merged.values, fields), merged.sources.get(field, "")
    said = [
        Said(one, _part(entry, fields), source == f"{one.registry} {one.registry_no}")
        for one, entry in zip(registrations, entries, strict=True)
    ]
    return Standing(
        field=field,
        values={name: row.value for name, row in held.items()} if field in held else imported,
        imported=imported,
        said=said,
        held=held,
        mark=rules.mark(field, held, imported),
    )


def _part(values: Mapping[str, Any], fields: Sequence[str]) -> Mapping[str, Any]:
    return {name: values[name] for name in fields if name in values}
