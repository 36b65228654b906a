"""Where a study-site stands: what may be done now, whose turn it is and since when, what is due.

Several milestones may be ready at once, at several parties' hands: branches run side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestoneFacts,
    MilestonePlan,
    MilestoneState,
    PathwayPlan,
    Target,
    Unit,
)
from trialtime import calendars, clocks
from trialtime.calendars import Calendar
from trialtime.clocks import ClockReading

Facts = Mapping[str, MilestoneFacts]

UNITS = {Unit.WORKING: calendars.Unit.WORKING, Unit.CALENDAR: calendars.Unit.CALENDAR}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A milestone that may go on now.

    :ivar party: who holds it: the party of its open hold, else its own
    :ivar since: the day from which this party holds it
    :ivar due_date: the last day that is on time; None where nothing says so, or while it is on hold
    """

    key: str
    party: str
    since: date
    due_date: date | None
    is_on_hold: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a study-site stands, from its milestones.

    :ivar waiting: what may go on now, in the pathway's order
    """

    waiting: tuple[Waiting, ...]
    stage: str = ""

    @property
    def holders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.party for one in self.waiting))

    @property
    def since(self) -> date | None:
        return min((one.since for one in self.waiting), default=None)

    @property
    def due_date(self) -> date | None:
        return min((one.due_date for one in self.waiting if one.due_date), default=None)


def settled_date(plan: PathwayPlan, facts: Facts, key: str, selected: date) -> date | None:
    """Return the day on which a milestone was out of the way; None while it is not.

    One that is not applicable was out of the way when the last thing before it was.
    """
    present = facts[key]
    if present.state is MilestoneState.COMPLETED:
        return present.completed_date
    if present.state is MilestoneState.NOT_APPLICABLE:
        return ready_date(plan, facts, plan.milestone(key), selected) or selected
    return None


def ready_date(
    plan: PathwayPlan, facts: Facts, milestone: MilestonePlan, selected: date
) -> date | None:
    """Return the day on which all that a milestone needs was settled; None while something is not."""
    days = [settled_date(plan, facts, need, selected) for need in milestone.needs]
    known = [day for day in days if day is not None]
    return max([selected, *known]) if len(known) == len(days) else None


def clock_start(
    plan: PathwayPlan, facts: Facts, milestone: MilestonePlan, selected: date
) -> date | None:
    """Return the day from which a milestone's target counts; None while that has not come."""
    counted = milestone.target.counted_from if milestone.target else "ready"
    if counted == "selected":
        return selected
    if counted == "started":
        return facts[milestone.key].started_date
    if counted == "ready":
        return ready_date(plan, facts, milestone, selected)
    return settled_date(plan, facts, counted, selected)


def read_clock(
    plan: PathwayPlan,
    facts: Facts,
    milestone: MilestonePlan,
    *,
    selected: date,
    as_of: date,
    calendar: Calendar,
) -> ClockReading | None:
    """Read a milestone's clock: elapsed, at whose hands, due. Holds of others stop it.

    None while it has not begun, or where it ended before its clock would have begun.
    """
    present = facts[milestone.key]
    start = clock_start(plan, facts, milestone, selected)
    if start is None or present.state is MilestoneState.NOT_APPLICABLE:
        return None
    end = present.completed_date
    if end is not None and end < start:
        return None
    unit = milestone.target.unit if milestone.target else Unit.CALENDAR
    return clocks.read_clock(
        start_date=start,
        end_date=end,
        as_of=max(as_of, start),
        target=span(milestone.target),
        stops=_stops(present.holds, milestone.party, start, end),
        runs_for=milestone.party,
        calendar=calendar,
        unit=UNITS[unit],
    )


def span(target: Target | None) -> calendars.Span | None:
    """Return a target as the clock takes it."""
    return calendars.Span(target.value, UNITS[target.unit]) if target else None


def _stops(
    holds: Sequence[CaseTurn], party: str, start: date, end: date | None
) -> list[clocks.Turn]:
    """Return the holds of others, as far as they lie within the clock."""
    found = []
    for hold in holds:
        first = max(hold.start_date, start)
        last = hold.end_date if end is None else min(hold.end_date or end, end)
        if hold.party != party and (last is None or last > first):
            found.append(clocks.Turn(hold.party, first, last))
    return found


def open_hold(facts: MilestoneFacts) -> CaseTurn | None:
    """Return the hold under which a milestone stands now."""
    if facts.state is not MilestoneState.ON_HOLD:
        return None
    return next((one for one in reversed(facts.holds) if one.end_date is None), None)


def standing(
    plan: PathwayPlan, facts: Facts, *, selected: date, as_of: date, calendar: Calendar
) -> Standing:
    """Return what may go on now, at whose hands, since when and until when."""
    waiting = []
    for milestone in plan.milestones:
        present = facts[milestone.key]
        ready = ready_date(plan, facts, milestone, selected)
        if present.state.is_settled or (ready is None and _is_untouched(present)):
            continue
        clock = read_clock(
            plan, facts, milestone, selected=selected, as_of=as_of, calendar=calendar
        )
        waiting.append(_waiting(milestone, present, ready, selected, clock))
    stage = plan.milestone(waiting[0].key).stage.value if waiting else ""
    return Standing(tuple(waiting), stage)


def _is_untouched(present: MilestoneFacts) -> bool:
    return present.state is MilestoneState.NOT_STARTED


def _waiting(
    milestone: MilestonePlan,
    present: MilestoneFacts,
    ready: date | None,
    selected: date,
    clock: ClockReading | None,
) -> Waiting:
    hold = open_hold(present)
    if hold is not None:
        is_own = hold.party == milestone.party
        due = clock.due_date if clock and is_own else None
        return Waiting(milestone.key, hold.party, hold.start_date, due, is_on_hold=True)
    ended = [one.end_date for one in present.holds if one.end_date is not None]
    since = max([ready or present.started_date or selected, *ended])
    return Waiting(milestone.key, milestone.party, since, clock.due_date if clock else None)


def gate_lacks(plan: PathwayPlan, facts: Facts) -> list[MilestonePlan]:
    """Return all that must still be settled before the site may open, in the pathway's order."""
    before = plans.all_needs(plan, plan.gate.key)
    return [
        one for one in plan.milestones if one.key in before and not facts[one.key].state.is_settled
    ]
