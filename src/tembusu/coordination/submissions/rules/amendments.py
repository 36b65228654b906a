"""When a change needs approval first, and whether it may be put into practice now.

Which reasons make an amendment substantial is the jurisdiction pack's. Everywhere, a substantial one is
approved before it is implemented, except to remove an immediate hazard (ICH E6(R3) 2.5.3 and 3.9).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import Outcome, SubmissionState


class AmendmentRefused(SubmissionRefused):
    """An amendment whose class or reasons are not given or contradict each other."""


@dataclass(frozen=True, slots=True)
class Implementable:
    """Whether a change may be put into practice now, and why."""

    is_allowed: bool
    reason: str


def check_reasoned(*, is_substantial: bool | None, reasons: Sequence[str], why: str) -> None:
    """Refuse an amendment that nobody classed, or classed without saying why.

    :param reasons: keys of the pack's reasons that apply
    :param why: the classing person's own words
    :raises AmendmentRefused: saying what is missing
    """
    if is_substantial is None:
        raise AmendmentRefused("Say whether the amendment is substantial; the reasons are listed.")
    if is_substantial and not reasons:
        raise AmendmentRefused("Name at least one reason for which the amendment is substantial.")
    if not is_substantial and reasons:
        raise AmendmentRefused(
            "A reason for a substantial amendment is ticked, and the amendment is said not to be "
            "substantial. Change one of the two."
        )
    if not why.strip():
        raise AmendmentRefused("Say in a sentence why it is classed so; auditors will ask.")


def may_implement(
    *, is_substantial: bool, is_urgent_safety: bool, state: SubmissionState, outcome: Outcome | None
) -> Implementable:
    """Return whether the change may be put into practice now."""
    if is_urgent_safety:
        return Implementable(
            True, "An urgent safety measure: it may be taken at once, and is reported afterwards."
        )
    if not is_substantial:
        return Implementable(True, "Not substantial: it is recorded and needs no approval first.")
    if state is SubmissionState.DECIDED and outcome is not None and outcome.is_favourable:
        return Implementable(True, "Approved.")
    if outcome is Outcome.REFUSED:
        return Implementable(False, "Refused: it may not be put into practice.")
    return Implementable(False, "Substantial: it waits for the approval.")
