"""Which studies match a text, and how many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q

from tembusu.coordination.registry.models import SAMPLED, in_sample
from tembusu.coordination.registry.rules import ranking
from tembusu.coordination.registry.rules import search as rules
from tembusu.coordination.registry.rules.understanding import Understanding
from tembusu.coordination.registry.selectors import words
from tembusu.coordination.registry.selectors.search.lists import Rows
from tembusu.foundation.ui import paging
from tembusu.foundation.ui.paging import Count

Mode = Literal["all", "any"]

# Counted descriptors drift as studies change; beyond this there surely are more than COUNT_CAP.
SURELY_MANY = 2 * paging.COUNT_CAP
# So many in the sample are more than COUNT_CAP in all, but for a chance of nine standard deviations.
SURELY_MORE = int(1.28 * paging.COUNT_CAP / SAMPLED)


@dataclass(frozen=True, slots=True)
class Match:
    """How one search is carried out. ``ids``: up to as many as are ranked of those that match."""

    understanding: Understanding
    rows: Rows
    mode: Mode
    frequencies: Mapping[str, int]
    count: Count
    ids: Sequence[int] = ()


def understand(text: str, *, mends: bool = True) -> Understanding:
    """Return how a text is understood, with the vocabulary and the thesaurus of this database."""
    return rules.understand(
        text,
        vocabulary=words.resembling,
        mesh=words.headings,
        exactly=words.known_exactly,
        reordered=words.headings_reordered,
        mends=mends,
    )


def by_number(visible: Rows, understanding: Understanding) -> Rows | None:
    """Return the studies with exactly these trial numbers, or None to search them as words."""
    numbers = numbers_of(understanding)
    if not numbers:
        return None
    found = visible.filter(Q(registry_nos__overlap=numbers) | Q(number__in=numbers))
    return found if found.exists() else None


def numbers_of(understanding: Understanding) -> list[str]:
    return list(understanding.numbers or words.numbers_meant(understanding.typed))


def match_or_any(
    visible: Rows, understanding: Understanding, mode: Mode, *, is_whole: bool
) -> Match:
    """Match all words; where nothing has them all, any of them, if that finds something."""
    found = match(visible, understanding, mode, is_whole=is_whole)
    if mode == "any" or found.count.n or len(understanding.terms) < 2:
        return found
    wider = match(visible, understanding, "any", is_whole=is_whole)
    return wider if wider.count.n else found


def match(
    visible: Rows, understanding: Understanding, mode: Mode, *, is_whole: bool = False
) -> Match:
    """Count the studies that match and find the first of them, in one scan of the index.

    Where nothing narrows the list and a descriptor alone is held by far more studies than are
    counted, no scan is needed: that saves the slowest ones.
    """
    frequencies = words.frequencies(understanding.terms)
    rows = matching(visible, understanding, mode)
    if is_whole and ranking.at_least(understanding, frequencies, mode) > SURELY_MANY:
        return Match(understanding, rows, mode, frequencies, Count(paging.COUNT_CAP, True))
    if sampled(rows).order_by()[SURELY_MORE : SURELY_MORE + 1].exists():
        return Match(understanding, rows, mode, frequencies, Count(paging.COUNT_CAP, True))
    count, ids = _counted(rows, paging.COUNT_CAP, ranking.MOST_RANKED)
    return Match(understanding, rows, mode, frequencies, count, ids)


def _counted(rows: Rows, cap: int, most: int) -> tuple[Count, Sequence[int]]:
    """Return how many rows there are, counted to ``cap``, and the ids of up to ``most`` of them."""
    try:
        sql, parameters = rows.order_by().values_list("pk")[: cap + 1].query.sql_with_params()
    except EmptyResultSet:
        return Count(0), ()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), (array_agg(pk))[:%s]"  # noqa: S608 made by the ORM
            f" FROM ({sql}) matched(pk)",
            [most, *parameters],
        )
        n, ids = cursor.fetchone()
    return Count(min(n, cap), is_capped=n > cap), ids or ()


def sampled(rows: Rows) -> Rows:
    """Return every so many-th of the rows, which have a small index of their own."""
    return rows.filter(in_sample())


def matching(visible: Rows, understanding: Understanding, mode: Mode) -> Rows:
    """Return all rows that match the words."""
    text = wanted(understanding, mode)
    return visible.filter(document=tsquery(text)) if text else visible.none()


def wanted(understanding: Understanding, mode: Mode) -> str:
    """Return the tsquery text that a study must match; '' where nothing is looked for."""
    return understanding.all_words if mode == "all" else understanding.any_word


def tsquery(text: str) -> SearchQuery:
    return SearchQuery(text, config="english", search_type="raw")


def plan_by_index() -> None:
    """Keep the planner from reading every study, which it takes for cheap when many match."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def matching_or_any(visible: Rows, understanding: Understanding, mode: Mode) -> tuple[Rows, Mode]:
    """Return the rows that ``search`` would show for a text, and whether it fell back."""
    found = by_number(visible, understanding)
    if found is not None:
        return found, mode
    rows = matching(visible, understanding, mode)
    if mode == "all" and len(understanding.terms) > 1 and not rows.exists():
        return matching(visible, understanding, "any"), "any"
    return rows, mode


def candidates(rows: Rows, most: int) -> list[int]:
    """Return the ids of some of the rows, whichever the index meets first."""
    return list(rows.order_by().values_list("pk", flat=True)[:most])
