"""Which dates of a milestone can be true together; refusals name both."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.startup.rules import dates, moves
from tembusu.coordination.startup.terms import CaseTurn, MilestoneFacts, MilestoneState, PathState
from tembusu.foundation.core.states import IllegalMove, check_move

SELECTED, TODAY = date(2026, 1, 5), date(2026, 6, 1)


def facts(label="Agreement signed", state=MilestoneState.COMPLETED, **more):
    return MilestoneFacts(key="k", label=label, state=state, **more)


@pytest.mark.parametrize("day", [SELECTED, TODAY, date(2026, 2, 28)])
def test_a_day_from_selection_to_today_is_taken(day):
    dates.check_day(day, what="It was completed", selected_date=SELECTED, today=TODAY)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 6, 2), "on 2 Jun 2026, but today is 1 Jun 2026"),
        (date(2026, 1, 4), "on 4 Jan 2026, but the site was selected on 5 Jan 2026"),
    ],
)
def test_a_day_outside_is_refused_with_both_dates(day, says):
    with pytest.raises(dates.ContradictoryDates, match=says):
        dates.check_day(day, what="It was completed", selected_date=SELECTED, today=TODAY)


def test_completed_before_started_is_refused_with_both_dates():
    wrong = facts(started_date=date(2026, 3, 4), completed_date=date(2026, 3, 3))
    with pytest.raises(dates.ContradictoryDates, match=r"3 Mar 2026, but it was started on 4 Mar"):
        dates.check_order(wrong)
    dates.check_order(facts(started_date=date(2024, 2, 29), completed_date=date(2024, 2, 29)))


def test_what_is_needed_comes_first_unless_the_pathway_lets_it_follow():
    done = facts(completed_date=date(2026, 3, 3))
    still = facts("Budget agreed", MilestoneState.STARTED)
    later = facts("Budget agreed", completed_date=date(2026, 3, 4))
    with pytest.raises(dates.NeedsOpen, match="needs first: Budget agreed"):
        dates.check_needs(done, [still], may_precede=False)
    with pytest.raises(dates.ContradictoryDates, match=r"3 Mar 2026.*Budget agreed.*4 Mar 2026"):
        dates.check_needs(done, [later], may_precede=False)
    dates.check_needs(done, [still, later], may_precede=True)
    dates.check_needs(done, [facts(state=MilestoneState.NOT_APPLICABLE)], may_precede=False)


def test_a_completion_does_not_move_past_what_needed_it():
    with pytest.raises(dates.ContradictoryDates, match=r"5 Mar 2026.*which needs it.*4 Mar 2026"):
        dates.check_followers(
            facts(completed_date=date(2026, 3, 5)), [facts("Open", completed_date=date(2026, 3, 4))]
        )


def test_the_second_to_complete_is_told_who_was_first():
    first = facts(completed_date=date(2026, 3, 3), completed_by="Siti")
    with pytest.raises(dates.CompletedAlready, match=r"Siti recorded today at 09:00.*3 Mar 2026"):
        dates.check_not_completed(first, told="today at 09:00")
    dates.check_not_completed(facts(state=MilestoneState.STARTED), told="")


def turn(start, end=None):
    return CaseTurn("sponsor", date(2026, 3, start), date(2026, 3, end) if end else None)


@pytest.mark.parametrize(
    ("one", "other", "is_over"),
    [
        (turn(1, 5), turn(5, 9), False),
        (turn(5, 9), turn(1, 5), False),
        (turn(1, 6), turn(5, 9), True),
        (turn(1), turn(5, 9), True),
        (turn(9), turn(5, 9), False),
        (turn(10), turn(5), True),
        (turn(1, 2), turn(5), False),
    ],
)
def test_holds_are_half_open(one, other, is_over):
    assert dates.overlap(one, other) is is_over
    if is_over:
        with pytest.raises(dates.OverlappingHolds, match="already on hold from"):
            dates.check_hold(one, held=[other], label="Agreement")
    else:
        dates.check_hold(one, held=[other], label="Agreement")


def test_a_hold_ends_after_it_begins():
    with pytest.raises(dates.ContradictoryDates, match=r"5 Mar 2026, but ends on 3 Mar 2026"):
        dates.check_hold(turn(5, 3), held=[], label="Agreement")


@given(st.tuples(st.integers(1, 28), st.integers(1, 28), st.integers(1, 28), st.integers(1, 28)))
def test_overlap_is_the_same_both_ways(days):
    one = turn(min(days[:2]), max(days[:2]))
    other = turn(min(days[2:]), max(days[2:]))
    assert dates.overlap(one, other) is dates.overlap(other, one)


def test_a_late_record_is_one_told_more_than_a_week_after():
    told = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert dates.is_late_record(date(2026, 3, 1), told)
    assert not dates.is_late_record(date(2026, 3, 2), told)


@pytest.mark.parametrize("present", list(MilestoneState))
@pytest.mark.parametrize("to", list(MilestoneState))
def test_a_milestone_moves_as_its_table_says(present, to):
    m = MilestoneState
    allowed = {
        (m.NOT_STARTED, m.STARTED), (m.NOT_STARTED, m.ON_HOLD), (m.NOT_STARTED, m.COMPLETED),
        (m.NOT_STARTED, m.NOT_APPLICABLE), (m.STARTED, m.ON_HOLD), (m.STARTED, m.COMPLETED),
        (m.STARTED, m.NOT_APPLICABLE), (m.ON_HOLD, m.NOT_STARTED), (m.ON_HOLD, m.STARTED),
        (m.ON_HOLD, m.COMPLETED), (m.ON_HOLD, m.NOT_APPLICABLE), (m.COMPLETED, m.STARTED),
        (m.NOT_APPLICABLE, m.NOT_STARTED), (m.NOT_APPLICABLE, m.STARTED),
    }  # fmt: skip
    if (present, to) in allowed:
        check_move(moves.MILESTONE_MOVES, present=present, to=to)
    else:
        with pytest.raises(IllegalMove):
            check_move(moves.MILESTONE_MOVES, present=present, to=to)


def test_a_withdrawn_site_may_be_reinstated_and_not_stopped():
    assert moves.PATH_MOVES[PathState.WITHDRAWN] == {PathState.UNDER_WAY, PathState.OPEN}
    assert moves.PATH_MOVES[PathState.STOPPED] == {PathState.UNDER_WAY, PathState.OPEN}
