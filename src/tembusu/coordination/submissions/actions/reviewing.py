"""The body's side, of a body that works here: it receives, asks, reviews; the applicant answers."""

from datetime import date, datetime
from typing import Any

from django.db.models import Max

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions import moving
from tembusu.coordination.submissions.models import QueryRound, Review, Submission
from tembusu.coordination.submissions.rules import moves
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import (
    Choice,
    Happening,
    Source,
    Stop,
    SubmissionState,
)
from tembusu.foundation.core import audit, notices
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act


def _taken_up(submission: Submission, act: Act, by: Any) -> Submission:
    """Return the submission locked, after checking the right and that its body works here."""
    permissions.check_body(by, act, submission)
    submission = moving.locked(submission)
    moves.check_worked_here(system=submission.system, body=submission.body.name)
    return submission


@audit.act
def receive_submission(
    *, submission: Submission, on: date, by: Any, at: datetime, note: str = ""
) -> Submission:
    """Say that a package is complete: from this day the body's clock runs.

    :param on: the day on which the complete package was there
    :raises PermissionDenied: unless the user screens for this body
    :raises MirrorRefused: if the body keeps its own system of record
    :raises SubmissionRefused: if it is not waiting to be validated, or the dates contradict
    """
    submission = _taken_up(submission, permissions.SCREEN, by)
    moving.check_to(submission, SubmissionState.RECEIVED)
    submission.received_date = on
    moving.check_on(on, moving.dates_of(submission), at)
    return moving.moved(
        submission, SubmissionState.RECEIVED, Happening.RECEIVED, on=on, by=by, at=at, note=note
    )


@audit.act
def return_submission(
    *, submission: Submission, reason: str, on: date, by: Any, at: datetime
) -> Submission:
    """Send an incomplete package back to the applicant, who completes and sends it again.

    :raises PermissionDenied: unless the user screens for this body
    :raises SubmissionRefused: if it was received already, or nothing says what is missing
    """
    submission = _taken_up(submission, permissions.SCREEN, by)
    moving.check_to(submission, SubmissionState.DRAFT)
    if not reason.strip():
        raise SubmissionRefused("Say what is missing, so that the applicant can complete it.")
    moving.check_on(on, moving.dates_of(submission), at)
    submission.submitted_date = None
    moving.moved(
        submission,
        SubmissionState.DRAFT,
        Happening.RETURNED,
        on=on,
        by=by,
        at=at,
        note=reason.strip(),
    )
    tell_applicants(submission, f"{submission.number} came back: {reason.strip()}", by=by, at=at)
    return submission


@audit.act
def choose_review(
    *,
    submission: Submission,
    way: str,
    needs_meeting: bool,
    reason: str,
    on: date,
    by: Any,
    at: datetime,
) -> Submission:
    """Decide how a submission is reviewed, and begin: by the chair alone or in a meeting.

    :param way: the pack's key of a kind of review
    :param needs_meeting: as the pack says of that kind
    :raises PermissionDenied: unless the user screens for this body
    :raises SubmissionRefused: if it was not received, is decided, or no reason is given for a change
    """
    submission = _taken_up(submission, permissions.SCREEN, by)
    before = submission.review_way
    is_change = bool(before) and before != way
    if is_change and not reason.strip():
        raise SubmissionRefused("Say why the kind of review changes; the minutes will show it.")
    if submission.state == SubmissionState.RECEIVED:
        moving.check_to(submission, SubmissionState.UNDER_REVIEW)
    elif submission.state != SubmissionState.UNDER_REVIEW or before == way:
        says = SubmissionState(submission.state).says
        raise SubmissionRefused(
            f"{submission.number} {says}: its kind of review is not chosen now."
        )
    submission.review_way, submission.needs_meeting = way, needs_meeting
    submission.review_reason = reason.strip()
    moving.check_on(on, moving.dates_of(submission), at)
    return moving.moved(
        submission,
        SubmissionState.UNDER_REVIEW,
        Happening.REVIEW_BEGUN,
        on=on,
        by=by,
        at=at,
        note=reason.strip(),
        change={"review": [before, way]},
    )


@audit.act
def assign_reviewer(
    *, submission: Submission, reviewer: Any, due_date: date | None, by: Any, at: datetime
) -> Review:
    """Ask a member of the board to read a submission before it is decided.

    :raises PermissionDenied: unless the user screens for this body
    :raises SubmissionRefused: if the person reviews nothing here, was asked already, or has an interest
    """
    submission = _taken_up(submission, permissions.SCREEN, by)
    if submission.state not in moves.WITH_BODY | {SubmissionState.QUERIED}:
        says = SubmissionState(submission.state).says
        raise SubmissionRefused(f"{submission.number} {says}: nobody is asked to read it now.")
    if not people.may(reviewer, permissions.REVIEW, submission.body.scope_id):
        raise SubmissionRefused(f"{reviewer.full_name} is no member of {submission.body.name}.")
    if submission.interests.filter(person=reviewer, has_interest=True).exists():
        raise SubmissionRefused(
            f"{reviewer.full_name} declared an interest in {submission.number}. Ask another member."
        )
    if submission.reviews.filter(reviewer=reviewer).exists():
        raise SubmissionRefused(f"{reviewer.full_name} was asked to read it already.")
    review = Review.objects.create(
        submission=submission,
        reviewer=reviewer,
        assigned_by=by,
        assigned_at=at,
        due_date=due_date,
    )
    audit.record(
        "submissions.review.assigned",
        on=review,
        by=by,
        at=at,
        change={"reviewer": reviewer.full_name},
    )
    notices.notify(
        person=reviewer,
        text=f"You were asked to review {submission.number}.",
        url=f"/submissions/{submission.pk}/",
        at=at,
    )
    return review


