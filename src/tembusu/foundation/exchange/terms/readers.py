"""Ready-made readers of cells: from text to a value, or a ``Fault`` that says what to mend.

A reader is given the cell's text without blanks around it, never an empty one. Cells of a spreadsheet
come as text too: a date as 2026-03-14, a number as 12 or 12.5, a tick as TRUE.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from tembusu.foundation.core.states import State

SHOWN = 60  # characters of a cell that a fault quotes
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Day 0 of a spreadsheet's serial numbers; the false 29 February 1900 lies before the days taken here.
SERIAL_ZERO = dt.date(1899, 12, 30)
SERIALS = range(14_611, 73_051)  # 1 January 1940 to 31 December 2099
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?.{0,6})?"
)
PARTS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]{3,9})\.?,?[-/. ]*(\d{2}|\d{4})")
NAMED_FIRST = re.compile(r"([a-z]{3,9})\.?[- ]*(\d{1,2})(?:st|nd|rd|th)?,?[- ]+(\d{4})")
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


class Fault(ValueError):
    """A cell that cannot be read; the message says why and, where it helps, what may stand there."""


class DateOrder(State):
    """What comes first in 03/04/2026."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


ORDERS: Mapping[DateOrder, str] = {
    DateOrder.DAY_FIRST: "day first: 03/04 is 3 April",
    DateOrder.MONTH_FIRST: "month first: 03/04 is 4 March",
}


def quoted(cell: str) -> str:
    """Return a cell as a fault quotes it."""
    return f"'{cell}'" if len(cell) <= SHOWN else f"'{cell[: SHOWN - 1]}…'"


def text(*, at_most: int = 2000) -> Callable[[str], str]:
    """Read any text of at most so many characters."""

    def read(cell: str) -> str:
        if NO_TEXT.search(cell):
            raise Fault("the cell holds a control character. Type it again.")
        if len(cell) > at_most:
            raise Fault(f"the text has {len(cell):,} characters; at most {at_most:,} are kept.")
        return cell

    return read


def choice(options: Mapping[str, Any]) -> Callable[[str], Any]:
    """Read one of a list of words, whatever its capitals and blanks.

    :param options: the value by each word that means it; several words may mean one value
    """
    found = {_plain(word): value for word, value in options.items()}
    words = ", ".join(options)

    def read(cell: str) -> Any:
        try:
            return found[_plain(cell)]
        except KeyError:
            raise Fault(f"{quoted(cell)} is none of: {words}.") from None

    return read


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").replace("-", " ").split())


YES_NO: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1", "x", "✓"), True),
    **dict.fromkeys(("no", "n", "false", "0"), False),
}


def yes_no() -> Callable[[str], bool]:
    """Read yes or no: also Y and N, true and false, 1 and 0, a cross or a tick for yes."""

    def read(cell: str) -> bool:
        try:
            return YES_NO[_plain(cell)]
        except KeyError:
            raise Fault(f"{quoted(cell)} is neither yes nor no.") from None

    return read


def number(
    *, least: Decimal | None = None, most: Decimal | None = None
) -> Callable[[str], Decimal]:
    """Read a number with a decimal point; commas may part its thousands, as in 1,250.50."""

    def read(cell: str) -> Decimal:
        value = _decimal(cell)
        if least is not None and value < least:
            raise Fault(f"{quoted(cell)} is less than {least}.")
        if most is not None and value > most:
            raise Fault(f"{quoted(cell)} is more than {most}.")
        return value

    return read


THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def _decimal(cell: str) -> Decimal:
    plain = cell.replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    if "," in plain:
        if not THOUSANDS.fullmatch(plain):
            raise Fault(
                f"{quoted(cell)} is no number here: write 1,250.50 or 1250.5, with a point before"
                " the decimals."
            )
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain) if plain.isascii() and "_" not in plain else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite():
        raise Fault(f"{quoted(cell)} is no number.")
    return value


def integer(*, least: int | None = None, most: int | None = None) -> Callable[[str], int]:
    """Read a whole number; 12.0, as spreadsheets write it, is 12."""
    bounds = [Decimal(one) if one is not None else None for one in (least, most)]
    inner = number(least=bounds[0], most=bounds[1])

    def read(cell: str) -> int:
        value = inner(cell)
        if value != value.to_integral_value():
            raise Fault(f"{quoted(cell)} is no whole number.")
        return int(value)

    return read


def reference(find: Callable[[str], Any], *, what: str) -> Callable[[str], Any]:
    """Read what the cell names, found one by one; see ``Column.look_up`` for many at once.

    :param find: returns None where there is none
    :param what: 'study'; the fault then says that it is no study known here
    """

    def read(cell: str) -> Any:
        found = find(cell)
        if found is None:
            raise Fault(f"{quoted(cell)} is no {what} that is known here.")
        return found

    return read


# -- dates ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DateReader:
    """Reads a day, written in any usual way.

    :ivar order: in which order 03/04/2026 stands; the file's own, said when its columns were mapped
    """

    order: DateOrder = DateOrder.DAY_FIRST

    def __call__(self, cell: str) -> dt.date:
        words = " ".join(cell.split())
        found = _iso(words) or _named(words) or _serial(words) or _parts(words, self.order)
        if found is None:
            raise Fault(f"{quoted(cell)} is no date. Write 2026-03-14 or 14 Mar 2026.")
        return found

    def ordered(self, order: DateOrder) -> "DateReader":
        return replace(self, order=order)


def date() -> DateReader:
    """Read a day: 2026-03-14, 14/03/2026, 14 Mar 2026, 14-Mar-26, or a spreadsheet's serial number."""
    return DateReader()


def hint_of_order(cell: str) -> DateOrder | None:
    """Return in which order this date must be written, None where it says nothing of that."""
    found = PARTS.fullmatch(" ".join(cell.split()))
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    if first > 12 >= second:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if second > 12 >= first else None


def _iso(words: str) -> dt.date | None:
    found = ISO.fullmatch(words)
    return _day(found[1], found[2], found[3], words) if found else None


def _named(words: str) -> dt.date | None:
    plain = words.casefold()
    found = NAMED.fullmatch(plain)
    day, month, year = (found[1], found[2], found[3]) if found else ("", "", "")
    if not found and (turned := NAMED_FIRST.fullmatch(plain)):
        day, month, year = turned[2], turned[1], turned[3]
    if not day:
        return None
    if month[:3] not in MONTHS:
        raise Fault(f"{quoted(words)} is no date: there is no month '{month}'.")
    return _day(_century(year), str(MONTHS.index(month[:3]) + 1), day, words)


def _serial(words: str) -> dt.date | None:
    if not words.isascii() or not words.isdigit() or int(words[:9]) not in SERIALS:
        return None
    return SERIAL_ZERO + dt.timedelta(days=int(words))


def _parts(words: str, order: DateOrder) -> dt.date | None:
    found = PARTS.fullmatch(words)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    if month > 12 >= day:
        raise Fault(
            f"{quoted(words)} has no month {month}: this file's dates are written {ORDERS[order]}."
        )
    return _day(_century(found[3]), str(month), str(day), words)


def _century(year: str) -> str:
    """Return a year of two digits in full, by the rule of POSIX: 69 to 99 belong to the 1900s."""
    if len(year) == 4:
        return year
    return f"19{year}" if int(year) >= 69 else f"20{year}"


def _day(year: str, month: str, day: str, words: str) -> dt.date:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise Fault(f"{quoted(words)} is a date that does not exist.") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Fault(f"{quoted(words)} lies outside of {FIRST_YEAR} to {LAST_YEAR}.")
    return found
