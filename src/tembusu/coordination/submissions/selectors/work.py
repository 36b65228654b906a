"""What waits in submissions for a person: on them, on others, and what lapses."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import (
    AgendaItem,
    BoardSeat,
    Condition,
    Decision,
    Letter,
    Meeting,
    Review,
    Submission,
)
from tembusu.coordination.submissions.selectors import clocks, packages
from tembusu.coordination.submissions.terms import (
    MeetingState,
    Outcome,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.core.worklist import WorkItem, WorkKind
from tembusu.foundation.people import selectors as people

SOON = timedelta(days=120)  # how long before an approval ends its status report is shown as lapsing
MOST = 200  # of one kind, on one desk
S = SubmissionState


def waiting(user: Any, at: datetime) -> Sequence[WorkItem]:
    """Return all that waits in this room for a person, or on others for them."""
    today = localdate(at)
    return [
        *_applicant(user, today),
        *_conditions(user, today),
        *_renewals(user, today),
        *_body(user, today),
        *_members(user, today),
        *_chairs(user),
        *_letters(user),
    ]


def _rows(found: Any) -> list[Submission]:
    rows = found.select_related("study__index", "body", "decision").prefetch_related("queries")
    return list(rows.order_by("submitted_date", "pk")[:MOST])


def _called(one: Submission) -> str:
    what = one.label or one.obligation
    kind = SubmissionKind(one.kind)
    return (
        f"{one.number} {what}" if kind is SubmissionKind.INITIAL else f"{one.number} {kind.label}"
    )


def _url(one: Submission, key: str = "") -> str:
    if key:
        return reverse("submissions:act", args=[one.pk, key])
    return reverse("submissions:submission", args=[one.pk])


def _item(one: Submission, key: str, kind: WorkKind, what: str, act: str, **more: Any) -> WorkItem:
    since = more.pop("since", None) or packages.standing(one).since or one.started_at.date()
    return WorkItem(
        key=f"submissions.{key}:{one.pk}",
        kind=kind,
        what=what,
        record=_called(one),
        act=act,
        since=since,
        study=one.study.number,
        **{"url": _url(one), "holder": "", **more},
    )


def _applicant(user: Any, today: date) -> Iterator[WorkItem]:
    """Return queries to answer and drafts to send, and what one waits for on a body."""
    scopes = people.scopes_of(user, permissions.PREPARE.roles)
    if not scopes:
        return
    mine = Submission.objects.sent_by(user).filter(
        Q(study__scope_id__in=scopes)
        | Q(sponsors__organisation__scope_id__in=scopes)
        | Q(sites__study_site__scope_id__in=scopes)
    )
    states = [S.DRAFT, S.QUERIED, S.SUBMITTED, S.RECEIVED, S.UNDER_REVIEW]
    for one in _rows(mine.filter(state__in=states).distinct()):
        if one.state == S.QUERIED:
            opened = next((q for q in one.queries.all() if q.answered_date is None), None)
            yield _item(
                one, "answer", WorkKind.WAITS_ON_ME, f"Answer the queries of {one.body.name}",
                "Answer", holder=user.full_name, url=_url(one, "answer"),
                due=opened.due_date if opened else None,
            )  # fmt: skip
        elif one.state == S.DRAFT:
            yield _item(
                one, "send", WorkKind.WAITS_ON_ME, f"Complete and send it to {one.body.name}",
                "Go on", holder=user.full_name,
            )  # fmt: skip
        else:
            read = clocks.read(one, as_of=today)
            yield _item(
                one, "body", WorkKind.I_WAIT, f"Waits for {one.body.name}", "See",
                holder=one.body.name, due=read.reading.due_date if read else None,
            )  # fmt: skip


def _conditions(user: Any, today: date) -> Iterator[WorkItem]:
    scopes = people.scopes_of(user, permissions.PREPARE.roles)
    if not scopes:
        return
    seen = Submission.objects.sent_by(user).filter(state=S.DECIDED)
    rows = Condition.objects.filter(fulfilled_date=None, decision__submission__in=seen)
    for one in rows.select_related("decision__submission__study", "decision__submission__body")[
        :MOST
    ]:
        submission = one.decision.submission
        yield WorkItem(
            key=f"submissions.condition:{one.pk}",
            kind=WorkKind.WAITS_ON_ME,
            what=f"Fulfil a condition: {one.text[:90]}",
            record=_called(submission),
            url=reverse("submissions:condition", args=[submission.pk, one.pk]),
            act="Record it",
            holder=user.full_name,
            since=one.decision.decided_date,
            due=one.due_date,
            study=submission.study.number,
        )


def _renewals(user: Any, today: date) -> Iterator[WorkItem]:
    """Return approvals that end soon and that nothing renews yet."""
    if not people.scopes_of(user, permissions.PREPARE.roles):
        return
    seen = Submission.objects.sent_by(user).filter(
        state=S.DECIDED, kind__in=[SubmissionKind.INITIAL, SubmissionKind.RENEWAL]
    )
    rows = Decision.objects.filter(
        submission__in=seen, valid_to__gte=today, valid_to__lte=today + SOON
    ).exclude(submission__later__kind=SubmissionKind.RENEWAL)
    for one in rows.select_related("submission__study", "submission__body")[:MOST]:
        submission = one.submission
        start = reverse("submissions:start", args=[submission.study_id])
        yield _item(
            submission,
            "renewal",
            WorkKind.LAPSES,
            "Send the status report before the approval ends",
            "Begin it",
            holder=user.full_name,
            since=one.decided_date,
            due=one.renewal_due or one.valid_to,
            url=f"{start}?kind=renewal&earlier={submission.pk}",
        )


def _body(user: Any, today: date) -> Iterator[WorkItem]:
    """Return what a secretary or a regulator that works here has to do, and what it waits for."""
    scopes = people.scopes_of(user, permissions.SCREEN.roles)
    if not scopes:
        return
    mine = Submission.objects.received_by(user).filter(body__scope_id__in=scopes, system="")
    for one in _rows(mine.filter(state__in=[S.SUBMITTED, S.RECEIVED, S.QUERIED])):
        if one.state == S.QUERIED:
            yield _item(
                one, "applicant", WorkKind.I_WAIT, "Waits for the applicant’s answer", "See",
                holder="the applicant",
            )  # fmt: skip
            continue
        read = clocks.read(one, as_of=today)
        key = "receive" if one.state == S.SUBMITTED else "review-way"
        what = "Say whether it is complete" if one.state == S.SUBMITTED else "Choose its review"
        yield _item(
            one, key, WorkKind.WAITS_ON_ME, what, "Do it", holder=user.full_name,
            url=_url(one, key), due=read.reading.due_date if read else None,
        )  # fmt: skip


def _members(user: Any, today: date) -> Iterator[WorkItem]:
    """Return reviews to write, and items of open meetings to vote on."""
    reviews = Review.objects.filter(reviewer=user, reviewed_at=None).select_related(
        "submission__study", "submission__body"
    )
    for one in reviews.filter(submission__state__in=[S.RECEIVED, S.UNDER_REVIEW, S.QUERIED])[:MOST]:
        yield _item(
            one.submission, "review", WorkKind.WAITS_ON_ME, "Write your review", "Review",
            holder=user.full_name, since=localdate(one.assigned_at), due=one.due_date,
            url=_url(one.submission, "review"),
        )  # fmt: skip
    if not BoardSeat.objects.filter(person=user, to_date=None).exists():
        return
    items = AgendaItem.objects.filter(
        meeting__state=MeetingState.OPEN,
        confirmed_at=None,
        meeting__attendances__person=user,
        meeting__attendances__is_present=True,
    ).exclude(votes__person=user)
    items = items.exclude(
        submission__interests__person=user, submission__interests__has_interest=True
    )
    for each in items.select_related("meeting", "submission__study", "submission__body")[:MOST]:
        yield _item(
            each.submission, "vote", WorkKind.WAITS_ON_ME, "Vote on it", "Vote",
            holder=user.full_name, since=each.meeting.held_date, due=each.meeting.held_date,
            url=reverse("submissions:item", args=[each.meeting_id, each.pk]),
        )  # fmt: skip


def _chairs(user: Any) -> Iterator[WorkItem]:
    """Return decisions that need no meeting, and minutes that wait for the chair."""
    scopes = people.scopes_of(user, permissions.CHAIR_MEETING.roles)
    if not scopes:
        return
    alone = Submission.objects.filter(
        body__scope_id__in=scopes, state=S.UNDER_REVIEW, needs_meeting=False, system=""
    )
    for one in _rows(alone):
        yield _item(
            one, "decide", WorkKind.WAITS_ON_ME, "Decide it: no meeting is needed", "Decide",
            holder=user.full_name, url=_url(one, "decide"),
        )  # fmt: skip
    held = Meeting.objects.filter(board__scope_id__in=scopes, state=MeetingState.HELD)
    for meeting in held.select_related("board")[:MOST]:
        yield WorkItem(
            key=f"submissions.minutes:{meeting.pk}",
            kind=WorkKind.WAITS_ON_ME,
            what="Approve the minutes",
            record=f"{meeting.board.name}, {meeting.held_date.isoformat()}",
            url=reverse("submissions:minutes", args=[meeting.pk]),
            act="Read",
            holder=user.full_name,
            since=meeting.held_date,
        )


def _letters(user: Any) -> Iterator[WorkItem]:
    """Return decisions of which no letter was sent yet, and letters that were begun."""
    scopes = people.scopes_of(user, permissions.WRITE_LETTERS.roles)
    if not scopes:
        return
    told = Letter.objects.exclude(sent_at=None).values("submission_id")
    rows = Submission.objects.filter(body__scope_id__in=scopes, state=S.DECIDED, system="").exclude(
        pk__in=told
    )
    favourable = [one for one in Outcome if one is not Outcome.NOTED]
    for one in _rows(rows.filter(decision__outcome__in=favourable)):
        since = one.decision.decided_date
        yield _item(
            one, "letter", WorkKind.WAITS_ON_ME, "Send the letter of the decision", "Write",
            holder=user.full_name, since=since, url=reverse("submissions:letters", args=[one.pk]),
        )  # fmt: skip
