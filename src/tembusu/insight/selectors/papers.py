"""Committee papers, and the figures that go into one."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from tembusu.foundation.people import selectors as people
from tembusu.insight import permissions
from tembusu.insight.models import Paper
from tembusu.insight.rules.asked import Asked
from tembusu.insight.rules.papers import shifted
from tembusu.insight.rules.telling import Reader
from tembusu.insight.selectors import dashboard
from tembusu.insight.selectors.dashboard import View
from tembusu.insight.terms import WHOLE, Lens


def may_make(user: Any) -> bool:
    """Say whether the user may make committee papers."""
    return people.may(user, permissions.MAKE_PAPER)


def check_can_make(user: Any) -> None:
    """Refuse whoever may not make papers.

    :raises PermissionDenied: saying which roles may
    """
    permissions.check_can_make_paper(user)


def list_papers(user: Any) -> QuerySet[Paper]:
    """Return the papers that the user may read, newest first."""
    return Paper.objects.visible_to(user).select_related("asked_by").order_by("-pk")


def get_paper(user: Any, pk: int) -> Paper:
    """Return a paper if the user may read it; otherwise it does not exist for them."""
    return get_object_or_404(list_papers(user), pk=pk)


def view_of(quarter: date, as_of: date) -> View:
    """Return what a quarter's paper is read from: the twelve months of selection up to its end."""
    last = shifted(quarter, 2)
    lens = Lens(shifted(last, -11), last)
    before = Lens(shifted(last, -23), shifted(last, -12))
    asked = Asked(lens, before, WHOLE, is_own=False, is_fixed=False)
    return dashboard.look(asked, Reader(sees_all=True), as_of)
