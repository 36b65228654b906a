"""Whose turn a study is."""

from datetime import UTC, datetime

import pytest

from tembusu.coordination.registry.rules.turns import Matter, Waiting, in_turn


def waiting(matter, day, is_yours):
    return Waiting(matter, datetime(2026, 3, day, tzinfo=UTC), is_yours, "somebody")


DRAFT, DIFFERS, DOUBTS = Matter.DRAFT, Matter.DIFFERENCES, Matter.DOUBTS


@pytest.mark.parametrize(
    ("found", "order"),
    [
        ([], []),
        ([(DRAFT, 2, False)], [DRAFT]),
        ([(DRAFT, 2, True), (DIFFERS, 1, True)], [DIFFERS, DRAFT]),
        ([(DRAFT, 1, True), (DIFFERS, 2, True)], [DRAFT, DIFFERS]),
        ([(DRAFT, 1, False), (DIFFERS, 2, True)], [DIFFERS, DRAFT]),
        ([(DRAFT, 2, False), (DIFFERS, 1, False)], [DIFFERS, DRAFT]),
        ([(DOUBTS, 1, True)], [DOUBTS]),
        ([(DOUBTS, 1, True), (DIFFERS, 2, True)], [DIFFERS, DOUBTS]),
        ([(DOUBTS, 1, True), (DRAFT, 2, False)], [DOUBTS, DRAFT]),
        ([(DOUBTS, 1, False), (DRAFT, 2, False)], [DRAFT, DOUBTS]),
    ],
)
def test_what_waits_on_the_reader_comes_first_then_the_longest_waiting_a_doubt_last(found, order):
    assert [one.matter for one in in_turn([waiting(*one) for one in found])] == order
