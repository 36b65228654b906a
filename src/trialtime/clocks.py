"""Clocks that stop: how long a body has had something, and how much of that the others took.

A clock starts on the day of receipt (day 0). While another party has a turn (a query to answer, a
document to send) it stands still, and the due date moves by as much. Both readings are given, the
days that passed and the days that count, because the one is what a sponsor waited and the other is what
a body promised.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from trialtime.calendars import Calendar, Span, Unit, add_span, count


class ClockRefused(ValueError):
    """Dates that no clock can be read from."""


class NegativeDuration(ClockRefused):
    """Something that ends before it starts."""


class OverlappingStops(ClockRefused):
    """Two turns that hold the clock on the same day."""


class TurnOutsideClock(ClockRefused):
    """A turn that begins before its clock, or goes on after it."""


class ClockInMonths(ClockRefused):
    """A clock that stops is counted in days; months have no fixed number of them."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The time for which a party held something: from `start_date` up to, not including, `end_date`.

    `end_date` is the day on which it was handed on, None as long as it was not.
    """

    party: str
    start_date: date
    end_date: date | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock says, with the inputs that made it.

    :ivar start_date: day 0
    :ivar end_date: the day on which it ended, None while it runs or is stopped
    :ivar as_of: the day on which it was read
    :ivar unit: what `elapsed`, `counted` and `by_party` are counted in
    :ivar target: how long it may take, None where nothing says so
    :ivar elapsed: from the start to the end, or to `as_of`
    :ivar counted: `elapsed` without the time that others held it
    :ivar by_party: `elapsed` by the party that held it; the values add up to `elapsed`
    :ivar due_date: the last day that is on time. While the clock is stopped it is the day that would be
        due if it ran again on `as_of`
    :ivar is_overdue: more days counted than the target allows
    :ivar days_over: how many more, in the unit of the target
    :ivar is_stopped: another party holds it on `as_of`
    """

    start_date: date
    end_date: date | None
    as_of: date
    unit: Unit
    target: Span | None
    elapsed: int
    counted: int
    by_party: Mapping[str, int]
    due_date: date | None
    is_overdue: bool
    days_over: int
    is_stopped: bool


def read_clock(
    *,
    start_date: date,
    end_date: date | None,
    as_of: date,
    target: Span | None,
    stops: Sequence[Turn],
    runs_for: str,
    calendar: Calendar | None,
    unit: Unit,
) -> ClockReading:
    """Read a clock on a day.

    What happens after `as_of` has not happened yet: a later end or stop is left out, a stop that ends
    later is still open. A clock that starts after `as_of` stands at 0 with its due date.

    :param stops: the turns of the others, in any order. A turn of `runs_for` does not stop the clock
    :param runs_for: the party whose time is counted, for instance 'regulator'
    :param calendar: needed where working days are counted, may be None for calendar days
    :param unit: WORKING or CALENDAR; `target` may be in the other of the two
    :raises NegativeDuration: the clock or a turn ends before it starts
    :raises OverlappingStops: two turns share a day
    :raises TurnOutsideClock: a turn begins before the clock or goes on after its end
    :raises ClockInMonths: `unit` or `target` in months
    :raises YearNotCovered: a working day in a year whose holidays are not known

    >>> reading = read_clock(
    ...     start_date=date(2026, 3, 2), end_date=None, as_of=date(2026, 3, 20),
    ...     stops=[Turn("sponsor", date(2026, 3, 10), date(2026, 3, 17))],
    ...     target=Span(15, Unit.CALENDAR), runs_for="regulator", calendar=None, unit=Unit.CALENDAR)
    >>> reading.elapsed, reading.counted, dict(reading.by_party), reading.due_date.isoformat()
    (18, 11, {'regulator': 11, 'sponsor': 7}, '2026-03-24')
    """
    _refuse_months(unit, target)
    turns = _checked(start_date, end_date, stops)
    closed = end_date if end_date is not None and end_date <= as_of else None
    until = max(closed or as_of, start_date)
    pieces = list(_pieces(start_date, until, turns, runs_for))
    by_party = {runs_for: 0}
    for party, first, last in pieces:
        by_party[party] = by_party.get(party, 0) + count(first, last, unit, calendar)
    over = _days_over(pieces, target, runs_for, calendar)
    return ClockReading(
        start_date=start_date,
        end_date=closed,
        as_of=as_of,
        unit=unit,
        target=target,
        elapsed=count(start_date, until, unit, calendar),
        counted=by_party[runs_for],
        by_party=by_party,
        due_date=None if target is None else _due(pieces, until, target, runs_for, calendar),
        is_overdue=over > 0,
        days_over=over,
        is_stopped=closed is None and _holder(turns, as_of, runs_for) != runs_for,
    )


