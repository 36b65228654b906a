"""Staff's own words over what registries say, and two studies that are one."""

import dataclasses
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import index, places
from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    Study,
    StudyDraft,
)
from tembusu.coordination.registry.rules import coherence, form, records
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.terms import STUDIES_CHANGED, StudyState
from tembusu.foundation.core import audit, outbox, states
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people
from trialformats.dates import DateError, PartialDate
from trialformats.errors import FormatError
from trialformats.records import TrialRecord, from_json


class CurationRefused(Refusal):
    """A curated value that may not be set, or a difference that is not there any more."""


class StaleCuration(CurationRefused):
    """What is curated, or what the registries say, changed since the user read it."""


class MisfitRefused(CurationRefused):
    """A value that cannot be so beside what the study says elsewhere."""


class DoubtsUnchecked(CurationRefused):
    """A value that fits badly with what the study says elsewhere, and nobody said that they looked."""


@audit.act
def curate_field(
    *,
    study: Study,
    field: str,
    value: Any,
    by: Any,
    at: datetime,
    reason: str,
    seen: str | None = None,
    doubts_checked: bool = False,
) -> CuratedField:
    """Put a value over what the registries say; no import overwrites it.

    :param value: JSON, as ``trialformats.records.to_json`` gives the field
    :param seen: ``form.mark(curated, imported)`` as the user read them; None asks for nothing
    :param doubts_checked: the user says to have looked at what fits badly with other fields
    :raises PermissionDenied: unless the user keeps the register
    :raises StaleCuration: if somebody curated the field, or an import changed it, meanwhile
    :raises MisfitRefused: if the value cannot be so beside what the study says elsewhere
    :raises DoubtsUnchecked: if it fits badly with the rest and nobody looked
    :raises CurationRefused: if the study is not published, no reason is given, the value is the
        imported one, or no record can hold it
    """
    permissions.check_can_curate(by, study)
    study = _locked(study, field)
    _check_published(study)
    if not reason.strip():
        raise CurationRefused("Say why, so that the next person can judge it.")
    _check_value(field, value)
    imported = _imported_value(study, field)
    held = CuratedField.objects.select_for_update().filter(study=study, field=field).first()
    _check_seen(held, imported, seen)
    if value == imported:
        raise CurationRefused(
            "This is what the registry says. Take the registry's value instead."
            if held
            else "This is what the registry says already; nothing was changed."
        )
    if held is not None and held.value == value:
        raise CurationRefused("This is the curated value already; nothing was changed.")
    _check_coherence(study, field, value, is_checked=doubts_checked, at=at)
    before = held.value if held else imported
    curated = held or CuratedField(study=study, field=field)
    curated.value, curated.imported_value, curated.differs_since = value, imported, None
    curated.curated_by, curated.curated_at, curated.reason = by, at, reason
    curated.save()
    _changed(study, "registry.study.curated", {field: [before, value]}, by, at, reason)
    return curated


@audit.act
def accept_import(
    *, curated: CuratedField, by: Any, at: datetime, reason: str = "", seen: str | None = None
) -> None:
    """Drop a curated value: what the registries say holds again.

    :param seen: ``form.mark(curated, imported)`` as the user read them; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register
    :raises StaleCuration: if either value changed meanwhile
    :raises CurationRefused: if it was dropped already
    """
    permissions.check_can_curate(by, curated.study)
    study = _locked(curated.study, curated.field)
    held = CuratedField.objects.select_for_update().filter(pk=curated.pk).first()
    if held is None:
        raise CurationRefused("Somebody dropped this curated value already.")
    imported = _imported_value(study, held.field)
    _check_seen(held, imported, seen)
    change = {held.field: [held.value, imported]}
    held.delete()
    _changed(study, "registry.study.import_accepted", change, by, at, reason)


@audit.act
def keep_curated(
    *, curated: CuratedField, by: Any, at: datetime, reason: str = "", seen: str | None = None
) -> None:
    """Keep a curated value although the registries say something new; the flag goes down.

    :param seen: ``form.mark(curated, imported)`` as the user read them; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register
    :raises StaleCuration: if either value changed meanwhile
    :raises CurationRefused: if nothing differs
    """
    permissions.check_can_curate(by, curated.study)
    study = _locked(curated.study)
    held = CuratedField.objects.select_for_update().filter(pk=curated.pk).first()
    if held is None or held.differs_since is None:
        raise CurationRefused("There is no difference to review any more.")
    _check_seen(held, _imported_value(study, held.field), seen)
    held.differs_since = None
    held.save(update_fields=["differs_since"])
    change = {held.field: [held.imported_value, held.value]}
    _changed(study, "registry.study.curated_kept", change, by, at, reason)


@audit.act
def merge_studies(*, study: Study, into: Study, by: Any, at: datetime, reason: str) -> None:
    """Make two studies one: all that the first holds goes over, and its number points on.

    Who had a role at a site keeps it, and who had one in the first study or its sponsor gets it in
    the other, unless that has a sponsor of its own: scopes are chained.


    :raises PermissionDenied: unless the user leads the coordinating body
    :raises IllegalMove: unless both are published
    :raises CurationRefused: if no reason is given, or both stand in the same registry
    """
    permissions.check_can_merge(by, study)
    permissions.check_can_merge(by, into)
    index.take_turn()
    first, second = sorted([study.pk, into.pk])
    locked = {s.pk: s for s in Study.objects.select_for_update().filter(pk__in=[first, second])}
    if study.pk == into.pk:
        raise CurationRefused("Choose another study: this one can't be merged into itself.")
    study, into = locked[study.pk], locked[into.pk]
    states.check_move(records.MOVES, present=StudyState(study.state), to=StudyState.MERGED)
    if into.state != StudyState.PUBLISHED:
        raise CurationRefused(f"{into.number} is not published, so nothing can be merged into it.")
    if not reason.strip():
        raise CurationRefused("Say how you know that the two are one.")
    _check_registries(study, into)
    _move(study, into)
    values = studies.effective_record(into).values
    places.merge_places(study=study, into=into, values=values, at=at)
    study.state, study.merged_into = StudyState.MERGED, into
    study.save(update_fields=["state", "merged_into"])
    flag_differences(study=into, by=by, at=at)
    index.refresh([study.pk, into.pk])
    audit.record(
        "registry.study.merged",
        on=[study, into],
        by=by,
        at=at,
        change={"into": into.number, "from": study.number},
        reason=reason,
    )
    outbox.write(STUDIES_CHANGED, {"study_ids": [study.pk, into.pk]}, at=at)


