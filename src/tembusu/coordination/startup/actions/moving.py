"""The moves of one milestone on a sheet: each refuses before it changes anything, and saves nothing."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.startup.actions.writing import check_going, row_of, told
from tembusu.coordination.startup.models import Hold, SiteMilestone
from tembusu.coordination.startup.rules import dates, moves, plans, standing
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestoneState,
    StartupRefused,
)
from tembusu.foundation.core import states


class EvidenceMissing(StartupRefused):
    """The pathway asks what shows that the milestone is done."""


class ReasonMissing(StartupRefused):
    """An act that others must be able to understand needs a reason."""


def start(sheet: Sheet, key: str, *, day: date, at: datetime) -> SiteMilestone:
    """Start a milestone on a day."""
    check_going(sheet)
    row, present = row_of(sheet, key), sheet.facts_of(key)
    states.check_move(moves.MILESTONE_MOVES, present=present.state, to=MilestoneState.STARTED)
    if present.state is not MilestoneState.NOT_STARTED:
        raise StartupRefused(
            f"{present.label} is {present.state.label.lower()}. Resume or reopen it instead."
        )
    _check_day(sheet, f"{present.label} was started", day, at)
    row.state, row.started_date, row.started_recorded_at = MilestoneState.STARTED, day, at
    return row


def complete(
    sheet: Sheet,
    key: str,
    *,
    day: date,
    by: Any,
    at: datetime,
    evidence: str = "",
    evidence_ref: str = "",
    started: date | None = None,
    has_gaps: bool = False,
) -> SiteMilestone:
    """Complete a milestone on a day; an open hold ends on that day.

    :param started: the day on which it was started, where that was never recorded
    :param has_gaps: what it needs may be open still and evidence may lack, as where others tell of the
        past; the days that are known are compared all the same
    """
    check_going(sheet)
    row, present = row_of(sheet, key), sheet.facts_of(key)
    plan = sheet.plan.milestone(key)
    dates.check_not_completed(present, told=told(present.completed_recorded_at, at))
    states.check_move(moves.MILESTONE_MOVES, present=present.state, to=MilestoneState.COMPLETED)
    if started is not None:
        _check_day(sheet, f"{plan.label} was started", started, at)
    _check_day(sheet, f"{plan.label} was completed", day, at)
    done = replace(
        present,
        state=MilestoneState.COMPLETED,
        started_date=started or present.started_date,
        completed_date=day,
    )
    dates.check_order(done)
    _check_neighbours(sheet, key, done, has_gaps=has_gaps)
    is_shown = bool(evidence.strip() or evidence_ref or row.evidence)
    if plan.is_evidence_required and not is_shown and not has_gaps:
        raise EvidenceMissing(
            f"{plan.label} asks for evidence: {plan.evidence or 'what shows that it is done'}."
        )
    _end_hold(sheet, key, day)
    if started is not None:
        row.started_date, row.started_recorded_at = started, at
    row.state, row.completed_date = MilestoneState.COMPLETED, day
    row.completed_recorded_at, row.completed_by = at, by
    row.evidence, row.evidence_ref = evidence.strip() or row.evidence, evidence_ref
    row.reason = ""
    return row


def _check_neighbours(sheet: Sheet, key: str, done: Any, *, has_gaps: bool) -> None:
    """Refuse a completion that contradicts what it needs, or what needed it."""
    plan, facts = sheet.plan.milestone(key), sheet.facts
    if plan.is_gate and not has_gaps and (lacks := standing.gate_lacks(sheet.plan, facts)):
        named = ", ".join(one.label for one in lacks)
        raise dates.NeedsOpen(f"The site can't open yet. Still to be settled: {named}.")
    needs = [facts[need] for need in plan.needs]
    if has_gaps:
        needs = [one for one in needs if one.state.is_settled]
    dates.check_needs(done, needs, may_precede=plan.may_precede)
    followers = [
        facts[one.key] for one in sheet.plan.milestones if key in one.needs and not one.may_precede
    ]
    dates.check_followers(done, followers)


def hold(
    sheet: Sheet,
    key: str,
    *,
    turn: CaseTurn,
    at: datetime,
    by: Any,
    note: str = "",
    source_ref: str = "",
) -> Hold:
    """Put a milestone on hold, or record a hold that is over; return the row, not saved yet."""
    check_going(sheet)
    row, present = row_of(sheet, key), sheet.facts_of(key)
    _check_turn(sheet, turn)
    _check_day(sheet, f"The hold of {present.label} begins", turn.start_date, at)
    if turn.end_date is not None:
        _check_day(sheet, f"The hold of {present.label} ends", turn.end_date, at)
    dates.check_hold(turn, held=present.holds, label=present.label)
    if turn.end_date is None:
        states.check_move(moves.MILESTONE_MOVES, present=present.state, to=MilestoneState.ON_HOLD)
        row.state = MilestoneState.ON_HOLD
    elif present.completed_date is not None and turn.end_date > present.completed_date:
        raise dates.ContradictoryDates(
            f"The hold of {present.label} ends on {dates.say(turn.end_date)}, but the milestone was"
            f" completed on {dates.say(present.completed_date)}. Correct one of the two."
        )
    made = Hold(
        milestone=row,
        waiting_on=turn.party,
        reason_code=turn.reason,
        note=note.strip(),
        start_date=turn.start_date,
        end_date=turn.end_date,
        recorded_at=at,
        recorded_by=by,
        source_ref=source_ref,
    )
    held = sheet.holds.setdefault(key, [])
    held.append(made)
    held.sort(key=lambda one: one.start_date)
    return made


def _check_turn(sheet: Sheet, turn: CaseTurn) -> None:
    known = {one.key: one for one in sheet.plan.reasons}
    if turn.reason not in known:
        raise StartupRefused(
            f"{turn.reason or 'Nothing'} is no delay reason. Reasons are {', '.join(known)}."
        )
    if turn.party not in sheet.plan.parties:
        raise StartupRefused(
            f"{turn.party} is no party of this pathway. Parties are {', '.join(sheet.plan.parties)}."
        )


def resume(sheet: Sheet, key: str, *, day: date, at: datetime) -> Hold:
    """End a milestone's hold on a day, the first on which it is held no more."""
    check_going(sheet)
    row, present = row_of(sheet, key), sheet.facts_of(key)
    if present.state is not MilestoneState.ON_HOLD:
        raise states.IllegalMove(
            f"{present.label} is {present.state.label.lower()}, not on hold, so it can't resume."
        )
    _check_day(sheet, f"The hold of {present.label} ends", day, at)
    ended = _end_hold(sheet, key, day)
    row.state = MilestoneState.STARTED if row.started_date else MilestoneState.NOT_STARTED
    if ended is None:
        raise StartupRefused(f"{present.label} has no hold that is open.")
    return ended


