"""Cut-offs: rules of real bodies, the shapes they generalise to, and the rules that mean nothing."""

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialtime import cutoffs
from trialtime.calendars import YearNotCovered, is_working_day, national_calendar
from trialtime.cutoffs import (
    CutOff,
    CutOffRefused,
    Every,
    list_occasions,
    next_cut_off,
    next_occasion,
    read_cut_off,
    say_cut_off,
)

SINGAPORE = national_calendar("SG", first_year=2025, last_year=2028)
FIRST = {"every": "working day", "n": 1, "except_months": [12]}


def test_the_worked_examples_are_right():
    assert doctest.testmod(cutoffs).failed == 0


@pytest.mark.parametrize(
    ("table", "day", "expected"),
    [
        (FIRST, date(2026, 1, 2), date(2026, 1, 2)),  # the 1st is New Year's Day; on the day is in time
        (FIRST, date(2026, 1, 3), date(2026, 2, 2)),
        (FIRST, date(2026, 5, 5), date(2026, 6, 2)),  # 1 June is the day in lieu of Vesak
        (FIRST, date(2026, 11, 2), date(2026, 11, 2)),
        (FIRST, date(2026, 11, 3), date(2027, 1, 4)),  # not in December
        ({"every": "working day", "n": -1}, date(2026, 1, 1), date(2026, 1, 30)),
        ({"every": "working day", "n": 3}, date(2026, 5, 1), date(2026, 5, 6)),
        ({"every": "weekday", "weekday": "Tuesday", "n": 2}, date(2026, 3, 11), date(2026, 4, 14)),
        ({"every": "weekday", "weekday": "Friday", "n": 5}, date(2026, 2, 1), date(2026, 5, 29)),
        ({"every": "day", "n": 15}, date(2026, 2, 1), date(2026, 2, 15)),
        ({"every": "day", "n": 15, "if_not_working": "later"}, date(2026, 2, 1), date(2026, 2, 16)),
        ({"every": "day", "n": 15, "if_not_working": "earlier"}, date(2026, 2, 1), date(2026, 2, 13)),
        ({"every": "day", "n": -1, "if_not_working": "later"}, date(2026, 2, 1), date(2026, 2, 2)),
        ({"every": "day", "n": 31}, date(2026, 2, 1), date(2026, 3, 31)),
        ({"every": "day", "n": 29}, date(2027, 2, 1), date(2027, 3, 29)),
        (
            {"every": "weekday", "weekday": "Tuesday", "n": 2, "before": 10},
            date(2026, 3, 2),
            date(2026, 3, 30),  # for 14 April, over Good Friday
        ),
        (
            {"every": "dates", "dates": ["2026-06-18", date(2026, 3, 12)], "before": 14,
             "before_unit": "calendar"},
            date(2026, 2, 27),
            date(2026, 6, 4),
        ),
    ],
)  # fmt: skip
def test_the_next_cut_off_is_on_or_after_the_day(table, day, expected):
    assert next_cut_off(read_cut_off(table), day, SINGAPORE) == expected


def test_a_cut_off_is_told_with_its_meeting():
    rule = read_cut_off({"every": "weekday", "weekday": "Tuesday", "n": 2, "before": 10})
    occasion = next_occasion(rule, date(2026, 3, 2), SINGAPORE)
    assert (occasion.cut_off_date, occasion.meeting_date) == (date(2026, 3, 30), date(2026, 4, 14))


def test_a_year_of_cut_offs_is_listed():
    found = list_occasions(read_cut_off(FIRST), date(2028, 1, 1), date(2028, 12, 31), SINGAPORE)
    assert [each.cut_off_date.month for each in found] == list(range(1, 12))
    assert all(each.cut_off_date == each.meeting_date for each in found)


@given(st.dates(date(2025, 2, 1), date(2027, 10, 31)), st.integers(1, 15))
def test_listing_agrees_with_asking_again_and_again(day, n):
    rule = CutOff(Every.WORKING_DAY, n=n, except_months=frozenset({12}))
    asked = next_cut_off(rule, day, SINGAPORE)
    assert is_working_day(asked, SINGAPORE)
    assert list_occasions(rule, day, asked, SINGAPORE)[0].cut_off_date == asked
    assert len(list_occasions(rule, day, asked, SINGAPORE)) == 1


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"every": "moon"}, "'working day'"),
        ({}, "every = None"),
        ({"every": "day", "monthly": True}, "unknown key 'monthly'"),
        ({"every": "day", "n": 0}, "count from 1"),
        ({"every": "day", "n": 32}, "count from 1"),
        ({"every": "day", "n": "1"}, "whole number"),
        ({"every": "day", "n": True}, "whole number"),
        ({"every": "weekday"}, "a weekday"),
        ({"every": "weekday", "weekday": "Dienstag"}, "Monday, Tuesday"),
        ({"every": "day", "weekday": "Monday"}, "nothing else"),
        ({"every": "dates"}, "at least one"),
        ({"every": "dates", "dates": ["soon"]}, "2026-03-21"),
        ({"every": "day", "dates": ["2026-01-01"]}, "belong to 'every dates'"),
        ({"every": "dates", "dates": "2026-01-01"}, "give a list"),
        ({"every": "day", "except_months": [13]}, "from 1 to 12"),
        ({"every": "day", "except_months": list(range(1, 13))}, "not all"),
        ({"every": "day", "before": -1}, "not negative"),
        ({"every": "day", "before": 2, "before_unit": "moons"}, "before_unit"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(table, said):
    with pytest.raises(CutOffRefused, match=said):
        read_cut_off(table)


@pytest.mark.parametrize(
    "table",
    [
        {"every": "dates", "dates": ["2026-01-05"]},
        {"every": "working day", "n": 31},
        {"every": "day", "n": 30, "except_months": [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]},
    ],
)
def test_a_rule_that_gives_no_further_day_is_refused(table):
    with pytest.raises(CutOffRefused, match="gives no day on or after 2026-01-06"):
        next_cut_off(read_cut_off(table), date(2026, 1, 6), SINGAPORE)


def test_a_cut_off_in_a_year_without_holidays_is_refused():
    with pytest.raises(YearNotCovered):
        next_cut_off(read_cut_off(FIRST), date(2028, 12, 1), SINGAPORE)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (FIRST, "first working day of the month, except in December"),
        (
            {"every": "weekday", "weekday": "Tuesday", "n": 2, "before": 10},
            "10 working days before the second Tuesday of the month",
        ),
        (
            {"every": "day", "n": 15, "if_not_working": "later"},
            "day 15 of the month; if that is no working day, the next later",
        ),
        ({"every": "day", "n": -1}, "last day of the month"),
        ({"every": "dates", "dates": ["2026-01-05"]}, "given dates (1)"),
        ({"every": "working day", "n": 8}, "no. 8 working day of the month"),
    ],
)
def test_a_rule_is_said_in_words(table, said):
    assert say_cut_off(read_cut_off(table)) == said
