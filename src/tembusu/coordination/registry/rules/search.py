"""What a person means by what they typed into the search box.

A query is read into parts that each explain themselves: words (typos mended), quoted phrases, words
to leave out, trial numbers, medical terms with all their synonyms, and runs of Chinese, Japanese or
Korean signs. Each part becomes a piece of a text for PostgreSQL's ``to_tsquery('english', …)``;
MeSH descriptors and pairs of signs are lexemes of their own in the index (see ``indexing``).

The longest run of words that names a MeSH descriptor is taken as that descriptor *or* those words,
so that 'heart attack' finds myocardial infarction; and since a study is indexed under all broader
descriptors too, 'cancer' finds every neoplasm.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tembusu.coordination.registry.rules import compounds, indexing, spelling
from tembusu.coordination.registry.rules.compounds import Exactly
from tembusu.coordination.registry.rules.spelling import Vocabulary
from tembusu.coordination.registry.rules.tsquery import Term, of_signs, of_word, quoted
from trialformats.registries import registry_of

LONGEST_TEXT = 500
MOST_PARTS = 24
LONGEST_TERM = 6  # words
TOKEN = re.compile(
    r'(?P<minus>(?<!\S)[-−](?=["“\w]))?(?:["“](?P<phrase>[^"”]*)["”]|(?P<word>[^\s"“”]+))'
)
NUMBER = re.compile(
    r"(?<![\w-])(?:NCT|ISRCTN|ACTRN|DRKS|KCT|ChiCTR|CTRI|jRCT|TCTR)[ -]?\d[\d/]*\b", re.IGNORECASE
)
EDGES = "'’.,;:!?()[]{}<>|&*/\\-–—_+=#~"
ARROW = "→"


class Kind(StrEnum):
    WORD = "word"
    PHRASE = "phrase"
    TERM = "term"
    SIGNS = "signs"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Heading:
    """A MeSH descriptor: its id (``D009203``) and its name."""

    ui: str
    name: str


# Given phrases (as ``indexing.phrase`` writes them), the descriptors that each names.
Mesh = Callable[[Collection[str]], Mapping[str, Sequence[Heading]]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the query and how it was taken.

    ``typed`` is as the person wrote it, ``text`` as it is looked for; ``headings`` are the MeSH
    descriptors found, ``others`` further spellings that are looked for as well. ``words`` are the
    terms without descriptors, each with its other spellings.
    """

    kind: Kind
    typed: str
    text: str
    terms: tuple[Term, ...]
    query: str
    words: tuple[tuple[Term, ...], ...]
    headings: tuple[Heading, ...] = ()
    others: tuple[str, ...] = ()
    is_mended: bool = False
    is_excluded: bool = False

    @property
    def chip(self) -> str:
        """How the part was understood, in one line: ``heart attack → Myocardial Infarction``."""
        if self.is_excluded:
            return f"without {self.text}"
        if self.headings:
            return f"{self.text} {ARROW} {', '.join(one.name for one in self.headings)}"
        if self.others:
            return f"{self.text} or {' or '.join(self.others)}"
        if self.is_mended and self.typed:
            return f"{self.typed} {ARROW} {self.text}"
        return self.text

    @property
    def is_explained(self) -> bool:
        """Whether more is looked for, or something else, than what was typed."""
        return bool(self.headings or self.others or self.is_mended or self.is_excluded)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was typed and what is looked for.

    ``numbers`` is given when the whole text is trial numbers: they are looked up first.
    ``mended`` is the text with its typos mended, or '' where there was none. ``suggestion`` is what
    may have been meant where a word is hardly ever written; it is not looked for.
    """

    typed: str = ""
    parts: tuple[Part, ...] = ()
    numbers: tuple[str, ...] = ()
    mended: str = ""
    suggestion: str = ""
    notes: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if not part.is_excluded)

    @property
    def excluded(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_excluded)

    @property
    def chips(self) -> tuple[str, ...]:
        return tuple(part.chip for part in self.parts if part.is_explained)

    @property
    def explained(self) -> tuple[str, ...]:
        """How parts were taken, but for mended typos, which are told in a sentence."""
        return tuple(p.chip for p in self.parts if p.headings or p.others or p.is_excluded)

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything whose presence speaks for a study, each once."""
        return tuple({term.query: term for part in self.wanted for term in part.terms}.values())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.wanted

    @property
    def all_words(self) -> str:
        """The tsquery text that a study with every part matches; '' where there is none."""
        return self._less_excluded(" & ".join(part.query for part in self.wanted))

    @property
    def any_word(self) -> str:
        """The tsquery text that a study with any part matches; '' where there is none."""
        return self._less_excluded(" | ".join(term.query for term in self.terms))

    def leaving_out(self, query: str) -> str:
        """Return a tsquery text that also leaves out what the person does not want."""
        return self._less_excluded(query)

    def _less_excluded(self, wanted: str) -> str:
        if not wanted or not self.excluded:
            return wanted
        return " & ".join([f"({wanted})", *(f"!{part.query}" for part in self.excluded)])


