"""Who reads the figures, and which cases are their own."""

from typing import Any

from tembusu.coordination.startup.selectors import marks
from tembusu.foundation.people import selectors as people
from tembusu.insight import permissions
from tembusu.insight.rules.telling import Reader


def sees_figures(user: Any) -> bool:
    """Say whether the national figures are for this user."""
    return permissions.sees_figures(user)


def reader_of(user: Any) -> Reader:
    """Return what is told to a user: everything, or what is no small cell beside their own cases.

    :raises PermissionDenied: for somebody with no part in start-up
    """
    people.check(user, permissions.SEE_FIGURES)
    if permissions.sees_every_figure(user):
        return Reader(sees_all=True)
    return Reader(sees_all=False, own=frozenset(marks.visible_ids(user)))


def check_can_define(user: Any) -> None:
    """Refuse whoever may not change what a figure counts.

    :raises PermissionDenied: saying which role may
    """
    permissions.check_can_define(user)


def may_define(user: Any) -> bool:
    """Say whether the user may change what a figure counts."""
    return permissions.may_define(user)
