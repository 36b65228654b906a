"""How strongly a study's names and concepts speak of a word, and which strengths are looked for.

Ranking every match of a common word takes seconds, and which of them rank highest cannot be seen
without reading them. So each lexeme of a study's names (weight A) and concepts (B) is indexed with a
letter for its impact, and with those of all weaker ones: what ``ts_rank`` gives for it there, by the
steps of ``FLOORS`` (the function ``registry_impacts`` in the database). The studies in which a word
is at least so strong are then one look-up.

Which letters to ask for, with several words of different worth, follows from a loss: how far below
the best conceivable score a study may stay. The one is looked for that brings about as many studies as
can be ranked.
"""

import bisect
import itertools
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tembusu.coordination.registry.rules.tsquery import Term
from tembusu.coordination.registry.rules.understanding import Part, Understanding

# Named once as a concept weighs 0.6, once in a title 1. Many studies of a common word lie close to
# each other at the top, so the steps are narrow there.
FLOORS = (0.6, 1.0, 1.15, 1.25, 1.3, *(1.35 + 0.0125 * step for step in range(17)))
# A title says a word four times at most, but for oddities; a heading is named once.
BEST_OF_WORD = 1.55
BEST_OF_HEADING = 1.0
HEADING = re.compile(r"'d\d{6,9}'")
LEXEME = re.compile(r"'((?:[^']|'')*)'(?::[*A-D]+)?")
SIDE_BY_SIDE = re.compile(r"<(?:-|\d+)>")
# Where there are more terms, descriptors are left out and other spellings count as one; then only
# the rarest are looked at: each further one multiplies the work.
MOST_TERMS = 4
MOST_WORDS = 4
# Into how many pieces a loss is cut before the terms share it, by how many terms there are.
PIECES = {1: 1, 2: 4, 3: 3, 4: 2}
# The losses among which one is looked for, as fractions of the rarest term's weight; and by how many
# of them it is widened.
LOSSES = tuple(0.04 * 1.18**step for step in range(24))
STRIDE = 6


@dataclass(frozen=True, slots=True)
class Sought:
    """A term as PostgreSQL reads it (``'lung' & 'cancer'``), and its worth.

    :ivar queries: the terms' own texts, of which any will do
    """

    lexemes: str
    weight: float
    queries: frozenset[str] = frozenset()

    @property
    def best(self) -> float:
        """The strongest impact that a study can be expected to have."""
        return BEST_OF_HEADING if HEADING.fullmatch(self.lexemes) else BEST_OF_WORD

    @property
    def is_phrase(self) -> bool:
        """Whether words must stand side by side, which impacts do not tell."""
        return bool(SIDE_BY_SIDE.search(self.lexemes))


@dataclass(frozen=True, slots=True)
class Step:
    """A tsquery for impacts. ``certain``: the terms of which every study that it finds has some."""

    text: str
    certain: tuple[Sought, ...] = ()

    def implies(self, understanding: Understanding) -> bool:
        """Say whether a study with these impacts surely has all the words that are looked for."""
        said = [one.queries for one in self.certain if not one.is_phrase]
        return not understanding.excluded and all(
            _is_said(part, said) for part in understanding.wanted
        )


def _is_said(part: Part, said: Sequence[frozenset[str]]) -> bool:
    groups = [{term.query for term in group} for group in part.words]
    headings = {term.query for term in part.terms}.difference(*groups)
    return any(queries <= headings for queries in said) or all(
        any(queries <= group for queries in said) for group in groups
    )


def sought(
    understanding: Understanding, lexemes: Mapping[str, str], weights: Mapping[str, float]
) -> list[Sought]:
    """Return what is looked for, with its worth.

    :param lexemes: each term's query as PostgreSQL reads it, '' where it passes over it
    """
    groups: list[tuple[Term, ...]] = [(term,) for term in understanding.terms]
    if len(groups) > MOST_TERMS:
        groups = list(dict.fromkeys(word for part in understanding.wanted for word in part.words))
    found = []
    for group in groups:
        told = [term.query for term in group if lexemes[term.query]]
        if told:
            text = " | ".join(lexemes[query] for query in told)
            weight = min(weights[query] for query in told)
            found.append(Sought(text, weight, frozenset(told)))
    return found


def letter(floor: float) -> str:
    """Return the letter of impacts from the step that holds this up; '' where none is asked for.

    >>> letter(1.0), letter(1.52), letter(0.0)
    ('b', 's', '')
    """
    if floor <= 0:
        return ""
    return chr(ord("a") + max(bisect.bisect_right(FLOORS, floor + 1e-6) - 1, 0))


NAMED = letter(BEST_OF_HEADING)


def query(lexemes: str, least: str) -> str:
    """Return the tsquery that a study matches where a term's impact is at least this letter's.

    >>> query("'lung' <-> 'cancer'", "c")
    "'lungc' & 'cancerc'"
    """
    return LEXEME.sub(rf"'\1{least}'", SIDE_BY_SIDE.sub("&", lexemes))


def within(sought: Sequence[Sought], loss: float) -> Step:
    """Return how to find the studies that lose at most about so much of the best score.

    :param loss: see ``LOSSES``
    """
    chosen = sorted(sought, key=lambda one: -one.weight)[:MOST_WORDS]
    pieces = PIECES[len(chosen)]
    piece = loss * chosen[0].weight / pieces
    floors = {
        tuple(
            letter(one.best - n * piece / one.weight) for one, n in zip(chosen, shares, strict=True)
        )
        for shares in _shares(len(chosen), pieces + len(chosen) - 1)
    }
    ways = _least(wanted for wanted in floors if any(wanted))
    return Step(
        " | ".join(_all_of(chosen, wanted) for wanted in ways),
        tuple(
            one for one, asked in zip(chosen, zip(*ways, strict=True), strict=False) if all(asked)
        ),
    )


def _least(ways: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave out the ways that ask for at least as much of every term as another does."""
    kept: list[tuple[str, ...]] = []
    for way in sorted(ways, key=lambda letters: (sum(map(ord, filter(None, letters))), letters)):
        if not any(all(map(operator.le, one, way)) for one in kept):
            kept.append(way)
    return kept


def _shares(n_terms: int, n_pieces: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways in which terms share pieces of a loss, each taking at least one."""
    for cuts in itertools.combinations(range(1, n_pieces), n_terms - 1):
        edges = (0, *cuts, n_pieces)
        yield tuple(b - a for a, b in itertools.pairwise(edges))


def _all_of(chosen: Sequence[Sought], wanted: Sequence[str]) -> str:
    asked = zip(chosen, wanted, strict=True)
    return f"({' & '.join(f'({query(one.lexemes, some)})' for one, some in asked if some)})"
