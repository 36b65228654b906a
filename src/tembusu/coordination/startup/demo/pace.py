"""How fast work goes from day to day: quiet weeks, a rush before the year ends, holidays.

A delay is an amount of usual working days. Each working day adds its pace to the work that is done,
and the delay is over on the day on which enough is done. Paces are scaled to a mean of 1 over the
calendar, so that a delay keeps its median over the year as a whole.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from trialtime.calendars import Calendar, is_working_day

HALF = 0.5  # a delay is over within a day: half a day less, rounded up, is as long in the middle


@dataclass(frozen=True, slots=True)
class Pace:
    """The work done up to each day of a calendar.

    :ivar first: the ordinal of the first day
    :ivar done: the sum of the paces of the working days up to and with each day
    :ivar working_share: working days by calendar days
    """

    first: int
    done: tuple[float, ...]
    working_share: float

    def after(self, day: date, amount: float) -> date:
        """Return the working day on which so many usual working days' work is done.

        The calendar's last day stands for all that come later; half a day's work or less takes none.
        """
        if amount <= HALF:
            return day
        place = day.toordinal() - self.first
        found = bisect_left(self.done, self.done[place] + amount - HALF, lo=place)
        return date.fromordinal(self.first + min(found, len(self.done) - 1))

    def between(self, start: date, end: date) -> float:
        """Return how much usual work is done after one day, up to and with another."""
        return self.done[end.toordinal() - self.first] - self.done[start.toordinal() - self.first]


def paces(season: Mapping[str, Any], calendar: Calendar) -> dict[str, Pace]:
    """Return the paces by name: 'steady', 'usual', and 'rush' for the stages that hurry.

    :param season: the table [season] of the parameters
    """
    quiet, rush = season["quiet"], season["rush"]

    def usual(day: date) -> float:
        if _within(day, quiet):
            return float(quiet["pace"])
        return float(season["holiday_week"]) if _has_holiday(day, calendar) else 1.0

    def hurried(day: date) -> float:
        return float(rush["pace"]) if _within(day, rush) else usual(day)

    ways: dict[str, Callable[[date], float]] = {
        "steady": lambda _: 1.0,
        "usual": usual,
        "rush": hurried,
    }
    return {name: _pace(way, calendar) for name, way in ways.items()}


def _pace(way: Callable[[date], float], calendar: Calendar) -> Pace:
    first = date(calendar.first_year, 1, 1)
    n = (date(calendar.last_year, 12, 31) - first).days + 1
    days = [first + timedelta(days=k) for k in range(n)]
    each = [way(day) if is_working_day(day, calendar) else 0.0 for day in days]
    n_working = sum(1 for one in each if one)
    mean = sum(each) / n_working
    done = tuple(accumulate(one / mean for one in each))
    return Pace(first.toordinal(), done, n_working / n)


def _within(day: date, stretch: Mapping[str, Any]) -> bool:
    """Say whether a day lies in a stretch of the year, which may go over its end."""
    said, first, last = f"{day:%m-%d}", str(stretch["from"]), str(stretch["to"])
    return first <= said <= last if first <= last else said >= first or said <= last


def _has_holiday(day: date, calendar: Calendar) -> bool:
    monday = day - timedelta(days=day.weekday())
    return any(monday + timedelta(days=k) in calendar.holidays for k in range(5))
