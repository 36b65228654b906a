"""Outcomes of bodies that keep their own system of record, by hand or from their extract.

The body's record holds: what it says is put over what stands here, each difference in the trail. The
table of moves is not asked, since nobody moves anything here; the dates must be possible all the same.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions import moving
from tembusu.coordination.submissions.models import Condition, Decision, QueryRound, Submission
from tembusu.coordination.submissions.rules import dates as date_rules
from tembusu.coordination.submissions.rules import mirror, moves
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import (
    Asked,
    Happening,
    Source,
    Stop,
    SubmissionState,
)
from tembusu.foundation.core import audit

FROM_EXTRACT = "From the body’s extract."


@audit.act
def record_outcome(
    *,
    submission: Submission,
    says: mirror.Mirrored,
    by: Any,
    at: datetime,
    source: Source = Source.BY_HAND,
    renewal_due: date | None = None,
    note: str = "",
) -> list[mirror.Differs]:
    """Put what a body's own record says over what stands here; return what differed.

    What the body says nothing of stays. Saying the same again changes nothing.

    :raises PermissionDenied: unless the user records outcomes of this study, or takes in extracts
    :raises SubmissionRefused: if the body works here, or what it says cannot all be true
    """
    _check_may(submission, source, by)
    submission = moving.locked(submission)
    moves.check_mirrored(system=submission.system, body=submission.body.name)
    stands = packages.stands(submission)
    wanted = mirror.over(says, stands)
    if wanted.submitted is None:
        raise SubmissionRefused(
            f"{submission.number} was not sent: give the day on which the body says that it came."
        )
    mirror.check_mirrored(wanted)
    date_rules.check_dates(wanted.dates(), today=localdate(at))
    differs = mirror.differences(stands, wanted)
    if not differs:
        submission.mirrored_at = at
        submission.save(update_fields=["mirrored_at"])
        audit.record("submissions.submission.confirmed", on=submission, by=by, at=at)
        return []
    _check_free(submission, wanted.reference_no)
    _put(submission, wanted, source=source, renewal_due=renewal_due, note=note, by=by, at=at)
    return differs


def _check_may(submission: Submission, source: Source, by: Any) -> None:
    """Who takes in extracts must see the submission too: a body only what was sent to it."""
    if source is Source.EXTRACT and packages.may_mirror(by, submission):
        return
    permissions.check_applicant(by, permissions.RECORD_OUTCOME, submission)


def _check_free(submission: Submission, reference_no: str) -> None:
    rows = Submission.objects.filter(body_id=submission.body_id, reference_no=reference_no)
    if reference_no and rows.exclude(pk=submission.pk).exists():
        raise SubmissionRefused(
            f"{reference_no} is the number of another submission to {submission.body.name}."
        )


def _put(
    submission: Submission,
    wanted: mirror.Mirrored,
    *,
    source: Source,
    renewal_due: date | None,
    note: str,
    by: Any,
    at: datetime,
) -> None:
    submission.reference_no = wanted.reference_no
    submission.submitted_date, submission.received_date = wanted.submitted, wanted.received
    submission.withdrawn_date = wanted.withdrawn
    if wanted.withdrawn and not submission.withdrawn_reason:
        submission.withdrawn_reason = note or "As the body’s record says."
    submission.was_sent, submission.mirrored_at = True, at
    _put_rounds(submission, wanted.stops, by=by, at=at)
    decision = _put_decision(submission, wanted, source, renewal_due, by=by, at=at)
    before = submission.state
    days = [day for day in (wanted.submitted, wanted.received, wanted.decided) if day]
    days += [day for stop in wanted.stops for day in (stop.start_date, stop.end_date) if day]
    days += [wanted.withdrawn] if wanted.withdrawn else []
    moving.moved(
        submission,
        mirror.state_of(wanted),
        Happening.MIRRORED,
        on=max(days),
        by=by,
        at=at,
        source=source,
        note=note or (FROM_EXTRACT if source is Source.EXTRACT else ""),
        change={one.field: [one.here, one.there] for one in mirror.differences(_none(), wanted)},
    )
    if decision is not None and (before != SubmissionState.DECIDED or decision.recorded_at == at):
        moving.announce_decision(submission, decision, at=at)


def _none() -> mirror.Mirrored:
    return mirror.Mirrored("")


def _put_rounds(submission: Submission, stops: Sequence[Stop], *, by: Any, at: datetime) -> None:
    """Make the rounds of queries those that the body names; texts that are here stay with their day."""
    rows = {one.raised_date: one for one in submission.queries.all()}
    for raised, row in rows.items():
        if raised not in {stop.start_date for stop in stops}:
            row.delete()
    last = max((row.number for row in rows.values()), default=0)
    # Answered ones first: two open ones at once would overlap in the database.
    for stop in sorted(stops, key=lambda one: one.end_date or date.max):
        held = rows.get(stop.start_date)
        if held is None:
            last += 1
            QueryRound.objects.create(
                submission=submission,
                number=last,
                text="Queries as the body’s record has them.",
                raised_date=stop.start_date,
                raised_at=at,
                raised_by=by,
                answered_date=stop.end_date,
                answered_at=at if stop.end_date else None,
            )
        elif held.answered_date != stop.end_date:
            held.answered_date = stop.end_date
            held.answered_at = at if stop.end_date else None
            held.save(update_fields=["answered_date", "answered_at"])


def _put_decision(
    submission: Submission,
    wanted: mirror.Mirrored,
    source: Source,
    renewal_due: date | None,
    *,
    by: Any,
    at: datetime,
) -> Decision | None:
    """Write the body's decision, or change what stands of it. Conditions that are here stay."""
    if wanted.outcome is None or wanted.decided is None:
        return None
    decision = Decision.objects.filter(submission=submission).first()
    said = (wanted.outcome, wanted.decided, wanted.valid_from, wanted.valid_to)
    if decision is None:
        decision = Decision(submission=submission, source=source)
    elif said == (
        decision.outcome,
        decision.decided_date,
        decision.valid_from,
        decision.valid_to,
    ):
        _put_conditions(decision, wanted.conditions)
        return decision
    decision.outcome, decision.decided_date, decision.valid_from, decision.valid_to = said
    decision.renewal_due = renewal_due or decision.renewal_due
    decision.source, decision.recorded_by, decision.recorded_at = source, by, at
    decision.save()
    _put_conditions(decision, wanted.conditions)
    return decision


def _put_conditions(decision: Decision, texts: Sequence[str]) -> None:
    held = set(decision.conditions.values_list("text", flat=True))
    last = decision.conditions.count()
    new = [Asked(text) for text in texts if text not in held]
    Condition.objects.bulk_create(
        Condition(decision=decision, number=last + no, text=one.text)
        for no, one in enumerate(new, start=1)
    )
