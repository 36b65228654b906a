"""Whose turn a study is."""

from datetime import UTC, datetime

import pytest

from tembusu.coordination.registry.rules.turns import Matter, Waiting, in_turn


def waiting(matter, day, is_yours):
    return Waiting(matter, datetime(2026, 3, day, tzinfo=UTC), is_yours, "somebody")


DRAFT, DIFFERS = Matter.DRAFT, Matter.DIFFERENCES


@pytest.mark.parametrize(
    ("found", "order"),
    [
        ([], []),
        ([(DRAFT, 2, False)], [DRAFT]),
        ([(DRAFT, 2, True), (DIFFERS, 1, True)], [DIFFERS, DRAFT]),
        ([(DRAFT, 1, True), (DIFFERS, 2, True)], [DRAFT, DIFFERS]),
        ([(DRAFT, 1, False), (DIFFERS, 2, True)], [DIFFERS, DRAFT]),
        ([(DRAFT, 2, False), (DIFFERS, 1, False)], [DIFFERS, DRAFT]),
    ],
)
def test_what_waits_on_the_reader_comes_first_then_the_longest_waiting(found, order):
    assert [one.matter for one in in_turn([waiting(*one) for one in found])] == order
