"""Quorum and composition for each item; votes that carry a decision, and those that do not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tembusu.coordination.submissions.rules import quorum
from tembusu.coordination.submissions.terms import (
    Choice,
    Member,
    Outcome,
    QuorumRule,
    SeatKind,
    Tally,
)

CHAIR = Member(1, "Adaeze", frozenset({"medical"}), is_chair=True)
SCIENTIST = Member(2, "Boon Keng", frozenset({"scientific"}), is_external=True)
LAY = Member(3, "Mei", frozenset({"lay"}), is_external=True)
OWN_LAY = Member(4, "Ravi", frozenset({"lay"}))
DOCTOR = Member(5, "Hui Min", frozenset({"medical"}))
LAWYER = Member(6, "Devi", frozenset({"legal"}))
ALL = (CHAIR, SCIENTIST, LAY, OWN_LAY, DOCTOR, LAWYER)
RULE = QuorumRule(
    n_members=5,
    each_of=(
        SeatKind("a medical chair", "medical", is_chair=True),
        SeatKind("a lay person who is external", "lay", is_external=True),
    ),
    one_of=(SeatKind("a scientist", "scientific"), SeatKind("a lawyer", "legal")),
)


@pytest.mark.parametrize(
    ("present", "with_interest", "missing"),
    [
        (ALL, (), ()),
        (ALL, (DOCTOR.key,), ()),
        (ALL[:5], (), ()),
        (ALL[:4], (), ("4 of at least 5 members take part: 1 more is needed.",)),
        (ALL, (DOCTOR.key, LAWYER.key), ("4 of at least 5",)),
        (ALL, (LAY.key,), ("A lay person who is external is missing (0 of 1).",)),
        (ALL, (CHAIR.key,), ("Nobody takes the chair", "A medical chair is missing")),
        (ALL, (SCIENTIST.key, LAWYER.key), ("One of these must take part: a scientist; a lawyer",)),
        ((), (), ("0 of at least 5 members take part: 5 more are needed.", "Nobody takes")),
    ],
)
def test_a_quorum_says_what_it_lacks_for_each_item(present, with_interest, missing):
    found = quorum.judge(RULE, present=present, with_interest=with_interest)
    assert found.is_met is not bool(missing)
    for line in missing:
        assert line in " ".join(found.missing)
    if missing:
        with pytest.raises(quorum.QuorumRefused, match="no quorum for this item"):
            quorum.check_quorum(found)
    else:
        quorum.check_quorum(found)


def test_a_member_with_an_interest_leaves_and_is_named():
    found = quorum.judge(RULE, present=ALL, with_interest={DOCTOR.key, 99})
    assert found.left == ("Hui Min",)
    assert found.n_taking_part == 5


def test_a_board_that_lacks_a_seat_says_so():
    assert quorum.composition(RULE, ALL, n_least=5) == []
    lacking = quorum.composition(RULE, (CHAIR, OWN_LAY), n_least=5)
    assert lacking == [
        "The board has 2 members; at least 5 are needed.",
        "A lay person who is external is missing (0 of 1).",
    ]


def test_only_members_who_take_part_vote():
    quorum.check_may_vote(2, present=ALL, with_interest={3})
    with pytest.raises(quorum.VoteRefused, match="declared an interest"):
        quorum.check_may_vote(3, present=ALL, with_interest={3})
    with pytest.raises(quorum.VoteRefused, match="recorded as present"):
        quorum.check_may_vote(9, present=ALL, with_interest=set())


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (Tally(n_approve=3, n_refuse=2), Choice.APPROVE),
        (Tally(n_approve=2, n_refuse=2), None),
        (Tally(n_approve=2, n_ask=1, n_refuse=1), None),
        (Tally(n_ask=3, n_abstain=2), Choice.ASK),
        (Tally(n_abstain=5), None),
        (Tally(), None),
        (Tally(n_approve=1, n_abstain=4), Choice.APPROVE),
    ],
)
def test_more_than_half_of_the_votes_that_decide_carries(votes, expected):
    assert quorum.carried(votes) is expected


@pytest.mark.parametrize(
    ("outcome", "votes", "fault"),
    [
        (Outcome.APPROVED, Tally(n_approve=4, n_refuse=1), None),
        (Outcome.APPROVED_WITH_CONDITIONS, Tally(n_approve=3), None),
        (Outcome.REFUSED, Tally(n_refuse=3, n_approve=2), None),
        (Outcome.APPROVED, Tally(n_approve=2, n_refuse=3), quorum.VoteRefused),
        (Outcome.REFUSED, Tally(n_approve=5), quorum.VoteRefused),
        (Outcome.APPROVED, Tally(n_ask=5), quorum.VoteRefused),
        (Outcome.APPROVED, Tally(n_approve=2), quorum.QuorumRefused),
        (Outcome.APPROVED, Tally(), quorum.QuorumRefused),
    ],
)
def test_a_chair_confirms_only_what_the_votes_carry(outcome, votes, fault):
    if fault is None:
        quorum.check_decision(outcome, votes=votes, n_taking_part=5)
    else:
        with pytest.raises(fault):
            quorum.check_decision(outcome, votes=votes, n_taking_part=5)


@given(
    st.lists(st.sampled_from(list(Choice)), max_size=6),
    st.sets(st.sampled_from(range(1, 7))),
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_vote_of_somebody_who_left_is_ever_counted(cast, taking):
    votes = dict(enumerate(cast, start=1))
    counted = quorum.tally(votes, taking_part=taking)
    assert counted.n_cast == len(set(votes) & taking)
