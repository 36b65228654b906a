"""The best of the studies that match, without reading them all."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Func, Value

from tembusu.coordination.registry.models import impacts_of
from tembusu.coordination.registry.rules import impacts, ranking
from tembusu.coordination.registry.rules.understanding import Understanding
from tembusu.coordination.registry.selectors import words
from tembusu.coordination.registry.selectors.search.lists import Rows
from tembusu.coordination.registry.selectors.search.matching import (
    Match,
    Mode,
    candidates,
    match,
    tsquery,
    wanted,
)

# Names and concepts weigh more than summaries, those more than the rest: D, C, B, A.
WEIGHTS = [0.05, 0.2, 0.6, 1.0]
# Broader descriptors of a study's concepts stand under C: it is about what is looked for all the same.
WEIGHTS_OF_HEADINGS = [0.05, 0.6, 0.6, 1.0]


def rank(understanding: Understanding, visible: Rows, mode: Mode) -> list[tuple[float, int]]:
    """Return (score, study id) of at most ``ranking.MOST_RANKED`` matches, the best first."""
    return ranked(match(visible, understanding, mode), visible)


def rank_exactly(
    understanding: Understanding, visible: Rows, mode: Mode
) -> list[tuple[float, int]]:
    """Return (score, study id) of every match, best first: slow, to measure ``rank`` against."""
    how = match(visible, understanding, mode)
    ids = list(how.rows.order_by().values_list("pk", flat=True))
    return _scored(ids, _weighted(how))


def ranked(how: Match, visible: Rows) -> list[tuple[float, int]]:
    """Return (score, study id) of the best matches, as ``rank`` does."""
    weighted = _weighted(how)
    most = ranking.MOST_RANKED
    if how.ids and len(how.ids) <= most:
        return _scored(how.ids, weighted)
    staged = (_kept(ids, how) for ids in _staged(how, weighted, visible, most))
    return _scored(ranking.take(staged, most), weighted)


def _kept(ids: Sequence[int], how: Match) -> Sequence[int]:
    """Return those that match: a study may say some of the words strongly, and others not at all."""
    if how.mode == "any" and not how.understanding.excluded:
        return ids
    if not how.count.is_capped:
        matching = set(how.ids)
        return [pk for pk in ids if pk in matching]
    with connection.cursor() as cursor:
        # OFFSET keeps the planner from looking the words up among all studies.
        cursor.execute(
            "SELECT study_id FROM (SELECT study_id, document FROM registry_studyindex"
            " WHERE study_id = ANY(%s) OFFSET 0) candidate"
            " WHERE document @@ to_tsquery('english', %s)",
            [list(ids), wanted(how.understanding, how.mode)],
        )
        return [row[0] for row in cursor.fetchall()]


def _weighted(how: Match) -> tuple[ranking.Weighted, ...]:
    return ranking.weights(how.understanding, how.frequencies, words.n_indexed())


def _staged(
    how: Match, weighted: Sequence[ranking.Weighted], visible: Rows, most: int
) -> Iterator[Sequence[int]]:
    """Yield candidates, the likeliest first: strong in names and concepts, in names, anywhere."""
    stages = ranking.stages(how.understanding, how.frequencies, how.mode)
    queries = [one.query for one in weighted]
    parsed = _parsed([*queries, *stages])
    sought = impacts.sought(
        how.understanding,
        dict(zip(queries, parsed, strict=False)),
        {one.query: one.weight for one in weighted},
    )
    named = (impacts.query(stage, impacts.NAMED) for stage in parsed[len(weighted) :])
    strong, too_many = _strongest(sought, visible, most)
    yield from strong
    yield too_many
    yield from (_with_impacts(visible, query, most) for query in named)
    yield how.ids
    for stage in stages:
        yield candidates(visible.filter(document=tsquery(stage)), most)


def _strongest(
    sought: Sequence[impacts.Sought], visible: Rows, most: int
) -> tuple[list[list[int]], list[int]]:
    """Return those that lose little of the best score, in steps, and some of the step too many.

    The loss is widened until a step brings as many as are ranked; that step is then halved.
    """
    steps: list[list[int]] = []
    least = 0.0
    for loss in impacts.LOSSES if sought else ():
        found = _with_impacts(visible, impacts.within(sought, loss), most)
        if len(found) == most:
            return _halved(steps, found, sought, visible, least, loss)
        steps.append(found)
        least = loss
    return steps, []


def _halved(
    steps: list[list[int]],
    too_many: list[int],
    sought: Sequence[impacts.Sought],
    visible: Rows,
    least: float,
    loss: float,
) -> tuple[list[list[int]], list[int]]:
    """Go on between a loss that brings too few and one that brings too many."""
    most = len(too_many)
    for _ in range(impacts.HALVINGS):
        middle = (least + loss) / 2
        found = _with_impacts(visible, impacts.within(sought, middle), most)
        if len(found) == most:
            too_many, loss = found, middle
        else:
            steps.append(found)
            least = middle
    return steps, too_many


def _with_impacts(visible: Rows, text: str, most: int) -> list[int]:
    """Return studies whose names and concepts have these impacts."""
    matches = Func(
        impacts_of("document"),
        Value(text),
        arg_joiner=" @@ ",
        template="%(expressions)s::tsquery",
        output_field=BooleanField(),
    )
    return candidates(visible.filter(matches), most)


def _parsed(queries: Sequence[str]) -> list[str]:
    """Return tsquery texts as PostgreSQL parses them: words as their stems, '' for small words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsquery('english', query)::text FROM unnest(%s::text[])"
            " WITH ORDINALITY AS asked(query, place) ORDER BY place",
            [list(queries)],
        )
        return [row[0] for row in cursor.fetchall()]


def _scored(ids: Sequence[int], weighted: Sequence[ranking.Weighted]) -> list[tuple[float, int]]:
    if not ids or not weighted:
        return []
    score = " + ".join(
        "%s * ts_rank(%s::real[], document, to_tsquery('english', %s))" for _ in weighted
    )
    parameters: list[Any] = []
    for one in weighted:
        parts = WEIGHTS_OF_HEADINGS if one.is_heading else WEIGHTS
        parameters += [one.weight, parts, one.query]
    with connection.cursor() as cursor:
        # Joined with nothing, the entry is unpacked once for all terms; OFFSET keeps it so.
        cursor.execute(
            f"SELECT ({score})::float8, study_id FROM ("  # noqa: S608 no input
            "SELECT study_id, document || ''::tsvector AS document FROM registry_studyindex"
            " WHERE study_id = ANY(%s) OFFSET 0) candidate ORDER BY 1 DESC, 2 DESC",
            [*parameters, list(ids)],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]
