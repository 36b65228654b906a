"""How many of the studies that match have each value of a filter."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from tembusu.coordination.registry.selectors.search.lists import (
    Filters,
    Rows,
    listed,
)
from tembusu.coordination.registry.selectors.search.matching import (
    Mode,
    matching_or_any,
    plan_by_index,
    understand,
)

FACET_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Of each kind its values with how many studies have them, the commonest first.

    Where more studies match than are counted (``is_sample``), the figures are of ``n_counted``.
    """

    by_kind: Mapping[str, Sequence[tuple[str, int]]]
    n_counted: int
    is_sample: bool


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
            plan_by_index()
        for names, narrowing in groups:
            rows = listed(user, narrowing)
            if understanding.typed:
                rows, _ = matching_or_any(rows, understanding, mode)
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
