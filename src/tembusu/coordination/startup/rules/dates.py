"""Which dates of a milestone can be true together. Both dates stay: when it happened, when it was told.

Days are half open: a hold 'from 3 March to 5 March' holds on the 3rd and the 4th.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestoneFacts,
    MilestoneState,
    StartupRefused,
)


class ContradictoryDates(StartupRefused):
    """Two dates that can't both be true; the message names both."""


class OverlappingHolds(ContradictoryDates):
    """A milestone waits on one party at a time."""


class CompletedAlready(StartupRefused):
    """Somebody else completed the milestone meanwhile; nothing of theirs is changed."""


class NeedsOpen(StartupRefused):
    """What comes before is not settled yet."""


def say(day: date) -> str:
    """Return a day as refusals write it: 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def check_day(day: date, *, what: str, selected_date: date, today: date) -> None:
    """Refuse a day in the future, or before the site was selected.

    :param what: what happened, to begin the sentence: 'Contract signed was completed'
    :raises ContradictoryDates: with both dates
    """
    if day > today:
        raise ContradictoryDates(
            f"{what} on {say(day)}, but today is {say(today)}. Record it when it has happened."
        )
    if day < selected_date:
        raise ContradictoryDates(
            f"{what} on {say(day)}, but the site was selected on {say(selected_date)}. Correct one"
            " of the two."
        )


def check_order(milestone: MilestoneFacts) -> None:
    """Refuse a completion before the start.

    :raises ContradictoryDates: with both dates
    """
    began, ended = milestone.started_date, milestone.completed_date
    if began is not None and ended is not None and ended < began:
        raise ContradictoryDates(
            f"{milestone.label} was completed on {say(ended)}, but it was started on {say(began)}."
            " Correct one of the two."
        )


def check_needs(
    milestone: MilestoneFacts, needs: Iterable[MilestoneFacts], *, may_precede: bool
) -> None:
    """Refuse a completion while what it needs is open, or dated before what it needs was completed.

    :param may_precede: the pathway lets it come first
    :raises NeedsOpen: naming what is open
    :raises ContradictoryDates: with both dates
    """
    if may_precede:
        return
    needs = list(needs)
    still = [one.label for one in needs if not one.state.is_settled]
    if still:
        raise NeedsOpen(f"{milestone.label} needs first: {', '.join(still)}.")
    ended = milestone.completed_date
    for one in needs:
        if ended is not None and one.completed_date is not None and ended < one.completed_date:
            raise ContradictoryDates(
                f"{milestone.label} was completed on {say(ended)}, but {one.label}, which it needs,"
                f" on {say(one.completed_date)}. Correct one of the two."
            )


def check_followers(milestone: MilestoneFacts, followers: Iterable[MilestoneFacts]) -> None:
    """Refuse a completion dated after something that needed it was completed.

    :param followers: those that need it and may not precede it
    :raises ContradictoryDates: with both dates
    """
    ended = milestone.completed_date
    for one in followers:
        if ended is not None and one.completed_date is not None and one.completed_date < ended:
            raise ContradictoryDates(
                f"{milestone.label} was completed on {say(ended)}, but {one.label}, which needs it,"
                f" was completed on {say(one.completed_date)}. Correct one of the two."
            )


def check_not_completed(milestone: MilestoneFacts, *, told: str) -> None:
    """Tell the second of two people who completes a milestone who was first.

    :param told: when the first did so, as people read it
    :raises CompletedAlready: with who, when, and the date that they gave
    """
    if milestone.state is not MilestoneState.COMPLETED or milestone.completed_date is None:
        return
    who = milestone.completed_by or "An import"
    raise CompletedAlready(
        f"{who} recorded {told} that {milestone.label} was completed on"
        f" {say(milestone.completed_date)}. Nothing was saved over it: reopen it with a reason if"
        " that is wrong."
    )


def check_hold(hold: CaseTurn, *, held: Sequence[CaseTurn], label: str) -> None:
    """Refuse a hold that ends before it begins, or that lies over another of the same milestone.

    :raises ContradictoryDates: with both dates
    :raises OverlappingHolds: naming the hold that it lies over
    """
    if hold.end_date is not None and hold.end_date < hold.start_date:
        raise ContradictoryDates(
            f"The hold of {label} begins on {say(hold.start_date)}, but ends on"
            f" {say(hold.end_date)}. Correct one of the two."
        )
    for other in held:
        if overlap(hold, other):
            until = say(other.end_date) if other.end_date else "today"
            raise OverlappingHolds(
                f"{label} was already on hold from {say(other.start_date)} to {until}. End that hold"
                " first, or choose days that lie outside it."
            )


def overlap(one: CaseTurn, other: CaseTurn) -> bool:
    """Say whether two holds have a day in common; an open hold has no end."""
    begins_before_other_ends = other.end_date is None or one.start_date < other.end_date
    other_begins_before_this_ends = one.end_date is None or other.start_date < one.end_date
    return begins_before_other_ends and other_begins_before_this_ends


def is_late_record(day: date, recorded_at: datetime, *, after_days: int = 7) -> bool:
    """Say whether something was told more than some days after it happened."""
    return (recorded_at.date() - day).days > after_days
