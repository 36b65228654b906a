"""What every act on a submission does alike: lock it, move it, write down what happened, announce it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.submissions.models import Decision, Occurrence, Submission
from tembusu.coordination.submissions.rules import dates as date_rules
from tembusu.coordination.submissions.rules.moves import SUBMISSION_MOVES, SubmissionRefused
from tembusu.coordination.submissions.terms import (
    SUBMISSION_CHANGED,
    SUBMISSION_DECIDED,
    Dates,
    Happening,
    Source,
    Stop,
    SubmissionState,
)
from tembusu.foundation.core import audit, outbox, states


class StaleSubmission(SubmissionRefused):
    """Somebody else moved the submission meanwhile."""


def locked(submission: Submission) -> Submission:
    """Return the submission as it stands now, locked until the act ends."""
    rows = Submission.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("study", "body").get(pk=submission.pk)


def dates_of(submission: Submission) -> Dates:
    """Return when what happened to a submission, as the rules read it."""
    decision = Decision.objects.filter(submission=submission).first()
    rounds = submission.queries.order_by("number")
    return Dates(
        submitted=submission.submitted_date,
        received=submission.received_date,
        stops=tuple(Stop(one.raised_date, one.answered_date) for one in rounds),
        decided=decision.decided_date if decision else None,
        withdrawn=submission.withdrawn_date,
        valid_from=decision.valid_from if decision else None,
        valid_to=decision.valid_to if decision else None,
    )


def replace_stops(dates: Dates, stops: Sequence[Stop]) -> Dates:
    """Return the dates with these rounds of queries."""
    return replace(dates, stops=tuple(stops))


def check_on(on: date, dates: Dates, at: datetime) -> None:
    """Refuse dates that cannot all be true.

    :param on: the day of what is being recorded; part of ``dates`` already
    :raises DatesRefused: naming the two dates
    """
    today = localdate(at)
    if on > today:
        raise date_rules.DatesRefused(
            f"This is dated {date_rules.said(on)}, and today is {date_rules.said(today)}. "
            "Record what has happened; give a day up to today."
        )
    date_rules.check_dates(dates, today=today)


def check_to(submission: Submission, to: SubmissionState) -> None:
    """Refuse a move that the table does not hold.

    :raises StaleSubmission: where the submission has moved there already
    :raises IllegalMove: naming both states
    """
    present = SubmissionState(submission.state)
    if present is to and to not in SUBMISSION_MOVES[present]:
        raise StaleSubmission(
            f"{submission.number} {present.says} already: somebody was faster. Reload the page."
        )
    states.check_move(SUBMISSION_MOVES, present=present, to=to)


def moved(
    submission: Submission,
    to: SubmissionState,
    what: Happening,
    *,
    on: date,
    by: Any,
    at: datetime,
    source: Source = Source.HERE,
    note: str = "",
    change: Mapping[str, Any] | None = None,
) -> Submission:
    """Save the new state, write down what happened, audit and announce it.

    :param on: the day on which it happened; the day of recording is that of ``at``
    """
    before = submission.state
    submission.state, submission.changed_at = to, at
    submission.save()
    Occurrence.objects.create(
        submission=submission,
        what=what,
        happened_on=on,
        recorded_at=at,
        recorded_by=by,
        source=source,
        note=note,
    )
    facts: dict[str, Any] = {"state": [before, to.value], "on": on.isoformat(), **(change or {})}
    if source is not Source.HERE:
        facts["source"] = source.value
    audit.record(
        f"submissions.submission.{what.value}",
        on=[audit.ref(submission), audit.ref(submission.study)],
        by=by,
        at=at,
        change=facts,
        reason=note,
    )
    announce(submission, at=at)
    return submission


def announce(submission: Submission, *, at: datetime) -> None:
    """Tell higher rooms that a submission moved."""
    payload = {
        "submission_id": submission.pk,
        "study_id": submission.study_id,
        "state": str(submission.state),
        "site_ids": site_ids(submission),
    }
    outbox.write(SUBMISSION_CHANGED, payload, at=at)


def announce_decision(submission: Submission, decision: Decision, *, at: datetime) -> None:
    """Tell higher rooms what a body decided."""
    payload = {
        "submission_id": submission.pk,
        "study_id": submission.study_id,
        "kind": str(submission.kind),
        "obligation": submission.obligation,
        "decision": str(decision.outcome),
        "decided_date": decision.decided_date.isoformat(),
        "site_ids": site_ids(submission),
    }
    outbox.write(SUBMISSION_DECIDED, payload, at=at)


def site_ids(submission: Submission) -> list[int]:
    rows = submission.sites.order_by("study_site_id")
    return list(rows.values_list("study_site_id", flat=True))
