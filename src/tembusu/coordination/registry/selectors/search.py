"""Search and lists of the portfolio, always within what the user may see.

A search matches through one GIN index and ranks at most ``ranking.MOST_RANKED`` candidates; counts
are exact to ``paging.COUNT_CAP``. Lists walk one index for each sort. Nothing here grows with the
number of studies.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import StudyIndex, names_in
from tembusu.coordination.registry.rules import ranking
from tembusu.coordination.registry.rules import search as rules
from tembusu.coordination.registry.rules.search import Understanding
from tembusu.coordination.registry.selectors import words
from tembusu.coordination.registry.terms import SortKey
from tembusu.foundation.ui import paging
from tembusu.foundation.ui.paging import Count, Kind, Page, Sort

Mode = Literal["all", "any"]
Rows = QuerySet[StudyIndex]

BEST = Sort("best", "score", Kind.NUMBER, is_ascending=False)
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
# Names and concepts weigh more than summaries, those more than the rest: D, C, B, A.
WEIGHTS = [0.05, 0.2, 0.6, 1.0]
FACET_ROWS = 10_000
# Counted descriptors drift as studies change; beyond this there surely are more than COUNT_CAP.
SURELY_MANY = 2 * paging.COUNT_CAP
CHUNK = 1_000
NONE = Count(0)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list. ``facets`` are kind to values: any value of a kind, every kind.

    Ranges include both ends; ``started`` are years, ``answered`` of the 24 WHO items.
    """

    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    updated_since: date | None = None
    enrolment_from: int | None = None
    enrolment_to: int | None = None
    started_from: int | None = None
    started_to: int | None = None
    answered_from: int | None = None
    answered_to: int | None = None

    def without(self, kind: str) -> "Filters":
        return replace(self, facets={k: v for k, v in self.facets.items() if k != kind})


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


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Of each kind its values with how many studies have them, the commonest first.

    Where more studies match than are counted (``is_sample``), the figures are of ``n_counted``.
    """

    by_kind: Mapping[str, Sequence[tuple[str, int]]]
    n_counted: int
    is_sample: bool


@dataclass(frozen=True, slots=True)
class _Match:
    """How one search is carried out. ``ids``: those counted, at least all unless it is capped."""

    understanding: Understanding
    rows: Rows
    mode: Mode
    frequencies: Mapping[str, int]
    count: Count
    ids: Sequence[int] = ()


# -- which rows ---------------------------------------------------------------------------------


def visible_index(user: Any) -> Rows:
    """Return the index rows of the studies that the user may see (``Study.visible_to``)."""
    if permissions.sees_every_study(user):
        return StudyIndex.objects.all()
    scopes = sorted(permissions.scopes_seen(user))
    public = Q(is_public=True)
    if not scopes:
        return StudyIndex.objects.filter(public)
    mine = Q(scope_id__in=scopes) | Q(site_scope_ids__overlap=scopes)
    return StudyIndex.objects.filter(public | mine)


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


# -- lists --------------------------------------------------------------------------------------


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
    rows = narrow(visible_index(user), filters or Filters())
    count = paging.count_capped(rows) if counts else None
    return paging.fetch(_shown(rows), sort_named(sort), after=cursor, size=limit, count=count)


def _shown(rows: Rows) -> Rows:
    return rows.defer("document")


# -- search -------------------------------------------------------------------------------------


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
    visible = narrow(visible_index(user), filters)
    found = _by_number(visible, understanding)
    if found is not None:
        page = paging.fetch(
            _shown(found),
            _sort_of_text(sort),
            after=cursor,
            size=limit,
            count=paging.count_capped(found),
        )
        return SearchPage(page, _as_numbers(understanding), mode)
    with transaction.atomic():
        _plan_by_index()
        is_whole = filters == Filters()
        match = _match_or_any(visible, understanding, mode, is_whole=is_whole)
        suggested = _suggested(match, visible, mode, is_whole=is_whole)
        return replace(_found(match, visible, mode, sort, cursor, limit), suggested=suggested)


def _as_numbers(understanding: Understanding) -> Understanding:
    """Leave out how a text would have been read as words: it was looked up as numbers."""
    return Understanding(understanding.typed, numbers=tuple(_numbers(understanding)))


def _suggested(match: _Match, visible: Rows, mode: Mode, *, is_whole: bool) -> Count:
    """Count what the suggested text would find in the same list; 0 where it finds no more.

    Counted as any search is, so that nobody learns of studies that they may not see.
    """
    text = match.understanding.suggestion
    if not text:
        return NONE
    count = _match(visible, understand(text), mode, is_whole=is_whole).count
    return count if count.is_capped or count.n > match.count.n else NONE


def _sort_of_text(sort: str) -> Sort:
    return sort_named("number" if sort == BEST.key else sort)


def _by_number(visible: Rows, understanding: Understanding) -> Rows | None:
    """Return the studies with exactly these trial numbers, or None to search them as words."""
    numbers = _numbers(understanding)
    if not numbers:
        return None
    found = visible.filter(Q(registry_nos__overlap=numbers) | Q(number__in=numbers))
    return found if found.exists() else None


def _numbers(understanding: Understanding) -> list[str]:
    return list(understanding.numbers or words.numbers_meant(understanding.typed))


def _match_or_any(
    visible: Rows, understanding: Understanding, mode: Mode, *, is_whole: bool
) -> _Match:
    """Match all words; where nothing has them all, any of them, if that finds something."""
    match = _match(visible, understanding, mode, is_whole=is_whole)
    if mode == "any" or match.count.n or len(understanding.terms) < 2:
        return match
    wider = _match(visible, understanding, "any", is_whole=is_whole)
    return wider if wider.count.n else match


def _found(
    match: _Match, visible: Rows, asked: Mode, sort: str, cursor: str, limit: int
) -> SearchPage:
    if sort == BEST.key:
        page = _best_page(match, visible, cursor, limit)
        is_bounded = match.count.is_capped or match.count.n > ranking.MOST_RANKED
    else:
        page = _sorted_page(match, sort_named(sort), cursor, limit)
        is_bounded = False
    return SearchPage(page, match.understanding, match.mode, match.mode != asked, is_bounded)


def _match(
    visible: Rows, understanding: Understanding, mode: Mode, *, is_whole: bool = False
) -> _Match:
    """Find how many studies match, and the first of them, in one scan of the index.

    Where nothing narrows the list and a descriptor alone is held by far more studies than are
    counted, no scan is needed: that saves the slowest ones.
    """
    frequencies = words.frequencies(understanding.terms)
    rows = matching(visible, understanding, mode)
    if is_whole and ranking.at_least(understanding, frequencies, mode) > SURELY_MANY:
        return _Match(understanding, rows, mode, frequencies, Count(paging.COUNT_CAP, True))
    if mode == "any" and understanding.terms:
        # Where one word alone is in more studies than are counted, the others need no look.
        common = visible.filter(document=tsquery(ranking.commonest(understanding, frequencies)))
        count = paging.count_capped(common)
        if count.is_capped:
            return _Match(understanding, rows, mode, frequencies, count)
    ids = _candidates(rows, paging.COUNT_CAP + 1)
    n = len(ids)
    count = Count(min(n, paging.COUNT_CAP), is_capped=n > paging.COUNT_CAP)
    return _Match(understanding, rows, mode, frequencies, count, ids)


def matching(visible: Rows, understanding: Understanding, mode: Mode) -> Rows:
    """Return all rows that match the words."""
    text = understanding.all_words if mode == "all" else understanding.any_word
    return visible.filter(document=tsquery(text)) if text else visible.none()


def tsquery(text: str) -> SearchQuery:
    return SearchQuery(text, config="english", search_type="raw")


def _plan_by_index() -> None:
    """Keep the planner from reading every study, which it takes for cheap when many match."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def _sorted_page(match: _Match, sort: Sort, cursor: str, limit: int) -> Page[StudyIndex]:
    """Return a page in the order of a column.

    Few matches are gathered and sorted; many are met soon by walking the sort's index.
    """
    rows = match.rows
    if not match.count.is_capped:
        rows = StudyIndex.objects.filter(pk__in=match.ids)
    return paging.fetch(_shown(rows), sort, after=cursor, size=limit, count=match.count)


