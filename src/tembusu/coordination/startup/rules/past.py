"""Whether a past start-up, brought in whole, could have happened: the same rules as on screen."""

from collections.abc import Mapping
from datetime import date

from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestoneFacts,
    MilestonePlan,
    MilestoneState,
    PastCase,
    PastMilestone,
    PathState,
    PathwayPlan,
    StartupRefused,
)

LEFT = frozenset({PathState.WITHDRAWN, PathState.STOPPED})


class PastRefused(StartupRefused):
    """A past start-up that contradicts itself or its pathway."""


def check_past(case: PastCase, plan: PathwayPlan, *, today: date) -> None:
    """Refuse a past start-up that could not have been recorded milestone by milestone.

    :raises PastRefused: if its milestones are not those of the pathway, or a state lacks its date
    :raises ContradictoryDates: naming the two dates
    :raises NeedsOpen: if something was completed before what it needs was settled
    """
    if [one.key for one in case.milestones] != [one.key for one in plan.milestones]:
        raise PastRefused(
            f"The milestones told are not those of {plan.title}: tell each of them once, in its"
            " order, also those that were not begun."
        )
    dates.check_day(
        case.selected_date,
        what="The site was selected",
        selected_date=case.selected_date,
        today=today,
    )
    known = {
        one.key: _facts(one, of) for one, of in zip(case.milestones, plan.milestones, strict=True)
    }
    for one, of in zip(case.milestones, plan.milestones, strict=True):
        _check_state(one, of.label)
        _check_milestone(known, of, selected=case.selected_date, today=today)
    _check_end(case, known[plan.gate.key], today)


def _facts(one: PastMilestone, plan: MilestonePlan) -> MilestoneFacts:
    return MilestoneFacts(
        one.key, plan.label, one.state, one.started_date, one.completed_date, holds=one.holds
    )


def _check_state(one: PastMilestone, label: str) -> None:
    """Refuse a state without what makes it: its date, its hold, its reason."""
    is_held = any(hold.end_date is None for hold in one.holds)
    wanted = {
        MilestoneState.COMPLETED: one.completed_date is not None,
        MilestoneState.NOT_APPLICABLE: bool(one.reason.strip()) and one.completed_date is None,
        MilestoneState.ON_HOLD: is_held and one.completed_date is None,
        MilestoneState.STARTED: one.started_date is not None and one.completed_date is None,
        MilestoneState.NOT_STARTED: one.started_date is None and one.completed_date is None,
    }
    if not wanted[one.state] or (is_held and one.state is not MilestoneState.ON_HOLD):
        raise PastRefused(
            f"{label} is told as {one.state.label.lower()}, but its dates, holds or reason say"
            " otherwise. Correct one of them."
        )


def _check_milestone(
    known: Mapping[str, MilestoneFacts], plan: MilestonePlan, *, selected: date, today: date
) -> None:
    one = known[plan.key]
    for verb, day in (("started", one.started_date), ("completed", one.completed_date)):
        if day is not None:
            what = f"{one.label} was {verb}"
            dates.check_day(day, what=what, selected_date=selected, today=today)
    dates.check_order(one)
    if one.completed_date is not None:
        needs = [known[key] for key in plan.needs]
        dates.check_needs(one, needs, may_precede=plan.may_precede)
    for place, hold in enumerate(one.holds):
        _check_hold(hold, one, place, selected=selected, today=today)


def _check_hold(
    hold: CaseTurn, one: MilestoneFacts, place: int, *, selected: date, today: date
) -> None:
    what = f"The hold of {one.label} begins"
    dates.check_day(hold.start_date, what=what, selected_date=selected, today=today)
    dates.check_hold(hold, held=one.holds[:place], label=one.label)
    ended = hold.end_date
    if ended is not None and one.completed_date is not None and ended > one.completed_date:
        raise dates.ContradictoryDates(
            f"The hold of {one.label} ends on {dates.say(ended)}, but it was completed on"
            f" {dates.say(one.completed_date)}. Correct one of the two."
        )


def _check_end(case: PastCase, gate: MilestoneFacts, today: date) -> None:
    """Refuse an end that differs from its milestone, or a leaving before the site was opened."""
    if case.opened_date != gate.completed_date:
        raise PastRefused(
            f"The day of opening is not that on which {gate.label} was completed. Correct one of"
            " the two."
        )
    is_told = (case.left_date is not None, bool(case.left_reason.strip()))
    if is_told != ((case.state in LEFT,) * 2) or (case.state is PathState.OPEN) > bool(
        case.opened_date
    ):
        raise PastRefused(
            f"The site is told as {case.state.label.lower()}, but its dates or reason say"
            " otherwise. Correct one of them."
        )
    if case.left_date is None:
        return
    dates.check_day(
        case.left_date, what="The site left", selected_date=case.selected_date, today=today
    )
    if case.opened_date is not None and case.left_date < case.opened_date:
        raise dates.ContradictoryDates(
            f"The site left on {dates.say(case.left_date)}, but it was opened on"
            f" {dates.say(case.opened_date)}. Correct one of the two."
        )
