"""Which quarters a committee paper may be made of, and how they are called."""

from collections.abc import Mapping
from datetime import date

from tembusu.insight.terms import InsightRefused, PaperState

PAPER_MOVES: Mapping[PaperState, frozenset[PaperState]] = {
    PaperState.ASKED: frozenset({PaperState.MADE}),
    PaperState.MADE: frozenset(),
}


class PaperRefused(InsightRefused):
    """A paper that can't be made."""


def quarter_of(day: date) -> date:
    """Return the first day of the quarter that a day lies in."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarter_name(quarter: date) -> str:
    """Return '2026 Q3'."""
    return f"{quarter.year} Q{(quarter.month + 2) // 3}"


def check_quarter(quarter: date, *, today: date) -> None:
    """Refuse what is no quarter, or one that has not begun.

    :raises PaperRefused: saying what to choose
    """
    if quarter != quarter_of(quarter):
        raise PaperRefused("A quarter begins on 1 January, 1 April, 1 July or 1 October.")
    if quarter > today:
        raise PaperRefused(f"{quarter_name(quarter)} has not begun. Choose an earlier quarter.")


def shifted(month: date, n_months: int) -> date:
    """Return the first day of the month so many months on; a negative number goes back.

    >>> shifted(date(2026, 1, 1), -12)
    datetime.date(2025, 1, 1)
    """
    place = month.year * 12 + month.month - 1 + n_months
    return date(place // 12, place % 12 + 1, 1)


def quarters_up_to(today: date, n: int = 12) -> list[date]:
    """Return the first days of this quarter and of those before it, newest first."""
    this = quarter_of(today)
    return [shifted(this, -3 * place) for place in range(n)]
