"""How long each step waited: the durations of histories and forecasts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialtime.attribution import CircularPathway, Step, UnknownStep, attribute
from trialtime.waits import Wait, histories, waits

START = date(2024, 2, 1)
Days = dict[str, int | None]
NEEDS = {"ethics": (), "contract": (), "training": ("contract",), "open": ("ethics", "training")}


def day(number: int) -> date:
    return START + timedelta(days=number)


def case(ends: Days, left_out: tuple[str, ...] = ()) -> list[Step]:
    return [
        Step(
            key,
            needs,
            "site",
            None if ends.get(key) is None else day(ends[key] or 0),
            (),
            key in left_out,
        )
        for key, needs in NEEDS.items()
    ]


def read(ends: Days, as_of: int, left_out: tuple[str, ...] = ()) -> dict[str, tuple[int, bool]]:
    found = waits(case(ends, left_out), start_date=START, as_of=day(as_of))
    return {wait.key: (wait.days, wait.is_finished) for wait in found}


@pytest.mark.parametrize(
    ("ends", "as_of", "left_out", "expected"),
    [
        (
            {"ethics": 40, "contract": 28, "training": 35, "open": 50},
            99,
            (),
            {
                "ethics": (40, True),
                "contract": (28, True),
                "training": (7, True),
                "open": (10, True),
            },
        ),
        (
            {"contract": 29},
            30,
            (),
            {"ethics": (30, False), "contract": (29, True), "training": (1, False)},
        ),
        ({}, 0, (), {"ethics": (0, False), "contract": (0, False)}),
        # left out: what waits for training waits for the contract
        (
            {"ethics": 10, "contract": 20, "open": 26},
            30,
            ("training",),
            {"ethics": (10, True), "contract": (20, True), "open": (6, True)},
        ),
        # finished out of turn: the open need can't have held it up; before it could begin: no time
        (
            {"ethics": 10, "training": 5, "open": 8},
            30,
            (),
            {
                "ethics": (10, True),
                "contract": (30, False),
                "training": (5, True),
                "open": (0, True),
            },
        ),
        # dated after the day of reading: not yet
        (
            {"ethics": 40, "contract": 28},
            35,
            (),
            {"ethics": (35, False), "contract": (28, True), "training": (7, False)},
        ),
        # the 29th of February is a day
        (
            {"contract": 28},
            29,
            (),
            {"ethics": (29, False), "contract": (28, True), "training": (1, False)},
        ),
    ],
)
def test_a_wait_runs_from_the_last_need_to_the_end(
    ends: Days, as_of: int, left_out: tuple[str, ...], expected: dict[str, tuple[int, bool]]
) -> None:
    assert read(ends, as_of, left_out) == expected


@given(st.tuples(*(st.integers(0, 50) for _ in NEEDS)))
def test_in_a_case_in_order_the_waits_of_the_critical_steps_add_up_to_its_days(
    took: tuple[int, ...],
) -> None:
    ends: dict[str, int | None] = {}
    for (key, needs), days in zip(NEEDS.items(), took, strict=True):
        ends[key] = max([0, *(ends[need] or 0 for need in needs)]) + days
    steps = case(ends)
    found = attribute(steps, start_date=START, as_of=day(999), end_step="open")
    waited = {wait.key: wait.days for wait in waits(steps, start_date=START, as_of=day(999))}
    assert waited == dict(zip(NEEDS, took, strict=True))
    assert found.elapsed <= sum(waited[stretch.step] for stretch in found.critical)


def test_histories_are_curves_with_the_unfinished_in_them() -> None:
    found = histories(
        [Wait("a", 3, True), Wait("a", 5, False), Wait("a", 3, True), Wait("b", 2, False)]
    )
    assert list(found) == ["a", "b"]
    assert found["a"].times.tolist() == [3, 5]
    assert found["a"].n_events.tolist() == [2, 0]
    assert found["a"].n_censored.tolist() == [0, 1]
    assert found["b"].median().value is None


def test_steps_that_form_no_pathway_are_refused() -> None:
    circle = [Step("a", ("b",), "site"), Step("b", ("a",), "site")]
    with pytest.raises(CircularPathway, match="wait for each other"):
        waits(circle, start_date=START, as_of=START)
    with pytest.raises(UnknownStep, match="'a' needs 'z'"):
        waits([Step("a", ("z",), "site")], start_date=START, as_of=START)
