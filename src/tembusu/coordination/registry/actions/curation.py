"""Staff's own words over what registries say."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import index, places
from tembusu.coordination.registry.models import CuratedField, Study
from tembusu.coordination.registry.rules import coherence, records
from tembusu.coordination.registry.rules import curation as rules
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.terms import STUDIES_CHANGED, StudyState
from tembusu.foundation.core import audit, outbox
from tembusu.foundation.core.states import Refusal
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
    beside: Mapping[str, Any] | None = None,
    seen: str | None = None,
    doubts_checked: bool = False,
) -> CuratedField:
    """Put a value over what the registries say; no import overwrites it.

    :param value: JSON, as ``trialformats.records.to_json`` gives the field
    :param beside: what is said of the value, such as a date's kind, by field of ``records.unit``.
        Nothing of it is taken from a registry any more
    :param seen: ``rules.curation.mark(…)`` as the user read them; None asks for nothing
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
    given = {field: value, **(beside or {})}
    _check_values(field, given)
    imported, held = _imported(study), _held(study, field)
    _check_seen(held, imported, field, seen)
    _check_news(given, imported, held)
    _check_coherence(study, field, given, is_checked=doubts_checked, at=at)
    was = {name: one.value for name, one in held.items()} or imported
    change = {name: [was.get(name), one] for name, one in given.items()}
    for name in held.keys() - given.keys():
        held[name].delete()
    for name, one in given.items():
        row = held.get(name) or CuratedField(study=study, field=name)
        row.value, row.imported_value, row.differs_since = one, imported.get(name), None
        row.curated_by, row.curated_at, row.reason = by, at, reason
        row.save()
        held[name] = row
    _changed(study, "registry.study.curated", change, by, at, reason)
    return held[field]


@audit.act
def accept_import(
    *, curated: CuratedField, by: Any, at: datetime, reason: str = "", seen: str | None = None
) -> None:
    """Drop a curated value, and what is said of it: what the registries say holds again.

    :param seen: ``rules.curation.mark(…)`` as the user read them; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register
    :raises StaleCuration: if a value changed meanwhile
    :raises CurationRefused: if it was dropped already
    """
    permissions.check_can_curate(by, curated.study)
    study = _locked(curated.study, curated.field)
    held = _held(study, curated.field)
    if curated.field not in held or held[curated.field].pk != curated.pk:
        raise CurationRefused("Somebody dropped this curated value already.")
    imported = _imported(study)
    _check_seen(held, imported, curated.field, seen)
    change = {name: [row.value, imported.get(name)] for name, row in held.items()}
    for row in held.values():
        row.delete()
    _changed(study, "registry.study.import_accepted", change, by, at, reason)


@audit.act
def keep_curated(
    *, curated: CuratedField, by: Any, at: datetime, reason: str = "", seen: str | None = None
) -> None:
    """Keep a curated value although the registries say something new; the flag goes down.

    :param seen: ``rules.curation.mark(…)`` as the user read them; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register
    :raises StaleCuration: if a value changed meanwhile
    :raises CurationRefused: if nothing differs
    """
    permissions.check_can_curate(by, curated.study)
    study = _locked(curated.study)
    held = _held(study, curated.field)
    row = held.get(curated.field)
    if row is None or row.pk != curated.pk or row.differs_since is None:
        raise CurationRefused("There is no difference to review any more.")
    _check_seen(held, _imported(study), curated.field, seen)
    row.differs_since = None
    row.save(update_fields=["differs_since"])
    change = {name: [one.imported_value, one.value] for name, one in held.items()}
    _changed(study, "registry.study.curated_kept", change, by, at, reason)


@audit.act
def flag_differences(*, study: Study, by: Any, at: datetime) -> int:
    """Flag the curated values over which the registries say something new; return how many.

    No right of its own: it is part of the act that changed what the registries say.
    """
    return flag(study, by=by, at=at)


