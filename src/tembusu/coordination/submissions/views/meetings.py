"""One meeting: its agenda, who attends, each item's vote and decision, its minutes."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tembusu.coordination.submissions import actions, forms, permissions
from tembusu.coordination.submissions.models import AgendaItem, Meeting
from tembusu.coordination.submissions.rules import quorum
from tembusu.coordination.submissions.selectors import boards, minutes, packages, starting
from tembusu.coordination.submissions.selectors import pack as packs
from tembusu.coordination.submissions.terms import Choice, MeetingState, Outcome
from tembusu.coordination.submissions.views import labels, offers, papers
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Act, Badge, Crumb, Shape, Tone, Turn


def frame(request: HttpRequest, meeting: Meeting) -> dict[str, Any]:
    board = meeting.board
    return {
        "meeting": meeting,
        "board": board,
        "crumbs": [
            Crumb(board.name, reverse("submissions:board", args=[board.pk])),
            Crumb("Meetings", reverse("submissions:meetings", args=[board.pk])),
            Crumb(
                wording.day(meeting.held_date), reverse("submissions:meeting", args=[meeting.pk])
            ),
        ],
        "marks": [labels.MEETINGS[MeetingState(meeting.state)]],
        "may_run": people.may(request.user, permissions.RUN_MEETING, board.scope_id),
        "may_chair": people.may(request.user, permissions.CHAIR_MEETING, board.scope_id),
        "may_vote": people.may(request.user, permissions.REVIEW, board.scope_id),
    }


@login_required
@require_safe
def meeting_page(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = boards.get_meeting(request.user, pk)
    shown = frame(request, meeting)
    there = boards.present(meeting)
    items = boards.agenda(meeting)
    keys = {one.key for one in there}
    context = {
        **shown,
        "turn": turn(meeting, shown, items),
        "items": [item_line(request.user, one, there) for one in items],
        "is_planned": meeting.state == MeetingState.PLANNED,
        "is_open": meeting.state == MeetingState.OPEN,
        **waiting(meeting, may_add=shown["may_run"] and meeting.state == MeetingState.PLANNED),
        "members": [
            (one, one.key in keys) for one in boards.members(meeting.board, meeting.held_date)
        ],
        "minutes": boards.minutes_of(meeting),
        "rule": packs.quorum_rule(meeting.held_date, meeting.board_id),
    }
    return render(request, "submissions/boards/meeting.html", context)


def waiting(meeting: Meeting, *, may_add: bool) -> dict[str, Any]:
    """Return what may be put on the agenda, as a form, and what came too late for it."""
    found = list(boards.waiting_for_agenda(meeting.board)) if may_add else []
    in_time = [
        one for one in found if one.received_date and one.received_date <= meeting.cut_off_date
    ]
    choices = [
        (
            one.pk,
            f"{one.number} {labels.title_of(one.study)[:90]}, complete {wording.day(one.received_date)}",
        )
        for one in in_time
    ]
    return {
        "agenda_form": forms.AgendaForm(waiting=choices) if choices else None,
        "late": [one for one in found if one not in in_time],
    }


def turn(meeting: Meeting, shown: dict[str, Any], items: list[AgendaItem]) -> Turn:
    """Return what is next in a meeting, and its one act."""
    pk, n_open = meeting.pk, sum(not one.is_closed for one in items)
    state = MeetingState(meeting.state)
    times = [
        ("Cut-off", wording.day(meeting.cut_off_date)),
        ("Meeting", wording.day(meeting.held_date)),
        ("Items", f"{len(items) - n_open} of {len(items)} done"),
    ]
    attendance = Act("Record who attends", reverse("submissions:attendance", args=[pk]))
    close = Act("End the meeting", reverse("submissions:close", args=[pk]), is_post=True)
    text = Act("Read the minutes", reverse("submissions:minutes", args=[pk]))
    if state is MeetingState.PLANNED:
        is_due = meeting.held_date <= timezone.localdate()
        act = attendance if shown["may_run"] and is_due else None
        note = "" if is_due else "Who attends is recorded on the day; the meeting is open then."
        return Turn("What is next", "The agenda, then the meeting", times, act, note=note)
    if state is MeetingState.OPEN:
        if n_open:
            head = f"{n_open} of the items wait for the board"
            return Turn("What is next", head, times, None, [attendance] if shown["may_run"] else [])
        return Turn(
            "What is next", "All items are done", times, close if shown["may_run"] else None
        )
    if state is MeetingState.HELD:
        return Turn("What is next", "The chair reads and approves the minutes", times, text)
    word = "The minutes are approved" if state is MeetingState.MINUTED else "It was cancelled"
    return Turn("What is next", word, times, text if state is MeetingState.MINUTED else None)


def item_line(user: Any, item: AgendaItem, there: list[Any]) -> dict[str, Any]:
    """Return an item as the agenda shows it."""
    return {
        "item": item,
        "title": labels.title_of(item.submission.study),
        "what": labels.what(item.submission),
        "badge": item_badge(item),
        "quorum": boards.quorum_of(item, there) if there and not item.is_closed else None,
        "interest": boards.own_interest(item.submission, user),
    }


def item_badge(item: AgendaItem) -> Badge:
    if item.is_put_off:
        return Badge("Put off", Tone.QUIET, Shape.PAUSE)
    if item.is_asked:
        return Badge("Applicant asked", Tone.TURN, Shape.PAUSE)
    if item.outcome:
        return labels.OUTCOMES[Outcome(item.outcome)]
    return Badge("Open", Tone.QUIET, Shape.RING)


def _done(request: HttpRequest, meeting_pk: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("submissions:meeting", pk=meeting_pk)


def _refused(request: HttpRequest, meeting_pk: int, refusal: Refusal) -> HttpResponse:
    messages.error(request, str(refusal))
    return redirect("submissions:meeting", pk=meeting_pk)


@login_required
@require_POST
def add_items(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the ticked submissions on the agenda."""
    meeting = boards.get_meeting(request.user, pk)
    known = boards.waiting_for_agenda(meeting.board)
    form = forms.AgendaForm(request.POST, waiting=[(one.pk, one.number) for one in known])
    if not form.is_valid():
        for fault in form.errors["row"]:
            messages.warning(request, str(fault))
        return redirect("submissions:meeting", pk=pk)
    found = list(packages.list_submissions(request.user).filter(pk__in=form.cleaned_data["row"]))
    try:
        made = actions.put_on_agenda(
            meeting=meeting, submissions=found, by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        return _refused(request, pk, refusal)
    return _done(request, pk, f"{len(made)} on the agenda.")


def _item(request: HttpRequest, pk: int, item_pk: int) -> AgendaItem:
    meeting = boards.get_meeting(request.user, pk)
    rows = AgendaItem.objects.select_related(
        "meeting__board", "submission__study__index", "submission__body"
    )
    return get_object_or_404(rows, pk=item_pk, meeting=meeting)


@login_required
@require_POST
def move(request: HttpRequest, pk: int, item_pk: int, way: str) -> HttpResponse:
    """Move an item up or down, or take it off the agenda."""
    item = _item(request, pk, item_pk)
    try:
        if way == "off":
            actions.take_off_agenda(item=item, by=request.user, at=timezone.now())
        elif way in ("up", "down"):
            actions.move_item(item=item, up=way == "up", by=request.user, at=timezone.now())
        else:
            raise Http404
    except Refusal as refusal:
        return _refused(request, pk, refusal)
    return redirect(f"{reverse('submissions:meeting', args=[pk])}#agenda")


@login_required
@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who attends and who is in the chair."""
    meeting = boards.get_meeting(request.user, pk)
    people.check(request.user, permissions.RUN_MEETING, meeting.board.scope_id)
    known = boards.members(meeting.board, meeting.held_date)
    there = [one.key for one in boards.present(meeting)]
    usual = next((one.key for one in known if one.is_chair), None)
    form = forms.AttendanceForm(
        request.POST or None,
        members=[(one.key, one.name) for one in known],
        initial={"present": there, "chair": meeting.chair_id or usual},
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_attendance(
                meeting=meeting,
                present_ids=form.cleaned_data["present"],
                chair_id=form.cleaned_data["chair"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, pk, "Attendance is recorded; the meeting is open.")
    context = {
        **frame(request, meeting),
        "heading": "Who attends",
        "form": form,
        "submit_label": "Record it",
        "cancel_url": reverse("submissions:meeting", args=[pk]),
        "help": "The meeting is open from then on: members declare interests and vote, item by item.",
    }
    return render(request, "submissions/boards/form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def item_page(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """One item: interests, quorum, votes; a member's own vote, the chair's confirmation."""
    item = _item(request, pk, item_pk)
    meeting = item.meeting
    there = boards.present(meeting)
    shown = frame(request, meeting)
    form = forms.ConfirmForm(
        request.POST if "way" in request.POST else None,
        submission=item.submission,
        today=meeting.held_date,
        initial=_initial(item),
    )
    if request.method == "POST" and "choice" in request.POST:
        return _vote(request, item)
    if request.method == "POST" and form.is_valid():
        try:
            _confirm(item, form.cleaned_data, request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, pk, f"{item.submission.number} is done.")
    return render(
        request, "submissions/boards/item.html", _item_context(request, item, there, shown, form)
    )


def _initial(item: AgendaItem) -> dict[str, Any]:
    return {
        "way": "decide",
        **starting.validity_proposed(item.submission, item.meeting.held_date),
    }


def _item_context(
    request: HttpRequest, item: AgendaItem, there: list[Any], shown: dict[str, Any], form: Any
) -> dict[str, Any]:
    submission, user = item.submission, request.user
    found = boards.quorum_of(item, there)
    votes = boards.tally_of(item, there)
    left = boards.with_interest(submission)
    declared = set(submission.interests.values_list("person_id", flat=True))
    own = next((one.choice for one in item.votes.all() if one.person_id == user.pk), "")
    majority = quorum.carried(votes)
    return {
        **shown,
        "item": item,
        "submission": submission,
        "title": labels.title_of(submission.study),
        "what": labels.what(submission),
        "badge": item_badge(item),
        "facts": papers.item_facts(item),
        "interests": list(submission.interests.select_related("person").filter(has_interest=True)),
        "reviews": list(submission.reviews.select_related("reviewer").exclude(reviewed_at=None)),
        "quorum": found,
        "votes": votes,
        "majority": majority.label if majority else "",
        "waiting_votes": [
            one.name
            for one in there
            if one.key not in left and one.key not in {v.person_id for v in item.votes.all()}
        ],
        "is_open": meeting_is_open(item),
        "may_cast": user.pk in {one.key for one in there} and user.pk not in left,
        "has_declared": user.pk in declared,
        "own_vote": Choice(own).label if own else "",
        "vote_form": forms.VoteForm(initial={"choice": own}),
        "form": form,
        "interest_url": offers.url_of(offers.BY_KEY["interest"], submission),
        "is_synthetic": settings.TEMBUSU_SYNTHETIC,
    }


def meeting_is_open(item: AgendaItem) -> bool:
    return item.meeting.state == MeetingState.OPEN and not item.is_closed


def _vote(request: HttpRequest, item: AgendaItem) -> HttpResponse:
    form = forms.VoteForm(request.POST)
    back = redirect("submissions:item", pk=item.meeting_id, item_pk=item.pk)
    if not form.is_valid():
        messages.error(request, "Choose how you vote.")
        return back
    try:
        actions.cast_vote(
            item=item,
            choice=Choice(form.cleaned_data["choice"]),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Your vote is cast. You may change it until the chair confirms.")
    return back


def _confirm(item: AgendaItem, given: dict[str, Any], by: Any) -> None:
    at, said = timezone.now(), given["discussion"]
    if given["way"] == "put_off":
        actions.put_off_item(item=item, discussion=said, by=by, at=at)
    elif given["way"] == "ask":
        actions.ask_from_meeting(
            item=item, text=given["text"], due_date=given["due_date"], discussion=said, by=by, at=at
        )
    else:
        answer = offers.answer_of(item.submission, given)
        actions.confirm_decision(item=item, answer=answer, discussion=said, by=by, at=at)


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the meeting, with a draft of its minutes."""
    meeting = boards.get_meeting(request.user, pk)
    try:
        actions.close_meeting(
            meeting=meeting, minutes=minutes.draft(meeting), by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        return _refused(request, pk, refusal)
    messages.success(request, "The meeting has ended. A draft of the minutes is written.")
    return redirect("submissions:minutes", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def minutes_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the minutes; the secretary edits them, the chair approves them."""
    meeting = boards.get_meeting(request.user, pk)
    held = boards.minutes_of(meeting)
    if held is None:
        raise Http404
    shown = frame(request, meeting)
    form = forms.MinutesForm(
        request.POST or None, initial={"body": held.body, "revision": held.revision}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if "approve" in request.POST:
                actions.approve_minutes(
                    minutes=held, revision=given["revision"], by=request.user, at=timezone.now()
                )
                said = "The minutes are approved. They do not change any more."
            else:
                actions.edit_minutes(minutes=held, **given, by=request.user, at=timezone.now())
                said = "The minutes are saved."
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("submissions:minutes", pk=pk)
    context = {
        **shown,
        "minutes": held,
        "form": form,
        "may_edit": shown["may_run"] and held.approved_at is None,
        "may_approve": shown["may_chair"] and held.approved_at is None,
    }
    return render(request, "submissions/boards/minutes.html", context)


@login_required
@require_safe
def minutes_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the minutes as PDF."""
    meeting = boards.get_meeting(request.user, pk)
    held = boards.minutes_of(meeting)
    if held is None:
        raise Http404
    return papers.minutes_response(meeting, held)