@dataclass(frozen=True, slots=True)
class _Piece:
    """A token of the text before anything is known of it."""

    kind: Kind
    typed: str
    text: str
    is_excluded: bool = False
    others: tuple[str, ...] = ()
    is_mended: bool = False
    is_idle: bool = False
    suggestion: str = ""


def names_nothing(phrases: Collection[str]) -> Mapping[str, Sequence[Heading]]:
    """Know no descriptor."""
    return {}


def understand(
    text: str,
    *,
    vocabulary: Vocabulary,
    mesh: Mesh,
    exactly: Exactly = compounds.nothing_known,
    reordered: Mesh = names_nothing,
    mends: bool = True,
) -> Understanding:
    """Read what a person typed.

    :param vocabulary: gives the known words that resemble some words
    :param mesh: gives the descriptors that phrases name
    :param exactly: gives what is known of words as they stand, to join and to part them
    :param reordered: gives the descriptors that phrases name with their words in another order
    :param mends: False takes every word as it was typed ('search instead for …')
    """
    cleaned = " ".join(text.replace("\0", " ").split())
    notes: list[str] = []
    if len(cleaned) > LONGEST_TEXT:
        cleaned = cleaned[:LONGEST_TEXT].rsplit(" ", 1)[0]
        notes.append(f"Only the first {LONGEST_TEXT} characters were used.")
    pieces = list(_pieces(cleaned))
    if len(pieces) > MOST_PARTS:
        pieces = pieces[:MOST_PARTS]
        notes.append(f"Only the first {MOST_PARTS} words were used.")
    numbers = tuple(piece.text for piece in pieces if piece.kind == Kind.NUMBER)
    pieces = _mend(pieces, vocabulary, exactly, mends=mends)
    if pieces and all(piece.is_excluded for piece in pieces):
        notes.append("Say what to look for as well as what to leave out.")
    elif pieces and all(piece.is_idle or piece.is_excluded for piece in pieces):
        notes.append("These words stand in nearly every text. Add one that says more.")
    return Understanding(
        typed=cleaned,
        parts=tuple(_parts(pieces, mesh, reordered)),
        numbers=numbers if len(numbers) == len(pieces) else (),
        mended=_mended_text(pieces),
        suggestion=_suggested_text(pieces),
        notes=tuple(notes),
    )


def _pieces(text: str) -> Iterator[_Piece]:
    text = NUMBER.sub(lambda found: re.sub(r"[ -]", "", found.group()), text)
    for found in TOKEN.finditer(text):
        is_excluded = bool(found["minus"])
        if found["phrase"] is not None:
            phrase = found["phrase"].strip()
            if re.search(r"\w", phrase):
                yield _Piece(Kind.PHRASE, f"“{phrase}”", phrase, is_excluded)
        else:
            yield from _word_pieces(found["word"].strip(EDGES), is_excluded)


