"""In what order matches are looked at, and how much each word counts.

Ranking reads a study's whole index entry, so only so many candidates are ranked. First come those
whose names and concepts say the words most strongly (see ``impacts``). Where they are too few, others
are gathered in stages, among names and then in all text: studies with every part of the query, then
without its commonest part, and so on to the rarest part alone. What is rare says most, so that what
fits best is met first.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tembusu.coordination.registry.rules.tsquery import Term
from tembusu.coordination.registry.rules.understanding import Part, Understanding

# Where no more match than can be ranked in time, all are; where more do, as many are chosen as choosing
# leaves time for.
MOST_RANKED = 1_500
MOST_CHOSEN = 600
ENOUGH = 0.5  # of them

# How many studies use a word, by the word.
Frequencies = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A tsquery text and what its presence is worth; ``is_heading``: it is a MeSH descriptor."""

    query: str
    weight: float
    is_heading: bool = False


def n_studies(term: Term, frequencies: Frequencies) -> int:
    """Return at most how many studies hold a term: as many as its rarest word."""
    return min((frequencies.get(word, 0) for word in term.words), default=0)


def weight(n: int, n_all: int) -> float:
    """Return the worth of something that ``n`` of ``n_all`` studies hold (inverse frequency)."""
    return math.log(1 + n_all / (1 + n))


def weights(
    understanding: Understanding, frequencies: Frequencies, n_all: int
) -> tuple[Weighted, ...]:
    """Return each term with its worth, the one that is worth most first.

    A descriptor is worth as much as all the words that name it, and those share their worth: a study
    of renal insufficiency comes before one of heart failure where 'kidney failure' is looked for.
    """
    found: dict[str, Weighted] = {}
    for part in understanding.wanted:
        for one in _of_part(part, frequencies, n_all):
            if one.query not in found or found[one.query].weight < one.weight:
                found[one.query] = one
    return tuple(sorted(found.values(), key=lambda one: (-one.weight, one.query)))


def _of_part(part: Part, frequencies: Frequencies, n_all: int) -> Iterator[Weighted]:
    worth = {term.query: weight(n_studies(term, frequencies), n_all) for term in part.terms}
    words = {term.query for group in part.words for term in group}
    together = sum(max(worth[term.query] for term in group) for group in part.words)
    for query, alone in worth.items():
        if query in words:
            yield Weighted(query, alone / len(part.words) if part.headings else alone)
        else:
            yield Weighted(query, max(alone, together), is_heading=True)


def stages(understanding: Understanding, frequencies: Frequencies, mode: str) -> list[str]:
    """Return the tsquery texts by which candidates are gathered, in order."""
    if mode == "all":
        return [understanding.all_words] if understanding.wanted else []
    parts = sorted(understanding.wanted, key=_rarity(frequencies))
    found = [
        " & ".join(part.query for part in parts[:n_parts]) for n_parts in range(len(parts), 0, -1)
    ]
    found += [part.query for part in parts[1:]]
    terms = sorted(understanding.terms, key=lambda term: n_studies(term, frequencies))
    found += [term.query for term in terms]
    return [understanding.leaving_out(query) for query in dict.fromkeys(found)]


def at_least(understanding: Understanding, frequencies: Frequencies, mode: str) -> int:
    """Return how many studies match at the least, as far as counted descriptors tell; 0: unknown.

    A descriptor is one lexeme and counted as such, unlike a word with its inflections.
    """
    parts = understanding.wanted
    if understanding.excluded or (mode == "all" and len(parts) != 1):
        return 0
    headings = (heading.ui.lower() for part in parts for heading in part.headings)
    return max((frequencies.get(ui, 0) for ui in headings), default=0)


def _rarity(frequencies: Frequencies) -> Callable[[Part], int]:
    return lambda part: max((n_studies(term, frequencies) for term in part.terms), default=0)


def position(
    ranked: Sequence[tuple[float, int]], edge: tuple[float, int], *, is_forward: bool
) -> int:
    """Return where in a ranking, best first, the rows behind an edge begin, or those before it end.

    :param ranked: (score, id), falling
    """
    if is_forward:
        return next((i for i, row in enumerate(ranked) if row < edge), len(ranked))
    return next((i for i, row in enumerate(ranked) if row <= edge), len(ranked))


def take(stages_found: Iterator[Sequence[int]], enough: int, most: int) -> list[int]:
    """Return up to ``most`` different ids of the stages, asking for no more once there are enough."""
    found: dict[int, None] = {}
    for ids in stages_found:
        found.update(dict.fromkeys(ids))
        if len(found) >= enough:
            break
    return list(found)[:most]