def _check_registries(study: Study, into: Study) -> None:
    shared = set(study.registrations.values_list("registry", flat=True)) & set(
        into.registrations.values_list("registry", flat=True)
    )
    if shared:
        raise CurationRefused(
            f"Both stand in {', '.join(sorted(shared))} under numbers of their own, so the registry"
            " holds them for two trials. Ask it to correct its record first."
        )


def _move(study: Study, into: Study) -> None:
    Registration.objects.filter(study=study).update(study=into)
    if not StudyDraft.objects.filter(study=into).exists():
        StudyDraft.objects.filter(study=study).update(study=into)
    taken = set(CuratedField.objects.filter(study=into).values_list("field", flat=True))
    CuratedField.objects.filter(study=study).exclude(field__in=taken).update(study=into)
    _move_owner(study, into)


def _move_owner(study: Study, into: Study) -> None:
    """Let whoever stands behind the first study stand behind the other, if nobody does yet."""
    if into.sponsor_id is None and into.scope.parent_id is None:
        into.sponsor_id = study.sponsor_id
        into.save(update_fields=["sponsor"])
        people.move_scope(scope=into.scope, parent=study.scope)


@audit.act
def flag_differences(*, study: Study, by: Any, at: datetime) -> int:
    """Flag the curated values over which the registries say something new; return how many.

    No right of its own: it is part of the act that changed what the registries say.
    """
    flagged = []
    for held in CuratedField.objects.select_for_update().filter(study=study):
        imported = _imported_value(study, held.field)
        if imported == held.imported_value:
            continue
        held.imported_value = imported
        held.differs_since = None if imported == held.value else at
        held.save(update_fields=["imported_value", "differs_since"])
        flagged += [held.field] if held.differs_since else []
    if flagged:
        audit.record("registry.study.differs", on=study, by=by, at=at, change={"fields": flagged})
    return len(flagged)


def _check_published(study: Study) -> None:
    if study.state != StudyState.PUBLISHED:
        state = StudyState(study.state).label.lower()
        raise CurationRefused(f"{study.number} is {state}; only published studies are curated.")


def _check_seen(held: CuratedField | None, imported: Any, seen: str | None) -> None:
    present = form.mark(held.value if held else None, imported)
    if seen is not None and seen != present:
        raise StaleCuration(
            "This value changed after you opened the page. What holds now is shown below; read it"
            " and decide again."
        )


def _check_value(field: str, value: Any) -> None:
    """Refuse what no record could hold, or what names an entry instead of describing the study.

    :raises CurationRefused: naming the field
    """
    if field in records.OWN_FIELDS:
        raise CurationRefused(f"{field} names a registry's entry; it is never curated.")
    if field not in {one.name for one in dataclasses.fields(TrialRecord)}:
        raise CurationRefused(f"A record has no field '{field}'.")
    if value is None:
        return  # 'not given' may be what staff know better
    try:
        from_json({"registry": index.OWN, "registry_no": "-", field: value})
        if field.endswith("_dtc") and value:
            PartialDate(value)
    except (FormatError, DateError) as fault:
        raise CurationRefused(f"No record can hold this: {fault}.") from fault


def _check_coherence(
    study: Study, field: str, value: Any, *, is_checked: bool, at: datetime
) -> None:
    """Judge a value beside the other fields as the study shows them.

    What fitted badly before is the registries' matter, and holds no other field back.
    """
    before = studies.effective_record(study).values
    after = {**before, field: value}
    if new := coherence.added(coherence.misfits, before, after):
        raise MisfitRefused(
            f"{' '.join(one.text for one in new)} If it is the other field that is wrong, curate"
            " that one first."
        )
    doubts = partial(coherence.doubts, today=localdate(at))
    new = coherence.added(doubts, before, after)
    if new and not is_checked:
        raise DoubtsUnchecked(
            "Look at this first, then say that you have checked it:"
            f" {' '.join(one.text for one in new)}"
        )


def _locked(study: Study, field: str = "") -> Study:
    if field == "locations":
        index.take_turn()
    return Study.objects.select_for_update().get(pk=study.pk)


def _imported_value(study: Study, field: str) -> Any:
    entries = [studies.current_record(r) for r in studies.list_registrations(study)]
    record = records.effective_record(entries, {}, own_registry=index.OWN)
    return record.values.get(field)


def _changed(
    study: Study, event: str, change: dict[str, Any], by: Any, at: datetime, reason: str
) -> None:
    if "locations" in change:
        values = studies.effective_record(study).values
        places.place_studies([places.Located(study, values=values)], at=at)
    index.refresh([study.pk])
    audit.record(event, on=study, by=by, at=at, change=change, reason=reason)
    outbox.write(STUDIES_CHANGED, {"study_ids": [study.pk]}, at=at)
