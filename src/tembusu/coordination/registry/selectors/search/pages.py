"""One page of what a search finds, the best first or in the order of a column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.rules import ranking
from tembusu.coordination.registry.rules.understanding import Understanding
from tembusu.coordination.registry.selectors.search.lists import (
    Filters,
    Rows,
    list_portfolio,
    listed,
    shown,
    sort_named,
)
from tembusu.coordination.registry.selectors.search.matching import (
    Match,
    Mode,
    by_number,
    candidates,
    match,
    match_or_any,
    matching_or_any,
    numbers_of,
    plan_by_index,
    understand,
)
from tembusu.coordination.registry.selectors.search.ranked import ranked
from tembusu.foundation.ui import paging
from tembusu.foundation.ui.paging import Count, Kind, Page, Sort

BEST = Sort("best", "score", Kind.NUMBER, is_ascending=False)
NONE = Count(0)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results and how it came about.

    :ivar mode: 'any' also where 'all' was asked for and nothing had all the words (``fell_back``)
    :ivar suggested: how many ``understanding.suggestion`` would find, 0 where it is not worth saying
    :ivar is_bounded: more matched than were ranked; a sort by date goes through all of them
    """

    page: Page[StudyIndex]
    understanding: Understanding
    mode: Mode = "all"
    fell_back: bool = False
    is_bounded: bool = False
    suggested: Count = NONE

    @property
    def suggestion(self) -> str:
        """The text that may have been meant, where it finds more; else ''."""
        return self.understanding.suggestion if self.suggested.n else ""

    @property
    def rows(self) -> Sequence[StudyIndex]:
        return self.page.rows

    @property
    def count(self) -> Count:
        return self.page.count or Count(0)

    @property
    def next(self) -> str:
        return self.page.next

    @property
    def previous(self) -> str:
        return self.page.previous


def search(
    user: Any,
    text: str,
    filters: Filters | None = None,
    mode: Mode = "all",
    sort: str = "best",
    cursor: str = "",
    limit: int = 50,
    *,
    mends: bool = True,
) -> SearchPage:
    """Return a page of the studies that match a text, the best first or in another order.

    Where no study has all the words, those with any of them are shown (``fell_back``).

    :param mends: False searches for every word as typed
    :raises CursorError: if the cursor is of another list
    """
    filters = filters or Filters()
    understanding = understand(text, mends=mends)
    if not understanding.typed:
        page = list_portfolio(user, filters, sort, cursor, limit)
        return SearchPage(page, understanding, mode)
    visible = listed(user, filters)
    found = by_number(visible, understanding)
    if found is not None:
        page = paging.fetch(
            shown(found),
            _sort_of_text(sort),
            after=cursor,
            size=limit,
            count=paging.count_capped(found),
        )
        return SearchPage(page, _as_numbers(understanding), mode)
    with transaction.atomic():
        plan_by_index()
        is_whole = filters == Filters()
        how = match_or_any(visible, understanding, mode, is_whole=is_whole)
        suggested = _suggested(how, visible, mode, is_whole=is_whole)
        return replace(_found(how, visible, mode, sort, cursor, limit), suggested=suggested)


def count_found(
    user: Any, text: str, filters: Filters, mode: Mode = "all", *, mends: bool = True
) -> Count:
    """Count the studies that ``search`` would find."""
    visible = listed(user, filters)
    understanding = understand(text, mends=mends)
    if not understanding.typed:
        return paging.count_capped(visible)
    with transaction.atomic():
        plan_by_index()
        return paging.count_capped(matching_or_any(visible, understanding, mode)[0])


def _as_numbers(understanding: Understanding) -> Understanding:
    """Leave out how a text would have been read as words: it was looked up as numbers."""
    return Understanding(understanding.typed, numbers=tuple(numbers_of(understanding)))


def _suggested(how: Match, visible: Rows, mode: Mode, *, is_whole: bool) -> Count:
    """Count what the suggested text would find in the same list; 0 where it finds no more.

    Where nothing has all the words as typed, whatever has those suggested is more.
    Counted as any search is, so that nobody learns of studies that they may not see.
    """
    text = how.understanding.suggestion
    if not text:
        return NONE
    count = match(visible, understand(text), mode, is_whole=is_whole).count
    n_found = how.count.n if how.mode == mode else 0
    return count if count.is_capped or count.n > n_found else NONE


def _sort_of_text(sort: str) -> Sort:
    return sort_named("number" if sort == BEST.key else sort)


def _found(
    how: Match, visible: Rows, asked: Mode, sort: str, cursor: str, limit: int
) -> SearchPage:
    if sort == BEST.key:
        page = _best_page(how, visible, cursor, limit)
        is_bounded = how.count.is_capped or how.count.n > ranking.MOST_RANKED
    else:
        page = _sorted_page(how, sort_named(sort), cursor, limit)
        is_bounded = False
    return SearchPage(page, how.understanding, how.mode, how.mode != asked, is_bounded)


def _sorted_page(how: Match, sort: Sort, cursor: str, limit: int) -> Page[StudyIndex]:
    """Return a page in the order of a column.

    Few matches are gathered and sorted; many are met soon by walking the sort's index.
    """
    rows = how.rows
    if not how.count.is_capped:
        rows = StudyIndex.objects.filter(pk__in=candidates(rows, paging.COUNT_CAP))
    return paging.fetch(shown(rows), sort, after=cursor, size=limit, count=how.count)


def _best_page(how: Match, visible: Rows, cursor: str, limit: int) -> Page[StudyIndex]:
    edge = paging.decode(cursor, BEST) if cursor else None
    in_order = ranked(how, visible)
    chosen = _window(in_order, edge, limit)
    rows = shown(StudyIndex.objects.all()).in_bulk([pk for _, pk in chosen])
    found = []
    for score, pk in chosen:
        if pk in rows:
            rows[pk].score = score  # type: ignore[attr-defined]
            found.append(rows[pk])
    return paging.page_of(found, BEST, edge, size=limit, count=how.count)


def _window(
    in_order: Sequence[tuple[float, int]], edge: paging.Cursor | None, limit: int
) -> list[tuple[float, int]]:
    """Return up to ``limit`` + 1 ranked rows in reading order, as ``paging.page_of`` wants them."""
    if edge is None:
        return list(in_order[: limit + 1])
    at = (float(edge.value), int(edge.row_id))  # type: ignore[arg-type]
    place = ranking.position(in_order, at, is_forward=edge.is_forward)
    if edge.is_forward:
        return list(in_order[place : place + limit + 1])
    return list(reversed(in_order[max(place - limit - 1, 0) : place]))
