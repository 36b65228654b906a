"""Whether what a program tells is so already, so that a call sent again does nothing twice."""

from datetime import date

from tembusu.coordination.startup.terms import CaseTurn, MilestoneFacts, MilestoneState


def is_started(facts: MilestoneFacts, day: date) -> bool:
    """Say whether the milestone was started on this day, whatever came afterwards."""
    return facts.started_date == day and facts.state is not MilestoneState.NOT_STARTED


def is_completed(facts: MilestoneFacts, day: date, started: date | None) -> bool:
    """Say whether it was completed on this day and, where that is told too, started on that one."""
    if facts.state is not MilestoneState.COMPLETED or facts.completed_date != day:
        return False
    return started in (None, facts.started_date)


def is_held(facts: MilestoneFacts, turn: CaseTurn) -> bool:
    """Say whether exactly this hold is there."""
    return turn in facts.holds


def is_resumed(facts: MilestoneFacts, day: date) -> bool:
    """Say whether its last hold ended on this day."""
    is_over = facts.state is not MilestoneState.ON_HOLD
    return is_over and bool(facts.holds) and facts.holds[-1].end_date == day


def is_dropped(facts: MilestoneFacts) -> bool:
    """Say whether it does not apply."""
    return facts.state is MilestoneState.NOT_APPLICABLE
