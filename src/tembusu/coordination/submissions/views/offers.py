"""What may be done with a submission now, by whom, and what may not, with the reason.

One table: each act with its form, who may, in which states it makes sense, and which action it calls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from tembusu.coordination.submissions import actions, forms, permissions
from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.rules.moves import OPEN
from tembusu.coordination.submissions.selectors import boards, pack, packages
from tembusu.coordination.submissions.terms import (
    Answer,
    Choice,
    Outcome,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act as Permission
from tembusu.foundation.people.terms import OrganisationKind
from tembusu.foundation.ui.terms import Act, Blocked

S = SubmissionState
Run = Callable[[Submission, Mapping[str, Any], Any, datetime], object]
REVIEWABLE = frozenset({S.SUBMITTED, S.RECEIVED, S.UNDER_REVIEW, S.QUERIED})


@dataclass(frozen=True, slots=True)
class Offer:
    """An act on a submission's page.

    :ivar of_body: the act is the body's, and only of one that works here
    :ivar of_mirror: only for a body that keeps its own system
    :ivar is_chief: the one act of its state, shown large where it is the reader's turn
    :ivar consequence: what it does, said beside the button
    """

    key: str
    label: str
    question: str
    form: type[forms.ActForm]
    permission: Permission
    states: frozenset[S]
    run: Run
    done: str
    consequence: str = ""
    of_body: bool = False
    of_mirror: bool = False
    of_board: bool = False
    is_chief: bool = False
    is_danger: bool = False
    when: Callable[[Submission, Any], bool] = lambda submission, user: True


def _decide(submission: Submission, given: Mapping[str, Any], by: Any, at: datetime) -> object:
    return actions.decide_submission(
        submission=submission, answer=answer_of(submission, given), by=by, at=at
    )


def answer_of(submission: Submission, given: Mapping[str, Any]) -> Answer:
    """Return what was decided as the action takes it, with the day of the next status report."""
    on: date = given["on"]
    return Answer(
        outcome=Outcome(given["outcome"]),
        on=on,
        reasons=given["reasons"],
        conditions=given["conditions"],
        valid_from=given["valid_from"],
        valid_to=given["valid_to"],
        renewal_due=pack.renewal_due(submission.obligation, given["valid_to"], on),
    )


def _choose(submission: Submission, given: Mapping[str, Any], by: Any, at: datetime) -> object:
    ways = {one.key: one for one in pack.reviews(given["on"], submission.body_id)}
    return actions.choose_review(
        submission=submission,
        way=given["way"],
        needs_meeting=ways[given["way"]].needs_meeting,
        reason=given["reason"],
        on=given["on"],
        by=by,
        at=at,
    )


def _assign(submission: Submission, given: Mapping[str, Any], by: Any, at: datetime) -> object:
    return actions.assign_reviewer(
        submission=submission,
        reviewer=people.person_by_id(given["reviewer"]),
        due_date=given["due_date"],
        by=by,
        at=at,
    )


def _review(submission: Submission, given: Mapping[str, Any], by: Any, at: datetime) -> object:
    return actions.write_review(
        review=submission.reviews.get(reviewer=by),
        recommendation=Choice(given["recommendation"]),
        comments=given["comments"],
        by=by,
        at=at,
    )


def _document(submission: Submission, given: Mapping[str, Any], by: Any, at: datetime) -> object:
    return actions.add_document(
        submission=submission,
        key=given["key"],
        label=given["label"],
        source=given["file"].file,
        name=given["file"].name,
        version_label=given["version_label"],
        version_date=given["version_date"],
        note=given["note"],
        by=by,
        at=at,
    )


def _package(submission: Submission, given: Mapping[str, Any], by: Any, at: datetime) -> object:
    return actions.change_package(
        submission=submission,
        site_ids=given.get("sites", []),
        sponsor_ids=given["sponsors"],
        lead_id=given["lead"],
        investigator_name=given["investigator_name"],
        reference_no=given["reference_no"],
        note=given["note"],
        by=by,
        at=at,
    )


def _has_review(submission: Submission, user: Any) -> bool:
    return submission.reviews.filter(reviewer=user, reviewed_at=None).exists()


def _by_chair(submission: Submission, user: Any) -> bool:
    is_board = submission.body.kind == OrganisationKind.ETHICS_BOARD
    return not is_board or submission.needs_meeting is False


OFFERS: tuple[Offer, ...] = (
    Offer(
        "submit", "Send it", "Send this submission?", forms.SubmitForm, permissions.SUBMIT,
        frozenset({S.DRAFT}),
        lambda one, given, by, at: actions.submit_submission(
            submission=one, on=given["on"], reference_no=given.get("reference_no", ""), by=by, at=at
        ),
        "It is sent. What was sent stays as it is.",
        "The body sees the package from now on. Nothing in it can be changed afterwards.",
        is_chief=True,
    ),
    Offer(
        "package", "Change what it covers", "What does it cover?", forms.PackageForm,
        permissions.PREPARE, frozenset({S.DRAFT}), _package, "The draft was changed.",
    ),
    Offer(
        "classify", "Class the amendment", "Is this amendment substantial?", forms.ClassifyForm,
        permissions.PREPARE, frozenset({S.DRAFT}),
        lambda one, given, by, at: actions.classify_amendment(
            submission=one, is_substantial=given["is_substantial"], reasons=given["reasons"],
            why=given["why"], is_urgent_safety=given["is_urgent_safety"], by=by, at=at,
        ),
        "The amendment is classed.",
        "A substantial amendment is approved before it is put into practice, except for an urgent "
        "safety measure.",
        when=lambda one, user: one.kind == SubmissionKind.AMENDMENT,
    ),
    Offer(
        "document", "Add a document", "Which document?", forms.DocumentForm, permissions.PREPARE,
        frozenset({S.DRAFT, S.QUERIED}), _document, "The document was added.",
        "Earlier versions stay. Each file is known by the SHA-256 of its content.",
    ),
    Offer(
        "set-aside", "Say that a document does not apply", "Which document does not apply?",
        forms.SetAsideForm, permissions.PREPARE, frozenset({S.DRAFT}),
        lambda one, given, by, at: actions.set_aside_document(
            submission=one, key=given["key"], reason=given["reason"], by=by, at=at
        ),
        "The document is marked as not applicable.",
    ),
    Offer(
        "answer", "Answer the queries", "What do you answer?", forms.AnswerForm,
        permissions.PREPARE, frozenset({S.QUERIED}),
        lambda one, given, by, at: actions.answer_queries(
            submission=one, answer=given["answer"], on=given["on"], by=by, at=at
        ),
        "The answer is there; the body’s clock runs again.",
        "The body’s clock runs again from the day of the answer.",
        is_chief=True,
    ),
    Offer(
        "outcome", "Record what the body answered", "What does the body’s record say?",
        forms.MirrorForm, permissions.RECORD_OUTCOME,
        frozenset(S) - {S.DRAFT, S.WITHDRAWN, S.LAPSED},
        lambda one, given, by, at: actions.record_outcome(
            submission=one, says=given["says"], by=by, at=at, renewal_due=given["renewal_due"]
        ),
        "What stands here follows the body’s record.",
        "The body’s own record holds. An empty field takes nothing back; each difference is kept in "
        "the trail.",
        of_mirror=True,
        is_chief=True,
    ),
    Offer(
        "receive", "Receive it as complete", "Is the package complete?", forms.NoteForm,
        permissions.SCREEN, frozenset({S.SUBMITTED}),
        lambda one, given, by, at: actions.receive_submission(
            submission=one, on=given["on"], note=given["note"], by=by, at=at
        ),
        "It is received; the board’s clock runs.",
        "The clock runs from the day on which the complete package was there.",
        of_body=True,
        is_chief=True,
    ),
    Offer(
        "return", "Send it back", "What is missing?", forms.ReasonForm, permissions.SCREEN,
        frozenset({S.SUBMITTED}),
        lambda one, given, by, at: actions.return_submission(
            submission=one, reason=given["reason"], on=given["on"], by=by, at=at
        ),
        "It went back to the applicant.",
        "The applicant completes the package and sends it again; no clock has run.",
        of_body=True,
    ),
    Offer(
        "review-way", "Choose the kind of review", "How is it reviewed?", forms.ReviewWayForm,
        permissions.SCREEN, frozenset({S.RECEIVED, S.UNDER_REVIEW}), _choose,
        "The kind of review is chosen.",
        of_body=True, of_board=True,
        is_chief=True,
    ),
    Offer(
        "queries", "Ask the applicant", "What is asked?", forms.QueriesForm, permissions.SCREEN,
        frozenset({S.RECEIVED, S.UNDER_REVIEW}),
        lambda one, given, by, at: actions.raise_queries(
            submission=one, text=given["text"], due_date=given["due_date"], on=given["on"], by=by,
            at=at,
        ),
        "The queries are out; the clock stands still.",
        "The clock stands still until the answer is here.",
        of_body=True,
    ),
    Offer(
        "assign", "Ask a member to read it", "Who reads it?", forms.AssignForm, permissions.SCREEN,
        REVIEWABLE - {S.SUBMITTED}, _assign, "The member was asked.",
        of_body=True, of_board=True,
    ),
    Offer(
        "review", "Write your review", "What do you recommend?", forms.ReviewForm,
        permissions.REVIEW, REVIEWABLE, _review, "Your review is written.",
        of_body=True, of_board=True,
        is_chief=True,
        when=_has_review,
    ),
    Offer(
        "interest", "Declare an interest", "Do you have an interest?", forms.InterestForm,
        permissions.REVIEW, REVIEWABLE,
        lambda one, given, by, at: actions.declare_interest(
            submission=one, has_interest=given["has_interest"], nature=given["nature"], by=by, at=at
        ),
        "Your declaration is kept.",
        "Who has an interest leaves for the item, takes no part in its vote and is not counted.",
        of_body=True, of_board=True,
    ),
    Offer(
        "decide", "Decide", "What is decided?", forms.DecideForm, permissions.DECIDE,
        frozenset({S.RECEIVED, S.UNDER_REVIEW}), _decide, "The decision is made.",
        "The applicant is told at once, and the study’s start-up goes on with it.",
        of_body=True,
        is_chief=True,
        when=_by_chair,
    ),
    Offer(
        "withdraw", "Withdraw it", "Withdraw this submission?", forms.ReasonForm,
        permissions.SUBMIT, OPEN,
        lambda one, given, by, at: actions.withdraw_submission(
            submission=one, reason=given["reason"], on=given["on"], by=by, at=at
        ),
        "It is withdrawn.",
        "It can’t be taken up again; a new submission can be made.",
        is_danger=True,
    ),
)  # fmt: skip
BY_KEY: Mapping[str, Offer] = {offer.key: offer for offer in OFFERS}


def why_not(user: Any, offer: Offer, submission: Submission) -> str:
    """Return why the user may not do the act, or '' where they may."""
    if offer.of_body:
        return people.why_not(user, offer.permission, submission.body.scope_id)
    if permissions.may_applicant(user, offer.permission, submission):
        return ""
    return permissions.why_not_for(offer.permission)


def makes_sense(user: Any, offer: Offer, submission: Submission) -> bool:
    """Say whether the act is one of this submission's now, whoever asks."""
    works_here = not submission.system
    is_board = submission.body.kind == OrganisationKind.ETHICS_BOARD
    if (offer.of_body and not works_here) or (offer.of_mirror and works_here):
        return False
    if offer.of_board and not is_board:
        return False
    return SubmissionState(submission.state) in offer.states and offer.when(submission, user)


