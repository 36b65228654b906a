"""Working days: which days count, adding them, and counting them, forwards and backwards.

The day on which something is received is day 0 everywhere in this package: one working day later is the
next working day. A calendar knows the years from `first_year` to `last_year` and refuses to answer for
others, because a year without its holidays gives dates that look right and are not.

>>> week = Calendar("plain", 2025, 2026, frozenset({5, 6}), {date(2025, 12, 25): "Christmas Day"})
>>> add_working_days(date(2025, 12, 24), 2, week)
datetime.date(2025, 12, 29)
>>> working_days_between(date(2025, 12, 24), date(2025, 12, 29), week)
2
"""

import calendar as months
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

import holidays

WEEKEND = frozenset({5, 6})  # Saturday and Sunday, as date.weekday() numbers them
_MONTHS_IN_YEAR = 12


class YearNotCovered(ValueError):
    """A day outside the years whose holidays the calendar knows."""


class CalendarNotUsable(ValueError):
    """A calendar that cannot be made: an unknown country, years the wrong way, no working day."""


class CalendarNeeded(ValueError):
    """Working days were asked for without a calendar to count them by."""


class Unit(StrEnum):
    """What a span is counted in."""

    WORKING = "working"
    CALENDAR = "calendar"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Span:
    """So many working days, calendar days or months: `Span(30, Unit.WORKING)`."""

    value: int
    unit: Unit

    def __str__(self) -> str:
        """Return '30 working days', '1 calendar day', '6 months'."""
        word = "month" if self.unit is Unit.MONTHS else f"{self.unit.value} day"
        return f"{self.value} {word}{'' if self.value == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of some years.

    :ivar name: how people know it: 'Singapore (SG)'; due dates are shown with it
    :ivar first_year: the first year whose holidays are known
    :ivar last_year: the last
    :ivar weekend: the weekdays that never count, Monday is 0
    :ivar holidays: the days that do not count besides, with the name of each
    """

    name: str
    first_year: int
    last_year: int
    weekend: frozenset[int]
    holidays: Mapping[date, str]
    _working: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.first_year > self.last_year:
            raise CalendarNotUsable(
                f"The calendar '{self.name}' ends in {self.last_year}, before it begins in "
                f"{self.first_year}: give the earlier year first."
            )
        if not set(range(7)) - self.weekend:
            raise CalendarNotUsable(f"The calendar '{self.name}' has no working day in its week.")
        object.__setattr__(self, "holidays", MappingProxyType(dict(self.holidays)))
        object.__setattr__(self, "_working", _working_ordinals(self))

    def __hash__(self) -> int:
        return hash((self.name, self.first_year, self.last_year, len(self.holidays)))

    def __reduce__(self) -> tuple[type["Calendar"], tuple[object, ...]]:
        """Let a calendar go to another process: its mapping is a view, which can't be pickled."""
        known = (self.name, self.first_year, self.last_year, self.weekend, dict(self.holidays))
        return Calendar, known


def _working_ordinals(calendar: Calendar) -> tuple[int, ...]:
    """Return the proleptic ordinal of every working day, in order: all questions are look-ups."""
    first = date(calendar.first_year, 1, 1).toordinal()
    last = date(calendar.last_year, 12, 31).toordinal()
    off = {day.toordinal() for day in calendar.holidays}
    working = {weekday for weekday in range(7) if weekday not in calendar.weekend}
    return tuple(
        day for day in range(first, last + 1) if (day + 6) % 7 in working and day not in off
    )


def national_calendar(
    country: str,
    *,
    subdivision: str | None = None,
    first_year: int,
    last_year: int,
    added: Iterable[tuple[date, str]] = (),
    removed: Collection[date] = (),
    weekend: frozenset[int] | None = None,
) -> Calendar:
    """Return a country's calendar, days in lieu included, from the library `holidays`.

    :param country: ISO 3166 code, such as 'SG'
    :param subdivision: the part of the country, where its holidays differ, such as 'SCT'
    :param first_year: the first year wanted
    :param last_year: the last year wanted; the further ahead, the more of it is the library's estimate
    :param added: days that are free besides, each with its name: a day declared late
    :param removed: days that the library has and that are worked nevertheless
    :param weekend: the weekdays that never count; the country's own if None
    :raises CalendarNotUsable: an unknown country or part, or years the wrong way round
    :raises YearNotCovered: years that the library does not know

    >>> national_calendar("SG", first_year=2026, last_year=2026).holidays[date(2026, 8, 10)]
    'National Day (observed)'
    """
    known, week = _library_days(country, subdivision, first_year, last_year)
    free = {day: name for day, name in known if day not in removed}
    free |= {day: name for day, name in added if first_year <= day.year <= last_year}
    name = f"{country}-{subdivision}" if subdivision else country
    return Calendar(name, first_year, last_year, week if weekend is None else weekend, free)


