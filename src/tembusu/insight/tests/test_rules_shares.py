"""Shares within a target, and funnels; beside published values."""

import math

import numpy as np
import pytest
from scipy import stats

from tembusu.insight.rules import funnel
from tembusu.insight.rules.funnel import Unit
from tembusu.insight.rules.shares import share, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (34, 100, 0.2546, 0.4372),
        (0, 10, 0.0, 0.2775),  # Newcombe, Stat Med 1998; 17: 857-872, Table I: 0/20 and its like
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Table I, method 3
        (15, 148, 0.0624, 0.1605),  # the same
        (0, 20, 0.0, 0.1611),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
    ],
)
def test_wilsons_interval_is_that_of_the_source(k, n, low, high):
    found = wilson(k, n)
    assert found == pytest.approx((low, high), abs=6e-5)


def test_what_is_not_due_yet_is_not_judged():
    held = share(n_within=6, n_missed=4, n_waiting=90)
    assert (held.n, held.fraction, held.n_waiting) == (10, 0.6, 90)


def test_nothing_judged_is_no_share():
    held = share(n_within=0, n_missed=0, n_waiting=3)
    assert (held.fraction, held.low, held.high) == (None, None, None)


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="below nought"):
        share(n_within=-1, n_missed=2, n_waiting=0)


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (12, 0.34), (80, 0.34), (400, 0.05), (5000, 0.5)])
def test_limits_interpolate_the_exact_binomial(n, p):
    """Spiegelhalter 2005, A.1.1, computed here with SciPy's distribution."""
    at = funnel.limits(n, p)
    for level, found in ((0.025, at.inner_low), (0.999, at.outer_high)):
        r = int(stats.binom.ppf(level, n, p))
        width = stats.binom.pmf(r, n, p)
        expected = (r - (stats.binom.cdf(r, n, p) - level) / width) / n
        assert found == pytest.approx(min(1, max(0, expected)), abs=1e-9)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_limits_of_all_or_nothing_are_there_too(p):
    at = funnel.limits(10, p)
    assert at.outer_low <= at.inner_low <= at.inner_high <= at.outer_high <= 1


@pytest.mark.parametrize(("n", "p"), [(0, 0.5), (3, 1.2)])
def test_limits_of_nothing_are_refused(n, p):
    with pytest.raises(ValueError, match="one case or more"):
        funnel.limits(n, p)


@pytest.mark.parametrize(
    ("k", "n", "said"),
    [
        (34, 100, "as expected"),
        (46, 100, "above"),
        (55, 100, "far above"),
        (24, 100, "below"),
        (15, 100, "far below"),
        (1, 1, "as expected"),  # one case says little
    ],
)
def test_a_unit_is_read_against_chance(k, n, said):
    assert funnel.reading(Unit("a", k, n), 0.34) == said


def test_alike_units_are_not_overdispersed_and_unlike_ones_are():
    random = np.random.default_rng(7)
    alike = [Unit(str(i), int(random.binomial(50, 0.4)), 50) for i in range(60)]
    unlike = [Unit(str(i), 5 if i % 2 else 35, 50) for i in range(60)]
    assert not funnel.is_overdispersed(funnel.dispersion(alike, 0.4), 60)
    assert funnel.is_overdispersed(funnel.dispersion(unlike, 0.4), 60)
    assert funnel.dispersion(alike[:4], 0.4) is None


def test_lines_run_from_one_case_to_the_largest_unit():
    held = funnel.lines(80, 0.34)
    assert (held[0].n, held[-1].n) == (1, 80)
    assert all(math.isfinite(at.outer_high) for at in held)
