"""Dates that cannot all be true are refused, and both are named."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tembusu.coordination.submissions.rules import dates, turns
from tembusu.coordination.submissions.terms import Dates, Holder, Stop, SubmissionState

TODAY = date(2026, 3, 31)


def march(day):
    return date(2026, 3, day)


GOOD = (
    Dates(),
    Dates(submitted=march(2)),
    Dates(submitted=march(2), received=march(2)),
    Dates(submitted=march(2), received=march(4), stops=(Stop(march(5), march(9)),)),
    Dates(
        submitted=march(2),
        received=march(4),
        stops=(Stop(march(5), march(9)), Stop(march(9), march(12))),
        decided=march(12),
        valid_from=march(12),
        valid_to=date(2027, 3, 11),
    ),
    Dates(submitted=march(2), stops=(Stop(march(5), None),)),
    Dates(submitted=march(2), withdrawn=march(2)),
    Dates(submitted=march(2), received=march(3), stops=(Stop(march(5), march(5)),)),
)
BAD = (
    (Dates(decided=march(4)), "decision of 4 Mar 2026", "no date of submission"),
    (Dates(received=march(4)), "receipt of 4 Mar 2026", "no date of submission"),
    (Dates(submitted=march(9), decided=march(4)), "4 Mar 2026", "9 Mar 2026"),
    (Dates(submitted=march(9), received=march(8)), "8 Mar 2026", "9 Mar 2026"),
    (
        Dates(submitted=march(1), received=march(9), decided=march(8)),
        "decided on 8 Mar 2026",
        "received on 9 Mar 2026",
    ),
    (
        Dates(submitted=march(2), stops=(Stop(march(9), march(5)),)),
        "5 Mar 2026",
        "9 Mar 2026",
    ),
    (
        Dates(submitted=march(9), stops=(Stop(march(5), march(12)),)),
        "5 Mar 2026",
        "9 Mar 2026",
    ),
    (
        Dates(submitted=march(2), stops=(Stop(march(5), march(12)),), decided=march(10)),
        "5 Mar 2026",
        "10 Mar 2026",
    ),
    (
        Dates(submitted=march(2), stops=(Stop(march(5), None),), decided=march(10)),
        "no answer",
        "10 Mar 2026",
    ),
    (Dates(submitted=march(9), withdrawn=march(2)), "2 Mar 2026", "9 Mar 2026"),
    (
        Dates(submitted=march(2), decided=march(4), withdrawn=march(9)),
        "4 Mar 2026",
        "9 Mar 2026",
    ),
    (
        Dates(submitted=march(2), decided=march(4), valid_from=march(5), valid_to=march(4)),
        "5 Mar 2026",
        "4 Mar 2026",
    ),
    (Dates(valid_to=march(5)), "valid", "decided"),
    (Dates(submitted=date(2026, 4, 1)), "1 Apr 2026", "31 Mar 2026"),
)
OVERLAPS = (
    (Stop(march(5), march(9)), Stop(march(8), march(12))),
    (Stop(march(5), None), Stop(march(8), march(12))),
    (Stop(march(5), None), Stop(march(5), None)),
    (Stop(march(8), march(12)), Stop(march(5), march(20))),
)


@pytest.mark.parametrize("good", GOOD)
def test_dates_that_can_be_true_pass(good):
    dates.check_dates(good, today=TODAY)


@pytest.mark.parametrize(("bad", "first", "second"), BAD)
def test_dates_that_contradict_are_refused_with_both_named(bad, first, second):
    with pytest.raises(dates.DatesRefused) as refused:
        dates.check_dates(bad, today=TODAY)
    assert first in str(refused.value)
    assert second in str(refused.value)


@pytest.mark.parametrize("stops", OVERLAPS)
def test_rounds_that_overlap_are_refused(stops):
    with pytest.raises(dates.OverlapRefused, match="can't be stopped twice"):
        dates.check_dates(Dates(submitted=march(2), stops=stops), today=TODAY)


@given(
    st.sets(st.sampled_from(range(1, 60)), min_size=2, max_size=9).map(
        lambda found: sorted(found)[: len(found) // 2 * 2]
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_rounds_that_follow_each_other_are_never_refused(offsets):
    days = [march(1) + timedelta(n) for n in sorted(offsets)]
    stops = tuple(Stop(a, b) for a, b in zip(days[::2], days[1::2], strict=True))
    dates.check_stops(stops, received=march(1), decided=days[-1])


@pytest.mark.parametrize(
    ("state", "found", "holder", "since"),
    [
        (SubmissionState.DRAFT, Dates(), Holder.APPLICANT, march(1)),
        (SubmissionState.SUBMITTED, Dates(submitted=march(2)), Holder.BODY, march(2)),
        (
            SubmissionState.QUERIED,
            Dates(submitted=march(2), stops=(Stop(march(3), march(4)), Stop(march(7), None))),
            Holder.APPLICANT,
            march(7),
        ),
        (
            SubmissionState.UNDER_REVIEW,
            Dates(submitted=march(2), stops=(Stop(march(3), march(9)),)),
            Holder.BODY,
            march(9),
        ),
        (
            SubmissionState.DECIDED,
            Dates(submitted=march(2), decided=march(12)),
            Holder.NOBODY,
            march(12),
        ),
        (
            SubmissionState.WITHDRAWN,
            Dates(submitted=march(2), withdrawn=march(12)),
            Holder.NOBODY,
            march(12),
        ),
    ],
)
def test_the_turn_is_known_with_its_first_day(state, found, holder, since):
    assert turns.standing(state, found, started=march(1)) == turns.Standing(holder, since)


def test_stops_are_cut_to_the_clock_and_empty_ones_left_out():
    stops = (Stop(march(1), march(4)), Stop(march(6), march(6)), Stop(march(8), None))
    cut = turns.stops_for_clock(stops, start=march(2), end=march(12))
    assert cut == [Stop(march(2), march(4)), Stop(march(8), march(12))]
