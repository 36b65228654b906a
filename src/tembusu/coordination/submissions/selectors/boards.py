"""A board that works here: its members, its queue, its meetings, scoped to a user."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import (
    AgendaItem,
    Attendance,
    BoardSeat,
    BodyDesk,
    Interest,
    Meeting,
    Minutes,
    Review,
    Submission,
    Vote,
)
from tembusu.coordination.submissions.rules import quorum
from tembusu.coordination.submissions.selectors import pack
from tembusu.coordination.submissions.terms import (
    Choice,
    MeetingState,
    Member,
    Quorum,
    SubmissionState,
    Tally,
)
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Role


def get_board(user: Any, pk: int) -> Any:
    """Return a board that works here and that this user belongs to, or 404."""
    desk = get_object_or_404(
        BodyDesk.objects.visible_to(user).select_related("body__scope"),
        body_id=pk,
        works_here=True,
        body__scope_id__in=permissions.board_scopes(user),
    )
    return desk.body


def get_meeting(user: Any, pk: int) -> Meeting:
    """Return a meeting of a board of the user's, or 404."""
    rows = Meeting.objects.visible_to(user).select_related("board", "chair")
    return get_object_or_404(rows, pk=pk)


def list_meetings(user: Any, board: Any) -> QuerySet[Meeting]:
    """Return a board's meetings, newest first, with how many items each has."""
    rows = Meeting.objects.visible_to(user).filter(board=board).select_related("chair")
    return rows.annotate(n_items=Count("items")).order_by("-held_date", "-pk")


def members(board: Any, on: date) -> list[Member]:
    """Return who sits on a board on a day: by a role there, with what their seat says of them."""
    seats = {
        one.person_id: one
        for one in BoardSeat.objects.filter(board=board, from_date__lte=on).filter(
            Q(to_date=None) | Q(to_date__gte=on)
        )
    }
    found: dict[int, Member] = {}
    for role in (Role.BOARD_CHAIR, Role.BOARD_MEMBER):
        for person in people.holders([role], board.scope_id):
            seat = seats.get(person.pk)
            found.setdefault(
                person.pk,
                Member(
                    person.pk,
                    person.full_name,
                    frozenset(seat.qualities) if seat else frozenset(),
                    bool(seat and seat.is_external),
                    is_chair=role is Role.BOARD_CHAIR,
                ),
            )
    return sorted(found.values(), key=lambda one: (not one.is_chair, one.name))


def present(meeting: Meeting) -> list[Member]:
    """Return the members who attend a meeting; whoever was named to chair it is in the chair."""
    there = set(
        Attendance.objects.filter(meeting=meeting, is_present=True).values_list(
            "person_id", flat=True
        )
    )
    found = [one for one in members(meeting.board, meeting.held_date) if one.key in there]
    return [
        Member(one.key, one.name, one.qualities, one.is_external, one.key == meeting.chair_id)
        for one in found
    ]


def agenda(meeting: Meeting) -> list[AgendaItem]:
    """Return a meeting's items in their order, with what each page shows of them."""
    rows = meeting.items.select_related(
        "submission__study__index", "submission__body", "submission__decision", "confirmed_by"
    ).prefetch_related(
        Prefetch("votes", Vote.objects.select_related("person").order_by("person__full_name")),
        Prefetch("submission__interests", Interest.objects.select_related("person")),
        Prefetch("submission__reviews", Review.objects.select_related("reviewer")),
    )
    return list(rows.order_by("position", "pk"))


def with_interest(submission: Submission) -> set[int]:
    """Return who declared an interest in a submission."""
    rows = Interest.objects.filter(submission=submission, has_interest=True)
    return set(rows.values_list("person_id", flat=True))


def quorum_of(item: AgendaItem, there: Iterable[Member]) -> Quorum:
    """Return whether an item has its quorum among those who attend."""
    rule = pack.quorum_rule(item.meeting.held_date, item.meeting.board_id)
    return quorum.judge(rule, present=list(there), with_interest=with_interest(item.submission))


def tally_of(item: AgendaItem, there: Iterable[Member]) -> Tally:
    left = with_interest(item.submission)
    votes: Mapping[int, Choice] = {one.person_id: Choice(one.choice) for one in item.votes.all()}
    return quorum.tally(votes, taking_part={one.key for one in there} - left)


def waiting_for_agenda(board: Any) -> QuerySet[Submission]:
    """Return what is under review by the full board and on no agenda that is still to be held."""
    planned = AgendaItem.objects.filter(
        submission=OuterRef("pk"),
        meeting__state__in=[MeetingState.PLANNED, MeetingState.OPEN],
    )
    rows = Submission.objects.filter(
        body=board, state=SubmissionState.UNDER_REVIEW, needs_meeting=True
    )
    return (
        rows.exclude(Exists(planned))
        .select_related("study__index", "body")
        .order_by("received_date", "pk")
    )


def next_meeting(board: Any, *, on: date) -> Meeting | None:
    """Return the next meeting that is still to be held."""
    rows = Meeting.objects.filter(
        board=board, state__in=[MeetingState.PLANNED, MeetingState.OPEN], held_date__gte=on
    )
    return rows.order_by("held_date").first()


def minutes_of(meeting: Meeting) -> Minutes | None:
    return Minutes.objects.filter(meeting=meeting).select_related("approved_by").first()


def own_interest(submission: Submission, user: Any) -> Interest | None:
    return Interest.objects.filter(submission=submission, person=user).first()
