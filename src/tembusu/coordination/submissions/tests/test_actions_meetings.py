"""A board's meeting: agenda, interests, votes, quorum, decisions, minutes; and what is refused."""

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.submissions import actions
from tembusu.coordination.submissions.actions.meetings import StaleMinutes
from tembusu.coordination.submissions.models import AgendaItem, Meeting, Vote
from tembusu.coordination.submissions.rules import letters, meetings, moves, quorum
from tembusu.coordination.submissions.selectors import boards, minutes, pack
from tembusu.coordination.submissions.terms import (
    Asked,
    Choice,
    LetterKind,
    MeetingState,
    QuorumRule,
    SeatKind,
    SubmissionState,
)
from tembusu.coordination.submissions.tests.conftest import as_answer, later, on
from tembusu.foundation.core.models import AuditEvent

pytestmark = pytest.mark.django_db
DAY = 20  # of the meeting
RULE = QuorumRule(
    n_members=4,
    each_of=(SeatKind("a lay person who is external", "lay", is_external=True),),
)


@pytest.fixture(autouse=True)
def _rule(monkeypatch):
    monkeypatch.setattr(pack, "quorum_rule", lambda day, body_id=None: RULE)


@pytest.fixture
def meeting(bodies, cast, board):
    return actions.plan_meeting(
        board=bodies.board,
        held_date=on(DAY),
        cut_off_date=on(10),
        place="Room 4",
        by=cast.secretary,
        at=later(0),
    )


@pytest.fixture
def item(meeting, in_review, cast):
    (made,) = actions.put_on_agenda(
        meeting=meeting, submissions=[in_review()], by=cast.secretary, at=later(3)
    )
    return made


@pytest.fixture
def opened(meeting, item, board, cast):
    """Open the meeting with all members, or those whose places are named: ``opened(0, 1)``."""

    def go(*which):
        there = [board[n].pk for n in which] if which else [one.pk for one in board]
        actions.record_attendance(
            meeting=meeting,
            present_ids=there,
            chair_id=board[0].pk if board[0].pk in there else None,
            by=cast.secretary,
            at=later(DAY),
        )
        return AgendaItem.objects.get(pk=item.pk)

    return go


def declare(item, *members, has_interest=False):
    for one in members:
        actions.declare_interest(
            submission=item.submission,
            has_interest=has_interest,
            nature="Advises the sponsor" if has_interest else "",
            by=one,
            at=later(DAY),
        )


def vote(item, choice, *members):
    for one in members:
        actions.cast_vote(item=item, choice=choice, by=one, at=later(DAY))


def confirm(item, cast, **answer):
    return actions.confirm_decision(
        item=item,
        answer=as_answer(**{"outcome": "approved", "on": on(DAY), **answer}),
        discussion="The members discussed the dose.",
        by=cast.chair,
        at=later(DAY),
    )


# -- planning -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["chair", "member", "sponsor", "stranger", "reviewer", "nobody"])
def test_only_the_secretary_plans_a_meeting(bodies, cast, board, who):
    with pytest.raises(PermissionDenied):
        actions.plan_meeting(
            board=bodies.board, held_date=on(9), cut_off_date=on(2), place="",
            by=getattr(cast, who), at=later(0),
        )  # fmt: skip


def test_a_board_meets_once_on_a_day_and_after_its_cut_off(meeting, bodies, cast):
    with pytest.raises(moves.SubmissionRefused, match="22 Mar 2026 already"):
        actions.plan_meeting(
            board=bodies.board, held_date=on(DAY), cut_off_date=on(2), place="",
            by=cast.secretary, at=later(0),
        )  # fmt: skip
    with pytest.raises(moves.SubmissionRefused, match="lies after the meeting"):
        actions.plan_meeting(
            board=bodies.board, held_date=on(9), cut_off_date=on(10), place="",
            by=cast.secretary, at=later(0),
        )  # fmt: skip


