"""The moves of a study-site's milestones. When it happened is given; when it was told is kept beside."""

from datetime import date, datetime
from typing import Any

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions import moving, writing
from tembusu.coordination.startup.models import SiteMilestone, SitePathway
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import CaseTurn
from tembusu.foundation.core import audit


@audit.act
def start_milestone(
    *, path: SitePathway, key: str, day: date, by: Any, at: datetime
) -> SiteMilestone:
    """Start a milestone on a day.

    :raises PermissionDenied: unless the user records milestones of this study-site
    :raises StartupRefused: if the day contradicts another, or the site has left
    :raises IllegalMove: if it was started, completed or is not applicable
    """
    sheet = _sheet(path, by)
    row = moving.start(sheet, key, day=day, at=at)
    _finish(sheet, key, "startup.milestone.started", {"on": day.isoformat()}, by=by, at=at)
    return row


@audit.act
def complete_milestone(
    *,
    path: SitePathway,
    key: str,
    day: date,
    by: Any,
    at: datetime,
    evidence: str = "",
    evidence_ref: str = "",
    started: date | None = None,
) -> SiteMilestone:
    """Complete a milestone on a day, with what shows it. The gate's completion opens the site.

    :param evidence_ref: the record of this platform that shows it: 'submissions.Submission:7'
    :raises PermissionDenied: unless the user records milestones of this study-site
    :raises CompletedAlready: if somebody else did, with who and when
    :raises ContradictoryDates: naming the two dates
    :raises NeedsOpen: naming what must be settled first
    :raises EvidenceMissing: if the pathway asks for evidence and none is given
    """
    sheet = _sheet(path, by)
    row = moving.complete(
        sheet,
        key,
        day=day,
        by=by,
        at=at,
        evidence=evidence,
        evidence_ref=evidence_ref,
        started=started,
    )
    _save_holds(sheet, key)
    change = {"on": day.isoformat(), "evidence": evidence.strip() or evidence_ref}
    _finish(sheet, key, "startup.milestone.completed", change, by=by, at=at)
    return row


@audit.act
def hold_milestone(
    *,
    path: SitePathway,
    key: str,
    waiting_on: str,
    reason_code: str,
    start_date: date,
    by: Any,
    at: datetime,
    end_date: date | None = None,
    note: str = "",
    source_ref: str = "",
) -> SiteMilestone:
    """Put a milestone on hold from a day, with a delay reason and the party that it waits on.

    :param end_date: the first day on which it was held no more, for a hold that is over
    :raises PermissionDenied: unless the user records milestones of this study-site
    :raises OverlappingHolds: naming the hold that it lies over
    :raises ContradictoryDates: naming the two dates
    """
    sheet = _sheet(path, by)
    turn = CaseTurn(waiting_on, start_date, end_date, reason_code)
    made = moving.hold(sheet, key, turn=turn, at=at, by=by, note=note, source_ref=source_ref)
    made.save()
    change = {
        "waits_on": sheet.plan.party(waiting_on),
        "from": start_date.isoformat(),
        "to": end_date.isoformat() if end_date else None,
        "delay": reason_code,
    }
    _finish(sheet, key, "startup.milestone.held", change, by=by, at=at, reason=note)
    return sheet.rows[key]


@audit.act
def resume_milestone(
    *, path: SitePathway, key: str, day: date, by: Any, at: datetime
) -> SiteMilestone:
    """End a hold on a day, the first on which the milestone is held no more.

    :raises PermissionDenied: unless the user records milestones of this study-site
    :raises IllegalMove: if it is not on hold
    """
    sheet = _sheet(path, by)
    moving.resume(sheet, key, day=day, at=at).save()
    _finish(sheet, key, "startup.milestone.resumed", {"on": day.isoformat()}, by=by, at=at)
    return sheet.rows[key]


@audit.act
def drop_milestone(
    *, path: SitePathway, key: str, reason: str, by: Any, at: datetime
) -> SiteMilestone:
    """Say that a milestone does not apply to this study-site.

    :raises PermissionDenied: unless the user records milestones of this study-site
    :raises StartupRefused: without a reason, or for the milestone that opens the site
    """
    sheet = _sheet(path, by)
    moving.drop(sheet, key, reason=reason, at=at)
    _save_holds(sheet, key)
    _finish(sheet, key, "startup.milestone.not_applicable", {}, by=by, at=at, reason=reason)
    return sheet.rows[key]


@audit.act
def reopen_milestone(
    *, path: SitePathway, key: str, reason: str, by: Any, at: datetime
) -> SiteMilestone:
    """Take back that a milestone was completed, or does not apply. Reopening the gate closes the site.

    :raises PermissionDenied: unless the user records milestones of this study-site
    :raises StartupRefused: without a reason, or while the site is open and needs it
    """
    sheet = _sheet(path, by)
    before = sheet.rows[key].completed_date if key in sheet.rows else None
    moving.reopen(sheet, key, reason=reason)
    change = {"completed_before": before.isoformat() if before else None}
    _finish(sheet, key, "startup.milestone.reopened", change, by=by, at=at, reason=reason)
    return sheet.rows[key]


def _sheet(path: SitePathway, by: Any) -> Sheet:
    return writing.checked(path.pk, permissions.RECORD_MILESTONE, by)


def _save_holds(sheet: Sheet, key: str) -> None:
    """Save the hold that the move ended, if it ended one."""
    for hold in sheet.holds.get(key, ()):
        if hold.end_date is not None:
            hold.save(update_fields=["end_date"])


def _finish(
    sheet: Sheet,
    key: str,
    event: str,
    change: dict[str, Any],
    *,
    by: Any,
    at: datetime,
    reason: str = "",
) -> None:
    writing.finish(sheet, [key], at=at)
    audit.record_many(
        [writing.note(sheet, event, by=by, at=at, key=key, change=change, reason=reason)]
    )
