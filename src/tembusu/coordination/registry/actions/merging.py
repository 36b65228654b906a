"""Two studies that are one, and two that turn out not to be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Min, Model

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import index, places
from tembusu.coordination.registry.actions.curation import CurationRefused, flag
from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    Study,
    StudyDraft,
    StudySite,
)
from tembusu.coordination.registry.rules import merging, records
from tembusu.coordination.registry.selectors import merging as selectors
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.terms import STUDIES_CHANGED, StudyState
from tembusu.foundation.core import audit, outbox, states
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors


class LooksUnrelated(CurationRefused):
    """Two studies that have nothing in common, and nobody said that they are one all the same."""


@audit.act
def merge_studies(
    *,
    study: Study,
    into: Study,
    by: Any,
    at: datetime,
    reason: str,
    unlike_checked: bool = False,
) -> None:
    """Make two studies one: all that the first holds goes over, and its number points on.

    Who had a role at a site keeps it, and who had one in the first study or its sponsor gets it in
    the other, unless that has a sponsor of its own: scopes are chained. ``part_studies`` undoes it.

    :param unlike_checked: the user says that they are one although they have nothing in common
    :raises PermissionDenied: unless the user leads the coordinating body
    :raises IllegalMove: unless both are published
    :raises LooksUnrelated: if they have nothing in common and nobody looked
    :raises CurationRefused: if no reason is given, or both stand in the same registry
    """
    permissions.check_can_merge(by, study)
    permissions.check_can_merge(by, into)
    index.take_turn()
    if study.pk == into.pk:
        raise CurationRefused("Choose another study: this one can't be merged into itself.")
    study, into = _locked(study.pk, into.pk)
    states.check_move(records.MOVES, present=StudyState(study.state), to=StudyState.MERGED)
    if into.state != StudyState.PUBLISHED:
        raise CurationRefused(f"{into.number} is not published, so nothing can be merged into it.")
    if not reason.strip():
        raise CurationRefused("Say how you know that the two are one.")
    _check_registries(study, into)
    _check_likeness(study, into, is_checked=unlike_checked)
    moved = _move(study, into)
    values = studies.effective_record(into).values
    moved += places.merge_places(study=study, into=into, values=values, at=at)
    study.state, study.merged_into = StudyState.MERGED, into
    study.save(update_fields=["state", "merged_into"])
    flag(into, by=by, at=at)
    change = {"into": into.number, "from": study.number, "scopes": moved}
    index.refresh([study.pk, into.pk])
    audit.record(
        "registry.study.merged", on=[study, into], by=by, at=at, change=change, reason=reason
    )
    outbox.write(STUDIES_CHANGED, {"study_ids": [study.pk, into.pk]}, at=at)


@audit.act
def part_studies(*, study: Study, by: Any, at: datetime, reason: str) -> Study:
    """Undo a merge: the study gets back all that went over, as the history of the rows tells it.

    What came since belongs to the study that stayed: a new registration, and a value curated of it.
    Versions that came since stay with their registration. Returns the study that stayed.

    :raises PermissionDenied: unless the user leads the coordinating body
    :raises CurationRefused: if no reason is given, the study is not merged, or another merge has to
        be undone first
    """
    permissions.check_can_merge(by, study)
    index.take_turn()
    stayed = selectors.get_stayed(study)
    if stayed is None:
        raise CurationRefused(f"{study.number} is not merged with another study.")
    study, into = _locked(study.pk, stayed.pk)
    states.check_move(records.MOVES, present=StudyState(study.state), to=StudyState.PUBLISHED)
    if first := selectors.to_part_first(study, into):
        raise CurationRefused(f"Part {first.number} first: it was merged later.")
    if not reason.strip():
        raise CurationRefused("Say how you know that they are two.")
    merged = selectors.merge_event(study)
    _move_back(study, into, merged.context_id)
    _part_scopes(merged.change["scopes"])
    study.state, study.merged_into = StudyState.PUBLISHED, None
    study.save(update_fields=["state", "merged_into"])
    places.place_apart(
        [(one, studies.effective_record(one).values) for one in (study, into)], at=at
    )
    for one in (study, into):
        flag(one, by=by, at=at)
    change = {"from": into.number, "number": study.number}
    index.refresh([study.pk, into.pk])
    audit.record(
        "registry.study.parted", on=[study, into], by=by, at=at, change=change, reason=reason
    )
    outbox.write(STUDIES_CHANGED, {"study_ids": [study.pk, into.pk]}, at=at)
    return into


def _locked(first: int, second: int) -> tuple[Study, Study]:
    rows = Study.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")
    found = {study.pk: study for study in rows}
    return found[first], found[second]


def _check_registries(study: Study, into: Study) -> None:
    shared = set(study.registrations.values_list("registry", flat=True)) & set(
        into.registrations.values_list("registry", flat=True)
    )
    if shared:
        raise CurationRefused(
            f"Both stand in {', '.join(sorted(shared))} under numbers of their own, so the registry"
            " holds them for two trials. Ask it to correct its record first."
        )


def _check_likeness(study: Study, into: Study, *, is_checked: bool) -> None:
    said = (studies.effective_record(one).values for one in (study, into))
    if not is_checked and (apart := merging.unlike(*said)):
        raise LooksUnrelated(
            f"Of these two, {merging.listed(apart)} all differ. Read both again; if they are one"
            " study all the same, say so."
        )


# -- what goes over ---------------------------------------------------------------------------------


def _move(study: Study, into: Study) -> places.Moves:
    """Move what the study holds; return the scopes that moved, each with where it stood."""
    Registration.objects.filter(study=study).update(study=into)
    if not StudyDraft.objects.filter(study=into).exists():
        StudyDraft.objects.filter(study=study).update(study=into)
    taken = [
        name
        for field in CuratedField.objects.filter(study=into).values_list("field", flat=True)
        for name in records.unit(records.CHIEF.get(field, field))
    ]
    CuratedField.objects.filter(study=study).exclude(field__in=taken).update(study=into)
    return _move_owner(study, into)


def _move_owner(study: Study, into: Study) -> places.Moves:
    """Let whoever stands behind the first study stand behind the other, if nobody does yet."""
    if into.sponsor_id is not None or into.scope.parent_id is not None:
        return []
    into.sponsor_id = study.sponsor_id
    into.save(update_fields=["sponsor"])
    people.move_scope(scope=into.scope, parent=study.scope)
    return [(into.scope_id, None)]


# -- what goes back ---------------------------------------------------------------------------------


def _move_back(study: Study, into: Study, context_id: Any) -> None:
    for model in (Registration, StudyDraft, StudySite):
        ids = model.objects.filter(study=into).values_list("pk", flat=True)
        was = _before(model, context_id, pgh_obj_id__in=list(ids))
        gone = [pk for pk, row in was.items() if row.study_id == study.pk]
        model.objects.filter(pk__in=gone).update(study=study)
    _part_curated(study, into, context_id)
    owner = _before(Study, context_id, pgh_obj_id=into.pk).get(into.pk)
    if owner is not None and owner.sponsor_id != into.sponsor_id:
        into.sponsor_id = owner.sponsor_id
        into.save(update_fields=["sponsor"])


def _part_curated(study: Study, into: Study, context_id: Any) -> None:
    """Let both have the curated values of before; what was curated since stays where it is."""
    now = {row.pk: row for row in CuratedField.objects.select_for_update().filter(study=into)}
    for pk, was in _before(CuratedField, context_id).items():
        row = now.get(pk)
        if row is None or row.curated_at != was.curated_at:
            if was.study_id != study.pk:
                continue
            row = CuratedField(field=was.field, value=was.value, reason=was.reason)
            row.curated_by_id, row.curated_at = was.curated_by_id, was.curated_at
        row.study_id = was.study_id
        row.imported_value, row.differs_since = was.imported_value, was.differs_since
        row.save()


def _before(model: type[Model], context_id: Any, **where: Any) -> Mapping[int, Any]:
    """Return the state before an act of each row that the act changed, by the row's id."""
    history: Any = model.pgh_event_model  # type: ignore[attr-defined]
    touched = history.objects.filter(pgh_context_id=context_id, **where)
    firsts = touched.values("pgh_obj_id").annotate(first=Min("pgh_id")).order_by("pgh_obj_id")
    found = {}
    for pk, first in firsts.values_list("pgh_obj_id", "first"):
        rows = history.objects.filter(pgh_obj_id=pk, pgh_id__lt=first)
        if was := rows.order_by("-pgh_id").first():
            found[pk] = was
    return found


def _part_scopes(moves: places.Moves) -> None:
    """Put each scope back where it stood, the last that moved first."""
    held = people_selectors.scopes_by_id({pk for move in moves for pk in move if pk is not None})
    for scope, parent in reversed(moves):
        people.move_scope(scope=held[scope], parent=held[parent] if parent else None)
