"""Where the reference data stands in the menu."""

from tembusu.foundation.jurisdictions import permissions
from tembusu.foundation.jurisdictions.selectors import browse
from tembusu.foundation.ui import navigation
from tembusu.foundation.ui.navigation import NavItem

GROUP = "Reference data"
ITEMS = (
    NavItem(
        GROUP,
        "Rules of the country",
        "jurisdictions:items",
        80,
        permissions.may_see,
        pages=frozenset({"jurisdictions:item", "jurisdictions:item_change"}),
    ),
    NavItem(
        GROUP,
        "Proposals",
        "jurisdictions:proposals",
        81,
        permissions.may_see_proposals,
        browse.count_open_proposals,
        counted="wait for a decision",
    ),
    NavItem(
        GROUP,
        "Bodies",
        "jurisdictions:bodies",
        82,
        permissions.may_see,
        pages=frozenset({"jurisdictions:body_tie", "jurisdictions:body_untie"}),
    ),
)


def register() -> None:
    """Enter the pages in the menu."""
    for item in ITEMS:
        navigation.register(item)