def drop(sheet: Sheet, key: str, *, reason: str, at: datetime) -> SiteMilestone:
    """Say that a milestone is not applicable here."""
    check_going(sheet)
    row, present = row_of(sheet, key), sheet.facts_of(key)
    _check_reason(reason, "Say why it does not apply here; the site's page will show it.")
    if sheet.plan.milestone(key).is_gate:
        raise StartupRefused(f"{present.label} opens the site, so it always applies.")
    to = MilestoneState.NOT_APPLICABLE
    states.check_move(moves.MILESTONE_MOVES, present=present.state, to=to)
    _end_hold(sheet, key, localdate(at))
    row.state, row.reason = to, reason.strip()
    return row


def reopen(sheet: Sheet, key: str, *, reason: str) -> SiteMilestone:
    """Take back that a milestone was completed, or that it does not apply; its start stays."""
    check_going(sheet)
    row, present = row_of(sheet, key), sheet.facts_of(key)
    _check_reason(reason, "Say why it is open again; the site's page will show it.")
    if not present.state.is_settled:
        raise states.IllegalMove(f"{present.label} is {present.state.label.lower()}: it is open.")
    gate = sheet.plan.gate
    is_open = sheet.rows[gate.key].state == MilestoneState.COMPLETED
    if is_open and key in plans.all_needs(sheet.plan, gate.key):
        raise StartupRefused(
            f"The site is open, and {present.label} is one of the things that this needs. Reopen"
            f" {gate.label} first, with the reason why the site is not open after all."
        )
    to = MilestoneState.STARTED if row.started_date else MilestoneState.NOT_STARTED
    row.state, row.reason = to, reason.strip()
    row.completed_date = row.completed_recorded_at = row.completed_by = None
    row.evidence_ref = ""
    return row


def _end_hold(sheet: Sheet, key: str, day: date) -> Hold | None:
    """End the open hold; a hold that would end before it begins is refused."""
    for one in sheet.holds.get(key, ()):
        if one.end_date is None:
            turn = CaseTurn(one.waiting_on, one.start_date, day)
            dates.check_hold(turn, held=(), label=sheet.plan.milestone(key).label)
            one.end_date = day
            return one
    return None


def _check_day(sheet: Sheet, what: str, day: date, at: datetime) -> None:
    dates.check_day(day, what=what, selected_date=sheet.path.selected_date, today=localdate(at))


def _check_reason(reason: str, remedy: str) -> None:
    if not reason.strip():
        raise ReasonMissing(remedy)
