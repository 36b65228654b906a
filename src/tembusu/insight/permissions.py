"""Who may do what in insight. The acts below are this room's part of the matrix."""

from typing import Any

from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role, register_act

KEEPS_FIGURES = frozenset({Role.COORDINATING_ANALYST, Role.COORDINATING_LEAD})
LEADS = frozenset({Role.COORDINATING_LEAD})
# Whoever has a part in start-up reads the nation's figures; small cells are held back from them.
READS_FIGURES = KEEPS_FIGURES | {
    Role.SITE_COORDINATOR,
    Role.PRINCIPAL_INVESTIGATOR,
    Role.INSTITUTION_REPRESENTATIVE,
    Role.CLUSTER_RESEARCH_OFFICE,
    Role.SPONSOR_MANAGER,
    Role.CRO_MANAGER,
    Role.BOARD_SECRETARY,
    Role.BOARD_CHAIR,
    Role.BOARD_MEMBER,
    Role.REGULATOR_REVIEWER,
    Role.FUNDER_OFFICER,
    Role.NETWORK_SECRETARIAT,
}

SEE_FIGURES = Act(
    "insight", "see_figures", READS_FIGURES, None, "see the national figures of start-up"
)
SEE_EVERY_FIGURE = Act(
    "insight",
    "see_every_figure",
    KEEPS_FIGURES,
    None,
    "see small cells, combine filters and open any case behind a figure",
)
DEFINE_MEASURE = Act(
    "insight", "define_measure", LEADS, None, "change what a figure counts and its target"
)
MAKE_PAPER = Act("insight", "make_paper", KEEPS_FIGURES, None, "make a committee paper")


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in (SEE_FIGURES, SEE_EVERY_FIGURE, DEFINE_MEASURE, MAKE_PAPER):
        register_act(act)


def sees_figures(user: Any) -> bool:
    return people.may(user, SEE_FIGURES)


def sees_every_figure(user: Any) -> bool:
    """Say whether nothing is held back from the user."""
    return people.may(user, SEE_EVERY_FIGURE)


def may_define(user: Any) -> bool:
    return people.may(user, DEFINE_MEASURE)


def check_can_define(user: Any) -> None:
    people.check(user, DEFINE_MEASURE)


def check_can_make_paper(user: Any) -> None:
    people.check(user, MAKE_PAPER)
