"""Figures read from columns equal those of lifelines and of a plain count, on the same cases."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import qth_survival_time

from tembusu.insight.rules import columns, figures
from tembusu.insight.terms import Dimension, Ending, Lens
from tembusu.insight.tests.making import AS_OF, FIRST, any_case, case, facts, opened

ALL = Lens(date(2025, 1, 1), date(2026, 12, 1))


def block(*cases):
    return columns.block_of(facts(one) for one in cases)


def whole(held, lens=ALL, measure="whole"):
    return figures.times(held, measure, figures.mask_of(held, lens), AS_OF)


def random_cases(n, seed):
    random = np.random.default_rng(seed)
    return [any_case(pk, random) for pk in range(1, n + 1)]


@given(st.integers(0, 10_000), st.integers(5, 120))
@settings(max_examples=25, deadline=None)
def test_the_median_and_the_quartiles_equal_those_of_lifelines(seed, n):
    cases = random_cases(n, seed)
    found = figures.figure(whole(block(*cases)), None)
    days = [((one.end_date or AS_OF) - one.start_date).days for one in cases]
    seen = [one.end_kind == "opened" for one in cases]
    fitted = KaplanMeierFitter().fit(days, seen)
    for quantile in found.quartiles:
        theirs = qth_survival_time(1 - quantile.share, fitted.survival_function_)
        ours = np.inf if quantile.value is None else quantile.value
        # Where the curve stands on the level itself, lifelines' rounding may miss the step.
        is_on_level = np.isclose(fitted.predict(ours), 1 - quantile.share, rtol=1e-12, atol=0)
        assert ours == theirs or is_on_level
    assert (found.n, found.n_reached) == (n, sum(seen))


def test_shares_of_outcomes_equal_those_of_lifelines():
    cases = random_cases(150, 3)
    found = figures.outcomes(whole(block(*cases)))
    codes = {None: 0, "opened": 1, "withdrawn": 2, "stopped": 3}
    # lifelines breaks ties at random: break them here, what is censored on a day after what ended then.
    days = np.array([((one.end_date or AS_OF) - one.start_date).days for one in cases], float)
    order = np.lexsort(([one.end_kind is None for one in cases], days))
    days[order] += np.arange(len(days)) * 1e-6
    for name in ("reached", "withdrawn"):
        fitted = AalenJohansenFitter(calculate_variance=False)
        code = 1 if name == "reached" else 2
        fitted.fit(days, [codes[one.end_kind] for one in cases], event_of_interest=code)
        theirs = fitted.cumulative_density_.iloc[:, 0]
        for day in (60, 120, 240):
            at = theirs[theirs.index <= day + 0.5].iloc[-1]
            assert found[name].reached_by(day).value == pytest.approx(at, abs=1e-3)


def test_what_became_of_all_adds_up_to_one_with_those_under_way():
    held = figures.outcomes(whole(block(*random_cases(80, 9))))
    total = sum(one.incidence for one in held.values()) + held.survival
    assert np.allclose(total, 1)


def test_what_is_not_due_is_not_judged_and_what_is_overdue_is_missed():
    waits = case(1, start=590)  # 10 days before the day of reading
    late = case(2, start=300)
    gone_early = case(3, ended="withdrawn", on=20)
    gone_late = case(4, ended="withdrawn", on=200)
    held = figures.share_of(
        whole(block(opened(5, 90), opened(6, 150), waits, late, gone_early, gone_late)), 120
    )
    assert (held.n, held.n_within, held.n_missed, held.n_waiting) == (4, 1, 3, 2)


@pytest.mark.parametrize(
    ("held", "n"),
    [
        ({}, 6),
        ({Dimension.CLUSTER: ("1",)}, 2),
        ({Dimension.CLUSTER: ("1", "2")}, 4),
        ({Dimension.SPONSOR: ("academic",)}, 3),
        ({Dimension.SPONSOR: ("academic",), Dimension.CLUSTER: ("1",)}, 1),
        ({Dimension.PHASE: ("PHASE9",)}, 0),
        ({Dimension.INSTITUTION: ("no id",)}, 0),
    ],
)
def test_a_lens_keeps_the_cases_that_have_one_value_of_each_dimension(held, n):
    made = block(*(opened(pk, 100) for pk in range(1, 7)))
    assert figures.mask_of(made, Lens(ALL.first_month, ALL.last_month, held)).sum() == n


def test_a_lens_keeps_the_months_of_selection_both_ends_included():
    made = block(*(case(pk, start=pk * 20) for pk in range(1, 7)))
    lens = Lens(date(2025, 2, 1), date(2025, 3, 1))
    kept = [FIRST + timedelta(20 * pk) for pk in range(1, 7)]
    assert figures.mask_of(made, lens).sum() == sum(day.month in (2, 3) for day in kept)


def test_groups_part_the_cases_of_a_mask():
    made = block(*random_cases(60, 2))
    mask = figures.mask_of(made, ALL)
    for dimension in Dimension:
        parted = figures.groups(made, dimension, mask)
        assert sum(parted.sizes().values()) == mask.sum()
        column = made.cases[figures.COLUMN_OF[dimension]]
        for key in parted.keys:
            alike = mask & np.isin(column, figures.codes_of(made, dimension, [key]))
            assert np.array_equal(parted.mask(key), alike)
    for parted in (figures.quarters(made, mask), figures.months(made, mask)):
        assert sum(parted.sizes().values()) == mask.sum()


def test_months_and_quarters_hold_the_days_that_lie_in_them():
    made = block(*(case(pk, start=pk * 17) for pk in range(1, 40)))
    mask = figures.mask_of(made, ALL)
    mask[3] = False
    days = [date.fromordinal(day) for day in made.cases["start"].tolist()]
    months, quarters = figures.months(made, mask), figures.quarters(made, mask)
    for row, day in enumerate(days):
        if mask[row]:
            assert months.keys[months.place[row]] == f"{day:%Y-%m}"
            assert quarters.keys[quarters.place[row]] == f"{day.year} Q{(day.month + 2) // 3}"
        else:
            assert months.place[row] == quarters.place[row] == -1


def test_a_measure_parted_by_groups_is_that_of_each_groups_mask():
    made = block(*random_cases(60, 4))
    mask = figures.mask_of(made, ALL)
    parted = figures.groups(made, Dimension.PHASE, mask).among(["PHASE3", "PHASE1"])
    found = parted.of(whole(made))
    assert list(found) == ["PHASE3", "PHASE1"]
    for key, times in found.items():
        alone = figures.times(made, "whole", parted.mask(key), AS_OF)
        for part in ("rows", "days", "ending"):
            assert np.array_equal(getattr(times, part), getattr(alone, part))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_lost_days_add_up_to_the_days_that_opened_cases_took(seed):
    made = block(*random_cases(40, seed))
    held = figures.lost_days(made, figures.mask_of(made, ALL))
    assert sum(held.by_stage().values()) == sum(held.by_party().values()) == held.elapsed


def test_what_followed_what_is_counted_with_its_median():
    made = block(opened(1, 100), opened(2, 200), opened(3, 300), case(4))
    found = figures.edges(made, figures.mask_of(made, ALL))
    first = next(edge for edge in found if edge.before == "selected")
    assert (first.after, first.n, first.median) == ("feasibility", 3, 20.0)


def test_only_what_one_party_has_held_for_long_is_stuck():
    made = block(case(1, start=500), case(2, start=590), opened(3, 100))
    mask = figures.mask_of(made, ALL)
    rows = np.flatnonzero(figures.stuck(made, mask, AS_OF, 30))
    assert made.cases["case"][rows].tolist() == [1]
    assert figures.unfinished(made, mask).sum() == 2


def test_a_measure_that_no_case_has_is_an_empty_figure():
    found = figures.figure(whole(block(opened(1, 100)), measure="import_permit"), 30)
    assert (found.n, found.median.value, found.share.fraction) == (0, None, None)
    assert figures.figure(whole(columns.block_of([])), None).n == 0
    assert figures.lost_days(columns.block_of([]), np.zeros(0, bool)).n == 0
    assert figures.edges(columns.block_of([]), np.zeros(0, bool)) == []
    assert Ending.REACHED in figures.COMPETING
