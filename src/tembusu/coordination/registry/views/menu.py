"""Where the registry stands in the menu, and where the search field of the top bar leads."""

from typing import Any

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.selectors import curation, drafts, places, search
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import navigation, paging
from tembusu.foundation.ui.navigation import NavItem, SearchTarget

GROUP = "Registry"
# Pages of a draft, which lie below the study that it is of.
DRAFT_PAGES = frozenset(
    f"registry:{name}"
    for name in (
        "register",
        "draft",
        "draft_section",
        "draft_check",
        "draft_published",
        "draft_discard",
        "draft_reopen",
    )
)


def count_studies(user: Any) -> int:
    """Return how many studies the user may see, at most the cap."""
    return paging.count_capped(search.visible_index(user)).n


def may_import(user: Any) -> bool:
    return people.may(user, permissions.IMPORT_STUDIES)


def may_settle(user: Any) -> bool:
    return people.may(user, permissions.SETTLE_PLACES)


def may_register(user: Any) -> bool:
    return people.may(user, permissions.REGISTER_STUDY)


ITEMS = (
    NavItem(
        GROUP, "Studies", "registry:studies", 10, lambda user: user.is_authenticated, count_studies
    ),
    NavItem(GROUP, "Imports", "registry:imports", 11, may_import),
    NavItem(
        GROUP,
        "Places",
        "registry:places",
        12,
        may_settle,
        places.count_open,
        counted="wait for a decision",
    ),
    NavItem(
        GROUP, "My drafts", "registry:drafts", 13, may_register, drafts.count_mine, DRAFT_PAGES
    ),
    NavItem(GROUP, "Review", "registry:review", 14, curation.may_review, curation.count_differing),
)
SEARCH = SearchTarget(
    "registry:studies", "Find a study", "Find a study: condition, title, number, sponsor…"
)


def register() -> None:
    """Enter the registry's pages in the menu and the top bar."""
    for item in ITEMS:
        navigation.register(item)
    navigation.register_search(SEARCH)
