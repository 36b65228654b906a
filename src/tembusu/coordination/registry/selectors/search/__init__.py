"""Search and lists of the portfolio, always within what the user may see.

A search matches through one GIN index and ranks at most ``ranking.MOST_RANKED`` candidates; counts
are exact to ``paging.COUNT_CAP``. Lists walk one index for each sort. Nothing here grows with the
number of studies.
"""

from tembusu.coordination.registry.selectors.search.facets import FacetCounts, facet_counts
from tembusu.coordination.registry.selectors.search.lists import (
    DEFAULT_SORT,
    SORTS,
    Filters,
    has_own,
    list_portfolio,
    narrow,
    sort_named,
    visible_index,
)
from tembusu.coordination.registry.selectors.search.matching import Mode, understand
from tembusu.coordination.registry.selectors.search.pages import SearchPage, count_found, search
from tembusu.coordination.registry.selectors.search.ranked import rank, rank_exactly
from tembusu.coordination.registry.selectors.search.streams import stream

__all__ = [
    "DEFAULT_SORT",
    "SORTS",
    "FacetCounts",
    "Filters",
    "Mode",
    "SearchPage",
    "count_found",
    "facet_counts",
    "has_own",
    "list_portfolio",
    "narrow",
    "rank",
    "rank_exactly",
    "search",
    "sort_named",
    "stream",
    "understand",
    "visible_index",
]
