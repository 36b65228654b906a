"""How strongly a study's names and concepts speak of a word, and which strengths are looked for.

Ranking every match of a common word takes seconds, and which of them rank highest cannot be seen
without reading them. So each lexeme of a study's names (weight A) and concepts (B) is indexed with a
letter for its impact, and with those of all weaker ones: what ``ts_rank`` gives for it there, by the
steps of ``FLOORS`` (the function ``registry_impacts`` in the database). The studies in which a word
is at least so strong are then one look-up.

Which letters to ask for, with several words of different worth, follows from a loss: how far below
the best conceivable score a study may stay. It is widened until enough studies are found.
"""

import bisect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tembusu.coordination.registry.rules.tsquery import Term
from tembusu.coordination.registry.rules.understanding import Understanding

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
MOST_WORDS = 6
# Into how many pieces a loss is cut before the terms share it, by how many terms there are.
PIECES = {1: 1, 2: 4, 3: 3, 4: 3, 5: 2, 6: 2}
# How far the loss is widened, as a fraction of the rarest term's weight; and how often the last
# step is halved where it brings more studies than are ranked.
LOSSES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4, 1.8)
HALVINGS = 4


@dataclass(frozen=True, slots=True)
class Sought:
    """A term as PostgreSQL reads it (``'lung' & 'cancer'``), and its worth."""

    lexemes: str
    weight: float

    @property
    def best(self) -> float:
        """The strongest impact that a study can be expected to have."""
        return BEST_OF_HEADING if HEADING.fullmatch(self.lexemes) else BEST_OF_WORD


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
            found.append(Sought(text, min(weights[query] for query in told)))
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


def within(sought: Sequence[Sought], loss: float) -> str:
    """Return the tsquery of the studies that lose at most about so much of the best score.

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
    return " | ".join(_all_of(chosen, wanted) for wanted in sorted(floors) if any(wanted))


def _shares(n_terms: int, n_pieces: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways in which terms share pieces of a loss, each taking at least one."""
    for cuts in itertools.combinations(range(1, n_pieces), n_terms - 1):
        edges = (0, *cuts, n_pieces)
        yield tuple(b - a for a, b in itertools.pairwise(edges))


def _all_of(chosen: Sequence[Sought], wanted: Sequence[str]) -> str:
    asked = zip(chosen, wanted, strict=True)
    return f"({' & '.join(f'({query(one.lexemes, some)})' for one, some in asked if some)})"