def _best_page(match: _Match, visible: Rows, cursor: str, limit: int) -> Page[StudyIndex]:
    edge = paging.decode(cursor, BEST) if cursor else None
    ranked = _rank(match, visible)
    chosen = _window(ranked, edge, limit)
    rows = _shown(StudyIndex.objects.all()).in_bulk([pk for _, pk in chosen])
    shown = []
    for score, pk in chosen:
        if pk in rows:
            rows[pk].score = score  # type: ignore[attr-defined]
            shown.append(rows[pk])
    return paging.page_of(shown, BEST, edge, size=limit, count=match.count)


def _window(
    ranked: Sequence[tuple[float, int]], edge: paging.Cursor | None, limit: int
) -> list[tuple[float, int]]:
    """Return up to ``limit`` + 1 ranked rows in reading order, as ``paging.page_of`` wants them."""
    if edge is None:
        return list(ranked[: limit + 1])
    at = (float(edge.value), int(edge.row_id))  # type: ignore[arg-type]
    place = ranking.position(ranked, at, is_forward=edge.is_forward)
    if edge.is_forward:
        return list(ranked[place : place + limit + 1])
    return list(reversed(ranked[max(place - limit - 1, 0) : place]))


# -- ranking ------------------------------------------------------------------------------------


def rank(understanding: Understanding, visible: Rows, mode: Mode) -> list[tuple[float, int]]:
    """Return (score, study id) of at most ``ranking.MOST_RANKED`` matches, the best first."""
    return _rank(_match(visible, understanding, mode), visible)