def _refuse_months(unit: Unit, target: Span | None) -> None:
    if unit is Unit.MONTHS or (target is not None and target.unit is Unit.MONTHS):
        raise ClockInMonths(
            "A clock that can stop is counted in working or calendar days: give the target in days."
        )


def check_turn(turn: Turn) -> None:
    """Refuse a turn that ends before it starts. Raises NegativeDuration."""
    if turn.end_date is not None and turn.end_date < turn.start_date:
        raise NegativeDuration(
            f"The turn of '{turn.party}' ends on {turn.end_date.isoformat()}, before it starts on "
            f"{turn.start_date.isoformat()}: correct one of the two dates."
        )


def _checked(start_date: date, end_date: date | None, stops: Sequence[Turn]) -> list[Turn]:
    """Return the turns in order, after refusing what contradicts itself."""
    if end_date is not None and end_date < start_date:
        raise NegativeDuration(
            f"The clock ends on {end_date.isoformat()}, before it starts on "
            f"{start_date.isoformat()}: correct one of the two dates."
        )
    turns = sorted(stops, key=lambda turn: (turn.start_date, turn.end_date or date.max))
    for turn in turns:
        check_turn(turn)
        _check_inside(turn, start_date, end_date)
    for one, other in pairwise(turns):
        if one.end_date is None or other.start_date < one.end_date:
            raise OverlappingStops(
                f"The turn of '{other.party}' from {other.start_date.isoformat()} begins while "
                f"'{one.party}' holds it ({_say(one)}): end the first, or move the second."
            )
    return turns


def _check_inside(turn: Turn, start_date: date, end_date: date | None) -> None:
    late = end_date is not None and max(turn.start_date, turn.end_date or end_date) > end_date
    if turn.start_date < start_date or late:
        closes = f" to {end_date.isoformat()}" if end_date is not None else ""
        raise TurnOutsideClock(
            f"The turn of '{turn.party}' ({_say(turn)}) lies outside its clock, which runs from "
            f"{start_date.isoformat()}{closes}: correct the turn, or the clock."
        )


def _say(turn: Turn) -> str:
    until = f"to {turn.end_date.isoformat()}" if turn.end_date is not None else "and not ended"
    return f"from {turn.start_date.isoformat()} {until}"


def _pieces(
    start: date, until: date, turns: Sequence[Turn], runs_for: str
) -> Iterator[tuple[str, date, date]]:
    """Cut the time from start to until into who held it; the pieces follow on one another."""
    here = start
    for turn in turns:
        if turn.start_date >= until:
            break
        last = until if turn.end_date is None else min(turn.end_date, until)
        yield runs_for, here, turn.start_date
        yield turn.party, turn.start_date, last
        here = last
    yield runs_for, here, until


def _holder(turns: Sequence[Turn], day: date, runs_for: str) -> str:
    for turn in turns:
        if turn.start_date <= day and (turn.end_date is None or day < turn.end_date):
            return turn.party
    return runs_for


def _days_over(
    pieces: Sequence[tuple[str, date, date]],
    target: Span | None,
    runs_for: str,
    calendar: Calendar | None,
) -> int:
    if target is None:
        return 0
    counted = sum(
        count(first, last, target.unit, calendar)
        for party, first, last in pieces
        if party == runs_for
    )
    return max(0, counted - target.value)


def _due(
    pieces: Sequence[tuple[str, date, date]],
    until: date,
    target: Span,
    runs_for: str,
    calendar: Calendar | None,
) -> date:
    """Return the day on which the target is used up; after `until` the clock is taken to run."""
    left = target.value
    for party, first, last in pieces:
        if party != runs_for:
            continue
        here = count(first, last, target.unit, calendar)
        if left <= here:
            return add_span(first, Span(left, target.unit), calendar)
        left -= here
    return add_span(until, Span(left, target.unit), calendar)
