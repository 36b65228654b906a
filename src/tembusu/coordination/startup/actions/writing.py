"""What every write on a study-site's start-up shares: one at a time, then everything that follows."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate, localtime

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import SiteMilestone, SitePathway
from tembusu.coordination.startup.rules import standing
from tembusu.coordination.startup.selectors import extracts, sheets
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import (
    MILESTONES_CHANGED,
    PathState,
    StartupRefused,
)
from tembusu.foundation.core import audit, outbox
from tembusu.foundation.exchange import actions as exchange
from tembusu.foundation.people.terms import Act


class UnknownMilestone(StartupRefused):
    """The study-site's pathway has no such milestone."""


class PathEnded(StartupRefused):
    """The site was withdrawn or the study stopped, so nothing moves any more."""


def locked(pk: int) -> Sheet:
    """Return a study-site's sheet; nobody else writes on it until this act ends."""
    SitePathway.objects.select_for_update().only("pk").get(pk=pk)
    return sheets.read_sheet(sheets.with_sites().get(pk=pk))


def checked(pk: int, act: Act, by: Any) -> Sheet:
    """Return a study-site's sheet, locked, for somebody who may do this; None is the system itself.

    :raises PermissionDenied: saying which roles may
    """
    if by is not None:
        permissions.check(by, act, sheets.with_sites().get(pk=pk))
    return locked(pk)


def row_of(sheet: Sheet, key: str) -> SiteMilestone:
    """Return one milestone's row.

    :raises UnknownMilestone: naming those that there are
    """
    if key not in sheet.rows:
        names = ", ".join(one.key for one in sheet.plan.milestones)
        raise UnknownMilestone(f"{sheet.path} has no milestone {key}. Its pathway has {names}.")
    return sheet.rows[key]


def check_going(sheet: Sheet) -> None:
    """Refuse to move a milestone of a site that left.

    :raises PathEnded: saying how and when
    """
    state = PathState(sheet.path.state)
    if not state.is_going:
        day = sheet.path.left_date
        said = f"{day.day} {day:%b %Y}" if day else ""
        raise PathEnded(
            f"{state.label} on {said}, so its milestones stand still. Reinstate the site first."
        )


def told(at: datetime | None, now: datetime) -> str:
    """Return when something was recorded, as a refusal says it: 'on 3 Mar 2026 at 09:12'."""
    if at is None:
        return "earlier"
    local = localtime(at)
    if local.date() == localdate(now):
        return f"today at {local:%H:%M}"
    return f"on {local.day} {local:%b %Y} at {local:%H:%M}"


def note(
    sheet: Sheet,
    event: str,
    *,
    by: Any,
    at: datetime,
    key: str = "",
    change: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Any:
    """Describe what happened in the ledger's words, for the trails of the site and of its study."""
    on = [sheet.path, sheet.path.study_site.study]
    facts = dict(change or {})
    if key:
        facts = {"milestone": sheet.plan.milestone(key).label, **facts}
    return audit.describe(event, on=on, by=by, at=at, change=facts, reason=reason)


def finish(sheet: Sheet, keys: Collection[str], *, at: datetime) -> None:
    """Save the milestones that moved, and bring all that follows from them in step.

    :param keys: of the milestones whose rows were changed in the sheet
    """
    today = localdate(at)
    changed = {sheet.rows[key].pk: sheet.rows[key] for key in keys}
    changed |= {row.pk: row for row in _due_changed(sheet, today)}
    SiteMilestone.objects.bulk_update(changed.values(), MUTABLE)
    stand(sheet, today)
    sheet.path.changed_at = at
    sheet.path.save()
    announce([sheet.path.pk], at=at)
    site = sheet.path.study_site
    exchange.announce(
        kind=extracts.CHANGED.kind,
        payload=extracts.said_of(sheet.path),
        scope_ids=[site.scope_id, site.organisation.scope_id],
        at=at,
    )


MUTABLE = (
    "state",
    "started_date",
    "started_recorded_at",
    "completed_date",
    "completed_recorded_at",
    "completed_by",
    "evidence",
    "evidence_ref",
    "reason",
    "due_date",
)


def _due_changed(sheet: Sheet, today: date) -> list[SiteMilestone]:
    """Set what is due anew, and return the rows for which that says something else."""
    found, facts, calendar = [], sheet.facts, sheets.calendar_for(today)
    for milestone in sheet.plan.milestones:
        clock = standing.read_clock(
            sheet.plan,
            facts,
            milestone,
            selected=sheet.path.selected_date,
            as_of=today,
            calendar=calendar,
        )
        row = sheet.rows[milestone.key]
        due = clock.due_date if clock and not clock.is_stopped else None
        if row.due_date != due:
            row.due_date = due
            found.append(row)
    return found


def settle(sheet: Sheet, today: date) -> None:
    """Bring what follows from the milestones in step; saves nothing."""
    _due_changed(sheet, today)
    stand(sheet, today)


def stand(sheet: Sheet, today: date) -> None:
    """Let the site pathway say where it stands, from its milestones; saves nothing."""
    path, gate = sheet.path, sheet.rows[sheet.plan.gate.key]
    path.opened_date = gate.completed_date
    if PathState(path.state).is_going:
        path.state = PathState.OPEN if path.opened_date else PathState.UNDER_WAY
    found = sheet.standing(today)
    path.stage, path.holders = found.stage, list(found.holders)
    path.waiting_since, path.due_date = found.since, found.due_date


def announce(ids: Iterable[int], *, at: datetime) -> None:
    """Tell higher rooms that these study-sites changed."""
    if found := sorted(ids):
        outbox.write(MILESTONES_CHANGED, {"site_pathway_ids": found}, at=at)
