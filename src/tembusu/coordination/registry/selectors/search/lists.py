"""Which studies a list shows, narrowed by filters, in the order of a column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.terms import SortKey
from tembusu.foundation.ui import paging
from tembusu.foundation.ui.paging import Kind, Page, Sort

Rows = QuerySet[StudyIndex]

SORTS: Mapping[str, Sort] = {
    sort.key: sort
    for sort in (
        Sort(SortKey.UPDATED, "updated_date", Kind.DATE, False, may_be_null=True),
        Sort(SortKey.TITLE, "sort_title"),
        Sort(SortKey.NUMBER, "number"),
        Sort(SortKey.STARTED, "start_date", Kind.DATE, False, may_be_null=True),
        Sort(SortKey.ENROLMENT, "enrolment", Kind.WHOLE, False, may_be_null=True),
        Sort(SortKey.COMPLETENESS, "n_answered", Kind.WHOLE),
    )
}
DEFAULT_SORT = "-updated"


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list. ``facets`` are kind to values: any value of a kind, every kind.

    Ranges include both ends; ``started`` are years, ``answered`` of the 24 WHO items.

    :ivar is_mine: only studies in which the user, or a body of theirs, has a part
    """

    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_mine: bool = False
    updated_since: date | None = None
    enrolment_from: int | None = None
    enrolment_to: int | None = None
    started_from: int | None = None
    started_to: int | None = None
    answered_from: int | None = None
    answered_to: int | None = None

    def without(self, kind: str) -> "Filters":
        return replace(self, facets={k: v for k, v in self.facets.items() if k != kind})


def visible_index(user: Any) -> Rows:
    """Return the index rows of the studies that the user may see (``Study.visible_to``)."""
    if permissions.sees_every_study(user):
        return StudyIndex.objects.all()
    scopes = sorted(permissions.scopes_seen(user))
    public = Q(is_public=True)
    if not scopes:
        return StudyIndex.objects.filter(public)
    return StudyIndex.objects.filter(public | _within(scopes))


def _within(scopes: Sequence[int]) -> Q:
    return Q(scope_id__in=scopes) | Q(site_scope_ids__overlap=scopes)


def has_own(user: Any) -> bool:
    """Say whether some studies are the user's own, rather than none or, for keepers, all."""
    if permissions.sees_every_study(user):
        return False
    return listed(user, Filters(is_mine=True)).exists()


def listed(user: Any, filters: Filters) -> Rows:
    """Return the rows that the user may see and that pass the filters."""
    rows = visible_index(user)
    if filters.is_mine:
        rows = rows.filter(_within(sorted(permissions.scopes_seen(user))))
    return narrow(rows, filters)


def narrow(rows: Rows, filters: Filters) -> Rows:
    """Return the rows that pass the filters."""
    for kind, values in filters.facets.items():
        names = [f"{kind}:{value}"[:80] for value in values]
        if len(names) == 1:
            rows = rows.filter(facets__contains=names)
        elif names:
            rows = rows.filter(facets__overlap=names)
    ranges = {
        "updated_date__gte": filters.updated_since,
        "enrolment__gte": filters.enrolment_from,
        "enrolment__lte": filters.enrolment_to,
        "start_date__gte": _first_day(filters.started_from),
        "start_date__lt": _first_day(filters.started_to, after=1),
        "n_answered__gte": filters.answered_from,
        "n_answered__lte": filters.answered_to,
    }
    return rows.filter(**{name: value for name, value in ranges.items() if value is not None})


def _first_day(year: int | None, after: int = 0) -> date | None:
    return None if year is None else date(min(max(year + after, 1), 9999), 1, 1)


def sort_named(name: str) -> Sort:
    """Return the sort that an address names, such as ``title`` or ``-updated``.

    An unknown one is the default: an old address still shows the list.
    """
    key = name.removeprefix("-")
    if key not in SORTS:
        name, key = DEFAULT_SORT, DEFAULT_SORT.removeprefix("-")
    return replace(SORTS[key], is_ascending=not name.startswith("-"))


def list_portfolio(
    user: Any,
    filters: Filters | None = None,
    sort: str = DEFAULT_SORT,
    cursor: str = "",
    limit: int = 50,
    *,
    counts: bool = True,
) -> Page[StudyIndex]:
    """Return a page of the portfolio.

    :raises CursorError: if the cursor is of another list
    """
    rows = listed(user, filters or Filters())
    count = paging.count_capped(rows) if counts else None
    return paging.fetch(shown(rows), sort_named(sort), after=cursor, size=limit, count=count)


def shown(rows: Rows) -> Rows:
    """Leave out the text that is searched: it is large, and nobody reads it."""
    return rows.defer("document")