def rank_exactly(
    understanding: Understanding, visible: Rows, mode: Mode
) -> list[tuple[float, int]]:
    """Return (score, study id) of every match, best first: slow, to measure ``rank`` against."""
    ids = list(matching(visible, understanding, mode).order_by().values_list("pk", flat=True))
    return _scored(ids, _weighted(understanding, words.frequencies(understanding.terms)))


def _rank(match: _Match, visible: Rows) -> list[tuple[float, int]]:
    most = ranking.MOST_RANKED
    if match.ids and len(match.ids) <= most:
        chosen = list(match.ids)
    else:
        chosen = ranking.take(_staged(match, visible, most), most)
    return _scored(chosen, _weighted(match.understanding, match.frequencies))


def _staged(match: _Match, visible: Rows, most: int) -> Iterator[Sequence[int]]:
    understanding = match.understanding
    if match.mode == "all":
        stages = [understanding.all_words] if understanding.all_words else []
    else:
        stages = ranking.stages(understanding, match.frequencies)
    named = visible.alias(names=names_in("document"))
    for stage in stages:
        yield _candidates(named.filter(names=tsquery(stage)), most)
    if match.ids:
        yield match.ids
    for stage in stages:
        yield _candidates(visible.filter(document=tsquery(stage)), most)


def _weighted(
    understanding: Understanding, frequencies: Mapping[str, int]
) -> tuple[ranking.Weighted, ...]:
    return ranking.weights(understanding, frequencies, words.n_indexed())


def _candidates(rows: Rows, most: int) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True)[:most])


