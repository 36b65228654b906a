"""Where submissions stand in the menu, and their tab on a study's page."""

from typing import Any

from tembusu.coordination.registry.terms import StudyTab, register_study_tab
from tembusu.coordination.submissions import permissions
from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.selectors import bodies, packages
from tembusu.coordination.submissions.terms import SubmissionState
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import navigation, paging
from tembusu.foundation.ui.navigation import NavItem

GROUP = "Submissions"
BOARD_PAGES = frozenset(
    f"submissions:{name}"
    for name in (
        "board",
        "meetings",
        "plan",
        "meeting",
        "attendance",
        "item",
        "minutes",
        "members",
        "seat",
        "templates",
        "template",
    )
)


def sees_any(user: Any) -> bool:
    """Say whether somebody works with submissions at all."""
    if not user.is_authenticated:
        return False
    roles = permissions.SEE_SENT.roles | permissions.SEE_SENT.everywhere | permissions.BODIES
    return people.holds_anywhere(user, roles)


def count_seen(user: Any) -> int:
    return paging.count_capped(Submission.objects.visible_to(user)).n


def may_ask_route(user: Any) -> bool:
    return user.is_authenticated and people.may(user, permissions.ASK_ROUTE)


def sits_on_board(user: Any) -> bool:
    return user.is_authenticated and bool(bodies.boards_of(user))


def count_waiting(user: Any) -> int | None:
    """Return how many packages wait at the user's boards."""
    scopes = permissions.board_scopes(user)
    rows = Submission.objects.filter(
        body__scope_id__in=scopes,
        state__in=[SubmissionState.SUBMITTED, SubmissionState.RECEIVED],
    )
    return paging.count_capped(rows).n or None


def sees_tab(user: Any, study: Any) -> bool:
    """Say whether a study has a tab for the user: it has submissions they see, or they may start one."""
    if Submission.objects.visible_to(user).filter(study=study).exists():
        return True
    return bool(packages.works_with(user, study))


def count_of_study(user: Any, study: Any) -> int | None:
    return Submission.objects.visible_to(user).filter(study=study).count() or None


ITEMS = (
    NavItem(GROUP, "Submissions", "submissions:list", 30, sees_any, count_seen),
    NavItem(GROUP, "Which route?", "submissions:route", 31, may_ask_route),
    NavItem(
        GROUP,
        "Board",
        "submissions:board_home",
        32,
        sits_on_board,
        count_waiting,
        BOARD_PAGES,
        "wait to be screened",
    ),
)
TAB = StudyTab("submissions", "Submissions", "submissions:of_study", 24, sees_tab, count_of_study)


def register() -> None:
    """Enter the room's pages in the menu and its tab on studies."""
    for item in ITEMS:
        navigation.register(item)
    register_study_tab(TAB)
