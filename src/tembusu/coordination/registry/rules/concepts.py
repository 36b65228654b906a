"""Which MeSH descriptors the conditions and keywords of a record name, also within longer texts.

'ST-Elevation Myocardial Infarction (STEMI)' names two descriptors and 'Metastatic Breast Cancer' has
one inside. As in a query, the longest run of words that names a descriptor is taken: 'Breast Cancer'
brings 'Cancer' by the tree alone.

MeSH also names everyday things by one word: 'time', 'cat', 'adult', 'back'. Within a longer text one
word counts only where it names an illness, a bacterium or a virus; and where it is as short as most
acronyms, only in capitals: 'AIDS', but not visual aids.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from tembusu.coordination.registry.rules import spelling

LONGEST_TERM = 6  # words
LONGEST_ACRONYM = 4  # letters
SHORTEST_WORD = 3

BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
PARTED = re.compile(r"[,;/|()\[\]{}]")
WORD = re.compile(r"[^\W_]+")

# Branches of MeSH: diseases, mental disorders, bacteria, viruses; less death, disease and syndrome
# as such, and what can be said of any disease.
TELLING = ("C", "F03", "B03", "B04")
TELLING_NOTHING = ("C23.550.260", "C23.550.288", "C23.550.291")

# What stands right before or right after a term and says that it is not meant.
DENIED_AFTER = frozenset({"anti", "no", "non", "not", "pre", "without"})
DENIED_BEFORE = frozenset({"free", "negative", "negativity", "seronegative", "uninfected"})

Named = Mapping[str, Sequence[str]]


def is_telling(tree_numbers: Iterable[str]) -> bool:
    """Say whether one word within a longer text may mean a descriptor that stands there in MeSH."""
    return any(
        one.startswith(TELLING) and not one.startswith(TELLING_NOTHING) for one in tree_numbers
    )


def forms(words: Sequence[str], spelt: Callable[[str], Iterable[str]]) -> list[str]:
    """Return how a thesaurus may hold words: as written, spelt otherwise, in the singular.

    :param spelt: gives the other spellings of a word
    """
    found = [" ".join(words)]
    for place, word in enumerate(words):
        found += [" ".join([*words[:place], one, *words[place + 1 :]]) for one in spelt(word)]
    found += [one[:-1] for one in found if one.endswith("s") and len(one) > 4]
    return list(dict.fromkeys(found))


def asked(names: Iterable[str]) -> set[str]:
    """Return every phrase that ``named`` may look up for these names."""
    return {
        form
        for name in names
        for words in map(WORD.findall, _texts(name))
        for start, end in _spans(words, whole=True)
        for form in _forms(words[start:end])
    }


def named(name: str, phrases: Named, telling: Collection[str]) -> list[str]:
    """Return the descriptors that a condition or a keyword names, as a whole or in parts.

    :param phrases: the descriptors that each phrase of the thesaurus names
    :param telling: the descriptors that may be meant by one word within a longer text
    """
    if whole := _whole(name, phrases):
        return list(whole)
    outside, *inside = _texts(name)[1:]
    found = dict.fromkeys(_whole(outside, phrases) or _inside(outside, phrases, telling))
    for text in inside:
        found.update(dict.fromkeys(_inside(text, phrases, telling)))
    return list(found)


def _texts(name: str) -> list[str]:
    """Return a name, what stands outside of its brackets, and what stands in each."""
    return [name, BRACKETED.sub(" ", name), *BRACKETED.findall(name)]


def _whole(name: str, phrases: Named) -> Sequence[str]:
    return next((phrases[one] for one in _forms(WORD.findall(name)) if one in phrases), ())


def _inside(text: str, phrases: Named, telling: Collection[str]) -> Iterator[str]:
    for part in PARTED.split(text):
        words = WORD.findall(part)
        free = set(range(len(words)))
        for start, end in _spans(words):
            if free.issuperset(range(start, end)) and not _is_denied(words, start, end):
                uis = _of_run(words[start:end], phrases, telling)
                yield from uis
                free.difference_update(range(start, end) if uis else ())


def _spans(words: Sequence[str], *, whole: bool = False) -> list[tuple[int, int]]:
    """Return where runs of words start and end, the longest first; at will that of all words."""
    n = len(words)
    longest = min(LONGEST_TERM, n)
    found = [(start, start + k) for k in range(longest, 0, -1) for start in range(n - k + 1)]
    return [(0, n), *found] if whole and n > longest else found


def _is_denied(words: Sequence[str], start: int, end: int) -> bool:
    return (start > 0 and words[start - 1].lower() in DENIED_AFTER) or (
        end < len(words) and words[end].lower() in DENIED_BEFORE
    )


def _of_run(words: Sequence[str], phrases: Named, telling: Collection[str]) -> list[str]:
    found = next((phrases[one] for one in _forms(words) if one in phrases), ())
    if len(words) > 1:
        return list(found)
    word = words[0]
    is_sound = len(word) > LONGEST_ACRONYM or (len(word) >= SHORTEST_WORD and word.isupper())
    if not is_sound and word.lower() not in spelling.ABBREVIATED:
        return []
    return [ui for ui in found if ui in telling]


def _forms(words: Sequence[str]) -> list[str]:
    return forms([word.lower() for word in words], spelling.spellings)
