"""What an address asks for: months, groups, whose cases; and what its reader may ask."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tembusu.insight.rules.papers import shifted
from tembusu.insight.terms import WHOLE, Dimension, Lens

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])$")
YEAR = re.compile(r"\d{4}$")
OWN = "own"
Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of figures is asked to show.

    :ivar lens: the months of selection, and the groups that are kept
    :ivar before: the same for as many months before
    :ivar measure: the measure that groups and lists show
    :ivar is_own: only the reader's own cases
    :ivar is_fixed: the period is a calendar year and nothing is combined, as for those from whom small
        cells are held back
    """

    lens: Lens
    before: Lens
    measure: str
    is_own: bool
    is_fixed: bool

    @property
    def n_months(self) -> int:
        first, last = self.lens.first_month, self.lens.last_month
        return 12 * (last.year - first.year) + last.month - first.month + 1


def read(parameters: Parameters, *, sees_all: bool, today: date) -> Asked:
    """Return what an address asks for; what it can't ask is passed over.

    Whoever sees every figure chooses any months and combines groups. Others choose a calendar year,
    the nation's or their own: of periods that overlap, or groups combined, small cells could be told
    by subtraction.
    """
    is_own = not sees_all and _one(parameters, "whose") == OWN
    measure = _one(parameters, "measure") or WHOLE
    if not sees_all:
        year = _year(_one(parameters, "year"), today)
        lens = Lens(date(year, 1, 1), date(year, 12, 1))
        return Asked(lens, _before(lens, 12), measure, is_own, is_fixed=True)
    first, last = _months(parameters, today)
    held = {
        dimension: tuple(value for value in parameters.get(dimension.value, ()) if value)
        for dimension in Dimension
        if any(parameters.get(dimension.value, ()))
    }
    lens = Lens(first, last, held)
    n_months = 12 * (last.year - first.year) + last.month - first.month + 1
    return Asked(lens, _before(lens, n_months), measure, is_own, is_fixed=False)


def _before(lens: Lens, n_months: int) -> Lens:
    return Lens(
        shifted(lens.first_month, -n_months), shifted(lens.last_month, -n_months), lens.held
    )


def _one(parameters: Parameters, name: str) -> str:
    values = parameters.get(name, ())
    return values[0] if values else ""


def _year(text: str, today: date) -> int:
    year = int(text) if YEAR.match(text) else today.year
    return year if 2000 <= year <= today.year else today.year


def _months(parameters: Parameters, today: date) -> tuple[date, date]:
    """Return the first and the last month; twelve up to this month where none are asked for."""
    this = today.replace(day=1)
    last = _month(_one(parameters, "to")) or this
    first = _month(_one(parameters, "from")) or shifted(last, -11)
    return (first, last) if first <= last else (last, first)


def _month(text: str) -> date | None:
    found = MONTH.match(text)
    if not found or not 1990 <= int(found[1]) <= 2200:
        return None
    return date(int(found[1]), int(found[2]), 1)


def period(lens: Lens) -> str:
    """Return the months as people read them: 'Oct 2025 – Sep 2026'.

    >>> period(Lens(date(2025, 10, 1), date(2026, 9, 1)))
    'Oct 2025 – Sep 2026'
    """
    first, last = f"{lens.first_month:%b %Y}", f"{lens.last_month:%b %Y}"
    return first if first == last else f"{first} – {last}"
