"""Curated values that wait for review, who says what of a field, two studies side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    Study,
    StudyDraft,
    StudyIndex,
    StudySite,
)
from tembusu.coordination.registry.rules import form, records
from tembusu.coordination.registry.selectors import drafts, studies
from tembusu.coordination.registry.terms import FieldDifference, StudyState
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.paging import Kind, Sort

# The longest waiting first.
QUEUE = Sort("since", "differs_since", Kind.MOMENT)


@dataclass(frozen=True, slots=True)
class Said:
    """What one registry says of a field. ``is_source``: the study shows this value."""

    registration: Registration
    value: Any
    is_source: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A field of a study: what holds, what the registries say, what staff say instead.

    :ivar mark: fingerprint of both values, by which a later decision is checked
    """

    field: str
    value: Any
    imported: Any
    said: Sequence[Said]
    curated: CuratedField | None
    mark: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What goes over from a study that is merged into another. ``curated``: the fields' names."""

    registrations: Sequence[Registration]
    curated: Sequence[str]
    n_sites: int
    has_draft: bool


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


def standing(study: Study, field: str) -> Standing:
    """Return a field of a study with all that is said of it."""
    registrations = list(studies.list_registrations(study))
    entries = [studies.current_record(one) for one in registrations]
    merged = records.effective_record(entries, {}, own_registry=studies.OWN)
    curated = (
        CuratedField.objects.select_related("curated_by").filter(study=study, field=field).first()
    )
    imported, source = merged.values.get(field), merged.sources.get(field, "")
    said = [
        Said(one, entry.get(field), source == f"{one.registry} {one.registry_no}")
        for one, entry in zip(registrations, entries, strict=True)
    ]
    return Standing(
        field=field,
        value=curated.value if curated else imported,
        imported=imported,
        said=said,
        curated=curated,
        mark=form.mark(curated.value if curated else None, imported),
    )


# -- merging --------------------------------------------------------------------------------------


def find_other(user: Any, study: Study, number: str) -> StudyIndex | None:
    """Return the study that stands under a number, another one than this; None if there is none."""
    rows = drafts.by_number(user, number)
    return next((row for row in rows if row.pk != study.pk), None)


def differences(study: Study, other: Study) -> list[FieldDifference]:
    """Return the fields of which two studies say different things, in the order of the form."""
    before, after = studies.effective_record(study).values, studies.effective_record(other).values
    changes = [one for one in records.compare(before, after) if one.field not in records.OWN_FIELDS]
    asked = [question.field for question in form.all_questions(form.sections())]
    place = {field: no for no, field in enumerate(asked)}
    return sorted(changes, key=lambda one: place.get(one.field, len(place)))


def holdings(study: Study) -> Holdings:
    """Return what goes over when a study is merged into another."""
    curated = CuratedField.objects.filter(study=study).order_by("field")
    return Holdings(
        registrations=list(studies.list_registrations(study)),
        curated=list(curated.values_list("field", flat=True)),
        n_sites=StudySite.objects.filter(study=study).count(),
        has_draft=StudyDraft.objects.filter(study=study).exists(),
    )


def why_not_one(study: Study, other: Study) -> list[tuple[str, Mapping[str, str]]]:
    """Return why two studies can't be merged: (reason, numbers by registry) pairs."""
    found: list[tuple[str, Mapping[str, str]]] = []
    for one in (study, other):
        if one.state != StudyState.PUBLISHED:
            state = StudyState(one.state).label.lower()
            found.append((f"{one.number} is {state}; only published studies are merged.", {}))
    left = {r.registry: r.registry_no for r in studies.list_registrations(study)}
    right = {r.registry: r.registry_no for r in studies.list_registrations(other)}
    for registry in sorted(set(left) & set(right)):
        numbers = {left[registry]: study.number, right[registry]: other.number}
        found.append((registry, numbers))
    return found
