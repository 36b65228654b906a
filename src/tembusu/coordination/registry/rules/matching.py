"""How a location's name finds its organisation.

A registry names a trial's locations in free text, and one hospital comes under forty spellings. The
matcher looks a name up in this order: a decision that a person took before, the organisation's own
name, its aliases, its acronym, the body it says it is part of, and last the nearness of the words.
It settles only what is near enough and has no rival; the rest is proposed to a person or left open.
The country always has to agree. This is the door to the rules in `matching_*.py`.

>>> hospital = Candidate("1", "Example General Hospital", (), ("EGH",), "Exton", "Ireland")
>>> matcher = Matcher([hospital])
>>> matcher.match("Example Gen. Hosp., Dept. of Surgery", "Exton", "Ireland").key
'1'
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.rules.matching_index import (
    Block,
    Entry,
    Short,
    build,
    compact,
    without_place,
)
from tembusu.coordination.registry.rules.matching_names import (
    before_fields,
    bracketed,
    clip,
    institution_part,
    institution_parts,
    is_placeholder,
    is_vague,
    normalise,
    place_key,
    place_words,
    queue_key,
    without_brackets,
)
from tembusu.coordination.registry.rules.matching_ror import (
    RorCandidate,
    RorRecordError,
    RorRelation,
    ror_candidates,
)
from tembusu.coordination.registry.rules.matching_similarity import (
    Words,
    is_distinctive,
    similarity,
)
from tembusu.coordination.registry.rules.matching_terms import (
    Candidate,
    Match,
    Method,
    Outcome,
    QueueName,
    home_first,
)
from tembusu.coordination.registry.rules.matching_text import fold

__all__ = [
    "Candidate",
    "Match",
    "Matcher",
    "Method",
    "Outcome",
    "QueueName",
    "RorCandidate",
    "RorRecordError",
    "RorRelation",
    "country_key",
    "home_first",
    "institution_part",
    "is_placeholder",
    "normalise",
    "queue_key",
    "ror_candidates",
]

# Chosen on the tuning half of the labelled set, see docs/adr/0009-organisation-matching.md.
SETTLE = 0.88
PROPOSE = 0.60
MARGIN = 0.05

CEILING_UNKNOWN_COUNTRY = 0.80
CEILING_OTHER_CITY = 0.80
CEILING_VAGUE = 0.70
CEILING_AMBIGUOUS = 0.75
FACTOR_PART = 0.97
FACTOR_OTHER_CITY = 0.90
EXACT, COMPACT, ALIAS = 1.0, 0.96, 0.98
ACRONYM, ACRONYM_DOUBTFUL, INITIALS = 0.92, 0.75, 0.65
PARENT = 0.78
SHORTEST_ACRONYM = 3
MOST_ALTERNATIVES = 5
GUESS = 0.30  # below it, what two names share says nothing; such a guess is not shown


@dataclass(frozen=True)
class _Asked:
    """A piece of the name that is looked up, with what a hit on it is worth."""

    text: str
    normalised: str
    worth: float
    is_parent: bool = False
    is_shortened: bool = False


@dataclass(frozen=True)
class _Found:
    """One organisation met, how and how surely."""

    key: str
    confidence: float
    method: Method


@dataclass(frozen=True)
class _Place:
    """Where the location is: country key, city key, and the words of both."""

    country: str
    city: str
    words: frozenset[str]


class Matcher:
    """Finds organisations for names of locations; built once for many names.

    `settled` maps `queue_key(...)` to the key of the organisation that a person chose, or to None
    when the person said that no institution is named. Such a decision always wins.
    """

    def __init__(
        self, candidates: Iterable[Candidate], *, settled: Mapping[str, str | None] | None = None
    ) -> None:
        self._settled = dict(settled or {})
        by_country: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            by_country[country_key(candidate.country)].append(candidate)
        self._blocks = {code: build(of, code) for code, of in sorted(by_country.items())}

    def match(self, name: str, city: str = "", country: str = "") -> Match:
        """Return the organisation that `name` means at a place; '' where a part is not given."""
        name, city, country = clip(name), clip(city), clip(country)
        remembered = queue_key(name, city, country)
        if remembered in self._settled:
            return _remembered(self._settled[remembered])
        if is_placeholder(name, city, country):
            return _placeholder()
        code = country_key(country)
        place = _Place(code, place_key(city, country), place_words(city, country))
        return _judge(self._search(name, place), name)

    def _search(self, name: str, place: _Place) -> list[_Found]:
        asked = _pieces(name, place)
        found: dict[str, _Found] = {}
        for block, ceiling in self._open_blocks(place.country):
            for hit in _look_up(block, asked, place):
                held = _Found(hit.key, min(hit.confidence, ceiling), hit.method)
                if hit.key not in found or held.confidence > found[hit.key].confidence:
                    found[hit.key] = held
        return sorted(found.values(), key=lambda hit: (-hit.confidence, hit.key))

    def _open_blocks(self, country: str) -> Iterator[tuple[Block, float]]:
        """Yield the blocks a country may meet, with the most that a hit there can be worth."""
        for code, block in self._blocks.items():
            if country and code == country:
                yield block, 1.0
            elif not country or not code:
                yield block, CEILING_UNKNOWN_COUNTRY


def _pieces(name: str, place: _Place) -> list[_Asked]:
    """Return what is looked up: the whole name, its institution, the brackets, the rest."""
    part = institution_part(name)
    whole = _Asked(name, normalise(name), 1.0)
    pieces = [whole]
    for text in (without_brackets(name), part):
        pieces.append(_Asked(text, normalise(text), FACTOR_PART))
        pieces.append(_Asked(text, before_fields(normalise(text)), FACTOR_PART))
    pieces += [_Asked(text, normalise(text), FACTOR_PART) for text in bracketed(name)]
    rest = [text for text in institution_parts(name) if text not in {part, *bracketed(name)}]
    pieces += [_Asked(text, normalise(text), PARENT, is_parent=True) for text in rest]
    shorter = [
        replace(p, normalised=without_place(p.normalised, place.words), is_shortened=True)
        for p in pieces
    ]
    distinct: dict[str, _Asked] = {}
    for piece in pieces + shorter:
        if piece.normalised:
            distinct.setdefault(piece.normalised, piece)
    return list(distinct.values())


def _look_up(block: Block, asked: list[_Asked], place: _Place) -> list[_Found]:
    """Return hits by name and acronym, and by nearness when neither gave a sure one."""
    found = [hit for piece in asked for hit in _by_name(block, piece, place)]
    found = [hit for hit in found if hit.confidence]
    found += [hit for piece in asked for hit in _by_acronym(block, piece, place)]
    if any(hit.confidence >= SETTLE for hit in found):
        return found
    # A name met letter by letter has its worth already; likeness must not raise it again.
    met = {hit.key for hit in found if hit.method in {Method.EXACT, Method.ALIAS}}
    near = (hit for piece in asked for hit in _by_nearness(block, piece, place))
    return found + [hit for hit in near if hit.key not in met]


def _by_name(block: Block, piece: _Asked, place: _Place) -> list[_Found]:
    entries, base = block.exact.get(piece.normalised, []), EXACT
    if not entries:
        entries, base = block.compact.get(compact(piece.normalised), []), COMPACT
    entries = _of_city([e for e in entries if not e.is_shortened] or entries, place)
    n_keys = len({entry.key for entry in entries})
    return [_name_hit(entry, piece, place, base, n_keys > 1) for entry in entries]


def _of_city(entries: list[Entry], place: _Place) -> list[Entry]:
    """Return the entries of the location's town when there are any, else all."""
    here = [entry for entry in entries if place.city and entry.city == place.city]
    return here or entries