def test_what_comes_after_the_cut_off_waits_for_the_next(meeting, in_review, received, cast):
    late = in_review(days=12)
    with pytest.raises(meetings.AgendaRefused, match="put it on the next agenda"):
        actions.put_on_agenda(meeting=meeting, submissions=[late], by=cast.secretary, at=later(14))
    with pytest.raises(meetings.AgendaRefused, match="Choose its kind of review"):
        actions.put_on_agenda(
            meeting=meeting, submissions=[received()], by=cast.secretary, at=later(3)
        )
    with pytest.raises(meetings.AgendaRefused, match="not under review by the full board"):
        actions.put_on_agenda(
            meeting=meeting, submissions=[in_review(meets=False)], by=cast.secretary, at=later(3)
        )


def test_an_agenda_is_ordered_by_moving_items(meeting, in_review, cast):
    made = actions.put_on_agenda(
        meeting=meeting,
        submissions=[in_review(), in_review(days=1), in_review(days=2)],
        by=cast.secretary,
        at=later(4),
    )
    actions.move_item(item=made[2], up=True, by=cast.secretary, at=later(4))
    actions.move_item(item=made[0], up=True, by=cast.secretary, at=later(4))
    assert [one.pk for one in boards.agenda(meeting)] == [made[0].pk, made[2].pk, made[1].pk]
    actions.take_off_agenda(item=made[0], by=cast.secretary, at=later(4))
    assert boards.waiting_for_agenda(meeting.board).get() == made[0].submission


# -- quorum and votes -----------------------------------------------------------------------------


def test_a_vote_without_quorum_is_refused_and_says_what_is_missing(opened, board):
    item = opened(0, 1, 3)
    declare(item, board[1])
    with pytest.raises(quorum.QuorumRefused) as refused:
        vote(item, Choice.APPROVE, board[1])
    assert "3 of at least 4 members" in str(refused.value)
    assert "lay person who is external is missing" in str(refused.value)
    assert not Vote.objects.exists()


def test_a_member_with_an_interest_leaves_and_may_break_the_quorum(opened, board):
    item = opened()
    declare(item, *board[:2], board[3])
    vote(item, Choice.APPROVE, board[1])
    declare(item, board[1], has_interest=True)
    assert not Vote.objects.exists()  # the vote cast before falls
    with pytest.raises(quorum.VoteRefused, match="declared an interest"):
        vote(item, Choice.APPROVE, board[1])
    declare(item, board[2], has_interest=True)  # the external lay member
    with pytest.raises(quorum.QuorumRefused, match="external is missing"):
        vote(item, Choice.APPROVE, board[3])


def test_nobody_votes_who_is_absent_undeclared_or_no_member(opened, board, cast):
    item = opened(0, 1, 2, 3)
    with pytest.raises(quorum.VoteRefused, match="recorded as present"):
        vote(item, Choice.APPROVE, board[4])
    with pytest.raises(quorum.VoteRefused, match="Declare first"):
        vote(item, Choice.APPROVE, board[1])
    for who in (cast.secretary, cast.sponsor, cast.stranger):
        with pytest.raises(PermissionDenied):
            vote(item, Choice.APPROVE, who)


def test_a_decision_needs_its_majority_and_the_chair(opened, board, cast):
    item = opened()
    declare(item, *board)
    vote(item, Choice.APPROVE, board[0], board[1])
    with pytest.raises(quorum.QuorumRefused, match="2 of 5 members voted"):
        confirm(item, cast)
    vote(item, Choice.REFUSE, *board[2:])
    with pytest.raises(quorum.VoteRefused, match="is for “Refuse”"):
        confirm(item, cast)
    vote(item, Choice.APPROVE, board[2])
    with pytest.raises(PermissionDenied):
        actions.confirm_decision(
            item=item, answer=as_answer(outcome="approved", on=on(DAY)), discussion="",
            by=cast.secretary, at=later(DAY),
        )  # fmt: skip
    closed = confirm(item, cast)
    assert closed.votes_counted == {"approve": 3, "ask": 0, "refuse": 2, "abstain": 0}
    item.submission.refresh_from_db()
    assert item.submission.state == SubmissionState.DECIDED
    with pytest.raises(moves.SubmissionRefused, match="closed the item"):
        vote(item, Choice.REFUSE, board[1])


def test_a_chair_with_an_interest_does_not_confirm(opened, board, cast):
    item = opened()
    declare(item, *board[1:])
    vote(item, Choice.APPROVE, *board[1:])
    declare(item, board[0], has_interest=True)
    with pytest.raises(quorum.VoteRefused, match="somebody else takes the chair"):
        confirm(item, cast)


