"""Dates as registers give them: a year, a month, or a day (ISO 8601, SDTM's `--DTC` idea).

A date known to the month is not the first of that month. The text keeps what was said; `earliest`
and `latest` say what it may mean, so that comparing two partial dates is a decision and not an
accident.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Self

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?)?)?", re.ASCII)
_ENGLISH = re.compile(r"(?:([A-Za-z]{3,9})\.?\s+)(?:(\d{1,2})\s*,\s*)?(\d{4})", re.ASCII)
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})", re.ASCII)
_WRITE = "write it as 2024, 2024-03 or 2024-03-21"
_MONTHS = {name.lower(): no for no, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): no for no, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}


class DateError(ValueError):
    """A text that is no date, or a date that no calendar has."""


class Precision(StrEnum):
    """How much of a date was said."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which the day, or the day and month, may be unknown.

    `text` is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    """

    text: str

    def __post_init__(self) -> None:
        if iso_text(self.text) != self.text:
            raise DateError(f"'{self.text}' is not written YYYY, YYYY-MM or YYYY-MM-DD")

    @classmethod
    def parse(cls, text: str, *, day_first: bool = True) -> Self:
        """Read any of the ways registers write a date. Raises DateError."""
        return cls(iso_text(text, day_first=day_first))

    @property
    def precision(self) -> Precision:
        """Year, month or day."""
        return {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(self.text)]

    def earliest(self) -> date:
        """Return the first day it may mean."""
        return date.fromisoformat(self.text + "-01-01"[len(self.text) - 4 :])

    def latest(self) -> date:
        """Return the last day it may mean."""
        year, month, day = int(self.text[:4]), int(self.text[5:7] or 12), self.text[8:]
        return date(year, month, int(day) if day else calendar.monthrange(year, month)[1])

    def surely_before(self, other: "PartialDate | date") -> bool:
        """Say whether every day it may mean lies before every day the other may mean."""
        return self.latest() < (other if isinstance(other, date) else other.earliest())

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=65536)
def iso_text(text: str, *, day_first: bool = True) -> str:
    """Return `YYYY`, `YYYY-MM` or `YYYY-MM-DD` for any spelling registers use. Raises DateError.

    Read are ISO 8601 (a time of day is dropped), 'January 1985', 'February 3, 2023', '3 Feb 2023',
    '20230203', '2023/02/03' and '03/02/2023', which is the 3rd of February unless `day_first` is
    False.
    """
    year, month, day = _parts(text.strip(), day_first=day_first)
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise DateError(f"'{text.strip()}' is a date that does not exist") from error
    return (
        f"{year:04}"
        + (f"-{month:02}" if month is not None else "")
        + (f"-{day:02}" if day is not None else "")
    )


def _parts(text: str, *, day_first: bool) -> tuple[int, int | None, int | None]:
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
        return int(year), _number(month), _number(day)
    if found := _ENGLISH.fullmatch(text):
        return int(found[3]), _month_no(found[1], text), _number(found[2])
    if found := _DAY_MONTH_YEAR.fullmatch(text):
        return int(found[3]), _month_no(found[2], text), int(found[1])
    if found := _SLASHED.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        return int(found[3]), *((second, first) if day_first else (first, second))
    if found := _COMPACT.fullmatch(text) or _YEAR_SLASHED.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    raise DateError(f"'{text[:40]}' is not a date; {_WRITE}")


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _month_no(name: str, text: str) -> int:
    try:
        return _MONTHS[name.lower()]
    except KeyError:
        raise DateError(f"'{text[:40]}' names no month; {_WRITE}") from None