def _word_pieces(word: str, is_excluded: bool) -> Iterator[_Piece]:
    if number := registry_of(word):
        yield _Piece(Kind.NUMBER, word, number[1], is_excluded)
        return
    place = 0
    for run in indexing.CJK.finditer(word):
        yield from _plain(word[place : run.start()], is_excluded)
        yield _Piece(Kind.SIGNS, run.group(), run.group(), is_excluded)
        place = run.end()
    yield from _plain(word[place:], is_excluded)


def _plain(word: str, is_excluded: bool) -> Iterator[_Piece]:
    word = word.strip(EDGES)
    if re.search(r"[^\W_]", word):
        yield _Piece(Kind.WORD, word, word.lower(), is_excluded)


# -- typos --------------------------------------------------------------------------------------


def _mend(
    pieces: Sequence[_Piece], vocabulary: Vocabulary, exactly: Exactly, *, mends: bool
) -> list[_Piece]:
    asked = {piece.text for piece in pieces if _is_open(piece)}
    known = vocabulary(asked) if asked else {}
    words = [piece.text if _is_open(piece) else "" for piece in pieces]
    changed = compounds.read(words, known, exactly) if mends else {}
    found: list[_Piece] = []
    place = 0
    while place < len(pieces):
        if place in changed:
            n_taken, written = changed[place]
            found += _rewritten(pieces[place : place + n_taken], written)
            place += n_taken
        else:
            found.append(_read(pieces[place], known.get(pieces[place].text, ()), mends=mends))
            place += 1
    return found


def _rewritten(pieces: Sequence[_Piece], words: Sequence[str]) -> list[_Piece]:
    """Return pieces for words that were joined or parted; the first shows what was typed."""
    typed = [" ".join(piece.typed for piece in pieces), *("" for _ in words[1:])]
    return [
        _Piece(Kind.WORD, shown, word, is_mended=True)
        for shown, word in zip(typed, words, strict=True)
    ]


def _is_open(piece: _Piece) -> bool:
    """Say whether a piece may be read otherwise than it was typed."""
    return piece.kind == Kind.WORD and not piece.is_excluded


def _read(piece: _Piece, known: Sequence[spelling.Known], *, mends: bool) -> _Piece:
    if not _is_open(piece):
        return piece
    reading = spelling.read(piece.text, known)
    if not mends:
        return replace(piece, is_idle=reading.is_idle)
    return replace(
        piece,
        text=reading.word,
        others=reading.others,
        is_mended=reading.is_mended,
        is_idle=reading.is_idle,
        suggestion=reading.suggestion,
    )


def _mended_text(pieces: Sequence[_Piece]) -> str:
    if not any(piece.is_mended for piece in pieces):
        return ""
    return _written(pieces, (piece.text if piece.is_mended else piece.typed for piece in pieces))


def _suggested_text(pieces: Sequence[_Piece]) -> str:
    if not any(piece.suggestion for piece in pieces):
        return ""
    meant = (piece.suggestion or (piece.text if piece.is_mended else "") for piece in pieces)
    return _written(
        pieces, (word or piece.typed for word, piece in zip(meant, pieces, strict=True))
    )


def _written(pieces: Sequence[_Piece], words: Iterable[str]) -> str:
    signs = ("-" if piece.is_excluded else "" for piece in pieces)
    return " ".join(sign + word for sign, word in zip(signs, words, strict=True))


# -- medical terms ------------------------------------------------------------------------------


def _parts(pieces: Sequence[_Piece], mesh: Mesh, reordered: Mesh) -> Iterator[Part]:
    taken = _terms(pieces, mesh, reordered)
    place = 0
    while place < len(pieces):
        if place in taken:
            n_words, headings = taken[place]
            yield _term_part(pieces[place : place + n_words], headings)
            place += n_words
        else:
            if not pieces[place].is_idle:
                yield _part(pieces[place])
            place += 1