def test_a_board_asks_before_it_decides_and_the_clock_stops(opened, board, cast):
    item = opened()
    declare(item, *board)
    vote(item, Choice.ASK, *board[:3])
    actions.ask_from_meeting(
        item=item, text="Justify the dose.", due_date=on(50), discussion="", by=cast.chair,
        at=later(DAY),
    )  # fmt: skip
    item.submission.refresh_from_db()
    assert item.submission.state == SubmissionState.QUERIED
    assert item.submission.queries.get().raised_date == on(DAY)


def test_an_item_is_put_off_with_a_reason_and_waits_again(opened, meeting, cast):
    item = opened(0, 1)
    with pytest.raises(moves.SubmissionRefused, match="Say why"):
        actions.put_off_item(item=item, discussion="", by=cast.chair, at=later(DAY))
    actions.put_off_item(item=item, discussion="No quorum.", by=cast.chair, at=later(DAY))
    actions.close_meeting(
        meeting=meeting, minutes=minutes.draft(meeting), by=cast.secretary, at=later(DAY)
    )
    assert boards.waiting_for_agenda(meeting.board).get() == item.submission


# -- minutes --------------------------------------------------------------------------------------


def test_minutes_tell_interests_votes_and_decisions_and_end_with_the_chair(
    opened, meeting, board, cast
):
    item = opened()
    declare(item, *board[:4])
    declare(item, board[4], has_interest=True)
    vote(item, Choice.APPROVE, *board[:4])
    with pytest.raises(meetings.AgendaRefused, match="1 of the items are not done"):
        actions.close_meeting(meeting=meeting, minutes="", by=cast.secretary, at=later(DAY))
    confirm(
        item,
        cast,
        outcome="approved_with_conditions",
        conditions=[Asked("Send the Malay form")],
    )
    meeting.refresh_from_db()
    text = minutes.draft(meeting)
    for part in (
        "In the chair: Adaeze",
        "Interest: Hui Min (Advises the sponsor) left for this item",
        "Taking part: 4 members.",
        "approved with conditions (4 approve, 0 ask, 0 refuse, 0 abstain)",
        "Condition 1: Send the Malay form",
    ):
        assert part in text
    made = actions.close_meeting(meeting=meeting, minutes=text, by=cast.secretary, at=later(DAY))
    edited = actions.edit_minutes(
        minutes=made, body=f"{text}\n\nEnded at 17:00.", revision=1, by=cast.secretary,
        at=later(DAY + 1),
    )  # fmt: skip
    with pytest.raises(StaleMinutes):
        actions.edit_minutes(
            minutes=made, body="Other", revision=1, by=cast.secretary, at=later(DAY + 1)
        )
    with pytest.raises(PermissionDenied):
        actions.approve_minutes(minutes=edited, revision=2, by=cast.secretary, at=later(DAY + 2))
    with pytest.raises(StaleMinutes):
        actions.approve_minutes(minutes=edited, revision=1, by=cast.chair, at=later(DAY + 2))
    approved = actions.approve_minutes(minutes=edited, revision=2, by=cast.chair, at=later(DAY + 2))
    assert len(approved.sha256) == 64
    assert Meeting.objects.get(pk=meeting.pk).state == MeetingState.MINUTED
    with pytest.raises(moves.SubmissionRefused, match="minuted"):
        actions.edit_minutes(
            minutes=made, body="Other", revision=2, by=cast.secretary, at=later(DAY + 3)
        )


def test_a_meeting_is_seen_by_its_board_alone(meeting, cast):
    for who in ("secretary", "chair", "member"):
        assert Meeting.objects.visible_to(getattr(cast, who)).exists()
    for who in ("sponsor", "stranger", "reviewer", "analyst", "nobody"):
        assert not Meeting.objects.visible_to(getattr(cast, who)).exists()


def test_votes_are_secret_in_the_ledger(opened, board):
    item = opened()
    declare(item, *board)
    vote(item, Choice.REFUSE, board[1])
    told = AuditEvent.objects.get(event="submissions.vote.cast")
    assert "refuse" not in str(told.change)


