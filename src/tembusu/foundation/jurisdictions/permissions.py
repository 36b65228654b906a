"""Who may do what to the reference data. The acts below are this room's part of the matrix."""

from typing import Any

from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role, register_act

KEEPS = frozenset({Role.COORDINATING_LEAD})
READS_PROPOSALS = KEEPS | {Role.COORDINATING_ANALYST}

SEE = Act("jurisdictions", "see_reference_data", frozenset(Role), None, "see the reference data")
SEE_PROPOSALS = Act(
    "jurisdictions",
    "see_proposals",
    READS_PROPOSALS,
    None,
    "see what a changed file proposes for the reference data",
)
CHANGE = Act(
    "jurisdictions", "change_reference_data", KEEPS, None, "change a value of the reference data"
)
DECIDE = Act(
    "jurisdictions",
    "decide_proposals",
    KEEPS,
    None,
    "accept or decline what a changed file proposes",
)
TIE = Act(
    "jurisdictions", "tie_bodies", KEEPS, None, "say which organisation a body of the pack is"
)
ACTS = (SEE, SEE_PROPOSALS, CHANGE, DECIDE, TIE)


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in ACTS:
        register_act(act)


def may_see(user: Any) -> bool:
    return people.may(user, SEE)


def may_see_proposals(user: Any) -> bool:
    return people.may(user, SEE_PROPOSALS)


def check_can_change(user: Any) -> None:
    people.check(user, CHANGE)


def check_can_decide(user: Any) -> None:
    people.check(user, DECIDE)


def check_can_tie(user: Any) -> None:
    people.check(user, TIE)
