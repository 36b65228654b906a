"""The clock of a submission: elapsed, on whose side, and until when, three ways at once."""

from dataclasses import dataclass
from datetime import date

from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.rules import turns
from tembusu.coordination.submissions.selectors import pack, packages
from tembusu.coordination.submissions.terms import Stop
from trialtime.calendars import Calendar, Span, Unit, YearNotCovered
from trialtime.clocks import ClockReading, ClockRefused, Turn, read_clock

APPLICANT = "applicant"
BODY = "body"


@dataclass(frozen=True, slots=True)
class Read:
    """A clock as a page shows it.

    :ivar target: in words: '30 working days'; '' where none is known
    :ivar source: the address of the target
    :ivar is_verified: somebody read the target in its source
    :ivar calendar: the name of the calendar of working days
    """

    reading: ClockReading
    target: str
    source: str
    is_verified: bool
    calendar: str

    @property
    def with_body(self) -> int:
        return self.reading.by_party.get(BODY, 0)

    @property
    def with_applicant(self) -> int:
        return self.reading.by_party.get(APPLICANT, 0)

    @property
    def unit(self) -> str:
        return "working days" if self.reading.unit is Unit.WORKING else "days"


def read(submission: Submission, *, as_of: date) -> Read | None:
    """Return the clock of a submission on a day; None before it was received.

    It runs from receipt to the decision or withdrawal, stands still while queries wait for an answer,
    and is counted in the unit of its target.
    """
    dates = packages.dates(submission)
    if dates.received is None:
        return None
    rule = pack.clock_of(submission)
    span: Span | None = rule.span if rule else None
    end = dates.decided or dates.withdrawn
    last = max(end or as_of, as_of)
    days = pack.calendar(dates.received, last)
    unit = span.unit if span and span.unit is not Unit.MONTHS else Unit.CALENDAR
    if days is None and unit is Unit.WORKING:
        unit, span = Unit.CALENDAR, None
    stops = turns.stops_for_clock(dates.stops, start=dates.received, end=end or date.max)
    try:
        reading = _read(dates.received, end, as_of, span, stops, days, unit)
    except YearNotCovered:
        reading = _read(dates.received, end, as_of, None, stops, None, Unit.CALENDAR)
    except ClockRefused:
        return None
    return Read(
        reading,
        _words(span),
        rule.item.source if rule else "",
        rule.item.is_verified if rule else False,
        days.name if days else "",
    )


def _read(
    start: date,
    end: date | None,
    as_of: date,
    span: Span | None,
    stops: list[Stop],
    days: Calendar | None,
    unit: Unit,
) -> ClockReading:
    return read_clock(
        start_date=start,
        end_date=end,
        as_of=max(as_of, start),
        target=span,
        stops=[
            Turn(APPLICANT, one.start_date, None if one.end_date == date.max else one.end_date)
            for one in stops
        ],
        runs_for=BODY,
        calendar=days,
        unit=unit,
    )


def _words(span: Span | None) -> str:
    return str(span) if span else ""