def test_a_seat_is_changed_from_a_day_on(bodies, board, cast):
    actions.seat_member(
        board=bodies.board, person=board[1], qualities=["lay"], is_external=True,
        from_date=on(5), by=cast.secretary, at=later(5),
    )  # fmt: skip
    before = {one.key: one for one in boards.members(bodies.board, on(4))}
    after = {one.key: one for one in boards.members(bodies.board, on(5))}
    assert before[board[1].pk].qualities == {"scientific"}
    assert after[board[1].pk].qualities == {"lay"}
    with pytest.raises(moves.SubmissionRefused, match="no member"):
        actions.seat_member(
            board=bodies.board, person=cast.sponsor, qualities=["lay"], is_external=True,
            from_date=on(5), by=cast.secretary, at=later(5),
        )  # fmt: skip


# -- letters --------------------------------------------------------------------------------------


def test_a_letter_is_made_from_the_newest_template_and_sent_once(approved, bodies, cast):
    made = approved(valid_from=on(5), valid_to=on(365), renewal_due=on(300))
    actions.save_template(
        board=bodies.board, kind=LetterKind.APPROVAL, subject="{{number}} approved",
        body="Dear {{applicant}}, see {{meeting_date}}.", version_no=0, by=cast.secretary,
        at=later(5),
    )  # fmt: skip
    letter = actions.write_letter(
        submission=made, kind=LetterKind.APPROVAL, by=cast.secretary, at=later(6)
    )
    assert letter.subject == f"{made.number} approved"
    assert "Damar Therapeutics" in letter.body
    with pytest.raises(moves.SubmissionRefused, match="lacks the day of the meeting"):
        actions.send_letter(letter=letter, by=cast.secretary, at=later(6))
    actions.edit_letter(
        letter=letter, subject=letter.subject, body="Dear Damar, it is approved.",
        by=cast.secretary, at=later(6),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        actions.send_letter(letter=letter, by=cast.chair, at=later(6))
    sent = actions.send_letter(letter=letter, by=cast.secretary, at=later(6))
    assert len(sent.sha256) == 64
    with pytest.raises(moves.SubmissionRefused, match="stays as it is"):
        actions.send_letter(letter=letter, by=cast.secretary, at=later(7))


def test_a_letter_speaks_only_of_what_is(in_review, cast):
    made = in_review()
    for kind in LetterKind:
        with pytest.raises(moves.SubmissionRefused):
            actions.write_letter(submission=made, kind=kind, by=cast.secretary, at=later(3))


def test_a_template_is_a_version_and_stays_known(bodies, cast):
    for who in (cast.chair, cast.stranger, cast.sponsor):
        with pytest.raises(PermissionDenied):
            actions.save_template(
                board=bodies.board, kind=LetterKind.REFUSAL, subject="a", body="b", version_no=0,
                by=who, at=later(0),
            )  # fmt: skip
    with pytest.raises(letters.TemplateRefused, match="nonsense"):
        actions.save_template(
            board=bodies.board, kind=LetterKind.REFUSAL, subject="a", body="{{nonsense}}",
            version_no=0, by=cast.secretary, at=later(0),
        )  # fmt: skip
    first = {"board": bodies.board, "kind": LetterKind.REFUSAL, "by": cast.secretary}
    actions.save_template(subject="a", body="b", version_no=0, at=later(0), **first)
    with pytest.raises(moves.SubmissionRefused, match="version 1 meanwhile"):
        actions.save_template(subject="a", body="c", version_no=0, at=later(0), **first)
    with pytest.raises(moves.SubmissionRefused, match="Nothing was changed"):
        actions.save_template(subject="a", body="b", version_no=1, at=later(0), **first)


def test_a_board_that_works_elsewhere_plans_no_meeting(bodies, join):
    from tembusu.foundation.people.terms import Role

    secretary = join("Elsewhere", Role.BOARD_SECRETARY, bodies.other_board.scope)
    with pytest.raises(moves.MirrorRefused):
        actions.plan_meeting(
            board=bodies.other_board, held_date=on(9), cut_off_date=on(2), place="", by=secretary,
            at=later(0),
        )  # fmt: skip
