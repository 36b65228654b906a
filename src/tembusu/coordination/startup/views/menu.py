"""Where start-up stands in the menu."""

from typing import Any

from django.utils import timezone

from tembusu.coordination.startup.selectors import paths, pathways
from tembusu.coordination.startup.selectors.paths import Asked
from tembusu.coordination.startup.views import listing
from tembusu.foundation.ui import navigation, paging
from tembusu.foundation.ui.navigation import NavItem

GROUP = "Start-up"


def count_mine(user: Any) -> int:
    """Return how many study-sites wait on the user's side."""
    today = timezone.localdate(timezone.now())
    return paging.count_capped(paths.list_paths(user, Asked(is_mine=True), today=today)).n


def sees(user: Any) -> bool:
    """Say whether the pathways stand in somebody's menu."""
    return user.is_authenticated and pathways.sees(user)


def register() -> None:
    """Enter start-up's pages in the menu."""
    navigation.register(NavItem(GROUP, "Pathways", "startup:pathways", 21, sees))
    navigation.register(
        NavItem(
            GROUP,
            "Study-sites",
            "startup:paths",
            20,
            listing.sees,
            count_mine,
            counted="wait on your side",
        )
    )
