"""Submissions for programs: those that the token's person may see, page by page or one by one."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, P, PathEx, Query, Router, Schema
from ninja.errors import HttpError

from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import SubmissionKind, SubmissionState
from tembusu.foundation.people.api import (
    LARGEST_ID,
    REFUSALS,
    Problem,
    TokenAuth,
    TokenThrottle,
)
from tembusu.foundation.people.terms import TokenScope
from tembusu.foundation.ui import paging

router = Router(tags=["submissions"])
READS = TokenThrottle("300/m", "submissions-read")
MOST_ROWS = 200
NEWEST = paging.Sort("changed", "changed_at", paging.Kind.MOMENT, is_ascending=False)
SubmissionId = PathEx[
    int, P(ge=1, le=LARGEST_ID, description="`id` of the submission, as a list gives it")
]


class SubmissionQuery(Schema):
    """What a list is narrowed to."""

    q: str = Field("", description="Words of its numbers, its study or its body")
    state: SubmissionState | None = Field(None, description="Where it stands")
    kind: SubmissionKind | None = Field(None, description="What is sent")
    study: int | None = Field(None, ge=1, le=LARGEST_ID, description="`id` of a study")
    cursor: str = Field("", description="`next` or `previous` of a page of the same list")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Submissions on a page")


class RoundShown(Schema):
    """A round of queries: the body's clock stands still in between."""

    raised_date: date
    answered_date: date | None


class DecisionShown(Schema):
    """What the body answered."""

    outcome: str
    decided_date: date
    valid_from: date | None
    valid_to: date | None
    renewal_due: date | None
    conditions: list[str]
    source: str = Field(description="`here`, `by_hand` or `extract`")


class SubmissionRow(Schema):
    """A submission in a list."""

    id: int
    number: str
    study_id: int
    study_number: str
    body: str
    body_id: int
    kind: str
    obligation: str
    state: str
    outcome: str
    reference_no: str
    submitted_date: date | None
    received_date: date | None
    changed_at: datetime
    is_mirror: bool = Field(description="Whether the body keeps its own system of record")


class SubmissionShown(SubmissionRow):
    """One submission, with its queries, its decision and the sites that it covers."""

    site_ids: list[int]
    queries: list[RoundShown]
    decision: DecisionShown | None


class SubmissionPage(Schema):
    """A page of submissions, the last moved first."""

    submissions: list[SubmissionRow]
    count: int
    is_count_capped: bool
    next: str
    previous: str


@router.get(
    "/submissions",
    response={200: SubmissionPage, **REFUSALS},
    auth=TokenAuth(TokenScope.STUDIES_READ),
    throttle=READS,
    operation_id="list_submissions",
    summary="List submissions to boards and regulators",
)
def list_submissions(request: HttpRequest, query: Query[SubmissionQuery]) -> Any:
    if "\0" in query.q:
        raise HttpError(
            400, "A value holds the character NUL, which no text here has. Take it out."
        )
    rows = packages.list_submissions(
        request.user,
        states=[query.state] if query.state else (),
        kinds=[query.kind] if query.kind else (),
        text=query.q,
    )
    if query.study is not None:
        rows = rows.filter(study_id=query.study)
    count = paging.count_capped(rows)
    try:
        page = paging.fetch(rows, NEWEST, after=query.cursor, size=query.limit, count=count)
    except paging.CursorError as refusal:
        raise HttpError(400, str(refusal)) from refusal
    return {
        "submissions": [row_of(one) for one in page.rows],
        "count": count.n,
        "is_count_capped": count.is_capped,
        "next": page.next,
        "previous": page.previous,
    }


def row_of(one: Submission) -> dict[str, Any]:
    return {
        "id": one.pk,
        "number": one.number,
        "study_id": one.study_id,
        "study_number": one.study.number,
        "body": one.body.name,
        "body_id": one.body_id,
        "kind": one.kind,
        "obligation": one.obligation,
        "state": one.state,
        "outcome": packages.outcome_of(one),
        "reference_no": one.reference_no,
        "submitted_date": one.submitted_date,
        "received_date": one.received_date,
        "changed_at": one.changed_at,
        "is_mirror": bool(one.system),
    }


@router.get(
    "/submissions/{submission_id}",
    response={200: SubmissionShown, 404: Problem, **REFUSALS},
    auth=TokenAuth(TokenScope.STUDIES_READ),
    throttle=READS,
    operation_id="get_submission",
    summary="Read one submission",
)
def get_submission(request: HttpRequest, submission_id: SubmissionId) -> Any:
    one = packages.get_submission(request.user, submission_id)
    decision = packages.decision_of(one)
    shown: dict[str, Any] | None = None
    if decision is not None:
        texts = decision.conditions.order_by("number").values_list("text", flat=True)
        shown = {
            "outcome": decision.outcome,
            "decided_date": decision.decided_date,
            "valid_from": decision.valid_from,
            "valid_to": decision.valid_to,
            "renewal_due": decision.renewal_due,
            "conditions": list(texts),
            "source": decision.source,
        }
    rounds = one.queries.order_by("number")
    return {
        **row_of(one),
        "site_ids": sorted(one.sites.values_list("study_site_id", flat=True)),
        "queries": [
            {"raised_date": q.raised_date, "answered_date": q.answered_date} for q in rounds
        ],
        "decision": shown,
    }