def flag(study: Study, *, by: Any, at: datetime) -> int:
    """Flag as ``flag_differences`` does, inside an act whose rows are to stand together.

    A value is flagged once for all that is said of it.
    """
    rows = {row.field: row for row in CuratedField.objects.select_for_update().filter(study=study)}
    imported = _imported(study) if rows else {}
    flagged = []
    for field, row in rows.items():
        if records.CHIEF.get(field) in rows:
            continue
        unit = [rows[name] for name in records.unit(field) if name in rows]
        if all(one.imported_value == imported.get(one.field) for one in unit):
            continue
        for one in unit:
            one.imported_value = imported.get(one.field)
        is_same = all(one.imported_value == one.value for one in unit)
        row.differs_since = None if is_same else at
        for one in unit:
            one.save(update_fields=["imported_value", "differs_since"])
        flagged += [] if is_same else [field]
    if flagged:
        audit.record("registry.study.differs", on=study, by=by, at=at, change={"fields": flagged})
    return len(flagged)


def _check_published(study: Study) -> None:
    if study.state != StudyState.PUBLISHED:
        state = StudyState(study.state).label.lower()
        raise CurationRefused(f"{study.number} is {state}; only published studies are curated.")


def _check_seen(
    held: Mapping[str, CuratedField], imported: Mapping[str, Any], field: str, seen: str | None
) -> None:
    present = rules.mark(field, held, imported)
    if seen is not None and seen != present:
        raise StaleCuration(
            "This value changed after you opened the page. What holds now is shown below; read it"
            " and decide again."
        )


def _check_news(
    given: Mapping[str, Any], imported: Mapping[str, Any], held: Mapping[str, CuratedField]
) -> None:
    if all(imported.get(name) == value for name, value in given.items()):
        raise CurationRefused(
            "This is what the registry says. Take the registry's value instead."
            if held
            else "This is what the registry says already; nothing was changed."
        )
    if {name: row.value for name, row in held.items()} == given:
        raise CurationRefused("This is the curated value already; nothing was changed.")


def _check_values(field: str, given: Mapping[str, Any]) -> None:
    """Refuse a unit that is none, or of which no record could hold a part.

    :raises CurationRefused: naming the field
    """
    if chief := records.CHIEF.get(field):
        raise CurationRefused(f"{field} is said of {chief}; curate the two together.")
    if strange := sorted(set(given) - set(records.unit(field))):
        raise CurationRefused(f"{', '.join(strange)} says nothing of {field}; curate it by itself.")
    for name, value in given.items():
        _check_value(name, value)


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
    study: Study, field: str, given: Mapping[str, Any], *, is_checked: bool, at: datetime
) -> None:
    """Judge a value beside the other fields as the study shows them.

    What fitted badly before is the registries' matter, and holds no other field back.
    """
    before = studies.effective_record(study).values
    rest = {name: one for name, one in before.items() if name not in records.unit(field)}
    after = {**rest, **given}
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


def _held(study: Study, field: str) -> dict[str, CuratedField]:
    """Return what is curated of a field and of what is said of it, locked."""
    rows = CuratedField.objects.select_for_update().filter(
        study=study, field__in=records.unit(field)
    )
    return {row.field: row for row in rows}


def _imported(study: Study) -> Mapping[str, Any]:
    entries = [studies.current_record(r) for r in studies.list_registrations(study)]
    return records.effective_record(entries, {}, own_registry=index.OWN).values


def _changed(
    study: Study, event: str, change: dict[str, Any], by: Any, at: datetime, reason: str
) -> None:
    if "locations" in change:
        values = studies.effective_record(study).values
        places.place_studies([places.Located(study, values=values)], at=at)
    index.refresh([study.pk])
    audit.record(event, on=study, by=by, at=at, change=change, reason=reason)
    outbox.write(STUDIES_CHANGED, {"study_ids": [study.pk]}, at=at)
