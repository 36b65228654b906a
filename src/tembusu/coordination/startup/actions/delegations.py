"""The delegation log: somebody is entered, the investigator signs, a task ends, trainings count."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions.moving import ReasonMissing
from tembusu.coordination.startup.models import Delegation, Qualification, SitePathway
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.rules import delegation as rules
from tembusu.coordination.startup.selectors import delegations, sheets
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.foundation.core import audit

MEANING = "I delegate these tasks and confirm that the person is qualified for them."


@audit.act
def record_delegation(
    *,
    path: SitePathway,
    person: Any,
    tasks: Sequence[str],
    start_date: date,
    by: Any,
    at: datetime,
    end_date: date | None = None,
) -> Delegation:
    """Enter somebody in a study-site's log; the investigator's signature follows.

    :raises PermissionDenied: unless the user keeps this site's log
    :raises StartupRefused: if a task is not known, or the days are the wrong way round
    """
    _check(by, permissions.DELEGATE, path)
    rules.check_tasks(tasks, delegations.tasks())
    _check_days(start_date, end_date)
    row = Delegation.objects.create(
        study_site_id=path.study_site_id,
        person=person,
        tasks=sorted(set(tasks)),
        start_date=start_date,
        end_date=end_date,
        recorded_by=by,
        recorded_at=at,
    )
    _note("startup.delegation.recorded", path, row, by, at)
    return row


@audit.act
def sign_delegation(
    *, delegation: Delegation, by: Any, at: datetime, override: str = ""
) -> Delegation:
    """Sign an entry: the signature binds to what it says, and breaks visibly when that changes.

    The view has asked for the password or the second factor again.

    :param override: why a person who lacks a training that is not required may do the tasks
    :raises PermissionDenied: unless the user is the site's principal investigator
    :raises NotQualified: if the person lacks what the jurisdiction pack requires
    :raises OverrideNeeded: if the person lacks something else, and no reason is given
    """
    path = SitePathway.objects.get(study_site_id=delegation.study_site_id)
    _check(by, permissions.SIGN_DELEGATION, path)
    row = _locked(delegation)
    found = delegations.lacks_of(row, on=max(row.start_date, localdate(at)))
    rules.check_signed(str(row.person), found, override=override)
    row.override_reason = override.strip() if found else ""
    row.signed_by, row.signed_at, row.signed_meaning = by, at, MEANING
    row.signed_digest = rules.digest(delegations.signed_facts(row))
    row.save()
    _note("startup.delegation.signed", path, row, by, at, reason=row.override_reason)
    return row


@audit.act
def change_delegation(
    *,
    delegation: Delegation,
    tasks: Sequence[str],
    end_date: date | None,
    by: Any,
    at: datetime,
    reason: str,
) -> Delegation:
    """Change an entry's tasks or end. A signature on it is broken until it is signed again.

    :raises PermissionDenied: unless the user keeps this site's log
    :raises StartupRefused: without a reason, or if a task is not known
    """
    path = SitePathway.objects.get(study_site_id=delegation.study_site_id)
    _check(by, permissions.DELEGATE, path)
    row = _locked(delegation)
    rules.check_tasks(tasks, delegations.tasks())
    _check_days(row.start_date, end_date)
    if not reason.strip():
        raise ReasonMissing("Say why the entry changes; the log shows it.")
    row.tasks, row.end_date = sorted(set(tasks)), end_date
    row.save()
    _note("startup.delegation.changed", path, row, by, at, reason=reason)
    return row


@audit.act
def record_qualification(
    *,
    person: Any,
    training: str,
    completed_date: date,
    by: Any,
    at: datetime,
    path: SitePathway,
    expires_date: date | None = None,
    certificate_no: str = "",
) -> Qualification:
    """Record a training that somebody of a study-site completed.

    :param path: the study-site on whose log it is recorded
    :raises PermissionDenied: unless the user keeps that log
    :raises StartupRefused: if it was recorded already, lies ahead, or expires before it was completed
    """
    _check(by, permissions.DELEGATE, path)
    if completed_date > localdate(at):
        raise dates.ContradictoryDates(
            f"The training was completed on {dates.say(completed_date)}, but today is"
            f" {dates.say(localdate(at))}."
        )
    if expires_date is not None and expires_date <= completed_date:
        raise dates.ContradictoryDates(
            f"The certificate expires on {dates.say(expires_date)}, but the training was completed on"
            f" {dates.say(completed_date)}. Correct one of the two."
        )
    row, is_new = Qualification.objects.get_or_create(
        person=person,
        training=training,
        completed_date=completed_date,
        defaults={
            "expires_date": expires_date,
            "certificate_no": certificate_no,
            "recorded_by": by,
            "recorded_at": at,
        },
    )
    if not is_new:
        raise StartupRefused(
            f"{person}'s training of {dates.say(completed_date)} is recorded already."
        )
    audit.record(
        "startup.training.recorded",
        on=[row, person],
        by=by,
        at=at,
        change={"training": training, "on": completed_date.isoformat()},
    )
    return row


def _check(by: Any, act: Any, path: SitePathway) -> None:
    if by is not None:
        permissions.check(by, act, sheets.with_sites().get(pk=path.pk))


def _locked(delegation: Delegation) -> Delegation:
    rows = Delegation.objects.select_for_update(of=("self",)).select_related("person")
    return rows.get(pk=delegation.pk)


def _check_days(start: date, end: date | None) -> None:
    if end is not None and end < start:
        raise dates.ContradictoryDates(
            f"The tasks begin on {dates.say(start)}, but end on {dates.say(end)}. Correct one of the"
            " two."
        )


def _note(
    event: str, path: SitePathway, row: Delegation, by: Any, at: datetime, reason: str = ""
) -> None:
    known = delegations.tasks()
    change = {
        "person": str(row.person),
        "tasks": ", ".join(known.get(one, one) for one in row.tasks),
        "from": row.start_date.isoformat(),
        "to": row.end_date.isoformat() if row.end_date else None,
    }
    audit.record(event, on=[path, row], by=by, at=at, change=change, reason=reason)
