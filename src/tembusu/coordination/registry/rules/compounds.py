"""Words that are cut in two or run together: 'naso pharyngeal', 'breastcancer'.

A pair is joined where one of the two is hardly ever written and the joined form is a known word. A
word that nobody writes is parted where both pieces are known words; a slip of one letter is the
likelier reading and goes before.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from rapidfuzz.distance import DamerauLevenshtein

from tembusu.coordination.registry.rules import spelling
from tembusu.coordination.registry.rules.spelling import Known

SHORTEST_PIECE = 3  # of a word that is parted
SHORTEST_HALF = 2  # of a word that is joined: single letters are not in the vocabulary
SHORTEST_JOINED = 5
SHORTEST_WHOLE, LONGEST_WHOLE = 2 * SHORTEST_PIECE, 40
MOST_PARTED = 4

# Given words, what is known of each as it stands; an unknown one is absent.
Exactly = Callable[[Collection[str]], Mapping[str, Known]]
Resembling = Mapping[str, Sequence[Known]]


def nothing_known(words: Collection[str]) -> Mapping[str, Known]:
    """Know no word."""
    return {}


def read(
    words: Sequence[str], resembling: Resembling, exactly: Exactly
) -> dict[int, tuple[int, tuple[str, ...]]]:
    """Return where words are read otherwise: the place, how many words of it, what stands for them.

    :param words: as typed, in lower case; '' for what may not be changed
    :param resembling: the known words that resemble each, itself among them if it is known
    """
    pairs = {
        place: words[place] + words[place + 1]
        for place in range(len(words) - 1)
        if _may_be_cut(words[place], words[place + 1], resembling)
    }
    whole = [place for place, word in enumerate(words) if _may_be_whole(word, resembling)]
    parted = {place: list(_cuts(words[place])) for place in whole[:MOST_PARTED]}
    asked = {*pairs.values(), *(piece for cuts in parted.values() for cut in cuts for piece in cut)}
    known = exactly(asked) if asked else {}
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    for place, joined in pairs.items():
        rarest = min(_n_used(word, resembling) for word in words[place : place + 2])
        if found.get(place - 1, (0,))[0] != 2 and _is_worth(known.get(joined), rarest):
            found[place] = 2, (joined,)
    for place, cuts in parted.items():
        is_taken = place in found or found.get(place - 1, (0,))[0] == 2
        best = None if is_taken else _best(words[place], cuts, known, resembling)
        if best:
            found[place] = 1, best
    return found


def _itself(word: str, resembling: Resembling) -> Known | None:
    return next((one for one in resembling.get(word, ()) if one.word == word), None)


def _n_used(word: str, resembling: Resembling) -> int:
    itself = _itself(word, resembling)
    return itself.n_used if itself else 0


def _may_be_cut(head: str, tail: str, resembling: Resembling) -> bool:
    halves = [_itself(word, resembling) for word in (head, tail)]
    return (
        min(len(head), len(tail)) >= SHORTEST_HALF
        and len(head + tail) >= SHORTEST_JOINED
        and spelling.is_letters(head + tail)
        and not any(one and one.is_idle for one in halves)
        and any(one is None or one.n_used <= spelling.RARE for one in halves)
    )


def _is_worth(joined: Known | None, rarest: int) -> bool:
    if joined is None or joined.is_idle or not (joined.n_studies or joined.is_term):
        return False
    return joined.n_studies >= spelling.TIMES * rarest


def _may_be_whole(word: str, resembling: Resembling) -> bool:
    if not SHORTEST_WHOLE <= len(word) <= LONGEST_WHOLE or not spelling.is_letters(word):
        return False
    reading = spelling.read(word, resembling.get(word, ()))
    if _itself(word, resembling) or reading.others:
        return False
    return not (reading.is_mended and DamerauLevenshtein.distance(word, reading.word) == 1)


def _cuts(word: str) -> Iterator[tuple[str, str]]:
    for place in range(SHORTEST_PIECE, len(word) - SHORTEST_PIECE + 1):
        yield word[:place], word[place:]


def _best(
    word: str,
    cuts: Sequence[tuple[str, str]],
    known: Mapping[str, Known],
    resembling: Resembling,
) -> tuple[str, ...] | None:
    """Return the two pieces of which the rarer is the most used; beside a correction both must be
    well known.
    """
    is_mended = spelling.read(word, resembling.get(word, ())).is_mended
    sound = [
        (min(known[head].n_studies, known[tail].n_studies), head, tail)
        for head, tail in cuts
        if _is_piece(known.get(head), is_mended) and _is_piece(known.get(tail), is_mended)
    ]
    return max(sound)[1:] if sound else None


def _is_piece(one: Known | None, is_mended: bool) -> bool:
    if one is None or one.is_idle:
        return False
    return one.is_term or one.n_studies > (spelling.RARE if is_mended else 0)
