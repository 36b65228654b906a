"""Where the names of organisations are looked up: one block for each country.

A block is built once and then only read. Its order depends on the candidates' keys alone, never on
the order in which they were given.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz, process

from tembusu.coordination.registry.rules.matching_names import (
    meaning,
    normalise,
    place_key,
    place_words,
    without_brackets,
)
from tembusu.coordination.registry.rules.matching_similarity import (
    SAME_WORD,
    SHORTEST_TYPO,
    Words,
    weight,
)
from tembusu.coordination.registry.rules.matching_terms import Candidate, Method
from tembusu.coordination.registry.rules.matching_text import fold
from tembusu.coordination.registry.rules.matching_words import JOINING

LONGEST_POSTING = 400  # names; a word in more of them finds nothing in particular
MOST_SCORED = 10  # names compared word by word for one question
SHORTEST_INITIALS = 3


@dataclass(frozen=True)
class Entry:
    """One spelling of one candidate; shortened when brackets or the place were left off."""

    key: str
    method: Method
    normalised: str
    words: Words
    city: str
    place: frozenset[str]
    is_shortened: bool = False


@dataclass(frozen=True, order=True)
class Short:
    """An acronym or the initials of one candidate, as written, with its town."""

    key: str
    written: str
    city: str


@dataclass
class Block:
    """The names of the organisations of one country."""

    entries: list[Entry] = field(default_factory=list)
    exact: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    compact: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    acronyms: dict[str, set[Short]] = field(default_factory=lambda: defaultdict(set))
    initials: dict[str, set[Short]] = field(default_factory=lambda: defaultdict(set))
    postings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    neighbours: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def vocabulary(self) -> list[str]:
        """Return the block's words, sorted."""
        return sorted(self.postings)

    def near_words(self, word: str) -> tuple[str, ...]:
        """Return the block's words that `word` is or may be misspelt from, at most three."""
        if word in self.postings:
            return (word,)
        if len(word) < SHORTEST_TYPO:
            return ()
        if word not in self.neighbours:
            found = process.extract(
                word, self.vocabulary, scorer=fuzz.ratio, score_cutoff=SAME_WORD, limit=3
            )
            self.neighbours[word] = tuple(near for near, _, _ in found)
        return self.neighbours[word]

    def nearest(self, words: Words, place: frozenset[str]) -> list[Entry]:
        """Return the entries that share the most telling words, at most MOST_SCORED."""
        shared: dict[int, float] = defaultdict(float)
        for word in set(words.words):
            for near in self.near_words(word):
                posting = self.postings[near]
                if len(posting) <= LONGEST_POSTING:
                    share = weight(near, place)
                    for number in posting:
                        shared[number] += share
        order = heapq.nsmallest(MOST_SCORED, ((-share, number) for number, share in shared.items()))
        return [self.entries[number] for _, number in order]


def build(candidates: Iterable[Candidate], country: str) -> Block:
    """Return the block of `candidates`, all of `country`."""
    block = Block()
    for candidate in sorted(candidates, key=lambda c: (c.key, c.name, c.aliases, c.acronyms)):
        _add_names(block, candidate, country)
        _add_acronyms(block, candidate, country)
    return block


def _add_names(block: Block, candidate: Candidate, country: str) -> None:
    city = place_key(candidate.city, country)
    place = place_words(candidate.city, candidate.country)
    seen: set[str] = set()
    for method, name in _names(candidate):
        for spelling, is_shortened in _spellings(name, place):
            if spelling and spelling not in seen:
                seen.add(spelling)
                words = Words.of(spelling)
                entry = Entry(candidate.key, method, spelling, words, city, place, is_shortened)
                _add_entry(block, entry)


def _spellings(name: str, place: frozenset[str]) -> list[tuple[str, bool]]:
    """Return the normalised name, and shortened without brackets, without place, without both."""
    whole, bare = normalise(name), normalise(without_brackets(name))
    shorter = (bare, without_place(whole, place), without_place(bare, place))
    return [(whole, False), *((spelling, True) for spelling in shorter)]


def _names(candidate: Candidate) -> list[tuple[Method, str]]:
    return [(Method.EXACT, candidate.name), *((Method.ALIAS, alias) for alias in candidate.aliases)]


def _add_entry(block: Block, entry: Entry) -> None:
    number = len(block.entries)
    block.entries.append(entry)
    block.exact[entry.normalised].append(entry)
    block.compact[compact(entry.normalised)].append(entry)
    for word in sorted(set(entry.words.words)):
        block.postings[word].append(number)


def _add_acronyms(block: Block, candidate: Candidate, country: str) -> None:
    city = place_key(candidate.city, country)
    for acronym in candidate.acronyms:
        if key := compact(fold(acronym)):
            block.acronyms[key].add(Short(candidate.key, acronym.strip(), city))
    for name in (candidate.name, *candidate.aliases):
        letters = "".join(word[0] for word in meaning(fold(name).split()))
        if len(letters) >= SHORTEST_INITIALS:
            block.initials[letters].add(Short(candidate.key, letters, city))


def compact(text: str) -> str:
    """Return `text` without spaces."""
    return text.replace(" ", "")


def without_place(normalised: str, place: frozenset[str]) -> str:
    """Return a normalised name without the town or country that trails it.

    'national cancer center exton' loses its last word; in 'university of exton' the place is part
    of the name and stays. '' when nothing but the place is there.
    """
    words = normalised.split()
    end = len(words)
    while end and words[end - 1] in place:
        end -= 1
    if end == len(words) or (end and words[end - 1] in JOINING):
        return normalised
    return " ".join(words[:end])
