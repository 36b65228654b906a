"""Working days: the nation's real calendar, adding and counting, months, and what is refused."""

import doctest
import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialtime import attribution, calendars, clocks
from trialtime.calendars import (
    WEEKEND,
    Calendar,
    CalendarNeeded,
    CalendarNotUsable,
    Span,
    Unit,
    YearNotCovered,
    add_months,
    add_span,
    add_working_days,
    add_years,
    count,
    is_working_day,
    national_calendar,
    working_days_between,
)

SINGAPORE = national_calendar("SG", first_year=2020, last_year=2027)
days = st.dates(date(2022, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize("module", [calendars, clocks, attribution], ids=lambda m: m.__name__)
def test_the_worked_examples_are_right(module):
    assert doctest.testmod(module).failed == 0


# As gazetted by the Ministry of Manpower for each year (mom.gov.sg, public holidays).
@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2024, 2, 12), "Chinese New Year (observed)"),  # the second day was a Sunday
        (date(2024, 4, 10), "Hari Raya Puasa"),
        (date(2024, 6, 17), "Hari Raya Haji"),
        (date(2025, 5, 12), "Vesak Day"),
        (date(2025, 10, 20), "Deepavali"),
        (date(2026, 6, 1), "Vesak Day (observed)"),
        (date(2026, 8, 10), "National Day (observed)"),
        (date(2026, 11, 9), "Deepavali (observed)"),
    ],
)
def test_a_gazetted_holiday_is_no_working_day(day, name):
    assert SINGAPORE.holidays[day] == name
    assert not is_working_day(day, SINGAPORE)


@pytest.mark.parametrize("day", [date(2025, 5, 5), date(2025, 6, 9), date(2025, 8, 11)])
def test_a_holiday_on_a_saturday_gives_no_day_in_lieu(day):
    assert is_working_day(day, SINGAPORE)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2024, 2, 9), 1, date(2024, 2, 13)),  # over the New Year and its day in lieu
        (date(2024, 2, 13), -1, date(2024, 2, 9)),
        (date(2025, 12, 24), 5, date(2026, 1, 2)),  # over the end of a year
        (date(2026, 1, 2), -5, date(2025, 12, 24)),
        (date(2026, 3, 7), 0, date(2026, 3, 7)),  # a Saturday is left where it is
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), -1, date(2026, 3, 6)),
        (date(2026, 3, 2), 30, date(2026, 4, 14)),  # Good Friday between; Hari Raya on a Saturday
    ],
)
def test_working_days_are_added_both_ways(day, n, expected):
    assert add_working_days(day, n, SINGAPORE) == expected


@given(days, st.integers(0, 200))
def test_counting_undoes_adding(day, n):
    assert working_days_between(day, add_working_days(day, n, SINGAPORE), SINGAPORE) == n


@given(days, st.integers(0, 200))
def test_counting_undoes_adding_backwards_from_a_working_day(day, n):
    start = add_working_days(day, 1, SINGAPORE)
    assert working_days_between(start, add_working_days(start, -n, SINGAPORE), SINGAPORE) == -n


@given(days, days, days)
def test_counts_add_up_and_turn_round(one, two, three):
    def between(a, b):
        return working_days_between(a, b, SINGAPORE)

    assert between(one, two) + between(two, three) == between(one, three)
    assert between(one, two) == -between(two, one)


@given(days, st.integers(-150, 150).filter(bool))
def test_adding_lands_on_a_working_day_and_agrees_with_walking(day, n):
    answer = add_working_days(day, n, SINGAPORE)
    walked, left = day, abs(n)
    while left:
        walked += timedelta(days=1 if n > 0 else -1)
        left -= is_working_day(walked, SINGAPORE)
    assert answer == walked