def url_of(offer: Offer, submission: Submission) -> str:
    return reverse("submissions:act", args=[submission.pk, offer.key])


def of(user: Any, submission: Submission) -> tuple[list[tuple[Offer, Act]], list[Blocked]]:
    """Return what this user may do with the submission now, and what they may not, with the reason.

    What belongs to the other side is not offered to this one, and not shown as refused either.
    """
    allowed, refused = [], []
    on_body_side = people.holds(user, permissions.BODIES, submission.body.scope_id)
    for offer in OFFERS:
        if not makes_sense(user, offer, submission) or offer.of_body is not on_body_side:
            continue
        if why := why_not(user, offer, submission):
            refused.append(Blocked(offer.label, why))
        else:
            act = Act(offer.label, url_of(offer, submission), is_danger=offer.is_danger)
            allowed.append((offer, act))
    return allowed, refused


def members_to_ask(submission: Submission) -> list[tuple[int, str]]:
    """Return the members who may be asked to read a submission."""
    asked = set(submission.reviews.values_list("reviewer_id", flat=True))
    left = boards.with_interest(submission) | asked
    on = submission.received_date or submission.submitted_date
    found = boards.members(submission.body, on) if on else []
    return [(one.key, one.name) for one in found if one.key not in left]


def is_open(submission: Submission) -> bool:
    return packages.standing(submission).holder != "nobody"
