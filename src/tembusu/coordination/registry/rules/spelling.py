"""Words that are typed otherwise than they are written: typos, British and American spelling.

A word is mended only where nobody writes it: against the distinct words of the indexed studies, by
edit distance (Damerau-Levenshtein: a letter too many, too few, another, or two swapped), by how many
studies have the candidate in their names and concepts, and by the words beside it: 'brest cancer' is
'breast cancer', which names a disease, and not 'best cancer', however often 'best' is written. A
word that is used is never replaced; where it is rare and stands one letter beside a word a hundred
times as frequent, both are searched: registers hold typos too. A word that one or two studies use
keeps its results, and a much commoner one near it is suggested; so does one that stands in no name
and no concept, such as a town's, where a word near it names a concept with the word beside it.
"""

import math
import re
import string
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

SHORTEST = 4
SHORTEST_USED = 5  # of a word that is used, yet may be a typo
COMMONER = 100
RARE = 2  # studies: such a word may be a typo of a record
UNNAMED = 20  # studies: so may one that stands in no name and no concept, such as a town's
TIMES = 5  # as frequent is a word that is suggested instead of a rare one
FARTHEST_SUGGESTED = 2  # letters
OTHER_INITIAL = 0.5
PER_TENFOLD = 0.25
SELDOM_MEANT = 100  # uses elsewhere count as one in a name
NAMED_TOGETHER = 1.0  # letters, for a word that names a concept with the one beside it
MOST_NEAR = 8  # words that are tried beside the others

# British and American forms of what stands inside medical words; both are looked for.
PAIRS = tuple(
    (re.compile(british), re.compile(american), british, american)
    for british, american in (
        ("haem", "hem"),
        ("aemi", "emi"),
        ("oedem", "edem"),
        ("oesoph", "esoph"),
        ("oestr", "estr"),
        ("paed", "ped"),
        ("gynaec", "gynec"),
        ("anaesth", "anesth"),
        ("caesar", "cesar"),
        ("caec", "cec"),
        ("coeliac", "celiac"),
        ("diarrhoe", "diarrhe"),
        ("dyspnoe", "dyspne"),
        ("apnoe", "apne"),
        ("foet", "fet"),
        ("leuco", "leuko"),
        ("tumour", "tumor"),
        ("behaviour", "behavior"),
        ("colour", "color"),
        ("centre", "center"),
        ("fibre", "fiber"),
        ("ageing", "aging"),
        ("sulph", "sulf"),
        ("counsell", "counsel"),
        ("isation", "ization"),
        ("ised", "ized"),
        ("ising", "izing"),
        ("lysing", "lyzing"),
    )
)

