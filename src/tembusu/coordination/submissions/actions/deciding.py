"""A body's answer, of a body that works here; conditions; approvals that end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions import moving, reviewing
from tembusu.coordination.submissions.models import Condition, Decision, Occurrence, Submission
from tembusu.coordination.submissions.rules import moves
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import (
    Answer,
    Asked,
    Happening,
    Outcome,
    Source,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.core import audit
from tembusu.foundation.people.terms import OrganisationKind


@audit.act
def decide_submission(*, submission: Submission, answer: Answer, by: Any, at: datetime) -> Decision:
    """Decide a submission that no meeting is needed for: by the chair, or by the regulator.

    :raises PermissionDenied: unless the user decides for this body
    :raises MirrorRefused: if the body keeps its own system of record
    :raises SubmissionRefused: if the board must meet, somebody has an interest, queries are open, or
        the answer contradicts itself
    """
    permissions.check_body(by, permissions.DECIDE, submission)
    submission = moving.locked(submission)
    moves.check_worked_here(system=submission.system, body=submission.body.name)
    if submission.body.kind == OrganisationKind.ETHICS_BOARD:
        _check_by_chair(submission, by)
    return decided(submission, answer, source=Source.HERE, by=by, at=at)


def _check_by_chair(submission: Submission, by: Any) -> None:
    if submission.needs_meeting is None:
        raise SubmissionRefused("Choose first how it is reviewed: by the chair, or in a meeting.")
    if submission.needs_meeting:
        raise SubmissionRefused(
            f"{submission.number} is reviewed by the full board: put it on a meeting’s agenda. "
            "The chair confirms there what the members voted."
        )
    if submission.interests.filter(person=by, has_interest=True).exists():
        raise SubmissionRefused(
            "You declared an interest in this submission: somebody else decides it."
        )


def decided(
    submission: Submission, answer: Answer, *, source: Source, by: Any, at: datetime
) -> Decision:
    """Write a decision within an act that has locked the submission and checked the right."""
    moving.check_to(submission, SubmissionState.DECIDED)
    check_answer(answer)
    found = replace(
        moving.dates_of(submission),
        decided=answer.on,
        valid_from=answer.valid_from,
        valid_to=answer.valid_to,
    )
    moving.check_on(answer.on, found, at)
    decision = Decision.objects.create(
        submission=submission,
        outcome=answer.outcome,
        decided_date=answer.on,
        reasons=answer.reasons.strip(),
        valid_from=answer.valid_from,
        valid_to=answer.valid_to,
        renewal_due=answer.renewal_due,
        source=source,
        recorded_by=by,
        recorded_at=at,
    )
    set_conditions(decision, answer.conditions)
    moving.moved(
        submission,
        SubmissionState.DECIDED,
        Happening.DECIDED,
        on=answer.on,
        by=by,
        at=at,
        source=source,
        note=answer.reasons.strip(),
        change={"outcome": answer.outcome.value, "conditions": len(answer.conditions)},
    )
    moving.announce_decision(submission, decision, at=at)
    word = answer.outcome.label.lower()
    text = f"{submission.body.name}: {submission.number} is {word}."
    reviewing.tell_applicants(submission, text, by=by, at=at)
    return decision


def check_answer(answer: Answer) -> None:
    """Refuse an answer that contradicts itself.

    :raises SubmissionRefused: saying what is missing or too much
    """
    has = bool(answer.conditions)
    if answer.outcome is Outcome.APPROVED_WITH_CONDITIONS and not has:
        raise SubmissionRefused("Write the conditions, or approve without conditions.")
    if has and answer.outcome is not Outcome.APPROVED_WITH_CONDITIONS:
        raise SubmissionRefused(
            f"Conditions belong to “{Outcome.APPROVED_WITH_CONDITIONS.label}”, not to "
            f"“{answer.outcome.label}”."
        )
    if answer.outcome is Outcome.REFUSED and not answer.reasons.strip():
        raise SubmissionRefused("Say why it is refused; the applicant has a right to the reasons.")
    if answer.outcome is Outcome.REFUSED and (answer.valid_from or answer.valid_to):
        raise SubmissionRefused("What is refused has no validity. Leave the two dates empty.")
    for one in answer.conditions:
        if not one.text.strip():
            raise SubmissionRefused("A condition has no text. Write it, or remove its line.")
        if one.due_date is not None and one.due_date < answer.on:
            raise SubmissionRefused(
                f"The condition “{one.text.strip()[:60]}” is due before the decision is dated."
            )


def set_conditions(decision: Decision, conditions: Sequence[Asked]) -> None:
    Condition.objects.bulk_create(
        Condition(decision=decision, number=no, text=one.text.strip(), due_date=one.due_date)
        for no, one in enumerate(conditions, start=1)
    )


@audit.act
def fulfil_condition(
    *, condition: Condition, on: date, evidence: str, by: Any, at: datetime
) -> Condition:
    """Say that a condition is fulfilled, since when, and by what one sees it.

    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises SubmissionRefused: if it is fulfilled already, nothing shows it, or the day cannot be
    """
    submission = condition.decision.submission
    permissions.check_applicant(by, permissions.PREPARE, submission)
    submission = moving.locked(submission)
    condition = Condition.objects.select_for_update().get(pk=condition.pk)
    if condition.fulfilled_date is not None:
        raise SubmissionRefused("Somebody recorded this condition as fulfilled already.")
    if not evidence.strip():
        raise SubmissionRefused("Say by what one sees that it is fulfilled: a document, a letter.")
    if on < condition.decision.decided_date or on > localdate(at):
        raise SubmissionRefused(
            "A condition is fulfilled on a day between the decision and today. Mend the day."
        )
    condition.fulfilled_date, condition.fulfilled_at = on, at
    condition.fulfilled_by, condition.evidence = by, evidence.strip()
    condition.save()
    Occurrence.objects.create(
        submission=submission,
        what=Happening.CONDITION_FULFILLED,
        happened_on=on,
        recorded_at=at,
        recorded_by=by,
        source=Source.HERE,
        note=f"{condition.number}: {evidence.strip()}",
    )
    audit.record(
        "submissions.condition.fulfilled",
        on=submission,
        by=by,
        at=at,
        change={"condition": condition.text, "on": on.isoformat()},
        reason=evidence,
    )
    return condition


@audit.act
def lapse_submissions(*, by: Any, at: datetime) -> int:
    """Let approvals end whose last day is over and that no later approval carries on.

    No right of its own: the system does it each night.

    :return: how many lapsed
    """
    today = localdate(at)
    ended = Submission.objects.filter(
        state=SubmissionState.DECIDED,
        decision__valid_to__lt=today,
        kind__in=[SubmissionKind.INITIAL, SubmissionKind.RENEWAL],
    ).exclude(
        later__kind=SubmissionKind.RENEWAL,
        later__decision__outcome__in=[Outcome.APPROVED, Outcome.APPROVED_WITH_CONDITIONS],
        later__decision__valid_to__gte=today,
    )
    n = 0
    for one in ended.order_by("pk"):
        submission = moving.locked(one)
        last = Decision.objects.get(submission=submission).valid_to
        if submission.state != SubmissionState.DECIDED or last is None:
            continue
        moving.moved(
            submission,
            SubmissionState.LAPSED,
            Happening.LAPSED,
            on=last,
            by=by,
            at=at,
            note="The approval’s last day is over.",
        )
        n += 1
    if n == 0:
        return 0
    audit.record("submissions.lapsed", on=[], by=by, at=at, change={"n": n})
    return n
