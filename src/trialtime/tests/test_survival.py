"""Kaplan-Meier and Aalen-Johansen: what holds by definition, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialtime.survival import (
    DurationsRefused,
    FlatStep,
    Transform,
    aalen_johansen,
    aalen_johansen_of_counts,
    kaplan_meier,
    kaplan_meier_of_counts,
)

CASES = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60)
ENDS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([None, "opened", "withdrawn", "stopped"])),
    min_size=1,
    max_size=60,
)


def split(cases: list[tuple[int, bool]]) -> tuple[list[int], list[bool]]:
    return [days for days, _ in cases], [is_there for _, is_there in cases]


def histogram(cases: list[tuple[int, bool]]) -> tuple[list[int], list[int], list[int]]:
    days = sorted({day for day, _ in cases})
    return days, [cases.count((d, True)) for d in days], [cases.count((d, False)) for d in days]


@given(CASES)
def test_a_curve_is_the_product_of_exact_fractions(cases: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier(*split(cases))
    exact = Fraction(1)
    for day, share in zip(curve.times, curve.survival, strict=True):
        at_risk = sum(days >= day for days, _ in cases)
        exact *= Fraction(at_risk - cases.count((int(day), True)), at_risk)
        assert share == pytest.approx(float(exact), abs=1e-14)


@given(CASES)
def test_counts_give_the_curve_of_their_cases_to_the_last_digit(
    cases: list[tuple[int, bool]],
) -> None:
    single, counted = kaplan_meier(*split(cases)), kaplan_meier_of_counts(*histogram(cases))
    assert single.times.tolist() == counted.times.tolist()
    assert single.survival.tolist() == counted.survival.tolist()
    assert single.greenwood.tolist() == counted.greenwood.tolist()
    assert single.quartiles() == counted.quartiles()


@given(CASES)
def test_the_order_of_cases_changes_nothing(cases: list[tuple[int, bool]]) -> None:
    assert kaplan_meier(*split(cases)).quartiles() == kaplan_meier(*split(cases[::-1])).quartiles()


@given(CASES, st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
def test_a_quantile_is_the_first_time_with_that_share(
    cases: list[tuple[int, bool]], share: float
) -> None:
    curve = kaplan_meier(*split(cases))
    found = curve.quantile(share)
    if found.value is None:
        assert curve.survival[-1] > 1 - share
        return
    assert curve.survival[curve.times == found.value][0] <= 1 - share + 1e-9
    assert (curve.survival[curve.times < found.value] > 1 - share).all()
    assert found.lower is None or found.lower <= found.value
    assert found.upper is None or found.upper >= found.value


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60))
def test_without_unfinished_cases_the_restricted_mean_over_all_days_is_the_mean(
    days: list[int],
) -> None:
    curve = kaplan_meier(days, [True] * len(days))
    upto = float(max(days) + 1)
    assert curve.restricted_mean(upto).value == pytest.approx(float(np.mean(days)))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.booleans()), min_size=1))
def test_entries_at_the_start_change_nothing(cases: list[tuple[int, int, bool]]) -> None:
    days = [length for _, length, _ in cases]
    seen = [is_there for _, _, is_there in cases]
    plain, truncated = kaplan_meier(days, seen), kaplan_meier(days, seen, entries=[0] * len(days))
    assert plain.survival.tolist() == truncated.survival.tolist()


@given(ENDS)
def test_the_shares_of_all_causes_and_of_cases_under_way_add_up_to_one(
    cases: list[tuple[int, str | None]],
) -> None:
    shares = aalen_johansen([day for day, _ in cases], [cause for _, cause in cases])
    total = shares.survival + sum((one.incidence for one in shares.values()), 0.0)
    assert total.tolist() == pytest.approx([1.0] * len(total))


@given(ENDS)
def test_with_one_cause_the_incidence_is_one_minus_the_curve(
    cases: list[tuple[int, str | None]],
) -> None:
    days = [day for day, _ in cases]
    there = [None if cause is None else "there" for _, cause in cases]
    curve = kaplan_meier(days, [cause is not None for cause in there])
    share = aalen_johansen(days, there, all_causes=["there"])["there"]
    assert share.incidence.tolist() == pytest.approx((1 - curve.survival).tolist())
    held = curve.survival > 0
    greenwood = (curve.survival[held] ** 2 * curve.greenwood[held]).tolist()
    assert share.variance[held].tolist() == pytest.approx(greenwood, abs=1e-12)


@given(ENDS)
def test_counts_give_the_incidence_of_their_cases_to_the_last_digit(
    cases: list[tuple[int, str | None]],
) -> None:
    causes = ["opened", "withdrawn", "stopped"]
    days = sorted({day for day, _ in cases})
    counted = aalen_johansen_of_counts(
        days,
        {cause: [cases.count((day, cause)) for day in days] for cause in causes},
        [cases.count((day, None)) for day in days],
    )
    single = aalen_johansen(
        [day for day, _ in cases], [cause for _, cause in cases], all_causes=causes
    )
    for cause in causes:
        assert counted[cause].incidence.tolist() == single[cause].incidence.tolist()
        assert counted[cause].variance.tolist() == single[cause].variance.tolist()


def test_a_median_that_was_not_reached_is_no_number() -> None:
    median = kaplan_meier([10, 20, 30], [True, False, False]).median()
    assert (median.value, median.upper) == (None, None)


def test_nothing_is_said_beyond_the_longest_time_watched() -> None:
    curve = kaplan_meier([10, 20, 30], [True, False, False])
    assert curve.survival_at(30).value == pytest.approx(2 / 3)
    assert curve.survival_at(31).value is None
    assert curve.restricted_mean(31).value is None


def test_when_all_are_there_the_curve_stays_at_nought() -> None:
    curve = kaplan_meier([10, 20], [True, True])
    assert curve.survival_at(99).value == 0
    assert curve.reached_by(99).value == 1
    assert curve.restricted_mean(99).value == 15


def test_on_a_flat_step_the_quantile_is_its_start_and_r_takes_its_middle() -> None:
    curve = kaplan_meier([1, 2, 3, 4, 5, 6], [True] * 6)
    assert curve.median().value == 3
    assert curve.quantile(0.5, flat=FlatStep.MIDDLE).value == 3.5


def test_no_cases_give_an_empty_curve_and_no_number() -> None:
    for curve in (kaplan_meier([], []), kaplan_meier_of_counts([], [], [])):
        assert curve.n_cases == 0
        assert curve.median().value is None
        assert curve.survival_at(5).value is None
        assert curve.restricted_mean(5).value is None
    assert not aalen_johansen([], [])
    assert aalen_johansen([], [], all_causes=["opened"])["opened"].reached_by(3).value is None
    assert aalen_johansen_of_counts([], {"opened": []}, [])["opened"].quantile(0.5).value is None


def test_where_most_withdraw_half_never_open() -> None:
    days = list(range(1, 11))
    causes = ["opened"] * 4 + ["withdrawn"] * 6
    shares = aalen_johansen(days, causes)
    assert shares["opened"].quantile(0.5).value is None
    assert shares["opened"].reached_by(10).value == pytest.approx(0.4)
    naive = kaplan_meier(days, [cause == "opened" for cause in causes])
    assert naive.survival[-1] == pytest.approx(0.6)


def test_the_limits_cover_the_truth_as_often_as_they_say() -> None:
    """Of 2,000 samples of 60 with a third censored, 95 % limits of S(median) cover 93.5 to 96.5 %."""
    generator = np.random.default_rng(3)
    n_covered = 0
    for _ in range(2000):
        wait = np.ceil(generator.exponential(100, 60)).astype(int)
        watched = generator.integers(40, 400, 60)
        curve = kaplan_meier(np.minimum(wait, watched), wait <= watched)
        got = curve.survival_at(69, transform=Transform.LOG_LOG)
        assert got.lower is not None
        assert got.upper is not None
        n_covered += got.lower <= np.exp(-0.69) <= got.upper
    assert 0.935 <= n_covered / 2000 <= 0.965


@pytest.mark.parametrize(
    ("durations", "observed", "entries", "says"),
    [
        ([3, -2], [True, True], None, r"durations\[1\] is -2"),
        ([3, float("nan")], [True, True], None, r"durations\[1\] is nan"),
        ([3, 4], [True], None, "2 durations but 1 causes"),
        ([3, 4], [True, False], [0, 4], r"entries\[1\] is 4 and the case ended at 4"),
        ([3, 4], [True, False], [0], "1 entries but 2 durations"),
    ],
)
def test_durations_that_cannot_be_are_refused(
    durations: list[float], observed: list[bool], entries: list[float] | None, says: str
) -> None:
    with pytest.raises(DurationsRefused, match=says):
        kaplan_meier(durations, observed, entries=entries)


@pytest.mark.parametrize(
    ("days", "events", "censored", "says"),
    [
        ([1, 1], [1, 0], [0, 0], "stands twice"),
        ([1, 2], [1, -1], [0, 0], "negative"),
        ([1, -2], [1, 1], [0, 0], r"days\[1\] is -2"),
        ([1, 2], [1, 1], [0], "2 days but 1 counts"),
    ],
)
def test_counts_that_cannot_be_are_refused(
    days: list[int], events: list[int], censored: list[int], says: str
) -> None:
    with pytest.raises(DurationsRefused, match=says):
        kaplan_meier_of_counts(days, events, censored)


def test_a_cause_that_is_not_there_is_refused() -> None:
    with pytest.raises(DurationsRefused, match="'lost' is not among opened"):
        aalen_johansen([1], ["lost"], all_causes=["opened"])
    with pytest.raises(DurationsRefused, match="'opened' has not one count"):
        aalen_johansen_of_counts([1, 2], {"opened": [1]}, [0, 0])


def test_a_share_or_level_that_is_none_is_refused() -> None:
    curve = kaplan_meier([1], [True])
    with pytest.raises(ValueError, match=r"for the median write 0\.5"):
        curve.quantile(50)
    with pytest.raises(ValueError, match=r"for 95 % write 0\.95"):
        curve.quantile(0.5, level=95)
    with pytest.raises(ValueError, match="name a day after 0"):
        curve.restricted_mean(0)
