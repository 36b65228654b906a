"""What may come before a meeting, in which order, and when its agenda is done."""

from collections.abc import Sequence
from datetime import date

from tembusu.coordination.submissions.rules.dates import said
from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import SubmissionState


class AgendaRefused(SubmissionRefused):
    """A submission that may not come before this meeting, or an agenda that is not done."""


def check_may_come(
    *, number: str, state: SubmissionState, needs_meeting: bool | None, received: date | None,
    cut_off: date,
) -> None:  # fmt: skip
    """Refuse for an agenda what is not under review by the full board, or came too late.

    :param cut_off: the last day on which a complete package comes before this meeting
    :raises AgendaRefused: saying what to do
    """
    if state is not SubmissionState.UNDER_REVIEW or not needs_meeting:
        raise AgendaRefused(
            f"{number} is not under review by the full board. Choose its kind of review first, and "
            "wait for the answer to open queries."
        )
    if received is None or received > cut_off:
        when = f"on {said(received)}" if received else "not yet"
        raise AgendaRefused(
            f"{number} was complete {when}, and the cut-off of this meeting is {said(cut_off)}: "
            "put it on the next agenda."
        )


def moved(order: Sequence[int], key: int, *, up: bool) -> list[int]:
    """Return the order with one entry a place higher or lower; at either end it stays.

    >>> moved([1, 2, 3], 3, up=True)
    [1, 3, 2]
    """
    held = list(order)
    here = held.index(key)
    there = here - 1 if up else here + 1
    if 0 <= there < len(held):
        held[here], held[there] = held[there], held[here]
    return held


def check_done(open_numbers: Sequence[str]) -> None:
    """Refuse to close a meeting while items of its agenda are open.

    :raises AgendaRefused: naming them
    """
    if open_numbers:
        raise AgendaRefused(
            f"{len(open_numbers)} of the items are not done: {', '.join(open_numbers)}. Confirm a "
            "decision for each, or put it off."
        )