def _scored(ids: Sequence[int], weighted: Sequence[ranking.Weighted]) -> list[tuple[float, int]]:
    if not ids or not weighted:
        return []
    score = " + ".join(
        "%s * ts_rank(%s::real[], document, to_tsquery('english', %s))" for _ in weighted
    )
    parameters: list[Any] = []
    for one in weighted:
        parameters += [one.weight, WEIGHTS, one.query]
    with connection.cursor() as cursor:
        # Joined with nothing, the entry is unpacked once for all terms; OFFSET keeps it so.
        cursor.execute(
            f"SELECT ({score})::float8, study_id FROM ("  # noqa: S608 no input
            "SELECT study_id, document || ''::tsvector AS document FROM registry_studyindex"
            " WHERE study_id = ANY(%s) OFFSET 0) candidate ORDER BY 1 DESC, 2 DESC",
            [*parameters, list(ids)],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


# -- filters and exports ------------------------------------------------------------------------


def facet_counts(
    user: Any,
    kinds: Collection[str],
    *,
    text: str = "",
    filters: Filters | None = None,
    mode: Mode = "all",
    mends: bool = True,
) -> FacetCounts:
    """Count the values of some kinds of filter among the studies that match.

    A kind's own choice does not narrow its own counts, so that another value can be added to it. At
    most ``FACET_ROWS`` studies are counted, then the figures are of a sample.
    """
    filters = filters or Filters()
    understanding = understand(text, mends=mends)
    chosen = [kind for kind in kinds if filters.facets.get(kind)]
    free = [kind for kind in kinds if kind not in chosen]
    groups = [(free, filters)] if free else []
    groups += [([kind], filters.without(kind)) for kind in chosen]
    by_kind: dict[str, Sequence[tuple[str, int]]] = {}
    n_counted = 0
    with transaction.atomic():
        if understanding.typed:
            _plan_by_index()
        for names, narrowing in groups:
            rows = narrow(visible_index(user), narrowing)
            if understanding.typed:
                rows, _ = _matching(rows, understanding, mode)
            found, n = _values(rows, names)
            by_kind.update(found)
            n_counted = max(n_counted, n)
    return FacetCounts(by_kind, min(n_counted, FACET_ROWS), n_counted > FACET_ROWS)


def _values(rows: Rows, kinds: Sequence[str]) -> tuple[dict[str, Sequence[tuple[str, int]]], int]:
    found: dict[str, list[tuple[str, int]]] = {kind: [] for kind in kinds}
    try:
        query = rows.order_by().values_list("facets")[: FACET_ROWS + 1].query
        sql, parameters = query.sql_with_params()
    except EmptyResultSet:
        return dict(found), 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH matched AS MATERIALIZED ({sql}) "  # noqa: S608 made by the ORM
            "SELECT NULL, count(*) FROM matched UNION ALL (SELECT f, count(*) FROM matched,"
            " unnest(facets) f WHERE f LIKE ANY(%s) GROUP BY f ORDER BY 2 DESC, 1)",
            [*parameters, [f"{kind}:%" for kind in kinds]],
        )
        (_, n), *counted = cursor.fetchall()
    for facet, count in counted:
        kind, _, value = facet.partition(":")
        found[kind].append((value, count))
    return dict(found), n


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
    visible = narrow(visible_index(user), filters)
    understanding = understand(text, mends=mends)
    rows, ranked, mode = visible, [], mode
    with transaction.atomic():
        if understanding.typed:
            rows, mode = _matching(visible, understanding, mode)
            if sort == BEST.key and not understanding.numbers:
                ranked = [pk for _, pk in rank(understanding, visible, mode)]
                yield from _in_order(ranked)
        if ranked:
            rows = rows.exclude(pk__in=ranked)
        order = paging.order_by(sort_named(sort))
        yield from _shown(rows).order_by(*order).iterator(chunk_size=CHUNK)


def _matching(visible: Rows, understanding: Understanding, mode: Mode) -> tuple[Rows, Mode]:
    """Return the rows that ``search`` would show for a text, and whether it fell back."""
    found = _by_number(visible, understanding)
    if found is not None:
        return found, mode
    rows = matching(visible, understanding, mode)
    if mode == "all" and len(understanding.terms) > 1 and not rows.exists():
        return matching(visible, understanding, "any"), "any"
    return rows, mode


def _in_order(ids: Sequence[int]) -> Iterator[StudyIndex]:
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        rows = _shown(StudyIndex.objects.all()).in_bulk(some)
        yield from (rows[pk] for pk in some if pk in rows)
