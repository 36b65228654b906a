"""Made-up past start-ups keep every rule of real ones, and come out as their parameters say."""

import math
import statistics
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest

from tembusu.coordination.startup.demo import history
from tembusu.coordination.startup.demo.telling import NOT_RECORDED
from tembusu.coordination.startup.demo.walking import NO_APPLICATION, walk
from tembusu.coordination.startup.demo.world import PastSite
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.terms import MilestoneFacts, MilestoneState, PathState
from tembusu.coordination.startup.tests.past import PLANS, make_sites, make_world
from trialtime.attribution import Step, attribute
from trialtime.clocks import Turn

SEED = 20211101


@pytest.fixture(scope="module")
def world():
    return make_world(SEED)


@pytest.fixture(scope="module")
def sites(world):
    return make_sites(world, 160, 8)


@pytest.fixture(scope="module")
def past(sites, world):
    return list(history.make_history(sites, PLANS, world))


@pytest.fixture(scope="module")
def alone(world):
    """Sites that share nothing, so that what they took is independent; the template not yet there."""
    return [
        PastSite(n, n, n, f"sponsor {n}", "industry", "PHASE3", "oncology", pathway,
                 ("CTA",) if n % 2 else ("CTN",), date(2021 + n % 2, 1 + n % 12, 1 + n % 27))
        for n in range(2400)
        for pathway in ("industry_drug",)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def happened(alone, world):
    return [walk(site, PLANS[site.pathway], world) for site in alone]


def facts(case, plan):
    labels = {one.key: one.label for one in plan.milestones}
    return {
        one.key: MilestoneFacts(
            one.key, labels[one.key], one.state, one.started_date, one.completed_date,
            holds=one.holds,
        )
        for one in case.milestones
    }  # fmt: skip


# -- what real records must keep --------------------------------------------------------------------


def test_every_date_could_have_been_recorded_on_screen(past, world):
    for case in past:
        plan = PLANS[case.pathway]
        known = facts(case, plan)
        for milestone in plan.milestones:
            one = known[milestone.key]
            dates.check_order(one)
            for day in (one.started_date, one.completed_date, *(h.start_date for h in one.holds)):
                if day is not None:
                    dates.check_day(
                        day, what=one.label, selected_date=case.selected_date, today=world.as_of
                    )
            if one.state is MilestoneState.COMPLETED:
                needs = [known[key] for key in milestone.needs]
                dates.check_needs(one, needs, may_precede=milestone.may_precede)


def test_holds_of_a_milestone_share_no_day_and_lie_within_it(past):
    for case in past:
        for one in case.milestones:
            for place, hold in enumerate(one.holds):
                dates.check_hold(hold, held=one.holds[:place], label=one.key)
                if one.completed_date:
                    assert hold.end_date is not None
                    assert hold.end_date <= one.completed_date


def test_states_follow_from_dates_and_holds(past):
    for case in past:
        for one in case.milestones:
            is_open_hold = any(hold.end_date is None for hold in one.holds)
            assert (one.state is MilestoneState.COMPLETED) == (one.completed_date is not None)
            assert (one.state is MilestoneState.ON_HOLD) == is_open_hold
            assert (one.state is MilestoneState.NOT_APPLICABLE) == (one.reason != "")
            assert one.state is not MilestoneState.STARTED or one.started_date is not None


def test_a_case_ends_in_one_way_and_nothing_happens_after_it_left(past):
    for case in past:
        gate = next(m for m in case.milestones if m.key == PLANS[case.pathway].gate.key)
        assert (case.opened_date is None) == (gate.completed_date is None)
        assert case.opened_date == gate.completed_date
        assert (case.left_date is None) == case.state.is_going
        assert (case.left_date is None) == (case.left_reason == "")
        assert case.state is not PathState.OPEN or case.opened_date
        if case.left_date is not None:
            assert case.left_date >= case.selected_date
            told = [m.completed_date for m in case.milestones if m.completed_date]
            assert max(told, default=case.selected_date) <= case.left_date
            assert not any(h.end_date is None for m in case.milestones for h in m.holds)


def test_nothing_is_told_before_it_happened_or_after_the_day_of_reading(past, world):
    read = datetime.combine(world.as_of, time(0), UTC)
    for case in past:
        for one in case.milestones:
            last = one.completed_date or one.started_date
            if last is not None:
                assert one.recorded_at is not None
                assert last <= one.recorded_at.date()
                assert one.recorded_at <= read


def test_work_ends_on_working_days(past, world):
    for case in past:
        for one in case.milestones:
            if one.completed_date and one.completed_date != case.selected_date:
                assert one.completed_date.weekday() < 5
                assert one.completed_date not in world.calendar.holidays


def test_the_days_of_every_case_add_up(past, world):
    for n, one in enumerate(past):
        case = history.as_case(one, PLANS[one.pathway], n)
        steps = [
            Step(
                m.key, m.needs, m.party, m.completed_date,
                tuple(Turn(t.party, t.start_date, t.end_date) for t in m.turns),
                is_left_out=m.state == "not_applicable",
            )
            for m in case.milestones
        ]  # fmt: skip
        found = attribute(
            steps,
            start_date=case.start_date,
            as_of=case.end_date or world.as_of,
            end_step=case.gate,
        )
        assert sum(found.days_by_party().values()) == found.elapsed
        if case.end_date:
            assert found.elapsed == (case.end_date - case.start_date).days


# -- the same each time -----------------------------------------------------------------------------


def test_a_seed_gives_the_same_history_and_another_seed_another(sites, past):
    again = list(history.make_history(sites[:50], PLANS, make_world(SEED)))
    assert again == past[:50]
    assert list(history.make_history(sites[:50], PLANS, make_world(SEED + 1))) != past[:50]


def test_a_site_does_not_depend_on_which_other_sites_there_are(sites, past, world):
    study = [site for site in sites if site.study_id == sites[-1].study_id]
    alone = list(history.make_history(study, PLANS, world))
    assert alone == [one for one in past if one.study_id == sites[-1].study_id]


def test_what_is_known_later_agrees_with_what_was_known_before(sites, past):
    """Reading a year earlier shows the same days, as far as they had come."""
    earlier = make_world(SEED, as_of=date(2025, 11, 20))
    known = [n for n, site in enumerate(sites) if site.selected_date <= earlier.as_of]
    before = history.make_history([sites[n] for n in known], PLANS, earlier)
    for n, then in zip(known, before, strict=True):
        now = past[n]
        assert then.opened_date in (None, now.opened_date)
        assert then.left_date in (None, now.left_date)
        assert now.opened_date is None or now.opened_date > earlier.as_of or then.opened_date


# -- as the parameters say --------------------------------------------------------------------------


def near_median(found, median, spread, *, rounding=0.6):
    """Say whether a median lies within four standard errors, and the rounding to days, of its own."""
    error = 4 * 1.2533 * spread * median / math.sqrt(len(found))
    return abs(statistics.median(found) - median) <= error + rounding


@pytest.mark.parametrize(
    "key",
    ["cda_signed", "feasibility_answered", "site_confirmed", "contract_drafted", "budget_agreed",
     "contract_negotiated", "contract_signed", "regulator_submitted", "initiation_visit",
     "first_participant"],
)  # fmt: skip
def test_delays_have_the_median_of_their_parameters(key, happened, alone, world):
    delay = world.parameters.delay("industry_drug", key)
    plan = PLANS["industry_drug"].milestone(key)
    pace = world.pace(plan, plan.party)
    found = []
    for each in happened:
        one = each[key]
        if one.left_out or any(turn.reason == "other" for turn in one.turns):
            continue
        usual = pace.between(one.ready, one.end)
        found.append(usual if delay.is_working else usual / pace.working_share)
    spread = delay.spread or 0.9
    assert near_median(found, delay.median, spread, rounding=1.0)


def test_negotiation_has_the_mean_that_was_published_and_six_months_are_rare(happened):
    days = [
        (one.end - one.ready).days for each in happened for one in [each["contract_negotiated"]]
    ]
    assert 50 <= statistics.mean(days) <= 61  # US CTSA: mean 55, median 39
    assert 0.01 <= sum(day > 182 for day in days) / len(days) <= 0.06
    executed = [
        (each["contract_signed"].end - each["contract_drafted"].end).days for each in happened
    ]
    assert 90 <= statistics.mean(executed) <= 118  # US CTSA: mean 103


def test_the_regulator_takes_its_own_days_when_it_asks_nothing(happened, alone, world):
    for route, target in (("CTA", 30), ("CTN", 5)):
        own = [
            world.paces["steady"].between(each["regulator_decided"].ready,
                                          each["regulator_decided"].end)
            for site, each in zip(alone, happened, strict=True)
            if site.obligations == (route,) and not each["regulator_decided"].turns
        ]  # fmt: skip
        review = world.parameters.regulator[route]
        assert near_median(own, review.delay.median, review.delay.spread)
        assert sum(day <= target for day in own) / len(own) > 0.6


def test_a_full_board_waits_for_its_meeting_and_no_submission_is_in_time_in_december(
    happened, world
):
    waits = [
        turn
        for each in happened
        for turn in each["ethics_approved"].turns
        if turn.reason == "board_agenda"
    ]
    assert len(waits) > 300
    assert not any(cut.month == 12 for cut in world.cut_offs)
    for turn in waits:
        assert turn.party == "ethics_board"
        cut = world.next_cut_off(turn.start_date)
        assert cut < turn.end_date
    december = [t for t in waits if t.start_date.month == 11 and t.start_date.day > 5]
    others = [t for t in waits if t.start_date.month in (4, 5, 6) and t.start_date.day > 5]
    length = [statistics.mean((t.end_date - t.start_date).days for t in each)
              for each in (december, others)]  # fmt: skip
    assert length[0] > length[1] + 20


def test_teams_submit_on_the_day_of_the_cut_off(happened, world):
    days = Counter(each["ethics_submitted"].end for each in happened)
    at_cut_off = sum(n for day, n in days.items() if day in set(world.cut_offs))
    assert at_cut_off / sum(days.values()) > 0.12  # an even spread would give 1 in 21


def test_boards_and_regulators_questions_stop_the_clock_at_the_applicants_side(happened):
    asked = [
        sum(any(t.reason == reason for t in each[key].turns) for each in happened) / len(happened)
        for key, reason in (("ethics_approved", "board_query"), ("regulator_decided", "regulator_query"))
    ]  # fmt: skip
    assert 0.42 <= asked[0] <= 0.58  # 0.55 × 0.6 + 0.37 × 0.4 + 0.08 × 0.15
    assert 0.25 <= asked[1] <= 0.35  # half of CTA, one in ten of CTN


def test_little_ends_at_the_turn_of_the_year(past):
    ends = Counter(
        (one.completed_date.month, one.completed_date.day > 14)
        for case in past
        for one in case.milestones
        if one.completed_date
    )
    december = ends[12, True]
    usual = statistics.mean(ends[month, True] for month in (3, 5, 7, 9, 10))
    assert december < 0.7 * usual


def test_the_template_shortens_negotiations_and_only_after_it_was_there(past, world):
    def days(first, last):
        return [
            (m.completed_date - before.completed_date).days
            for case in past
            if case.pathway == "industry_drug"
            for m in case.milestones
            for before in case.milestones
            if m.key == "contract_negotiated" and before.key == "contract_drafted"
            and m.completed_date and before.completed_date
            and first <= world.years(before.completed_date) < last
        ]  # fmt: skip

    early, late = days(0, 2), days(3.6, 4.6)
    assert min(len(early), len(late)) > 40
    assert statistics.median(late) < 0.8 * statistics.median(early)


def test_bodies_are_fast_or_slow_as_a_whole(world):
    """Two sites of one sponsor are more alike than two of different sponsors."""
    plan = PLANS["industry_drug"]
    pairs = []
    for n in range(500):
        found = []
        for twin in (0, 1):
            site = PastSite(9000 + 2 * n + twin, 9000 + 2 * n + twin, 0, f"twins {n}", "industry",
                            "", "other", plan.key, ("CTA",), date(2022, 3, 1))  # fmt: skip
            each = walk(site, plan, world)
            keys = ("cda_sent", "contract_drafted", "budget_proposed", "regulator_submitted")
            took = [
                max(world.paces["usual"].between(each[k].ready, each[k].end), 0.5) for k in keys
            ]
            found.append(statistics.mean(map(math.log, took)))
        pairs.append(found)
    left, right = zip(*pairs, strict=True)
    assert statistics.correlation(left, right) > 0.1


def test_sites_are_withdrawn_and_studies_stopped_all_sites_on_one_day(past):
    states = Counter(case.state for case in past)
    assert 0.05 < states[PathState.WITHDRAWN] / len(past) < 0.2
    stopped: dict[int, set[date]] = {}
    for case in past:
        if case.state is PathState.STOPPED:
            stopped.setdefault(case.study_id, set()).add(case.left_date)
    assert len(stopped) > 5
    assert all(len(days) == 1 for days in stopped.values())


def test_some_are_unfinished_and_some_days_are_missing_or_told_late(past):
    milestones = [one for case in past for one in case.milestones]
    completed = [one for one in milestones if one.state is MilestoneState.COMPLETED]
    assert 0.05 < sum(case.state is PathState.UNDER_WAY for case in past) / len(past) < 0.3
    gaps = sum(one.reason == NOT_RECORDED for one in milestones)
    assert 0.005 < gaps / len(completed) < 0.03
    assert 0.25 < sum(one.started_date is None for one in completed) / len(completed) < 0.35
    late = [(one.recorded_at.date() - one.completed_date).days for one in completed]
    assert 0.1 < sum(day > 7 for day in late) / len(late) < 0.4
    assert any(one.reason == NO_APPLICATION for one in milestones)


def test_a_pathway_that_was_edited_is_walked_by_its_targets(world):
    plan = PLANS["observational"]
    renamed = replace(plan, milestones=tuple(
        replace(one, key=f"own_{one.key}", needs=tuple(f"own_{need}" for need in one.needs))
        for one in plan.milestones
    ))  # fmt: skip
    site = PastSite(1, 1, 0, "s", "academic", "", "other", renamed.key, (), date(2022, 3, 1))
    (case,) = history.make_history([site], {renamed.key: renamed}, world)
    assert case.opened_date or not case.state.is_going


def test_sites_of_a_study_begin_in_order_and_none_after_the_day_of_reading(sites, world):
    by_study: dict[int, list[date]] = {}
    for site in sites:
        by_study.setdefault(site.study_id, []).append(site.selected_date)
    for days in by_study.values():
        assert all(one <= other for one, other in pairwise(days))
        assert days[-1] <= world.as_of
