"""What is told again: the same is known as the same, and anything else is not."""

from datetime import date

import pytest

from tembusu.coordination.startup.rules import repeats
from tembusu.coordination.startup.terms import CaseTurn, MilestoneFacts, MilestoneState

JAN5, JAN9, FEB1 = date(2026, 1, 5), date(2026, 1, 9), date(2026, 2, 1)
OPEN = CaseTurn("sponsor", JAN9, None, "answer")
OVER = CaseTurn("sponsor", JAN9, FEB1, "answer")


def facts(state, started=None, completed=None, holds=()):
    return MilestoneFacts(
        "signed", "Signed", MilestoneState(state), started, completed, holds=holds
    )


@pytest.mark.parametrize(
    ("present", "day", "expected"),
    [
        (facts("not_started"), JAN5, False),
        (facts("not_started", JAN5), JAN5, False),
        (facts("started", JAN5), JAN5, True),
        (facts("started", JAN5), JAN9, False),
        (facts("on_hold", JAN5), JAN5, True),
        (facts("completed", JAN5, FEB1), JAN5, True),
        (facts("completed", None, FEB1), FEB1, False),
    ],
)
def test_a_start_is_the_same_on_the_same_day(present, day, expected):
    assert repeats.is_started(present, day) is expected


@pytest.mark.parametrize(
    ("present", "day", "started", "expected"),
    [
        (facts("started", JAN5), FEB1, None, False),
        (facts("completed", JAN5, FEB1), FEB1, None, True),
        (facts("completed", JAN5, FEB1), FEB1, JAN5, True),
        (facts("completed", JAN5, FEB1), FEB1, JAN9, False),
        (facts("completed", JAN5, FEB1), JAN9, None, False),
        (facts("not_applicable"), FEB1, None, False),
    ],
)
def test_a_completion_is_the_same_with_the_same_days(present, day, started, expected):
    assert repeats.is_completed(present, day, started) is expected


@pytest.mark.parametrize(
    ("present", "turn", "expected"),
    [
        (facts("on_hold", holds=(OPEN,)), OPEN, True),
        (facts("started", holds=(OVER,)), OVER, True),
        (facts("started", holds=(OVER,)), OPEN, False),
        (facts("started"), OPEN, False),
    ],
)
def test_a_hold_is_the_same_with_the_same_days_party_and_reason(present, turn, expected):
    assert repeats.is_held(present, turn) is expected


@pytest.mark.parametrize(
    ("present", "day", "expected"),
    [
        (facts("on_hold", holds=(OPEN,)), FEB1, False),
        (facts("started", holds=(OVER,)), FEB1, True),
        (facts("started", holds=(OVER,)), JAN9, False),
        (facts("started"), FEB1, False),
    ],
)
def test_a_resumption_is_the_same_on_the_same_day(present, day, expected):
    assert repeats.is_resumed(present, day) is expected


def test_what_does_not_apply_does_not_apply_again():
    assert repeats.is_dropped(facts("not_applicable"))
    assert not repeats.is_dropped(facts("completed", JAN5, FEB1))