def _terms(
    pieces: Sequence[_Piece], mesh: Mesh, reordered: Mesh
) -> dict[int, tuple[int, tuple[Heading, ...]]]:
    """Return where a term starts, how many pieces it has and what it names; the longest wins.

    Words that name nothing as they stand may name something in another order.
    """
    spans = {
        (start, end): _phrases(pieces[start:end])
        for start in range(len(pieces))
        for end in range(start + 1, min(start + LONGEST_TERM, len(pieces)) + 1)
        if _may_name(pieces[start:end])
    }
    asked = {phrase for phrases in spans.values() for phrase in phrases}
    known = dict(mesh(asked)) if asked else {}
    loose = {
        phrase
        for (start, end), phrases in spans.items()
        if _may_be_reordered(pieces[start:end]) and not any(known.get(one) for one in phrases)
        for phrase in phrases
    }
    known.update(reordered(loose) if loose else {})
    taken: dict[int, tuple[int, tuple[Heading, ...]]] = {}
    free = set(range(len(pieces)))
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        headings = next((known[one] for one in spans[start, end] if known.get(one)), ())
        if headings and free.issuperset(range(start, end)):
            taken[start] = end - start, tuple(dict.fromkeys(headings))
            free.difference_update(range(start, end))
    return taken


def _may_name(span: Sequence[_Piece]) -> bool:
    """Words beside each other may name a term together; a quoted phrase may by itself."""
    if any(piece.is_excluded for piece in span) or all(piece.is_idle for piece in span):
        return False
    return all(piece.kind == Kind.WORD for piece in span) or (
        len(span) == 1 and span[0].kind == Kind.PHRASE
    )


def _may_be_reordered(span: Sequence[_Piece]) -> bool:
    return all(piece.kind == Kind.WORD for piece in span) and (
        sum(not piece.is_idle for piece in span) > 1
    )


def _phrases(span: Sequence[_Piece]) -> list[str]:
    """Return how a thesaurus may hold the words: as typed, spelt otherwise, in the singular."""
    words = [piece.text for piece in span]
    spelt = [
        " ".join([*words[:i], other, *words[i + 1 :]])
        for i, piece in enumerate(span)
        for other in (piece.others or spelling.spellings(piece.text))
    ]
    found = [indexing.phrase(one) for one in (" ".join(words), *spelt)]
    found += [one[:-1] for one in found if one.endswith("s") and len(one) > 4]
    return list(dict.fromkeys(one for one in found if one))


def _term_part(span: Sequence[_Piece], headings: tuple[Heading, ...]) -> Part:
    parts = [_part(piece) for piece in span if not piece.is_idle]
    concepts = tuple(Term(quoted(one.ui.lower()), (one.ui.lower(),)) for one in headings)
    words = " & ".join(part.query for part in parts)
    chosen = " | ".join([f"({words})" if len(parts) > 1 else words, *(c.query for c in concepts)])
    return Part(
        kind=Kind.TERM,
        typed=" ".join(piece.typed for piece in span if piece.typed),
        text=" ".join(_shown(piece) for piece in span),
        terms=tuple(term for part in parts for term in part.terms) + concepts,
        query=f"({chosen})",
        words=tuple(part.terms for part in parts),
        headings=headings,
        is_mended=any(piece.is_mended for piece in span),
    )


# -- tsquery texts ------------------------------------------------------------------------------


def _shown(piece: _Piece) -> str:
    return piece.typed if piece.kind == Kind.PHRASE or not piece.is_mended else piece.text


def _part(piece: _Piece) -> Part:
    terms = _terms_of(piece)
    query = terms[0].query if len(terms) == 1 else f"({' | '.join(t.query for t in terms)})"
    return Part(
        kind=piece.kind,
        typed=piece.typed,
        text=_shown(piece),
        terms=terms,
        query=query,
        words=(terms,),
        others=piece.others,
        is_mended=piece.is_mended,
        is_excluded=piece.is_excluded,
    )


def _terms_of(piece: _Piece) -> tuple[Term, ...]:
    if piece.kind == Kind.SIGNS:
        return (of_signs(piece.text),)
    if piece.kind == Kind.WORD:
        return tuple(of_word(word) for word in (piece.text, *piece.others))
    return (Term(quoted(piece.text), tuple(sorted(indexing.words(piece.text)))),)
