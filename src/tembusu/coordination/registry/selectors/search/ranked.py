"""The best of the studies that match, without reading them all."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Func, Value

from tembusu.coordination.registry.models import SAMPLED, impacts_of
from tembusu.coordination.registry.rules import impacts, ranking
from tembusu.coordination.registry.rules.understanding import Understanding
from tembusu.coordination.registry.selectors import words
from tembusu.coordination.registry.selectors.search.lists import Rows
from tembusu.coordination.registry.selectors.search.matching import (
    Match,
    Mode,
    candidates,
    match,
    sampled,
    tsquery,
)

# Names and concepts weigh more than summaries, those more than the rest: D, C, B, A.
WEIGHTS = [0.05, 0.2, 0.6, 1.0]
# Broader descriptors of a study's concepts stand under C: it is about what is looked for all the same.
WEIGHTS_OF_HEADINGS = [0.05, 0.6, 0.6, 1.0]


def rank(understanding: Understanding, visible: Rows, mode: Mode) -> list[tuple[float, int]]:
    """Return (score, study id) of the best matches, at most ``ranking.MOST_RANKED``."""
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
    if not how.count.is_capped and how.count.n <= ranking.MOST_RANKED:
        return _scored(how.ids, weighted)
    most = ranking.MOST_CHOSEN
    enough = math.ceil(ranking.ENOUGH * most)
    return _scored(ranking.take(_staged(how, weighted, visible, most), enough, most), weighted)


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
    look_up = _LookUp(how, visible, sought)
    for loss in _losses(sought, look_up, most):
        yield look_up(impacts.within(sought, loss), most)
    for stage in parsed[len(weighted) :]:
        yield look_up(impacts.Step(impacts.query(stage, impacts.NAMED)), most)
    yield how.ids
    for stage in stages:
        yield candidates(visible.filter(document=tsquery(stage)), most)


def _losses(sought: Sequence[impacts.Sought], look_up: "_LookUp", most: int) -> Sequence[float]:
    """Return the loss that brings nearly as many studies as are ranked, and the one that brings more.

    Both are found in the sample: by widening the loss, which is cheap while it brings few, until it
    brings too many, then between.
    """
    enough = max(most // SAMPLED, 1)
    least, step, end = -1, 0, len(impacts.LOSSES) if sought else 0
    last = end - 1
    while end - least > 1:
        found = look_up(impacts.within(sought, impacts.LOSSES[step]), enough, is_sampled=True)
        if len(found) < enough:
            least = step
        else:
            end = step
        step = (least + end) // 2 if end <= last else min(least + impacts.STRIDE, last)
    return impacts.LOSSES[max(least, 0) : end + 1]


class _LookUp:
    """Studies that match a search and whose names and concepts have some impacts.

    A statement is made once; what differs between the steps of a search are the impacts alone.
    """

    WANTED = "impacts wanted"

    def __init__(self, how: Match, visible: Rows, sought: Sequence[impacts.Sought]) -> None:
        self._how = how
        self._visible = visible
        self._has_phrases = any(one.is_phrase for one in sought)
        self._made: dict[tuple[bool, bool], tuple[str, Sequence[Any]]] = {}
        self._found: dict[tuple[str, bool], Sequence[int]] = {}

    def __call__(self, step: impacts.Step, most: int, *, is_sampled: bool = False) -> Sequence[int]:
        """Return up to ``most`` of the studies with these impacts, whichever the index meets first."""
        key = step.text, is_sampled
        if key not in self._found:
            self._found[key] = self._find(step, most, is_sampled) if step.text else ()
        return self._found[key]

    def _find(self, step: impacts.Step, most: int, is_sampled: bool) -> Sequence[int]:
        sql, parameters = self._statement(self._match_anyway(step), is_sampled)
        if not sql:
            return ()
        asked = [step.text if one == self.WANTED else one for one in parameters]
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT %s", [*asked, most])
            return [row[0] for row in cursor.fetchall()]

    def _match_anyway(self, step: impacts.Step) -> bool:
        """Say that no study need be asked for its words: that reads far more of the index."""
        understanding = self._how.understanding
        if self._how.mode == "any":
            return not understanding.excluded and not self._has_phrases
        return step.implies(understanding)

    def _statement(self, match_anyway: bool, is_sampled: bool) -> tuple[str, Sequence[Any]]:
        key = match_anyway, is_sampled
        if key not in self._made:
            rows = self._visible if match_anyway else self._how.rows
            self._made[key] = self._made_of(sampled(rows) if is_sampled else rows)
        return self._made[key]

    def _made_of(self, rows: Rows) -> tuple[str, Sequence[Any]]:
        matches = Func(
            impacts_of("document"),
            Value(self.WANTED),
            arg_joiner=" @@ ",
            template="%(expressions)s::tsquery",
            output_field=BooleanField(),
        )
        try:
            return rows.filter(matches).order_by().values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return "", ()


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
            " WHERE study_id = ANY(%s::bigint[]) OFFSET 0) candidate ORDER BY 1 DESC, 2 DESC",
            [*parameters, f"{{{','.join(map(str, ids))}}}"],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]
