"""Cut-offs: the last day to hand something in for the next meeting, as a rule that is data.

'First working day of the month, except in December' and 'ten working days before the second Tuesday'
are one shape: a day in each month, perhaps not in some, perhaps moved, and the cut-off so long
before it. `read_cut_off` reads the shape from a table of a reference file and refuses what it can't.

>>> rule = read_cut_off({"every": "working day", "n": 1, "except_months": [12]})
>>> say_cut_off(rule)
'first working day of the month, except in December'
"""

import calendar as months
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from trialtime.calendars import (
    Calendar,
    Span,
    Unit,
    add_months,
    add_span,
    add_working_days,
    count,
    is_working_day,
)

_WEEKDAYS = tuple(months.day_name)  # Monday is 0
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_MONTHS_AHEAD = 25  # a rule that gives no day in two years gives none
_Kind = TypeVar("_Kind", bound=StrEnum)
_KEYS = {
    "every",
    "n",
    "weekday",
    "except_months",
    "dates",
    "if_not_working",
    "before",
    "before_unit",
}


class CutOffRefused(ValueError):
    """A rule that means nothing, or that gives no day."""


class Every(StrEnum):
    """Which day of each month is meant."""

    WORKING_DAY = "working day"
    WEEKDAY = "weekday"
    DAY = "day"
    DATES = "dates"