@audit.act
def write_review(
    *, review: Review, recommendation: Choice, comments: str, by: Any, at: datetime
) -> Review:
    """Say what one makes of a submission that one was asked to read.

    :raises PermissionDenied: unless the user is a member of the board
    :raises SubmissionRefused: if somebody else was asked, it is decided, or nothing is said
    """
    submission = _taken_up(review.submission, permissions.REVIEW, by)
    review = Review.objects.select_for_update().get(pk=review.pk)
    if review.reviewer_id != by.pk:
        raise SubmissionRefused("Somebody else was asked for this review. Write your own.")
    if submission.state not in moves.WITH_BODY | {SubmissionState.QUERIED}:
        raise SubmissionRefused(f"{submission.number} is no longer under review.")
    if submission.interests.filter(person=by, has_interest=True).exists():
        raise SubmissionRefused("You declared an interest: you don’t review this submission.")
    if not comments.strip():
        raise SubmissionRefused("Say in a sentence on what the recommendation rests.")
    review.recommendation, review.comments = recommendation, comments.strip()
    review.reviewed_at = at
    review.save()
    audit.record(
        "submissions.review.written",
        on=review,
        by=by,
        at=at,
        change={"recommendation": recommendation.value},
    )
    return review


@audit.act
def raise_queries(
    *,
    submission: Submission,
    text: str,
    due_date: date | None,
    on: date,
    by: Any,
    at: datetime,
) -> QueryRound:
    """Ask the applicant; the body's clock stands still until the answer.

    :param on: the day on which the queries went out
    :raises PermissionDenied: unless the user screens for this body
    :raises OverlapRefused: if an earlier round is not answered by that day
    :raises SubmissionRefused: if nothing is asked, it is not received yet, or the dates contradict
    """
    submission = _taken_up(submission, permissions.SCREEN, by)
    return asked(submission, text=text, due_date=due_date, on=on, by=by, at=at)


def asked(
    submission: Submission, *, text: str, due_date: date | None, on: date, by: Any, at: datetime
) -> QueryRound:
    """Open a round of queries within an act that has locked the submission."""
    moving.check_to(submission, SubmissionState.QUERIED)
    if not text.strip():
        raise SubmissionRefused("Write what is asked, so that the applicant can answer it.")
    if due_date is not None and due_date < on:
        raise SubmissionRefused("The answer is due before it is asked for. Give a later day.")
    last = submission.queries.aggregate(last=Max("number"))["last"] or 0
    found = moving.dates_of(submission)
    stops = (*found.stops, Stop(on, None))
    moving.check_on(on, moving.replace_stops(found, stops), at)
    made = QueryRound.objects.create(
        submission=submission,
        number=last + 1,
        text=text.strip(),
        raised_date=on,
        raised_at=at,
        raised_by=by,
        due_date=due_date,
    )
    moving.moved(
        submission,
        SubmissionState.QUERIED,
        Happening.QUERIED,
        on=on,
        by=by,
        at=at,
        change={"round": made.number},
    )
    tell_applicants(submission, f"{submission.number} has queries to answer.", by=by, at=at)
    return made


@audit.act
def answer_queries(
    *, submission: Submission, answer: str, on: date, by: Any, at: datetime
) -> QueryRound:
    """Answer the queries that are open; the body's clock runs again.

    For a body with its own system this records on which day the answer was given there.

    :raises PermissionDenied: unless the user prepares submissions of this study
    :raises SubmissionRefused: if nothing is asked, nothing is said, or the dates contradict
    """
    permissions.check_applicant(by, permissions.PREPARE, submission)
    submission = moving.locked(submission)
    opened = submission.queries.select_for_update().filter(answered_date=None).first()
    if opened is None or submission.state != SubmissionState.QUERIED:
        raise SubmissionRefused(f"No query on {submission.number} waits for an answer.")
    if not answer.strip():
        raise SubmissionRefused("Write the answer; documents can be added to it beforehand.")
    opened.answer, opened.answered_date = answer.strip(), on
    opened.answered_at, opened.answered_by = at, by
    found = moving.dates_of(submission)
    stops = [*(one for one in found.stops if one.end_date), Stop(opened.raised_date, on)]
    moving.check_on(on, moving.replace_stops(found, stops), at)
    opened.save()
    moving.moved(
        submission,
        SubmissionState.UNDER_REVIEW,
        Happening.ANSWERED,
        on=on,
        by=by,
        at=at,
        source=Source.BY_HAND if submission.system else Source.HERE,
        change={"round": opened.number},
    )
    return opened


def tell_applicants(submission: Submission, text: str, *, by: Any, at: datetime) -> None:
    """Tell those who may answer for the submission, each once."""
    told = {}
    for scope in permissions.scopes_of_submission(submission):
        for person in people.holders(permissions.PREPARE.roles, scope):
            told[person.pk] = person
    for pk, person in sorted(told.items()):
        if by is None or pk != by.pk:
            url = f"/submissions/{submission.pk}/"
            notices.notify(person=person, text=text[:300], url=url, at=at)
