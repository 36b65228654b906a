"""Whether the dates of a submission can all be true.

Every refusal names both dates, so that the reader knows which of the two to look up.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import Dates, Stop


class DatesRefused(SubmissionRefused):
    """Dates that contradict each other, or lie in the future."""


class OverlapRefused(DatesRefused):
    """Two rounds of queries that run at the same time: the clock can't be stopped twice."""


def said(day: date) -> str:
    """Return '3 Mar 2026', as refusals write a day."""
    return f"{day.day} {day:%b %Y}"


def check_dates(dates: Dates, *, today: date) -> None:
    """Refuse dates that contradict each other or have not come yet.

    :param today: the last day on which something can have happened. Validity may end later
    :raises OverlapRefused: naming the two rounds
    :raises DatesRefused: naming the two dates
    """
    _check_past(dates, today)
    steps = [
        ("was submitted", dates.submitted),
        ("was received", dates.received),
        ("was decided", dates.decided),
    ]
    present = [(what, day) for what, day in steps if day is not None]
    for (before, earlier), (after, later) in pairwise(present):
        if later < earlier:
            raise DatesRefused(
                f"It {after} on {said(later)}, and {before} on {said(earlier)}: the second can't "
                "come after the first. Mend the one that is wrong."
            )
    _check_answered(dates)
    check_stops(dates.stops, received=dates.received or dates.submitted, decided=dates.decided)
    _check_withdrawn(dates)
    _check_validity(dates)


def _check_past(dates: Dates, today: date) -> None:
    named = [
        ("submission", dates.submitted),
        ("receipt", dates.received),
        ("decision", dates.decided),
        ("withdrawal", dates.withdrawn),
        *(("query", stop.start_date) for stop in dates.stops),
        *(("answer", stop.end_date) for stop in dates.stops),
    ]
    for what, day in named:
        if day is not None and day > today:
            raise DatesRefused(
                f"The {what} is dated {said(day)}, and today is {said(today)}. "
                "Record what has happened; give a day up to today."
            )


def _check_answered(dates: Dates) -> None:
    if dates.submitted is None:
        for what, day in (("decision", dates.decided), ("receipt", dates.received)):
            if day is not None:
                raise DatesRefused(
                    f"There is a {what} of {said(day)} and no date of submission. "
                    "Nothing is answered before it is sent: give the day on which it was submitted."
                )


def check_stops(stops: Sequence[Stop], *, received: date | None, decided: date | None) -> None:
    """Refuse rounds of queries that overlap, run backwards or lie outside the review.

    :raises OverlapRefused: naming the two rounds
    :raises DatesRefused: naming the two dates
    """
    ordered = sorted(stops, key=lambda stop: (stop.start_date, stop.end_date or date.max))
    for stop in ordered:
        if stop.end_date is not None and stop.end_date < stop.start_date:
            raise DatesRefused(
                f"The answer is dated {said(stop.end_date)}, and its query {said(stop.start_date)}: "
                "an answer can't come before its query. Mend one of the two."
            )
        if received is not None and stop.start_date < received:
            raise DatesRefused(
                f"A query is dated {said(stop.start_date)}, and the submission came on "
                f"{said(received)}: nobody asks before it came. Mend one of the two."
            )
        if decided is not None and (stop.end_date or date.max) > decided:
            until = f"was answered on {said(stop.end_date)}" if stop.end_date else "has no answer"
            raise DatesRefused(
                f"The query of {said(stop.start_date)} {until}, and the decision is dated "
                f"{said(decided)}: give the day on which the query was answered or closed."
            )
    for first, second in pairwise(ordered):
        if first.end_date is None or second.start_date < first.end_date:
            raise OverlapRefused(
                f"The round of queries of {_span(first)} overlaps that of {_span(second)}: the clock "
                "can't be stopped twice at once. Join the two rounds, or mend a date."
            )


def _span(stop: Stop) -> str:
    end = said(stop.end_date) if stop.end_date else "no answer yet"
    return f"{said(stop.start_date)} ({end})"


def _check_withdrawn(dates: Dates) -> None:
    if dates.withdrawn is None:
        return
    if dates.submitted is not None and dates.withdrawn < dates.submitted:
        raise DatesRefused(
            f"The withdrawal is dated {said(dates.withdrawn)}, and the submission "
            f"{said(dates.submitted)}. Mend one of the two."
        )
    if dates.decided is not None:
        raise DatesRefused(
            f"It was decided on {said(dates.decided)}, and withdrawn on {said(dates.withdrawn)}: "
            "what is decided can't be withdrawn any more. Mend one of the two."
        )


def _check_validity(dates: Dates) -> None:
    if dates.valid_to is None and dates.valid_from is None:
        return
    if dates.decided is None:
        raise DatesRefused("It is said to be valid, and nothing says that it was decided.")
    start = dates.valid_from or dates.decided
    if dates.valid_to is not None and dates.valid_to < start:
        raise DatesRefused(
            f"It is valid from {said(start)} to {said(dates.valid_to)}: the end lies before the "
            "start. Mend one of the two."
        )


def overrun(stops: Sequence[Stop], *, as_of: date) -> Stop | None:
    """Return the round that is still unanswered on a day, if any."""
    open_ones = [s for s in stops if s.start_date <= as_of and s.end_date is None]
    return open_ones[0] if open_ones else None