def _name_hit(entry: Entry, piece: _Asked, place: _Place, base: float, rivals: bool) -> _Found:
    confidence = min(base, ALIAS if entry.method is Method.ALIAS else EXACT) * piece.worth
    if rivals:
        confidence = min(confidence, CEILING_AMBIGUOUS)
    confidence = min(confidence, _place_ceiling(entry, place))
    return _Found(entry.key, confidence, Method.PARENT if piece.is_parent else entry.method)


def _place_ceiling(entry: Entry, place: _Place) -> float:
    """Return the most that a name is worth for where it is: common names hold for one town only."""
    if is_vague(entry.normalised):
        is_its_own = not entry.is_shortened and not _is_other_city(entry, place)
        return CEILING_VAGUE if is_its_own else 0.0
    if _is_other_city(entry, place) and not is_distinctive(entry.words, entry.place):
        return 0.0 if entry.is_shortened else CEILING_OTHER_CITY
    return 1.0


def _is_other_city(held: Entry | Short, place: _Place) -> bool:
    return bool(held.city and place.city and held.city != place.city)


def _by_acronym(block: Block, piece: _Asked, place: _Place) -> list[_Found]:
    """Return who bears the acronym; surely only when one body does and it is written as such."""
    written = piece.text.strip(" .").replace(".", "")
    key = compact(fold(written))
    if not key or " " in written:
        return []
    holders = block.acronyms.get(key)
    if not holders:
        return _by_initials(block, written, place)
    sure = len(key) >= SHORTEST_ACRONYM and len({short.key for short in holders}) == 1
    as_such = written.isupper() or any(short.written == written for short in holders)
    worth = ACRONYM if sure and as_such else ACRONYM_DOUBTFUL
    worth = min(worth, PARENT) if piece.is_parent else worth
    return [_short_hit(short, worth, place) for short in sorted(holders)]


