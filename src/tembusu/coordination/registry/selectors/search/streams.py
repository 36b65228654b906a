"""Every row of a list or a search, for exports."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.selectors.search.lists import (
    DEFAULT_SORT,
    Filters,
    listed,
    shown,
    sort_named,
)
from tembusu.coordination.registry.selectors.search.matching import (
    Mode,
    matching_or_any,
    understand,
)
from tembusu.coordination.registry.selectors.search.pages import BEST
from tembusu.coordination.registry.selectors.search.ranked import rank
from tembusu.foundation.ui import paging

CHUNK = 1_000


def stream(
    user: Any,
    text: str = "",
    filters: Filters | None = None,
    sort: str = DEFAULT_SORT,
    *,
    mode: Mode = "all",
    mends: bool = True,
) -> Iterator[StudyIndex]:
    """Yield every row that a list or search shows, in its order, with flat memory.

    A server-side cursor inside one transaction: what is changed meanwhile is not seen. Sorted by
    'best', the ranked rows come first and the rest follow, the last updated first.
    """
    filters = filters or Filters()
    visible = listed(user, filters)
    understanding = understand(text, mends=mends)
    rows, ranked, mode = visible, [], mode
    with transaction.atomic():
        if understanding.typed:
            rows, mode = matching_or_any(visible, understanding, mode)
            if sort == BEST.key and not understanding.numbers:
                ranked = [pk for _, pk in rank(understanding, visible, mode)]
                yield from _in_order(ranked)
        if ranked:
            rows = rows.exclude(pk__in=ranked)
        order = paging.order_by(sort_named(sort))
        yield from shown(rows).order_by(*order).iterator(chunk_size=CHUNK)


def _in_order(ids: Sequence[int]) -> Iterator[StudyIndex]:
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        rows = shown(StudyIndex.objects.all()).in_bulk(some)
        yield from (rows[pk] for pk in some if pk in rows)
