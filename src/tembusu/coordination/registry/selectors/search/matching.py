"""Which studies match a text, and how many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q

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


@dataclass(frozen=True, slots=True)
class Match:
    """How one search is carried out. ``ids``: those counted, at least all unless it is capped."""

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
    """Find how many studies match, and the first of them, in one scan of the index.

    Where nothing narrows the list and a descriptor alone is held by far more studies than are
    counted, no scan is needed: that saves the slowest ones.
    """
    frequencies = words.frequencies(understanding.terms)
    rows = matching(visible, understanding, mode)
    if is_whole and ranking.at_least(understanding, frequencies, mode) > SURELY_MANY:
        return Match(understanding, rows, mode, frequencies, Count(paging.COUNT_CAP, True))
    if mode == "any" and understanding.terms:
        # Where one word alone is in more studies than are counted, the others need no look.
        common = visible.filter(document=tsquery(ranking.commonest(understanding, frequencies)))
        count = paging.count_capped(common)
        if count.is_capped:
            return Match(understanding, rows, mode, frequencies, count)
    ids = candidates(rows, paging.COUNT_CAP + 1)
    n = len(ids)
    count = Count(min(n, paging.COUNT_CAP), is_capped=n > paging.COUNT_CAP)
    return Match(understanding, rows, mode, frequencies, count, ids)


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
