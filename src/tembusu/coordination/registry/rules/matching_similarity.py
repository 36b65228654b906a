"""How near two names of institutions are when their spellings differ.

A plain edit distance puts 'Exton University Hospital' beside 'University of Exton' and 'Mary
Hospital' beside 'Gary Hospital'. Here words are compared, each with what it weighs in telling
institutions apart; two bodies of different kinds, or with a telling word each, stay apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from tembusu.coordination.registry.rules.matching_names import meaning
from tembusu.coordination.registry.rules.matching_words import DEDICATIONS, HEADS, WEIGHTS

TELLING = 0.9  # a word that weighs this or more names something of its own
TELLING_APART = 0.6  # a word that weighs this or more sets apart a name that lacks it (a specialty)
PLACE_WEIGHT = 0.3  # the town or country in a name: its neighbours bear it too
SAME_WORD = 82.0  # similarity in per cent from which two words are taken for one misspelt
SHORTEST_TYPO = 4  # letters; shorter words differ too easily

# The word that says what a body is, when a name holds several: the first found here.
_RANK_TEXT = """
hospital infirmary hospice polytechnic school college institute laboratory clinic system council
agency ministry authority society association foundation consortium network center board library
academy institution university group trust practice
"""
_RANK = tuple(_RANK_TEXT.split())
_CARE_TEXT = """
hospital infirmary hospice institute clinic center institution
"""
_CARE = frozenset(_CARE_TEXT.split())
_TEACHING_TEXT = """
school college academy
"""
_TEACHING = frozenset(_TEACHING_TEXT.split())

STEM = 0.9  # what a word cut short is worth
STEM_SHARE = 0.6  # of the letters that must be left
FACTOR_OTHER_KIND = 0.6
FACTOR_NEAR_KIND = 0.85
FACTOR_BOTH_TELL = 0.75
FACTOR_HEAD_LEFT = 0.9
CEILING_REORDERED_UNIVERSITY = 0.8
CEILING = 0.97


@dataclass(frozen=True)
class Words:
    """A normalised name taken apart: its words that mean something, and the kind of body."""

    words: tuple[str, ...]
    head: str

    @classmethod
    def of(cls, normalised: str) -> "Words":
        """Take `normalised` apart."""
        words = tuple(meaning(normalised.split()))
        present = set(words)
        return cls(words, next((head for head in _RANK if head in present), ""))


def weight(word: str, place: frozenset[str]) -> float:
    """Return how much `word` tells institutions apart, 0 to 1, given the words of their place."""
    return PLACE_WEIGHT if word in place else WEIGHTS.get(word, 1.0)


def is_distinctive(words: Words, place: frozenset[str]) -> bool:
    """Return whether two towns can hardly share the name: it has two telling words."""
    own = {w for w in words.words if weight(w, place) >= TELLING and w not in DEDICATIONS}
    return len(own) > 1


def similarity(asked: Words, offered: Words, place: frozenset[str]) -> float:
    """Return the nearness of two names, 0 to 0.97; `place` holds the words of their towns."""
    pairs, left, right = _pair(asked.words, offered.words)
    weighed = [(min(weight(a, place), weight(b, place)), near) for a, b, near in pairs]
    met = sum(share * near for share, near in weighed)
    total = 2 * sum(share for share, _ in weighed) + _sum(left, place) + _sum(right, place)
    if not met:
        return 0.0
    score = 2 * met / total * _kind_factor(asked.head, offered.head)
    if _tells(left, place) and _tells(right, place):
        score *= FACTOR_BOTH_TELL
    if not HEADS.keys().isdisjoint((*left, *right)):
        score *= FACTOR_HEAD_LEFT
    return min(score, _ceiling(asked, offered, bool(left or right)))


def _ceiling(asked: Words, offered: Words, has_rest: bool) -> float:
    """'University of Washington' and 'Washington University' are two; order matters there."""
    if has_rest or asked.words == offered.words or asked.head != "university":
        return CEILING
    in_order = sorted(asked.words) != sorted(offered.words)
    return CEILING if in_order else CEILING_REORDERED_UNIVERSITY


def _sum(words: Sequence[str], place: frozenset[str]) -> float:
    return sum(weight(word, place) for word in words)


def _tells(words: Sequence[str], place: frozenset[str]) -> bool:
    return any(weight(word, place) >= TELLING_APART for word in words)


def _kind_factor(one: str, other: str) -> float:
    if one == other or not one or not other:
        return 1.0
    if {one, other} <= _CARE or {one, other} <= _TEACHING:
        return FACTOR_NEAR_KIND
    return FACTOR_OTHER_KIND


def _pair(
    asked: Sequence[str], offered: Sequence[str]
) -> tuple[list[tuple[str, str, float]], list[str], list[str]]:
    """Return the words that meet, with their nearness, and what is left over on either side."""
    right = list(offered)
    pairs, left = [], []
    for word in asked:
        if word in right:
            right.remove(word)
            pairs.append((word, word, 1.0))
        else:
            left.append(word)
    for word in list(left):
        alike = [(_nearness(word, other), other) for other in right if other[0] == word[0]]
        near, twin = max(alike, default=(0.0, ""))
        if near:
            left.remove(word)
            right.remove(twin)
            pairs.append((word, twin, near))
    return pairs, left, right


def _nearness(one: str, other: str) -> float:
    """Return 0 to 1 for words of one first letter: likeness if misspelt, STEM if cut short."""
    if min(len(one), len(other)) < SHORTEST_TYPO or _are_own(one, other):
        return 0.0
    if _is_stem(*sorted((one, other), key=len)):
        return STEM
    ratio = fuzz.ratio(one, other, score_cutoff=SAME_WORD)
    return ratio / 100


def _is_stem(short: str, long: str) -> bool:
    """Return whether a word is the other cut short; 'south' is no shorter 'southwest'."""
    return long.startswith(short) and len(short) >= STEM_SHARE * len(long)


def _are_own(one: str, other: str) -> bool:
    """Return whether both are known words or one a number, and so no misspelling of each other."""
    return (one in WEIGHTS and other in WEIGHTS) or one.isdigit() or other.isdigit()
