"""Whose turn a submission is, and what it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tembusu.coordination.submissions.rules import dates as date_rules
from tembusu.coordination.submissions.rules.moves import WITH_APPLICANT, WITH_BODY
from tembusu.coordination.submissions.terms import Dates, Holder, Stop, SubmissionState


@dataclass(frozen=True, slots=True)
class Standing:
    """On whose side a submission lies, and since which day."""

    holder: Holder
    since: date | None


def holder_of(state: SubmissionState) -> Holder:
    if state in WITH_BODY:
        return Holder.BODY
    return Holder.APPLICANT if state in WITH_APPLICANT else Holder.NOBODY


def standing(state: SubmissionState, dates: Dates, *, started: date) -> Standing:
    """Return who holds a submission, and since when.

    :param started: the day on which the draft was begun
    """
    holder = holder_of(state)
    if state is SubmissionState.DRAFT:
        return Standing(holder, started)
    if state is SubmissionState.QUERIED:
        unanswered = date_rules.overrun(dates.stops, as_of=date.max)
        return Standing(holder, unanswered.start_date if unanswered else dates.submitted)
    if holder is Holder.BODY:
        ends = [stop.end_date for stop in dates.stops if stop.end_date]
        return Standing(holder, max([*ends, *[d for d in (dates.submitted,) if d]], default=None))
    return Standing(holder, dates.decided or dates.withdrawn)


def stops_for_clock(stops: Sequence[Stop], *, start: date, end: date) -> list[Stop]:
    """Return the stops within [start, end), an open one cut at its end; the empty ones left out."""
    cut = [Stop(max(one.start_date, start), min(one.end_date or end, end)) for one in stops]
    return [one for one in cut if one.end_date is not None and one.start_date < one.end_date]