def _by_initials(block: Block, written: str, place: _Place) -> list[_Found]:
    """Return the one body of the town whose name has these initials, as a guess."""
    holders = block.initials.get(fold(written), set()) if written.isupper() else set()
    here = [short for short in holders if not _is_other_city(short, place)]
    return [_Found(here[0].key, INITIALS, Method.ACRONYM)] if len(here) == 1 else []


def _short_hit(short: Short, worth: float, place: _Place) -> _Found:
    ceiling = CEILING_OTHER_CITY if _is_other_city(short, place) else worth
    return _Found(short.key, min(worth, ceiling), Method.ACRONYM)


def _by_nearness(block: Block, piece: _Asked, place: _Place) -> list[_Found]:
    # Words of the place weigh little, so that a name shortened by them would say the same twice.
    if piece.is_shortened or is_vague(piece.normalised):
        return []
    words = Words.of(piece.normalised)
    return [_near_hit(e, words, piece, place) for e in block.nearest(words, place.words)]


def _near_hit(entry: Entry, words: Words, piece: _Asked, place: _Place) -> _Found:
    confidence = similarity(words, entry.words, entry.place | place.words) * piece.worth
    if _is_other_city(entry, place):
        confidence *= FACTOR_OTHER_CITY
    if is_vague(entry.normalised):
        confidence = min(confidence, CEILING_OTHER_CITY)
    return _Found(entry.key, confidence, Method.PARENT if piece.is_parent else Method.SIMILAR)


def _judge(found: list[_Found], name: str) -> Match:
    near = [hit for hit in found if hit.confidence >= PROPOSE]
    if not near:
        return _unresolved(found, name)
    best, others = near[0], near[1:]
    rival = others[0].confidence if others else 0.0
    clear = best.confidence - rival >= MARGIN
    settled = best.confidence >= SETTLE and clear
    outcome = Outcome.SETTLED if settled else Outcome.PROPOSED
    reason = _REASONS[best.method] if clear else "Several organisations are equally near."
    return Match(outcome, best.key, round(best.confidence, 3), best.method, _listed(others), reason)


_REASONS = {
    Method.EXACT: "The organisation's own name.",
    Method.ALIAS: "A name the organisation also bears.",
    Method.ACRONYM: "The organisation's acronym or initials.",
    Method.PARENT: "The name says it is part of this organisation.",
    Method.SIMILAR: "The names are alike.",
}


def _listed(hits: Iterable[_Found]) -> tuple[tuple[str, float], ...]:
    pairs = [(hit.key, round(hit.confidence, 3)) for hit in hits if hit.confidence > 0]
    return tuple(pairs[:MOST_ALTERNATIVES])


def _unresolved(found: list[_Found], name: str) -> Match:
    guesses = _listed(hit for hit in found if hit.confidence >= GUESS)
    reason = "No organisation of that country bears a name like this one."
    if guesses:
        reason = (
            "Some organisations bear names a little like this one; none is near enough to propose."
        )
    if is_vague(normalise(name)):
        reason = "The name is one that many institutions share."
    confidence = round(found[0].confidence, 3) if found else 0.0
    return Match(Outcome.UNRESOLVED, None, confidence, Method.NONE, guesses, reason)


def _remembered(key: str | None) -> Match:
    if key is None:
        reason = "A person decided that no institution is named."
        return Match(Outcome.PLACEHOLDER, None, 1.0, Method.REMEMBERED, (), reason)
    return Match(Outcome.SETTLED, key, 1.0, Method.REMEMBERED, (), "A person decided so before.")


def _placeholder() -> Match:
    reason = "The name stands in for an institution that is not named."
    return Match(Outcome.PLACEHOLDER, None, 1.0, Method.PLACEHOLDER, (), reason)
