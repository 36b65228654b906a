"""What a person means by what they typed into the search box.

A query is read into parts that each explain themselves: words (typos mended), quoted phrases, words
to leave out, trial numbers, medical terms with all their synonyms, and runs of Chinese, Japanese or
Korean signs. Each part becomes a piece of a text for PostgreSQL's ``to_tsquery('english', …)``;
MeSH descriptors and pairs of signs are lexemes of their own in the index (see ``indexing``).

The longest run of words that names a MeSH descriptor is taken as that descriptor *or* those words,
so that 'heart attack' finds myocardial infarction; and since a study is indexed under all broader
descriptors too, 'cancer' finds every neoplasm.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from tembusu.coordination.registry.rules import compounds, concepts, indexing, spelling
from tembusu.coordination.registry.rules import pieces as pieces_of
from tembusu.coordination.registry.rules.compounds import Exactly
from tembusu.coordination.registry.rules.pieces import Piece
from tembusu.coordination.registry.rules.spelling import Vocabulary
from tembusu.coordination.registry.rules.tsquery import Term, of_signs, of_word, quoted
from tembusu.coordination.registry.rules.understanding import (
    Heading,
    Kind,
    Mesh,
    Part,
    Understanding,
)

LONGEST_TEXT = 500
MOST_PARTS = 24
# What other engines take for a command; here it is a word as any other.
COMMANDS: Mapping[str, str] = {
    "OR": "“OR” is no command here: ask for any of the words to find studies with one of them.",
    "NOT": "“NOT” is no command here: put a minus before a word to leave it out.",
}


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
    pieces = list(pieces_of.read(cleaned))
    if len(pieces) > MOST_PARTS:
        pieces = pieces[:MOST_PARTS]
        notes.append(f"Only the first {MOST_PARTS} words were used.")
    notes += [COMMANDS[one] for one in dict.fromkeys(p.typed for p in pieces) if one in COMMANDS]
    numbers = tuple(p.text for p in pieces if p.kind == Kind.NUMBER and not p.is_excluded)
    pieces = pieces_of.mend(pieces, vocabulary, exactly, mesh, mends=mends)
    if pieces and all(piece.is_excluded for piece in pieces):
        notes.append("Say what to look for as well as what to leave out.")
    elif pieces and all(piece.is_idle or piece.is_excluded for piece in pieces):
        notes.append("These words stand in nearly every text. Add one that says more.")
    return Understanding(
        typed=cleaned,
        parts=tuple(_parts(pieces, mesh, reordered)),
        numbers=numbers if len(numbers) == len(pieces) else (),
        mended=pieces_of.mended_text(pieces),
        suggestion=pieces_of.suggested_text(pieces),
        notes=tuple(notes),
    )


def _parts(pieces: Sequence[Piece], mesh: Mesh, reordered: Mesh) -> Iterator[Part]:
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
    pieces: Sequence[Piece], mesh: Mesh, reordered: Mesh
) -> dict[int, tuple[int, tuple[Heading, ...]]]:
    """Return where a term starts, how many pieces it has and what it names; the longest wins.

    Words that name nothing as they stand may name something in another order.
    """
    spans = {
        (start, end): _phrases(pieces[start:end])
        for start in range(len(pieces))
        for end in range(start + 1, min(start + concepts.LONGEST_TERM, len(pieces)) + 1)
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


def _may_name(span: Sequence[Piece]) -> bool:
    """Words beside each other may name a term together; by itself may a quoted phrase, and what is
    left out.
    """
    if all(piece.is_idle for piece in span) or any(piece.typed in COMMANDS for piece in span):
        return False
    if len(span) == 1:
        return span[0].kind in (Kind.WORD, Kind.PHRASE)
    return all(piece.kind == Kind.WORD and not piece.is_excluded for piece in span)


def _may_be_reordered(span: Sequence[Piece]) -> bool:
    return all(piece.kind == Kind.WORD for piece in span) and (
        sum(not piece.is_idle for piece in span) > 1
    )


def _phrases(span: Sequence[Piece]) -> list[str]:
    """Return how a thesaurus may hold the words: as typed, spelt otherwise, in the singular."""
    others = {piece.text: piece.others for piece in span if piece.others}
    words = [
        word
        for piece in span
        for word in ([piece.text] if piece.others else indexing.phrase(piece.text).split())
    ]
    found = concepts.forms(words, lambda word: others.get(word) or spelling.spellings(word))
    return list(dict.fromkeys(filter(None, map(indexing.phrase, found))))


def _term_part(span: Sequence[Piece], headings: tuple[Heading, ...]) -> Part:
    parts = [_part(piece) for piece in span if not piece.is_idle]
    meant = tuple(Term(quoted(one.ui.lower()), (one.ui.lower(),)) for one in headings)
    words = " & ".join(part.query for part in parts)
    chosen = " | ".join([f"({words})" if len(parts) > 1 else words, *(one.query for one in meant)])
    return Part(
        kind=Kind.TERM,
        typed=" ".join(piece.typed for piece in span if piece.typed),
        text=" ".join(_shown(piece) for piece in span),
        terms=tuple(term for part in parts for term in part.terms) + meant,
        query=f"({chosen})",
        words=tuple(part.terms for part in parts),
        headings=headings,
        is_mended=any(piece.is_mended for piece in span),
        is_excluded=span[0].is_excluded,
    )


def _shown(piece: Piece) -> str:
    return piece.typed if piece.kind == Kind.PHRASE or not piece.is_mended else piece.text


def _part(piece: Piece) -> Part:
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


def _terms_of(piece: Piece) -> tuple[Term, ...]:
    if piece.kind == Kind.SIGNS:
        return (of_signs(piece.text),)
    if piece.kind == Kind.WORD:
        return tuple(of_word(word) for word in (piece.text, *piece.others))
    return (Term(quoted(piece.text), tuple(sorted(indexing.words(piece.text)))),)
