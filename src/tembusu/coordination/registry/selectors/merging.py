"""Two studies side by side before they are made one, and merges that can be undone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    Study,
    StudyDraft,
    StudyIndex,
    StudySite,
)
from tembusu.coordination.registry.rules import merging, records
from tembusu.coordination.registry.selectors import drafts, studies
from tembusu.coordination.registry.terms import StudyState
from tembusu.foundation.core import audit


@dataclass(frozen=True, slots=True)
class Holdings:
    """What goes over from a study that is merged into another. ``curated``: the fields' names."""

    registrations: Sequence[Registration]
    curated: Sequence[str]
    n_sites: int
    has_draft: bool


def find_other(user: Any, study: Study, number: str) -> tuple[StudyIndex | None, bool]:
    """Return the study that stands under a number, if any, and whether it is this one itself."""
    rows = drafts.by_number(user, number)
    other = next((row for row in rows if row.pk != study.pk), None)
    return other, bool(rows) and other is None


def holdings(study: Study) -> Holdings:
    """Return what goes over when a study is merged into another."""
    curated = CuratedField.objects.filter(study=study).order_by("field")
    return Holdings(
        registrations=list(studies.list_registrations(study)),
        curated=list(curated.values_list("field", flat=True)),
        n_sites=StudySite.objects.filter(study=study).count(),
        has_draft=StudyDraft.objects.filter(study=study).exists(),
    )


def unlike(study: Study, other: Study) -> tuple[str, ...]:
    """Return what two studies differ in that have nothing in common; () where they may be one."""
    said = (studies.effective_record(one).values for one in (study, other))
    return merging.unlike(*said)


def merged_values(study: Study, other: Study) -> Mapping[str, Any]:
    """Return what the two say once they are one; of what is curated in both, the first's holds."""
    pair = (study, other)
    entries = [studies.current_record(r) for one in pair for r in studies.list_registrations(one)]
    curated: dict[str, Any] = {}
    for field, value in (row for one in pair for row in _curated(one)):
        curated.setdefault(field, value)
    return records.effective_record(entries, curated, own_registry=studies.OWN).values


def _curated(study: Study) -> Iterable[tuple[str, Any]]:
    return CuratedField.objects.filter(study=study).values_list("field", "value")


def known_side(study: Study, other: Study) -> Study | None:
    """Return the one of two studies that alone stands in another registry; None if neither does."""
    held = ([r.registry for r in studies.list_registrations(one)] for one in (study, other))
    side = merging.known_side(*held, own_registry=studies.OWN)
    return None if side is None else (study, other)[side]


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


# -- undoing a merge ------------------------------------------------------------------------------


def get_stayed(study: Study) -> Study | None:
    """Return the study into which this one was merged; None where it was not."""
    return Study.objects.filter(pk=study.merged_into_id).first() if study.merged_into_id else None


def last_merged(into: Study) -> Study | None:
    """Return the study that was merged into this one last; None where none was."""
    merged = Study.objects.filter(merged_into=into)
    return max(merged, key=lambda one: merge_event(one).pk, default=None)


def to_part_first(study: Study, into: Study) -> Study | None:
    """Return the study whose merge has to be undone before this one's: what came last goes first."""
    if into.state == StudyState.MERGED:
        return into
    last = last_merged(into)
    return last if last is not None and last.pk != study.pk else None


def merge_event(study: Study) -> Any:
    """Return the ledger's event of a merge: nothing is written of a merged study after it."""
    return audit.last_event(audit.ref(study))