@given(days, days)
def test_counting_agrees_with_looking_at_each_day(one, two):
    start, end = sorted((one, two))
    looked = sum(
        is_working_day(start + timedelta(days=n), SINGAPORE)
        for n in range(1, (end - start).days + 1)
    )
    assert working_days_between(start, end, SINGAPORE) == looked


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: is_working_day(date(2030, 1, 2), SINGAPORE), "extend the calendar to 2030"),
        (lambda: add_working_days(date(2019, 12, 31), 1, SINGAPORE), "2020 to 2027"),
        (lambda: add_working_days(date(2027, 12, 30), 5, SINGAPORE), "extend it"),
        (lambda: add_working_days(date(2020, 1, 2), -5, SINGAPORE), "extend it"),
        (lambda: working_days_between(date(2027, 1, 4), date(2028, 1, 4), SINGAPORE), "2028-01-04"),
        (lambda: national_calendar("SG", first_year=1800, last_year=1801), "known from"),
    ],
)
def test_a_calendar_without_the_year_refuses_and_says_which_years_it_has(ask, said):
    with pytest.raises(YearNotCovered, match=said):
        ask()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: national_calendar("XX", first_year=2025, last_year=2025), "ISO 3166"),
        (
            lambda: national_calendar("SG", subdivision="Y", first_year=2025, last_year=2025),
            "part 'Y'",
        ),
        (lambda: national_calendar("SG", first_year=2026, last_year=2025), "earlier year first"),
        (lambda: Calendar("odd", 2026, 2025, WEEKEND, {}), "earlier year first"),
        (lambda: Calendar("odd", 2025, 2025, frozenset(range(7)), {}), "no working day"),
    ],
)
def test_a_calendar_that_means_nothing_is_refused(make, said):
    with pytest.raises(CalendarNotUsable, match=said):
        make()


def test_days_can_be_added_and_taken_away():
    calendar = national_calendar(
        "SG",
        first_year=2026,
        last_year=2026,
        added=[(date(2026, 3, 3), "Polling Day"), (date(2031, 3, 3), "outside")],
        removed=[date(2026, 5, 1)],
    )
    assert calendar.holidays[date(2026, 3, 3)] == "Polling Day"
    assert is_working_day(date(2026, 5, 1), calendar)
    assert date(2031, 3, 3) not in calendar.holidays


def test_another_country_has_its_own_week_and_parts():
    emirates = national_calendar("IL", first_year=2025, last_year=2025)
    assert emirates.weekend == {4, 5}
    scotland = national_calendar("GB", subdivision="SCT", first_year=2025, last_year=2025)
    england = national_calendar("GB", subdivision="ENG", first_year=2025, last_year=2025)
    assert not is_working_day(date(2025, 1, 2), scotland)
    assert is_working_day(date(2025, 1, 2), england)


def test_a_calendar_is_a_value():
    again = national_calendar("SG", first_year=2020, last_year=2027)
    assert again == SINGAPORE
    assert hash(again) == hash(SINGAPORE)
    assert pickle.loads(pickle.dumps(SINGAPORE)) == SINGAPORE  # noqa: S301  (our own bytes)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 1, 31), 2, date(2025, 3, 31)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2025, 1, 15), -1, date(2024, 12, 15)),
    ],
)
def test_a_month_too_short_gives_its_last_day(day, n, expected):
    assert add_months(day, n) == expected


def test_the_anniversary_of_29_february_stays_in_february():
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(10, Unit.WORKING), date(2026, 1, 29)),
        (Span(10, Unit.CALENDAR), date(2026, 1, 25)),
        (Span(-2, Unit.WORKING), date(2026, 1, 13)),
        (Span(6, Unit.MONTHS), date(2026, 7, 15)),
    ],
)
def test_a_span_is_added_in_its_unit(span, expected):
    assert add_span(date(2026, 1, 15), span, SINGAPORE) == expected


@given(days, st.integers(0, 60), st.sampled_from(list(Unit)))
def test_counting_undoes_a_span_in_days(day, n, unit):
    end = add_span(day, Span(n, unit), SINGAPORE)
    assert count(day, end, unit, SINGAPORE) == n


@given(days, days)
def test_full_months_turn_round(one, two):
    assert count(one, two, Unit.MONTHS, None) == -count(two, one, Unit.MONTHS, None)


def test_working_days_need_a_calendar_and_the_others_none():
    with pytest.raises(CalendarNeeded):
        add_span(date(2026, 1, 1), Span(1, Unit.WORKING), None)
    with pytest.raises(CalendarNeeded):
        count(date(2026, 1, 1), date(2026, 1, 2), Unit.WORKING, None)
    assert count(date(2026, 1, 1), date(2026, 1, 31), Unit.CALENDAR, None) == 30


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(1, Unit.WORKING), "1 working day"),
        (Span(30, Unit.CALENDAR), "30 calendar days"),
        (Span(6, Unit.MONTHS), "6 months"),
    ],
)
def test_a_span_is_said_in_words(span, said):
    assert str(span) == said
