"""Clocks that stop: elapsed, whose side it ran on, due, overdue, and the dates that are refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialtime.calendars import Span, Unit, add_span, national_calendar
from trialtime.clocks import (
    ClockInMonths,
    NegativeDuration,
    OverlappingStops,
    Turn,
    TurnOutsideClock,
    read_clock,
)

SINGAPORE = national_calendar("SG", first_year=2024, last_year=2028)
START = date(2026, 1, 5)


def read(**given_values):
    values = {
        "start_date": START,
        "end_date": None,
        "as_of": date(2026, 3, 31),
        "target": Span(30, Unit.WORKING),
        "stops": [],
        "runs_for": "regulator",
        "calendar": SINGAPORE,
        "unit": Unit.WORKING,
    }
    return read_clock(**values | given_values)


def query(first, last=None, party="sponsor"):
    return Turn(party, first, last)


@pytest.mark.parametrize(
    ("stops", "end", "elapsed", "counted", "due", "days_over"),
    [
        # 30 working days from Monday 5 January, over the New Year of 17 and 18 February
        ([], date(2026, 2, 13), 29, 29, date(2026, 2, 16), 0),
        ([], date(2026, 2, 16), 30, 30, date(2026, 2, 16), 0),
        ([], date(2026, 2, 19), 31, 31, date(2026, 2, 16), 1),
        # a query out for ten working days moves the due date by ten
        ([query(date(2026, 1, 12), date(2026, 1, 26))], date(2026, 3, 4), 40, 30, date(2026, 3, 4), 0),
        ([query(date(2026, 1, 12), date(2026, 1, 26))], date(2026, 3, 5), 41, 31, date(2026, 3, 4), 1),
        # asked and answered on one day: nothing stood still
        ([query(date(2026, 1, 12), date(2026, 1, 12))], date(2026, 2, 16), 30, 30, date(2026, 2, 16), 0),
        # asked on the day of receipt
        ([query(START, date(2026, 1, 12))], date(2026, 2, 25), 35, 30, date(2026, 2, 25), 0),
        # ended while the query was out
        ([query(date(2026, 1, 12), None)], date(2026, 1, 26), 15, 5, date(2026, 3, 4), 0),
    ],
)  # fmt: skip
def test_a_clock_is_read(stops, end, elapsed, counted, due, days_over):
    reading = read(stops=stops, end_date=end)
    assert (reading.elapsed, reading.counted) == (elapsed, counted)
    assert (reading.due_date, reading.days_over) == (due, days_over)
    assert reading.is_overdue == (days_over > 0)
    assert reading.elapsed == sum(reading.by_party.values())


def test_a_calendar_clock_does_not_see_the_weekend():
    reading = read(unit=Unit.CALENDAR, target=Span(7, Unit.CALENDAR), calendar=None, as_of=START)
    assert reading.due_date == date(2026, 1, 12)


def test_a_target_in_one_unit_is_read_in_the_other():
    reading = read(unit=Unit.CALENDAR, target=Span(5, Unit.WORKING), end_date=date(2026, 1, 13))
    assert (reading.elapsed, reading.due_date, reading.days_over) == (8, date(2026, 1, 12), 1)


def test_an_open_stop_holds_the_clock_and_its_due_date_moves_each_day():
    stop = query(date(2026, 1, 12))
    monday = read(stops=[stop], as_of=date(2026, 1, 19))
    tuesday = read(stops=[stop], as_of=date(2026, 1, 20))
    assert monday.is_stopped
    assert monday.counted == tuesday.counted == 5
    assert monday.due_date < tuesday.due_date


def test_the_clock_runs_again_on_the_day_of_the_answer():
    reading = read(stops=[query(date(2026, 1, 12), date(2026, 1, 19))], as_of=date(2026, 1, 19))
    assert not reading.is_stopped
    assert reading.by_party == {"regulator": 5, "sponsor": 5}


def test_a_turn_of_the_party_itself_does_not_stop_its_clock():
    reading = read(stops=[query(date(2026, 1, 12), party="regulator")], as_of=date(2026, 1, 26))
    assert reading.counted == reading.elapsed == 15
    assert not reading.is_stopped


def test_what_comes_after_the_day_of_reading_has_not_happened():
    stops = [query(date(2026, 1, 12), date(2026, 1, 26)), query(date(2026, 2, 2), date(2026, 2, 9))]
    then = read(stops=stops, end_date=date(2026, 3, 2), as_of=date(2026, 1, 20))
    assert then == read(stops=[query(date(2026, 1, 12))], as_of=date(2026, 1, 20))


def test_a_clock_that_starts_tomorrow_stands_at_nought():
    reading = read(as_of=date(2026, 1, 1))
    assert (reading.elapsed, reading.counted, reading.is_overdue) == (0, 0, False)
    assert reading.due_date == date(2026, 2, 16)


def test_without_a_target_nothing_is_due():
    reading = read(target=None)
    assert (reading.due_date, reading.is_overdue, reading.days_over) == (None, False, 0)


@pytest.mark.parametrize(
    ("refusal", "said", "wrong"),
    [
        (NegativeDuration, "before it starts on 2026-01-05", {"end_date": date(2026, 1, 4)}),
        (
            NegativeDuration,
            "turn of 'sponsor' ends on 2026-01-11",
            {"stops": [query(date(2026, 1, 12), date(2026, 1, 11))]},
        ),
        (
            OverlappingStops,
            "begins while 'sponsor' holds it",
            {
                "stops": [
                    query(date(2026, 1, 20), date(2026, 2, 2), "site"),
                    query(date(2026, 1, 12), date(2026, 1, 21)),
                ]
            },
        ),
        (
            OverlappingStops,
            "and not ended",
            {"stops": [query(date(2026, 1, 12)), query(date(2026, 2, 2), date(2026, 2, 3))]},
        ),
        (TurnOutsideClock, "outside its clock", {"stops": [query(date(2026, 1, 2))]}),
        (
            TurnOutsideClock,
            "to 2026-01-30",
            {
                "stops": [query(date(2026, 1, 12), date(2026, 2, 2))],
                "end_date": date(2026, 1, 30),
            },
        ),
        (
            TurnOutsideClock,
            "correct the turn",
            {"stops": [query(date(2026, 2, 2))], "end_date": date(2026, 1, 30)},
        ),
        (ClockInMonths, "in days", {"target": Span(2, Unit.MONTHS)}),
        (ClockInMonths, "in days", {"unit": Unit.MONTHS}),
    ],
)
def test_dates_that_contradict_each_other_are_refused(refusal, said, wrong):
    with pytest.raises(refusal, match=said):
        read(**wrong)


@st.composite
def clocks(draw):
    """A clock with stops that follow on one another, some with no days between."""
    start = draw(st.dates(date(2025, 1, 1), date(2025, 6, 30)))
    steps = draw(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4))
    here, stops = start, []
    for gap, length in steps:
        begun = here + timedelta(days=gap)
        here = begun + timedelta(days=length)
        stops.append(Turn(draw(st.sampled_from(("sponsor", "site"))), begun, here))
    end = here + timedelta(days=draw(st.integers(0, 30)))
    return start, end, stops


@given(clocks(), st.sampled_from((Unit.WORKING, Unit.CALENDAR)), st.integers(0, 60))
def test_the_sides_of_a_clock_add_up_and_its_due_date_uses_up_the_target(clock, unit, n):
    start, end, stops = clock
    reading = read(
        start_date=start, end_date=end, as_of=end, stops=stops, unit=unit, target=Span(n, unit)
    )
    assert sum(reading.by_party.values()) == reading.elapsed
    assert reading.counted == reading.by_party["regulator"]
    assert reading.days_over == max(0, reading.counted - n)
    if reading.due_date >= end:
        assert add_span(end, Span(n - reading.counted, unit), SINGAPORE) == reading.due_date
    assert reading.is_overdue == (n < reading.counted)


@given(clocks(), st.randoms())
def test_the_order_in_which_stops_are_given_does_not_matter(clock, shuffler):
    start, end, stops = clock
    mixed = list(stops)
    shuffler.shuffle(mixed)
    if len({(stop.start_date, stop.end_date) for stop in stops}) == len(stops):
        assert read(start_date=start, end_date=end, as_of=end, stops=mixed) == read(
            start_date=start, end_date=end, as_of=end, stops=stops
        )