# What everybody writes and MeSH does not have by itself.
ABBREVIATED = {"tb": "tuberculosis", "flu": "influenza"}
IN_FULL = {full: short for short, full in ABBREVIATED.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """A word of the vocabulary and how many studies use it.

    ``is_term``: a medical thesaurus has it. ``is_idle``: full-text search passes it over ('the').
    ``n_forms``: how many uses its inflections have together, where that was looked up. ``n_named``:
    in how many names and concepts it stands.
    """

    word: str
    n_studies: int
    is_term: bool = False
    is_idle: bool = False
    n_forms: int = 0
    n_named: int = 0

    @property
    def n_used(self) -> int:
        """By how many studies the word is used at most, in whatever inflection."""
        return max(self.n_studies, self.n_forms)

    @property
    def likelihood(self) -> float:
        """How likely people look for it, in letters of a misspelling that it makes up for."""
        return PER_TENFOLD * math.log10(1 + self.n_named + self.n_studies / SELDOM_MEANT)

    @property
    def is_rare(self) -> bool:
        """Whether so few use it that it may be a typo."""
        most = RARE if self.n_named else UNNAMED
        return not (self.is_term or self.is_idle) and self.n_used <= most

    @property
    def is_unnamed(self) -> bool:
        """Whether it stands in no name and no concept, and is no inflection of one that may."""
        known_otherwise = self.is_term or self.is_idle or self.n_named
        return not known_otherwise and self.n_used <= 2 * self.n_studies

    @property
    def is_unwritten(self) -> bool:
        """Whether it is known by its stem alone, as 'failur' is by 'failure'."""
        return not (self.is_term or self.is_idle or self.n_studies)

    @property
    def may_be_slip(self) -> bool:
        """Whether it may be misspelt, though something is found by it."""
        return self.is_rare or self.is_unnamed or self.is_unwritten


# Given words, the known words that resemble each; a word that is known, by itself or by its stem,
# is among its own.
Vocabulary = Callable[[Collection[str]], Mapping[str, Sequence[Known]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a typed word is taken: ``word`` is looked for, and ``others`` as well.

    ``suggestion`` is a much commoner word that may have been meant; it is not looked for.
    """

    word: str
    others: tuple[str, ...] = ()
    is_mended: bool = False
    is_idle: bool = False
    suggestion: str = ""


def is_mendable(word: str) -> bool:
    """Say whether a word is long enough, and all letters: codes and doses are never guessed at."""
    return len(word) >= SHORTEST and is_letters(word)


def is_letters(word: str) -> bool:
    """Say whether a word is of unaccented letters alone."""
    return word.isalpha() and word.isascii()


def reach(word: str) -> int:
    """Return how many letters of a word of this length may be wrong."""
    return 1 if len(word) < 7 else 2 if len(word) < 12 else 3


@lru_cache(maxsize=20_000)
def spellings(word: str) -> tuple[str, ...]:
    """Return the word's other spellings, British or American, in short or in full; mostly none.

    >>> spellings("leukaemia")
    ('leukemia',)
    """
    both_ways = ABBREVIATED.get(word) or IN_FULL.get(word)
    found: dict[str, None] = {both_ways: None} if both_ways else {}
    for is_british, is_american, british, american in PAIRS:
        if is_british.search(word):
            found[is_british.sub(american, word)] = None
        elif is_american.search(word):
            found[is_american.sub(british, word)] = None
    found.pop(word, None)
    return tuple(found)


def neighbours(word: str) -> Iterable[str]:
    """Yield what one slip away from a word: for short words, whose trigrams tell too little."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    for head, tail in cuts:
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in string.ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def near(word: str, known: Sequence[Known]) -> list[str]:
    """Return the words that may be meant by one that may be misspelt, the likeliest first."""
    itself = _itself(word, known)
    if not is_mendable(word) or (itself and not itself.may_be_slip):
        return []
    return [one for _, one in sorted(_costs(word, known)) if one != word][:MOST_NEAR]


def _itself(word: str, known: Sequence[Known]) -> Known | None:
    return next((one for one in known if one.word == word), None)


def read(word: str, known: Sequence[Known], together: Collection[str] = ()) -> Reading:
    """Decide how one typed word is taken, given the known words that resemble it.

    :param known: with the word itself among them if it is used
    :param together: those that name a concept together with a word beside this one
    """
    itself = _itself(word, known)
    if itself and itself.is_idle:
        return Reading(word, is_idle=True)
    if itself and itself.is_unwritten and (meant := _meant(word, known, together)):
        return Reading(meant, is_mended=True)
    spelt = set(spellings(word))
    others = tuple(one.word for one in known if one.word in spelt and one.n_studies)
    if itself is not None or others:
        beside = _far_commoner(itself, known) if itself else ()
        found = tuple(dict.fromkeys(others + beside))
        suggestion = "" if found else _suggested(itself, known, together)
        return Reading(word, found, suggestion=suggestion)
    if not is_mendable(word):
        return Reading(word)
    best = min(_costs(word, known, together), default=None)
    return Reading(best[1], is_mended=True) if best else Reading(word)


def _meant(word: str, known: Sequence[Known], together: Collection[str]) -> str:
    """Return the word near one that names a concept with the word beside it, or ''.

    A plural is no misspelling of its singular.
    """
    if not is_mendable(word) or word in together or word.removesuffix("s") in together:
        return ""
    named = [one for one in known if one.word in together and one.word[0] == word[0]]
    return min(_costs(word, named, together), default=(0.0, ""))[1]


def _costs(
    word: str, known: Sequence[Known], together: Collection[str] = ()
) -> Iterable[tuple[float, str]]:
    limit = reach(word)
    for one in known:
        if not (one.n_studies or one.is_term) or not one.word.isalpha():
            continue
        distance = DamerauLevenshtein.distance(word, one.word, score_cutoff=limit)
        if distance <= limit:
            strange = OTHER_INITIAL * (word[0] != one.word[0])
            if strange and distance > 1:
                continue
            yield distance + strange - _worth(one, together), one.word


def _worth(one: Known, together: Collection[str]) -> float:
    return one.likelihood + NAMED_TOGETHER * (one.word in together)


def _far_commoner(itself: Known, known: Sequence[Known]) -> tuple[str, ...]:
    """Return the word a slip away that is so much commoner that this one may be a typo of it."""
    word = itself.word
    if itself.is_term or len(word) < SHORTEST_USED or not is_mendable(word):
        return ()
    beside = [
        (-one.likelihood, one.word)
        for one in known
        if one.n_studies >= COMMONER * max(itself.n_studies, 1)
        and one.word[0] == word[0]
        and DamerauLevenshtein.distance(word, one.word, score_cutoff=1) == 1
    ]
    return (min(beside)[1],) if beside else ()


def _suggested(itself: Known | None, known: Sequence[Known], together: Collection[str] = ()) -> str:
    """Return what is likelier than a word that hardly any study uses, or none in what names it: a
    much commoner word near it, or one that names a concept with the word beside it.
    """
    if itself is None or not is_mendable(itself.word) or len(itself.word) < SHORTEST_USED:
        return ""
    word = itself.word
    if itself.is_unnamed and (meant := _meant(word, known, together)):
        return meant
    if not itself.is_rare:
        return ""
    farthest = min(reach(word), FARTHEST_SUGGESTED)
    found = [
        (distance - _worth(one, together), one.word)
        for one in known
        if one.n_studies >= TIMES * max(itself.n_used, 1)
        and one.word[0] == word[0]
        and one.word.isalpha()
        and 0
        < (distance := DamerauLevenshtein.distance(word, one.word, score_cutoff=farthest))
        <= farthest
    ]
    return min(found)[1] if found else ""