class IfNotWorking(StrEnum):
    """Where a day goes that turns out to be no working day."""

    STAYS = "stays"
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class CutOff:
    """A rule for cut-offs.

    :ivar every: what is counted within the month; DATES are given one by one
    :ivar n: the first is 1, the last is -1; for DAY the day of the month
    :ivar weekday: for WEEKDAY, Monday is 0
    :ivar except_months: months without a meeting, 1 to 12
    :ivar dates: for DATES, the meetings
    :ivar if_not_working: where the day moves if it is no working day
    :ivar before: how long before that day the cut-off is; None if the day is itself the cut-off
    """

    every: Every
    n: int = 1
    weekday: int | None = None
    except_months: frozenset[int] = frozenset()
    dates: tuple[date, ...] = ()
    if_not_working: IfNotWorking = IfNotWorking.STAYS
    before: Span | None = None

    def __post_init__(self) -> None:
        for wrong, said in (
            (not 1 <= abs(self.n) <= 31, f"n is {self.n}: count from 1, or from -1 for the last"),
            (
                (self.weekday is None) == (self.every is Every.WEEKDAY)
                or self.weekday not in (None, *range(7)),
                "a weekday, 0 for Monday to 6, belongs to 'every weekday' and to nothing else",
            ),
            (
                bool(self.dates) != (self.every is Every.DATES),
                "dates belong to 'every dates', and it needs at least one",
            ),
            (
                not self.except_months < set(range(1, 13)),
                "except_months are numbers from 1 to 12, and not all of them",
            ),
            (
                self.before is not None and self.before.value < 0,
                "the cut-off lies before the day: give a number that is not negative",
            ),
        ):
            if wrong:
                raise CutOffRefused(f"The cut-off rule can't be used: {said}.")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One cut-off with the day that it is for; the same day where the rule has no meeting."""

    cut_off_date: date
    meeting_date: date


def read_cut_off(table: Mapping[str, object]) -> CutOff:
    """Read a rule from a table of a reference file.

    `{"every": "weekday", "weekday": "Tuesday", "n": 2, "before": 10, "before_unit": "working"}`. A
    weekday is an English name, dates are ISO texts or dates.

    :raises CutOffRefused: an unknown key or value, named
    """
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise CutOffRefused(
            f"The cut-off rule has the unknown key '{unknown[0]}': use {', '.join(sorted(_KEYS))}."
        )
    weekday = table.get("weekday")
    before = _whole(table, "before", 0)
    return CutOff(
        every=_one_of(Every, table, "every", None),
        n=_whole(table, "n", 1),
        weekday=None if weekday is None else _weekday(weekday),
        except_months=frozenset(_whole({"n": n}, "n", 0) for n in _list(table, "except_months")),
        dates=tuple(sorted(_date(day) for day in _list(table, "dates"))),
        if_not_working=_one_of(IfNotWorking, table, "if_not_working", IfNotWorking.STAYS),
        before=Span(before, _one_of(Unit, table, "before_unit", Unit.WORKING)) if before else None,
    )


def _one_of(
    kind: type[_Kind], table: Mapping[str, object], key: str, otherwise: _Kind | None
) -> _Kind:
    said = table.get(key, otherwise)
    for each in kind:
        if said == each.value:
            return each
    known = ", ".join(f"'{each.value}'" for each in kind)
    raise CutOffRefused(f"The cut-off rule says {key} = {said!r}: use one of {known}.")


def _whole(table: Mapping[str, object], key: str, otherwise: int) -> int:
    said = table.get(key, otherwise)
    if isinstance(said, bool) or not isinstance(said, int):
        raise CutOffRefused(f"The cut-off rule says {key} = {said!r}: give a whole number.")
    return said


def _list(table: Mapping[str, object], key: str) -> Sequence[object]:
    said = table.get(key, ())
    if not isinstance(said, list | tuple):
        raise CutOffRefused(f"The cut-off rule says {key} = {said!r}: give a list.")
    return said


def _weekday(said: object) -> int:
    for number, name in enumerate(_WEEKDAYS):
        if said == name:
            return number
    raise CutOffRefused(f"The cut-off rule says weekday = {said!r}: use {', '.join(_WEEKDAYS)}.")


def _date(said: object) -> date:
    try:
        return said if isinstance(said, date) else date.fromisoformat(str(said))
    except ValueError as wrong:
        raise CutOffRefused(
            f"The cut-off rule has the date {said!r}: write it as 2026-03-21."
        ) from wrong


def next_cut_off(rule: CutOff, day: date, calendar: Calendar) -> date:
    """Return the first cut-off on or after a day: what is handed in on that day is in time.

    :raises CutOffRefused: the rule gives no further day
    :raises YearNotCovered: the answer may lie in a year whose holidays are not known

    >>> from trialtime.calendars import national_calendar
    >>> singapore = national_calendar("SG", first_year=2025, last_year=2027)
    >>> first = read_cut_off({"every": "working day", "n": 1, "except_months": [12]})
    >>> next_cut_off(first, date(2026, 11, 3), singapore).isoformat()  # none in December
    '2027-01-04'
    """
    return next_occasion(rule, day, calendar).cut_off_date


def next_occasion(rule: CutOff, day: date, calendar: Calendar) -> Occasion:
    """Return the first cut-off on or after a day, with its meeting. Raises as `next_cut_off`."""
    for occasion in _occasions(rule, day, calendar):
        if occasion.cut_off_date >= day:
            return occasion
    raise CutOffRefused(
        f"The cut-off rule '{say_cut_off(rule)}' gives no day on or after {day.isoformat()}: "
        "add later dates, or correct the rule."
    )


def list_occasions(rule: CutOff, first: date, last: date, calendar: Calendar) -> list[Occasion]:
    """Return the cut-offs from `first` to `last`, both included, in order."""
    found = _occasions(rule, first, calendar, until=last)
    return [each for each in found if each.cut_off_date >= first]


def _occasions(
    rule: CutOff, day: date, calendar: Calendar, *, until: date | None = None
) -> Iterator[Occasion]:
    """Yield the occasions from the month of `day` on, in order, up to the cut-off `until`."""
    for meeting in _meetings(rule, day, until):
        for each in (
            _in_month(rule, meeting, calendar) if rule.every is not Every.DATES else [meeting]
        ):
            moved = _moved(each, rule.if_not_working, calendar)
            before = rule.before or Span(0, Unit.CALENDAR)
            cut_off = add_span(moved, Span(-before.value, before.unit), calendar)
            if until is not None and cut_off > until:
                return
            yield Occasion(cut_off, moved)


def _meetings(rule: CutOff, day: date, until: date | None) -> Iterator[date]:
    """Yield the dates that were given, or the first of each month that has a meeting."""
    if rule.every is Every.DATES:
        yield from (each for each in rule.dates if each.month not in rule.except_months)
        return
    month = day.replace(day=1)
    if rule.if_not_working is IfNotWorking.LATER:
        month = add_months(month, -1)  # the end of that month may be moved into this one
    reaches_back = rule.before is not None or rule.if_not_working is IfNotWorking.EARLIER
    for n in range(_MONTHS_AHEAD + (count(day, until, Unit.MONTHS, None) if until else 0)):
        first = add_months(month, n)
        if until is not None and first > until and not reaches_back:
            return
        if first.month not in rule.except_months:
            yield first


def _in_month(rule: CutOff, first: date, calendar: Calendar) -> list[date]:
    """Return the one day that the rule means in a month, or none where the month has none."""
    length = months.monthrange(first.year, first.month)[1]
    days = [first + timedelta(days=n) for n in range(length)]
    if rule.every is Every.WORKING_DAY:
        days = [each for each in days if is_working_day(each, calendar)]
    if rule.every is Every.WEEKDAY:
        days = [each for each in days if each.weekday() == rule.weekday]
    place = rule.n - 1 if rule.n > 0 else rule.n
    return [days[place]] if -len(days) <= place < len(days) else []


def _moved(day: date, where: IfNotWorking, calendar: Calendar) -> date:
    if where is IfNotWorking.STAYS or is_working_day(day, calendar):
        return day
    return add_working_days(day, 1 if where is IfNotWorking.LATER else -1, calendar)


def say_cut_off(rule: CutOff) -> str:
    """Return the rule in words: '10 working days before the second Tuesday of the month'."""
    nth = _ORDINALS.get(rule.n, f"no. {rule.n}" if rule.n > 0 else f"no. {-rule.n} from the end")
    if rule.every is Every.DATES:
        said = f"given dates ({len(rule.dates)})"
    elif rule.every is Every.DAY:
        said = f"day {rule.n} of the month" if rule.n > 0 else f"{nth} day of the month"
    else:
        what = rule.every.value if rule.weekday is None else _WEEKDAYS[rule.weekday]
        said = f"{nth} {what} of the month"
    if rule.before is not None:
        said = f"{rule.before} before the {said}"
    if rule.except_months:
        said += ", except in " + " and ".join(
            months.month_name[each] for each in sorted(rule.except_months)
        )
    if rule.if_not_working is not IfNotWorking.STAYS:
        said += f"; if that is no working day, the next {rule.if_not_working.value}"
    return said
