"""A board that works here: what waits, its meetings, its members."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.submissions import actions, forms, permissions
from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.rules import quorum
from tembusu.coordination.submissions.selectors import boards, bodies, clocks, pack, packages
from tembusu.coordination.submissions.terms import MeetingState, SubmissionState
from tembusu.coordination.submissions.views import labels
from tembusu.coordination.submissions.views.listing import clock_cell
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Cell, Column, Crumb, Tab

QUEUES: Sequence[tuple[str, str, tuple[SubmissionState, ...]]] = (
    ("To validate", "Say whether the package is complete.", (SubmissionState.SUBMITTED,)),
    ("To send to review", "Choose the kind of review.", (SubmissionState.RECEIVED,)),
    ("Under review", "By the chair, or on the way to a meeting.", (SubmissionState.UNDER_REVIEW,)),
    ("With the applicant", "Queries are open; the clock stands still.", (SubmissionState.QUERIED,)),
)
COLUMNS = (
    Column("Submission"),
    Column("Study"),
    Column("Kind of review"),
    Column("Clock"),
    Column("Due"),
)


def frame(request: HttpRequest, board: Any, current: str) -> dict[str, Any]:
    pk = board.pk
    pages = (
        ("queue", "Waiting", "submissions:board"),
        ("meetings", "Meetings", "submissions:meetings"),
        ("members", "Members", "submissions:members"),
        ("templates", "Letters", "submissions:templates"),
    )
    return {
        "board": board,
        "crumbs": [Crumb("Board", reverse("submissions:board_home")), Crumb(board.name)],
        "tabs": [
            Tab(label, reverse(name, args=[pk]), None, key == current) for key, label, name in pages
        ],
        "may_run": people.may(request.user, permissions.RUN_MEETING, board.scope_id),
        "may_write": people.may(request.user, permissions.WRITE_LETTERS, board.scope_id),
    }


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the reader's own board."""
    found = bodies.boards_of(request.user)
    if not found:
        raise Http404
    return redirect("submissions:board", pk=found[0].pk)


@login_required
@require_safe
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what waits at a board, by what is to be done with it."""
    board = boards.get_board(request.user, pk)
    rows = list(
        packages.list_submissions(request.user, body_ids=[board.pk])
        .filter(state__in=[one for _, _, states in QUEUES for one in states])
        .prefetch_related("queries")
        .order_by("submitted_date", "pk")
    )
    today = timezone.localdate()
    context = {
        **frame(request, board, "queue"),
        "columns": COLUMNS,
        "queues": [
            (title, hint, [_line(one, today) for one in rows if one.state in states])
            for title, hint, states in QUEUES
        ],
        "meeting": boards.next_meeting(board, on=today),
        "for_agenda": boards.waiting_for_agenda(board).count(),
        "lacking": composition(board, today),
    }
    return render(request, "submissions/boards/queue.html", context)


def composition(board: Any, today: Any) -> list[str]:
    """Return what the board lacks in its own composition."""
    rules = pack.board_rules(today, board.pk)
    rule = pack.quorum_rule(today, board.pk)
    return quorum.composition(rule, boards.members(board, today), n_least=rules.members_least or 0)


def _line(one: Submission, today: Any) -> list[object]:
    read = clocks.read(one, as_of=today)
    due = read.reading.due_date if read else None
    ways = pack.reviews(one.received_date or today, one.body_id) if one.review_way else []
    way = next((each.label for each in ways if each.key == one.review_way), "not chosen yet")
    return [
        Cell(labels.what(one), one.number, reverse("submissions:submission", args=[one.pk])),
        Cell(one.study.number, labels.title_of(one.study)[:80]),
        way,
        clock_cell(read),
        Cell("", badge=labels.due(due, today)) if due else "–",
    ]


@login_required
@require_safe
def meetings(request: HttpRequest, pk: int) -> HttpResponse:
    """List a board's meetings, newest first."""
    board = boards.get_board(request.user, pk)
    rows: Any = boards.list_meetings(request.user, board)[:100]
    context = {
        **frame(request, board, "meetings"),
        "columns": (
            Column("Meeting"),
            Column("Cut-off"),
            Column("Items", is_number=True),
            Column("Stands"),
        ),
        "rows": [
            [
                Cell(
                    wording.day(one.held_date),
                    one.place,
                    reverse("submissions:meeting", args=[one.pk]),
                ),
                wording.day(one.cut_off_date),
                one.n_items,
                Cell("", badge=labels.MEETINGS[MeetingState(one.state)]),
            ]
            for one in rows
        ],
        "for_agenda": boards.waiting_for_agenda(board).count(),
    }
    return render(request, "submissions/boards/meetings.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a meeting; cut-off and day are proposed by the pack's rule."""
    board = boards.get_board(request.user, pk)
    people.check(request.user, permissions.RUN_MEETING, board.scope_id)
    proposed = pack.next_meeting(board.pk, after=timezone.localdate())
    initial = (
        {"held_date": proposed.held_date, "cut_off_date": proposed.cut_off_date} if proposed else {}
    )
    form = forms.MeetingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan_meeting(
                board=board, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The meeting is planned. Build its agenda.")
            return redirect("submissions:meeting", pk=made.pk)
    context = {
        **frame(request, board, "meetings"),
        "heading": "Plan a meeting",
        "form": form,
        "submit_label": "Plan it",
        "cancel_url": reverse("submissions:meetings", args=[pk]),
        "help": "The next cut-off is proposed by the rule of the jurisdiction’s reference data."
        if proposed
        else "The reference data has no rule for cut-offs of this board: choose the days.",
    }
    return render(request, "submissions/boards/form.html", context)


@login_required
@require_safe
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who sits on a board, for what, and what its composition lacks."""
    board = boards.get_board(request.user, pk)
    today = timezone.localdate()
    context = {
        **frame(request, board, "members"),
        "columns": (Column("Member"), Column("Sits as"), Column("From outside")),
        "rows": [
            [
                Cell(one.name, "Chair" if one.is_chair else ""),
                ", ".join(sorted(one.qualities)) or "not said yet",
                "Yes" if one.is_external else "No",
            ]
            for one in boards.members(board, today)
        ],
        "lacking": composition(board, today),
        "rule": pack.quorum_rule(today, board.pk),
        "has_own_quorum": pack.has_own_quorum(today, board.pk),
    }
    return render(request, "submissions/boards/members.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def seat(request: HttpRequest, pk: int) -> HttpResponse:
    """Say for what a member sits."""
    board = boards.get_board(request.user, pk)
    people.check(request.user, permissions.RUN_MEETING, board.scope_id)
    today = timezone.localdate()
    known = sorted({one.quality for one in pack.board_rules(today, board.pk).seats if one.quality})
    more = [one for one in ("legal", "community") if one not in known]
    form = forms.SeatForm(
        request.POST or None,
        members=[(one.key, one.name) for one in boards.members(board, today)],
        qualities=[(one, one.capitalize()) for one in [*known, *more]],
        initial={"from_date": today},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.seat_member(
                board=board,
                person=people.person_by_id(given["person"]),
                qualities=given["qualities"],
                is_external=given["is_external"],
                from_date=given["from_date"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The seat is kept.")
            return redirect("submissions:members", pk=pk)
    context = {
        **frame(request, board, "members"),
        "heading": "A member’s seat",
        "form": form,
        "submit_label": "Keep it",
        "cancel_url": reverse("submissions:members", args=[pk]),
        "help": "The law asks of a board’s composition for members of several kinds. Who is chair or "
        "member at all is a role, granted under Organisations.",
    }
    return render(request, "submissions/boards/form.html", context)
