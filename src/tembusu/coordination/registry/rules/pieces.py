"""The words, phrases, numbers and runs of signs of a search text, with their typing errors mended."""

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tembusu.coordination.registry.rules import compounds, indexing, spelling
from tembusu.coordination.registry.rules.compounds import Exactly
from tembusu.coordination.registry.rules.spelling import Vocabulary
from tembusu.coordination.registry.rules.understanding import Kind, Mesh
from trialformats.registries import registry_of

TOKEN = re.compile(
    r'(?P<minus>(?<!\S)[-−](?=["“\w]))?(?:["“](?P<phrase>[^"”]*)["”]|(?P<word>[^\s"“”]+))'
)
NUMBER = re.compile(
    r"(?<![\w-])(?:NCT|ISRCTN|ACTRN|DRKS|KCT|ChiCTR|CTRI|jRCT|TCTR)[ -]?\d[\d/]*\b", re.IGNORECASE
)
EDGES = "'’.,;:!?()[]{}<>|&*/\\-–—_+=#~"


@dataclass(frozen=True, slots=True)
class Piece:
    """A token of the text before anything is known of it."""

    kind: Kind
    typed: str
    text: str
    is_excluded: bool = False
    others: tuple[str, ...] = ()
    is_mended: bool = False
    is_idle: bool = False
    suggestion: str = ""


def read(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text as they were typed."""
    text = NUMBER.sub(lambda found: re.sub(r"[ -]", "", found.group()), text)
    for found in TOKEN.finditer(text):
        is_excluded = bool(found["minus"])
        if found["phrase"] is not None:
            phrase = found["phrase"].strip()
            if re.search(r"\w", phrase):
                yield Piece(Kind.PHRASE, f"“{phrase}”", phrase, is_excluded)
        else:
            yield from _word_pieces(found["word"].strip(EDGES), is_excluded)


def _word_pieces(word: str, is_excluded: bool) -> Iterator[Piece]:
    if number := registry_of(word):
        yield Piece(Kind.NUMBER, word, number[1], is_excluded)
        return
    place = 0
    for run in indexing.CJK.finditer(word):
        yield from _plain(word[place : run.start()], is_excluded)
        yield Piece(Kind.SIGNS, run.group(), run.group(), is_excluded)
        place = run.end()
    yield from _plain(word[place:], is_excluded)


def _plain(word: str, is_excluded: bool) -> Iterator[Piece]:
    word = word.strip(EDGES)
    if re.search(r"[^\W_]", word):
        yield Piece(Kind.WORD, word, word.lower(), is_excluded)


def mend(
    pieces: Sequence[Piece], vocabulary: Vocabulary, exactly: Exactly, mesh: Mesh, *, mends: bool
) -> list[Piece]:
    """Return the pieces with their typing errors mended, cut words joined and joined ones parted.

    :param mesh: asked only where a word is misspelt or rare, for what it may name with the next one
    """
    asked = {piece.text for piece in pieces if _is_open(piece)}
    known = vocabulary(asked) if asked else {}
    words = [piece.text if _is_open(piece) else "" for piece in pieces]
    changed = compounds.read(words, known, exactly) if mends else {}
    together = _named_together(pieces, known, mesh) if mends else {}
    found: list[Piece] = []
    place = 0
    while place < len(pieces):
        if place in changed:
            n_taken, written = changed[place]
            found += _rewritten(pieces[place : place + n_taken], written)
            place += n_taken
        else:
            piece = pieces[place]
            found.append(
                _reading_of(piece, known.get(piece.text, ()), together.get(place, ()), mends=mends)
            )
            place += 1
    return found


def _named_together(
    pieces: Sequence[Piece], known: Mapping[str, Sequence[spelling.Known]], mesh: Mesh
) -> dict[int, set[str]]:
    """Return by place the words that name a concept with a word beside them."""
    meant = [
        spelling.near(one.text, known.get(one.text, ())) if _is_open(one) else [] for one in pieces
    ]
    pairs = {
        indexing.phrase(f"{left} {right}"): (place, left, right)
        for place, (one, other) in enumerate(itertools.pairwise(pieces))
        if (meant[place] or meant[place + 1]) and _is_open(one) and _is_open(other)
        for left in (one.text, *meant[place])
        for right in (other.text, *meant[place + 1])
    }
    found: dict[int, set[str]] = defaultdict(set)
    named = mesh(pairs) if pairs else {}
    for phrase in named:
        place, left, right = pairs[phrase]
        found[place].add(left)
        found[place + 1].add(right)
    return found


def _rewritten(pieces: Sequence[Piece], words: Sequence[str]) -> list[Piece]:
    """Return pieces for words that were joined or parted; the first shows what was typed."""
    typed = [" ".join(piece.typed for piece in pieces), *("" for _ in words[1:])]
    return [
        Piece(Kind.WORD, shown, word, is_mended=True)
        for shown, word in zip(typed, words, strict=True)
    ]


def _is_open(piece: Piece) -> bool:
    """Say whether a piece may be read otherwise than it was typed."""
    return piece.kind == Kind.WORD and not piece.is_excluded


def _reading_of(
    piece: Piece, known: Sequence[spelling.Known], together: Collection[str], *, mends: bool
) -> Piece:
    if not _is_open(piece):
        return piece
    reading = spelling.read(piece.text, known, together)
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


def mended_text(pieces: Sequence[Piece]) -> str:
    """Return the text with its typing errors mended; '' where there was none."""
    if not any(piece.is_mended for piece in pieces):
        return ""
    return _written(pieces, (piece.text if piece.is_mended else piece.typed for piece in pieces))


def suggested_text(pieces: Sequence[Piece]) -> str:
    """Return the text that may have been meant; '' where nothing else is likelier."""
    if not any(piece.suggestion for piece in pieces):
        return ""
    meant = (piece.suggestion or (piece.text if piece.is_mended else "") for piece in pieces)
    return _written(
        pieces, (word or piece.typed for word, piece in zip(meant, pieces, strict=True))
    )


def _written(pieces: Sequence[Piece], words: Iterable[str]) -> str:
    signs = ("-" if piece.is_excluded else "" for piece in pieces)
    return " ".join(sign + word for sign, word in zip(signs, words, strict=True))
