"""The other ends of start-up: a site withdraws, a study stops. Either may be taken back."""

from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions import writing
from tembusu.coordination.startup.actions.moving import ReasonMissing
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.rules import dates, moves
from tembusu.coordination.startup.terms import PathState, StartupRefused
from tembusu.foundation.core import audit, states

LEAVES = frozenset({PathState.WITHDRAWN, PathState.STOPPED})


@audit.act
def leave_path(
    *, path: SitePathway, to: PathState, day: date, reason: str, by: Any, at: datetime
) -> SitePathway:
    """Withdraw a site, or stop it because its study stops, on a day and for a reason.

    :raises PermissionDenied: unless the user may end this study-site's start-up
    :raises IllegalMove: if it has left already
    :raises StartupRefused: without a reason, or if the day contradicts another
    """
    sheet = writing.checked(path.pk, permissions.END_PATHWAY, by)
    path = sheet.path
    states.check_move(moves.PATH_MOVES, present=PathState(path.state), to=to)
    if to not in LEAVES:
        raise StartupRefused(f"A site opens by its milestone {sheet.plan.gate.label}.")
    if not reason.strip():
        raise ReasonMissing("Say why; whoever counts the sites later will want to know.")
    what = "The site was withdrawn" if to is PathState.WITHDRAWN else "The study was stopped"
    dates.check_day(day, what=what, selected_date=path.selected_date, today=localdate(at))
    if path.opened_date and day < path.opened_date:
        raise dates.ContradictoryDates(
            f"{what} on {dates.say(day)}, but the site was opened on {dates.say(path.opened_date)}."
            " Correct one of the two."
        )
    path.state, path.left_date, path.left_reason = to, day, reason.strip()
    writing.finish(sheet, [], at=at)
    event = f"startup.site.{to.value}"
    change = {"on": day.isoformat()}
    audit.record_many([writing.note(sheet, event, by=by, at=at, change=change, reason=reason)])
    return path


@audit.act
def reinstate_path(*, path: SitePathway, reason: str, by: Any, at: datetime) -> SitePathway:
    """Take back that a site was withdrawn or stopped; its milestones go on where they stood.

    :raises PermissionDenied: unless the user may end this study-site's start-up
    :raises StartupRefused: without a reason, or if it never left
    """
    sheet = writing.checked(path.pk, permissions.END_PATHWAY, by)
    path = sheet.path
    if path.left_date is None:
        raise StartupRefused(f"{path} has not left, so there is nothing to take back.")
    if not reason.strip():
        raise ReasonMissing("Say why the site goes on after all.")
    change = {"had_left_on": path.left_date.isoformat(), "had_been": path.state}
    path.state = PathState.OPEN if path.opened_date else PathState.UNDER_WAY
    path.left_date, path.left_reason = None, ""
    writing.finish(sheet, [], at=at)
    audit.record_many(
        [writing.note(sheet, "startup.site.reinstated", by=by, at=at, change=change, reason=reason)]
    )
    return path
