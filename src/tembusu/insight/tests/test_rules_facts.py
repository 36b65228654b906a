"""From milestones to facts: measures, endings, where the days went, what followed what."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tembusu.insight.rules.facts import attribution_of
from tembusu.insight.terms import CountsFrom, Ending
from tembusu.insight.tests.making import FIRST, any_case, case, facts, milestone, opened

DAY = timedelta(1)


def stage(one, key, counts_from=None):
    return next((fact for fact in facts(one, counts_from).stages if fact.measure == key), None)


def test_an_opened_case_has_its_days_from_selected_to_open():
    assert (stage(opened(1, 120), "whole").ending, stage(opened(1, 120), "whole").days) == (
        Ending.REACHED,
        120,
    )


@pytest.mark.parametrize(
    ("made", "measure", "ending", "days"),
    [
        (case(1), "whole", Ending.UNFINISHED, None),
        (case(1), "feasibility", Ending.UNFINISHED, None),
        (case(1, ended="withdrawn", on=40), "whole", Ending.WITHDRAWN, 40),
        (case(1, ended="withdrawn", on=40), "feasibility", Ending.WITHDRAWN, 40),
        (case(1, ended="stopped", on=40), "participant", Ending.STOPPED, 40),
        (opened(1, 100), "participant", Ending.UNFINISHED, None),
        (opened(1, 100, left="withdrawn", left_on=130), "participant", Ending.WITHDRAWN, 130),
        (opened(1, 100, left="withdrawn", left_on=130), "whole", Ending.REACHED, 100),
        (opened(1, 100, left="stopped", left_on=130), "first_participant", Ending.STOPPED, 30),
    ],
)
def test_an_ending_is_that_of_the_measure(made, measure, ending, days):
    fact = stage(made, measure)
    assert (fact.ending, fact.days) == (ending, days)


def test_a_stage_that_could_not_begin_is_no_fact():
    assert stage(case(1), "ethics") is None


def test_a_stage_is_reached_with_the_last_of_its_milestones():
    plan = (("a", "contract", "site", ()), ("b", "contract", "site", ()))
    half = case(1)
    both = [milestone("a", completed=10, plan=plan), milestone("b", completed=25, plan=plan)]
    one = [milestone("a", completed=10, plan=plan), milestone("b", plan=plan)]
    done = stage(with_milestones(half, both), "contract")
    assert (done.ending, done.days) == (Ending.REACHED, 25)
    assert stage(with_milestones(half, one), "contract").ending is Ending.UNFINISHED


def with_milestones(made, milestones):
    from dataclasses import replace

    return replace(made, milestones=tuple(milestones), gate="")


def test_what_does_not_apply_is_no_fact_and_is_passed_through():
    made = case(
        1, [milestone("feasibility", completed=10), milestone("cda", state="not_applicable")]
    )
    assert stage(made, "confidentiality") is None
    assert stage(made, "contract").start_date == FIRST + 10 * DAY


@pytest.mark.parametrize(
    ("how", "days"),
    [(CountsFrom.SELECTED, 50), (CountsFrom.READY, 40), (CountsFrom.STARTED, 30)],
)
def test_a_definition_says_from_when_a_stage_counts(how, days):
    made = case(
        1, [milestone("feasibility", completed=10), milestone("ethics", started=20, completed=50)]
    )
    assert stage(made, "ethics", {"ethics": how}).days == days


def test_a_finished_stage_without_a_recorded_start_counts_from_when_it_could_begin():
    made = case(1, [milestone("feasibility", completed=10), milestone("ethics", completed=50)])
    assert stage(made, "ethics", {"ethics": CountsFrom.STARTED}).days == 40


def test_an_unfinished_stage_that_nobody_started_has_not_begun_where_starts_count():
    made = case(1, [milestone("feasibility", completed=10)])
    assert stage(made, "ethics", {"ethics": CountsFrom.STARTED}) is None


def test_a_stage_finished_before_it_could_begin_took_no_days():
    made = case(1, [milestone("feasibility", completed=30), milestone("ethics", completed=20)])
    assert stage(made, "ethics").days == 0


def test_who_holds_an_open_case_does_not_depend_on_the_day_of_reading():
    made = case(
        1,
        [
            milestone("feasibility", completed=10),
            milestone("cda", completed=15),
            milestone("budget", completed=20),
            milestone("contract", turns=[("sponsor", 30, None)]),
            milestone("ethics", completed=25),
            milestone("regulator", completed=28),
        ],
    )
    held = facts(made)
    assert (held.waiting_on, held.waiting_since) == ("sponsor", FIRST + 30 * DAY)


def test_a_case_selected_today_waits_on_somebody():
    assert facts(case(1)).waiting_on == "site"


def test_milestones_follow_each_other_in_the_order_of_their_days():
    steps = facts(opened(1, 100)).steps
    assert [(one.before, one.after, one.days) for one in steps[:3]] == [
        ("selected", "feasibility", 10),
        ("feasibility", "cda", 10),
        ("cda", "regulator", 20),
    ]
    assert sum(one.days for one in steps) == 100


@given(st.integers(0, 100_000))
@settings(max_examples=300, deadline=None)
def test_attributed_days_add_up_to_elapsed_days_for_every_case(seed):
    made = any_case(seed, np.random.default_rng(seed))
    attribution, held = attribution_of(made), facts(made)
    assert sum(part.days for part in attribution.parts) == attribution.elapsed
    if made.end_kind == "opened":
        whole = next(fact for fact in held.stages if fact.measure == "whole")
        assert sum(part.days for part in held.parts) == whole.days
    else:
        assert held.parts == ()


def test_a_case_read_on_29_february_is_like_any_other():
    made = case(1, start=(FIRST.replace(year=2028, month=2, day=29) - FIRST).days)
    assert facts(made).waiting_since == made.start_date
