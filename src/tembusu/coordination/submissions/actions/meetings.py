"""A board sits here: its meetings, agendas, interests, votes, decisions and minutes.

What a board does among its own is told in the ledger of its own records, never of the submission: the
submission's trail is read by the applicant too.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.timezone import localdate

from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.actions import deciding, moving, reviewing
from tembusu.coordination.submissions.models import (
    AgendaItem,
    Attendance,
    BoardSeat,
    Interest,
    Meeting,
    Minutes,
    Submission,
    Vote,
)
from tembusu.coordination.submissions.rules import dates as date_rules
from tembusu.coordination.submissions.rules import meetings as rules
from tembusu.coordination.submissions.rules import moves, quorum
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.selectors import boards, bodies
from tembusu.coordination.submissions.terms import (
    Answer,
    Choice,
    MeetingState,
    Outcome,
    Source,
    SubmissionState,
)
from tembusu.foundation.core import audit, states
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act


class StaleMinutes(SubmissionRefused):
    """Somebody else saved the minutes meanwhile."""


def _locked(meeting: Meeting, act: Act, by: Any, *allowed: MeetingState) -> Meeting:
    """Return the meeting locked, after checking the right and that its state allows the act."""
    people.check(by, act, meeting.board.scope_id)
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True)
    meeting = rows.select_related("board").get(pk=meeting.pk)
    if allowed and meeting.state not in allowed:
        word = MeetingState(meeting.state).label.lower()
        wanted = " or ".join(one.label.lower() for one in allowed)
        raise SubmissionRefused(f"This meeting is {word}; that is done while it is {wanted}.")
    return meeting


def _move(meeting: Meeting, to: MeetingState, by: Any, at: datetime) -> Meeting:
    present = MeetingState(meeting.state)
    states.check_move(moves.MEETING_MOVES, present=present, to=to)
    meeting.state = to
    meeting.save()
    audit.record(
        f"submissions.meeting.{to.value}",
        on=meeting,
        by=by,
        at=at,
        change={"state": [present.value, to.value]},
    )
    return meeting


@audit.act
def seat_member(
    *,
    board: Any,
    person: Any,
    qualities: Sequence[str],
    is_external: bool,
    from_date: date,
    by: Any,
    at: datetime,
) -> BoardSeat:
    """Say for what a member sits on a board from a day on; an earlier seat ends the day before.

    :param qualities: in the pack's words: medical, scientific, lay, …
    :raises PermissionDenied: unless the user runs the board's meetings
    :raises SubmissionRefused: if the person has no role on the board, or nothing is said of them
    """
    if by is not None:
        people.check(by, permissions.RUN_MEETING, board.scope_id)
    if not people.may(person, permissions.REVIEW, board.scope_id):
        raise SubmissionRefused(
            f"{person.full_name} is no member of {board.name}. Grant the role first."
        )
    if not qualities:
        raise SubmissionRefused("Say for what the member sits: medical, scientific, lay, …")
    held = BoardSeat.objects.select_for_update().filter(board=board, person=person, to_date=None)
    for one in held:
        if one.from_date >= from_date:
            raise SubmissionRefused(
                f"{person.full_name} has had this seat since {date_rules.said(one.from_date)}. "
                "Give a later day for the change."
            )
        one.to_date = date.fromordinal(from_date.toordinal() - 1)
        one.save(update_fields=["to_date"])
    seat = BoardSeat.objects.create(
        board=board,
        person=person,
        qualities=list(qualities),
        is_external=is_external,
        from_date=from_date,
    )
    audit.record(
        "submissions.board.seated",
        on=audit.ref(board),
        by=by,
        at=at,
        change={"member": person.full_name, "qualities": list(qualities)},
    )
    return seat


@audit.act
def plan_meeting(
    *, board: Any, held_date: date, cut_off_date: date, place: str, by: Any, at: datetime
) -> Meeting:
    """Plan a day on which a board sits, with the last day on which packages come before it.

    :raises PermissionDenied: unless the user runs the board's meetings
    :raises SubmissionRefused: if the board works elsewhere, meets that day already, or the days are
        the wrong way round
    """
    people.check(by, permissions.RUN_MEETING, board.scope_id)
    moves.check_worked_here(system=bodies.system_of(board, on=localdate(at)), body=board.name)
    if cut_off_date > held_date:
        raise SubmissionRefused(
            f"The cut-off {date_rules.said(cut_off_date)} lies after the meeting of "
            f"{date_rules.said(held_date)}. Members need time to read: give an earlier cut-off."
        )
    others = Meeting.objects.filter(board=board, held_date=held_date)
    if others.exclude(state=MeetingState.CANCELLED).exists():
        raise SubmissionRefused(f"{board.name} meets on {date_rules.said(held_date)} already.")
    meeting = Meeting.objects.create(
        board=board,
        held_date=held_date,
        cut_off_date=cut_off_date,
        place=place.strip(),
        planned_by=by,
        planned_at=at,
    )
    audit.record(
        "submissions.meeting.planned",
        on=meeting,
        by=by,
        at=at,
        change={"held": held_date.isoformat(), "cut_off": cut_off_date.isoformat()},
    )
    return meeting


@audit.act
def cancel_meeting(*, meeting: Meeting, reason: str, by: Any, at: datetime) -> Meeting:
    """Cancel a planned meeting; what stood on its agenda waits for another.

    :raises PermissionDenied: unless the user runs the board's meetings
    :raises SubmissionRefused: if it was opened already, or no reason is given
    """
    meeting = _locked(meeting, permissions.RUN_MEETING, by, MeetingState.PLANNED)
    if not reason.strip():
        raise SubmissionRefused("Say why the meeting is cancelled.")
    meeting.items.all().delete()
    return _move(meeting, MeetingState.CANCELLED, by, at)


@audit.act
def put_on_agenda(
    *, meeting: Meeting, submissions: Collection[Submission], by: Any, at: datetime
) -> list[AgendaItem]:
    """Put submissions on a meeting's agenda, after those that stand there.

    :raises PermissionDenied: unless the user runs the board's meetings
    :raises AgendaRefused: if one is not under review by the full board, or came after the cut-off
    """
    meeting = _locked(meeting, permissions.RUN_MEETING, by, MeetingState.PLANNED)
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    held = set(meeting.items.values_list("submission_id", flat=True))
    made = []
    for one in sorted(submissions, key=lambda each: (each.received_date or date.max, each.pk)):
        if one.body_id != meeting.board_id:
            raise rules.AgendaRefused(f"{one.number} was submitted to another body.")
        if one.pk in held:
            raise rules.AgendaRefused(f"{one.number} stands on this agenda already.")
        rules.check_may_come(
            number=one.number,
            state=SubmissionState(one.state),
            needs_meeting=one.needs_meeting,
            received=one.received_date,
            cut_off=meeting.cut_off_date,
        )
        last += 1
        made.append(AgendaItem.objects.create(meeting=meeting, submission=one, position=last))
    audit.record(
        "submissions.agenda.added",
        on=meeting,
        by=by,
        at=at,
        change={"submissions": [one.submission.number for one in made]},
    )
    return made


@audit.act
def take_off_agenda(*, item: AgendaItem, by: Any, at: datetime) -> None:
    """Take a submission off an agenda before the meeting.

    :raises PermissionDenied: unless the user runs the board's meetings
    :raises SubmissionRefused: if the meeting was opened already
    """
    meeting = _locked(item.meeting, permissions.RUN_MEETING, by, MeetingState.PLANNED)
    number = item.submission.number
    item.delete()
    audit.record(
        "submissions.agenda.removed",
        on=meeting,
        by=by,
        at=at,
        change={"submission": number},
    )


@audit.act
def move_item(*, item: AgendaItem, up: bool, by: Any, at: datetime) -> None:
    """Move an item one place up or down the agenda.

    :raises PermissionDenied: unless the user runs the board's meetings
    :raises SubmissionRefused: if the meeting was held already
    """
    meeting = _locked(
        item.meeting, permissions.RUN_MEETING, by, MeetingState.PLANNED, MeetingState.OPEN
    )
    order = list(meeting.items.order_by("position", "pk").values_list("pk", flat=True))
    for position, pk in enumerate(rules.moved(order, item.pk, up=up), start=1):
        AgendaItem.objects.filter(pk=pk).update(position=position)
    audit.record(
        "submissions.agenda.ordered",
        on=meeting,
        by=by,
        at=at,
        change={"submission": item.submission.number, "way": "up" if up else "down"},
    )


@audit.act
def record_attendance(
    *,
    meeting: Meeting,
    present_ids: Collection[int],
    chair_id: int | None,
    by: Any,
    at: datetime,
) -> Meeting:
    """Say who attends and who is in the chair; the meeting is open from then on.

    :raises PermissionDenied: unless the user runs the board's meetings
    :raises SubmissionRefused: if somebody is no member, or who chairs is not present
    """
    meeting = _locked(meeting, permissions.RUN_MEETING, by, MeetingState.PLANNED, MeetingState.OPEN)
    if meeting.held_date > localdate(at):
        raise SubmissionRefused(
            f"The meeting is planned for {date_rules.said(meeting.held_date)}: attendance is "
            "recorded on the day."
        )
    known = {one.key: one for one in boards.members(meeting.board, meeting.held_date)}
    if set(present_ids) - known.keys():
        raise SubmissionRefused("Somebody who is named as present is no member of this board.")
    if chair_id is not None and chair_id not in present_ids:
        raise SubmissionRefused("Who is in the chair must be present.")
    for key in known:
        Attendance.objects.update_or_create(
            meeting=meeting, person_id=key, defaults={"is_present": key in present_ids}
        )
    meeting.chair_id = chair_id
    names = sorted(known[key].name for key in present_ids)
    audit.record(
        "submissions.meeting.attendance", on=meeting, by=by, at=at, change={"present": names}
    )
    if meeting.state == MeetingState.PLANNED:
        return _move(meeting, MeetingState.OPEN, by, at)
    meeting.save(update_fields=["chair"])
    return meeting


@audit.act
def declare_interest(
    *, submission: Submission, has_interest: bool, nature: str, by: Any, at: datetime
) -> Interest:
    """Declare an interest in a submission, or that one has none.

    An interest that was declared stays until the submission is decided; a vote cast before it falls.

    :raises PermissionDenied: unless the user is a member of the body
    :raises SubmissionRefused: if it is decided, or the interest is not described
    """
    permissions.check_body(by, permissions.REVIEW, submission)
    submission = moving.locked(submission)
    if submission.state not in moves.OPEN - {SubmissionState.DRAFT}:
        says = SubmissionState(submission.state).says
        raise SubmissionRefused(f"{submission.number} {says}: interests are declared before that.")
    if has_interest and not nature.strip():
        raise SubmissionRefused("Say of what nature the interest is; the minutes will name it.")
    interest, _ = Interest.objects.update_or_create(
        submission=submission,
        person=by,
        defaults={
            "has_interest": has_interest,
            "nature": nature.strip() if has_interest else "",
            "declared_at": at,
        },
    )
    if has_interest:
        Vote.objects.filter(
            item__submission=submission, item__confirmed_at=None, person=by
        ).delete()
    audit.record(
        "submissions.interest.declared",
        on=interest,
        by=by,
        at=at,
        change={"has_interest": has_interest, "nature": nature.strip()},
    )
    return interest


@audit.act
def cast_vote(*, item: AgendaItem, choice: Choice, by: Any, at: datetime) -> Vote:
    """Vote on an item, or change one's vote until the chair confirms.

    :raises PermissionDenied: unless the user is a member of the board
    :raises VoteRefused: if the member is not present, or has an interest
    :raises QuorumRefused: naming what the item lacks
    :raises SubmissionRefused: if the meeting is not open, or the item is closed
    """
    meeting = _locked(item.meeting, permissions.REVIEW, by, MeetingState.OPEN)
    item = _open_item(item)
    there = boards.present(meeting)
    left = boards.with_interest(item.submission)
    quorum.check_may_vote(by.pk, present=there, with_interest=left)
    quorum.check_quorum(boards.quorum_of(item, there))
    if not Interest.objects.filter(submission=item.submission, person=by).exists():
        raise quorum.VoteRefused("Declare first whether you have an interest in this submission.")
    vote, _ = Vote.objects.update_or_create(
        item=item, person=by, defaults={"choice": choice, "cast_at": at}
    )
    audit.record(
        "submissions.vote.cast",
        on=[audit.ref(item), audit.ref(meeting)],
        by=by,
        at=at,
        change={"submission": item.submission.number},
    )
    return vote


def _open_item(item: AgendaItem) -> AgendaItem:
    rows = AgendaItem.objects.select_for_update(of=("self",))
    item = rows.select_related("submission__study", "submission__body", "meeting__board").get(
        pk=item.pk
    )
    if item.is_closed:
        raise SubmissionRefused(f"The chair closed the item on {item.submission.number} already.")
    return item


def _chaired(item: AgendaItem, by: Any) -> tuple[AgendaItem, Meeting]:
    meeting = _locked(item.meeting, permissions.CHAIR_MEETING, by, MeetingState.OPEN)
    item = _open_item(item)
    if by.pk in boards.with_interest(item.submission):
        raise quorum.VoteRefused(
            "You declared an interest in this item: somebody else takes the chair for it."
        )
    return item, meeting


@audit.act
def confirm_decision(
    *, item: AgendaItem, answer: Answer, discussion: str, by: Any, at: datetime
) -> AgendaItem:
    """Confirm what the members voted as the board's decision.

    :raises PermissionDenied: unless the user chairs this board
    :raises QuorumRefused: without quorum, or while fewer than half voted
    :raises VoteRefused: if the votes carry something else, or the chair has an interest
    :raises SubmissionRefused: if the answer contradicts itself
    """
    item, meeting = _chaired(item, by)
    there = boards.present(meeting)
    found = boards.quorum_of(item, there)
    quorum.check_quorum(found)
    votes = boards.tally_of(item, there)
    quorum.check_decision(answer.outcome, votes=votes, n_taking_part=found.n_taking_part)
    submission = moving.locked(item.submission)
    deciding.decided(submission, answer, source=Source.HERE, by=by, at=at)
    return _closed(item, discussion, by, at, outcome=answer.outcome)


@audit.act
def ask_from_meeting(
    *, item: AgendaItem, text: str, due_date: date | None, discussion: str, by: Any, at: datetime
) -> AgendaItem:
    """Confirm that the board asks the applicant before it decides.

    :raises PermissionDenied: unless the user chairs this board
    :raises QuorumRefused: without quorum
    :raises VoteRefused: unless the votes are for asking
    """
    item, meeting = _chaired(item, by)
    there = boards.present(meeting)
    quorum.check_quorum(boards.quorum_of(item, there))
    votes = boards.tally_of(item, there)
    if quorum.carried(votes) is not Choice.ASK:
        raise quorum.VoteRefused(
            f"{votes.n_ask} of {votes.n_cast} votes are for asking: that is no majority."
        )
    submission = moving.locked(item.submission)
    reviewing.asked(submission, text=text, due_date=due_date, on=meeting.held_date, by=by, at=at)
    item.is_asked = True
    return _closed(item, discussion, by, at)


@audit.act
def put_off_item(*, item: AgendaItem, discussion: str, by: Any, at: datetime) -> AgendaItem:
    """Put an item off to a later meeting, for want of quorum or of time; no votes are needed.

    :raises PermissionDenied: unless the user chairs this board
    :raises SubmissionRefused: unless somebody says why
    """
    people.check(by, permissions.CHAIR_MEETING, item.meeting.board.scope_id)
    _locked(item.meeting, permissions.CHAIR_MEETING, by, MeetingState.OPEN)
    item = _open_item(item)
    if not discussion.strip():
        raise SubmissionRefused("Say why the item is put off; the minutes will show it.")
    item.is_put_off = True
    return _closed(item, discussion, by, at)


def _closed(
    item: AgendaItem, discussion: str, by: Any, at: datetime, *, outcome: Outcome | None = None
) -> AgendaItem:
    """Close an item and keep votes and quorum as they stood."""
    there = boards.present(item.meeting)
    votes, found = boards.tally_of(item, there), boards.quorum_of(item, there)
    item.discussion = discussion.strip()
    item.outcome = outcome or ""
    item.confirmed_by, item.confirmed_at = by, at
    item.votes_counted = {
        "approve": votes.n_approve,
        "ask": votes.n_ask,
        "refuse": votes.n_refuse,
        "abstain": votes.n_abstain,
    }
    item.quorum_found = {
        "taking_part": found.n_taking_part,
        "missing": list(found.missing),
        "left": list(found.left),
    }
    item.save()
    made = "put_off" if item.is_put_off else "asked" if item.is_asked else "decided"
    audit.record(
        f"submissions.item.{made}",
        on=[audit.ref(item), audit.ref(item.meeting)],
        by=by,
        at=at,
        change={"votes": item.votes_counted, "outcome": item.outcome},
        reason=discussion.strip(),
    )
    return item


@audit.act
def close_meeting(*, meeting: Meeting, minutes: str, by: Any, at: datetime) -> Minutes:
    """End a meeting whose items are all done, with a first draft of its minutes.

    :param minutes: the draft, as ``selectors.minutes.draft`` writes it
    :raises PermissionDenied: unless the user runs the board's meetings
    :raises AgendaRefused: naming the items that are open
    """
    meeting = _locked(meeting, permissions.RUN_MEETING, by, MeetingState.OPEN)
    open_items = meeting.items.filter(confirmed_at=None).order_by("position")
    rules.check_done(list(open_items.values_list("submission__number", flat=True)))
    _move(meeting, MeetingState.HELD, by, at)
    made = Minutes.objects.create(meeting=meeting, body=minutes, written_by=by, written_at=at)
    audit.record("submissions.minutes.drafted", on=meeting, by=by, at=at)
    return made


@audit.act
def edit_minutes(*, minutes: Minutes, body: str, revision: int, by: Any, at: datetime) -> Minutes:
    """Change the text of minutes that are not approved yet.

    :param revision: that of the text on which the change was made
    :raises PermissionDenied: unless the user runs the board's meetings
    :raises StaleMinutes: if somebody saved meanwhile; the text typed is not lost on the page
    :raises SubmissionRefused: if they are approved, or empty
    """
    meeting = _locked(minutes.meeting, permissions.RUN_MEETING, by, MeetingState.HELD)
    held = Minutes.objects.select_for_update(of=("self",)).get(meeting=meeting)
    if held.revision != revision:
        raise StaleMinutes(
            f"{held.written_by} saved these minutes meanwhile. Compare your text with theirs, which "
            "stands on the meeting’s page, and save again."
        )
    if not body.strip():
        raise SubmissionRefused("Minutes have a text. Nothing was changed.")
    before, held.body, held.revision = held.body, body.strip(), held.revision + 1
    held.written_by, held.written_at = by, at
    held.save()
    audit.record(
        "submissions.minutes.edited",
        on=meeting,
        by=by,
        at=at,
        change={"characters": [len(before), len(held.body)], "revision": held.revision},
    )
    return held


@audit.act
def approve_minutes(*, minutes: Minutes, revision: int, by: Any, at: datetime) -> Minutes:
    """Approve minutes as they stand; they do not change any more.

    :param revision: that of the text that the chair read
    :raises PermissionDenied: unless the user chairs this board
    :raises StaleMinutes: if the text changed after the chair read it
    """
    meeting = _locked(minutes.meeting, permissions.CHAIR_MEETING, by, MeetingState.HELD)
    held = Minutes.objects.select_for_update(of=("self",)).get(meeting=meeting)
    if held.revision != revision:
        raise StaleMinutes("The minutes changed after you opened them. Read them again first.")
    held.approved_by, held.approved_at = by, at
    held.sha256 = hashlib.sha256(held.body.encode()).hexdigest()
    held.save()
    _move(meeting, MeetingState.MINUTED, by, at)
    audit.record(
        "submissions.minutes.approved",
        on=meeting,
        by=by,
        at=at,
        change={"sha256": held.sha256, "revision": held.revision},
    )
    return held
