import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.foundation.ui import charts
from tembusu.foundation.ui.terms import Bar, Point

finite = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 171, [0, 50, 100, 150, 200]),
        (120, 185, [120, 140, 160, 180, 200]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (7, 7, [6, 8]),
        (-5, 5, [-5, -2.5, 0, 2.5, 5]),
    ],
)
def test_ticks_are_round_numbers(low, high, ticks):
    found = charts.nice_ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    if low != high:
        assert found == pytest.approx(ticks)


@given(finite, finite)
def test_ticks_enclose_what_is_drawn(one, other):
    low, high = sorted((one, other))
    found = charts.nice_ticks(low, high)
    slack = (found[-1] - found[0]) * 1e-6
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert 2 <= len(found) <= 7


@pytest.mark.parametrize(("low", "high"), [(1, 0), (math.nan, 1), (0, math.inf)])
def test_ticks_of_nothing_drawable_are_refused(low, high):
    with pytest.raises(ValueError, match="finite"):
        charts.nice_ticks(low, high)


def test_bars_are_measured_against_the_longest():
    drawn = charts.bars([Bar("a", 50, "50 days"), Bar("b", 200), Bar("c", 0)])
    assert [(bar.width_pct, bar.text) for bar in drawn] == [(25, "50 days"), (100, "200"), (0, "0")]


def test_bars_of_nothing_have_no_width():
    assert [bar.width_pct for bar in charts.bars([Bar("a", 0)])] == [0]
    assert charts.bars([]) == []


def test_a_negative_bar_is_refused():
    with pytest.raises(ValueError, match="trend instead"):
        charts.bars([Bar("a", -1)])


def test_a_trend_stands_inside_the_picture_and_labels_its_ends():
    drawn = charts.trend([Point("Q1", 10, 8, 12), Point("Q2", 20), Point("Q3", 30, 25, 35)])
    assert [p.has_label for p in drawn.points] == [True, False, True]
    assert all(0 <= p.x_pct <= 100 and 0 <= p.y_pct <= 100 for p in drawn.points)
    assert drawn.points[0].y_pct > drawn.points[-1].y_pct
    assert drawn.band.count(",") == 4


def test_a_target_at_the_foot_leaves_room_for_its_words():
    drawn = charts.trend([Point("a", 160), Point("b", 130)], target=120, from_zero=False)
    assert drawn.target_pct < 100


def test_a_trend_of_one_point_stands_in_the_middle():
    assert charts.trend([Point("a", 1)]).points[0].x_pct == 50


def test_a_trend_without_points_is_refused():
    with pytest.raises(ValueError, match="needs a point"):
        charts.trend([])