@lru_cache(maxsize=32)
def _library_days(
    country: str, subdivision: str | None, first_year: int, last_year: int
) -> tuple[tuple[tuple[date, str], ...], frozenset[int]]:
    if first_year > last_year:
        raise CalendarNotUsable(
            f"A calendar from {first_year} to {last_year} has no year: give the earlier year first."
        )
    try:
        blank = holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as missing:
        raise CalendarNotUsable(
            f"No holidays are known for '{country}'"
            + (f", part '{subdivision}'" if subdivision else "")
            + f" ({missing}). Use an ISO 3166 code, or list the holidays yourself."
        ) from missing
    if not blank.start_year <= first_year <= last_year <= blank.end_year:
        raise YearNotCovered(
            f"The holidays of '{country}' are known from {blank.start_year} to {blank.end_year}, "
            f"not from {first_year} to {last_year}: ask for fewer years."
        )
    named = holidays.country_holidays(
        country,
        subdiv=subdivision,
        years=range(first_year, last_year + 1),
        language=_english(blank),
    )
    return tuple(sorted(named.items())), frozenset(blank.weekend)


def _english(known: holidays.HolidayBase) -> str | None:
    """Return the country's own English if it has one, else American English, else its own tongue."""
    spoken = known.default_language or ""
    if spoken.startswith("en"):
        return spoken
    return "en_US" if "en_US" in known.supported_languages else None


def _check(day: date, calendar: Calendar) -> None:
    if not calendar.first_year <= day.year <= calendar.last_year:
        raise YearNotCovered(
            f"The calendar '{calendar.name}' has the holidays of {calendar.first_year} to "
            f"{calendar.last_year}, so {day.isoformat()} can't be counted: extend the calendar to "
            f"{day.year}, or correct the date."
        )


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Whether a day counts. Raises YearNotCovered."""
    _check(day, calendar)
    return day.weekday() not in calendar.weekend and day not in calendar.holidays


def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    """Return the n-th working day after a day, or before it where n is negative.

    The day itself is day 0, whether it is a working day or not; with n = 0 it is returned as it is.

    :raises YearNotCovered: the day, or the answer, is in a year without known holidays

    >>> plain = Calendar("plain", 2026, 2026, WEEKEND, {})
    >>> add_working_days(date(2026, 3, 7), 1, plain)  # from a Saturday to the Monday
    datetime.date(2026, 3, 9)
    >>> add_working_days(date(2026, 3, 7), -1, plain)  # back to the Friday
    datetime.date(2026, 3, 6)
    """
    _check(day, calendar)
    if n == 0:
        return day
    days, ordinal = calendar._working, day.toordinal()
    place = bisect_right(days, ordinal) + n - 1 if n > 0 else bisect_left(days, ordinal) + n
    if not 0 <= place < len(days):
        raise YearNotCovered(
            f"{n} working days from {day.isoformat()} lie outside {calendar.first_year} to "
            f"{calendar.last_year}, the years of the calendar '{calendar.name}': extend it."
        )
    return date.fromordinal(days[place])


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """Count the working days after `start`, up to and including `end`; negative where end < start.

    So three dates always add up (a to b, and b to c, is a to c), turning a pair round turns the sign,
    and counting undoes `add_working_days` for n ≥ 0, and for n < 0 from a working day.

    :raises YearNotCovered: either day is in a year without known holidays
    """
    _check(start, calendar)
    _check(end, calendar)
    days = calendar._working
    return bisect_right(days, end.toordinal()) - bisect_right(days, start.toordinal())


def add_months(day: date, n: int) -> date:
    """Return the same day n months on, or the last day of a month that is too short for it.

    So the anniversary of 29 February is 28 February in a common year: what lapses after a year lapses
    within February, never in March. Count from the first date each time, not from the last answer:
    31 January and two months is 31 March.

    >>> add_months(date(2024, 2, 29), 12), add_months(date(2024, 2, 29), 48)
    (datetime.date(2025, 2, 28), datetime.date(2028, 2, 29))
    """
    year, month = divmod(day.year * _MONTHS_IN_YEAR + day.month - 1 + n, _MONTHS_IN_YEAR)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def add_years(day: date, n: int) -> date:
    """Return the n-th anniversary; of 29 February it is 28 February in a common year."""
    return add_months(day, n * _MONTHS_IN_YEAR)


def add_span(day: date, span: Span, calendar: Calendar | None) -> date:
    """Return the day on which a span ends that began on `day` as day 0.

    Calendar days and months do not use the calendar, which may then be None.

    :raises CalendarNeeded: working days without a calendar
    :raises YearNotCovered: see `add_working_days`
    """
    if span.unit is Unit.CALENDAR:
        return day + timedelta(days=span.value)
    if span.unit is Unit.MONTHS:
        return add_months(day, span.value)
    return add_working_days(day, span.value, _needed(calendar))


def count(start: date, end: date, unit: Unit, calendar: Calendar | None) -> int:
    """Count from `start` (day 0) to `end` in working days, calendar days or full months.

    Negative where end < start. A month is full on the day that `add_months` names.

    :raises CalendarNeeded: working days without a calendar
    :raises YearNotCovered: see `working_days_between`
    """
    if unit is Unit.CALENDAR:
        return (end - start).days
    if unit is Unit.MONTHS:
        return _full_months(start, end) if end >= start else -_full_months(end, start)
    return working_days_between(start, end, _needed(calendar))


def _full_months(start: date, end: date) -> int:
    n = (end.year - start.year) * _MONTHS_IN_YEAR + end.month - start.month
    return n if add_months(start, n) <= end else n - 1


def _needed(calendar: Calendar | None) -> Calendar:
    if calendar is None:
        raise CalendarNeeded("Working days are counted by a calendar: give the country's calendar.")
    return calendar
