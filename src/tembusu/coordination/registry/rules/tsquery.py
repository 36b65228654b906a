"""Pieces of a text for PostgreSQL's ``to_tsquery('english', …)``, made of what a person typed."""

import re
from dataclasses import dataclass

from tembusu.coordination.registry.rules import indexing


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a piece of a tsquery text, and the words by whose rarity it counts."""

    query: str
    words: tuple[str, ...]


def quoted(text: str) -> str:
    """Return a text as one operand of a tsquery: parsed like a document, its words side by side.

    >>> quoted("crohn's disease")
    "'crohn''s disease'"
    """
    plain = re.sub(r"[\\\0:*!&|()<>]", " ", text)
    return "'" + plain.replace("'", "''") + "'"


def of_word(word: str) -> Term:
    """Return a word to look for; one with hyphens is met by its pieces.

    PostgreSQL reads 'non-small' as three lexemes and 'COVID-19' as 'covid' and '-19'. The pieces
    need not stand side by side: that would make it unpack every match. A quoted phrase asks for it.
    """
    pieces = [one for one in re.split(r"[-–/]", word) if re.search(r"[^\W_]", one)]
    if len(pieces) < 2:
        return Term(quoted(word), (word,))
    wanted = (
        f"({quoted(one)} | {quoted('-' + one)})" if place and one.isdecimal() else quoted(one)
        for place, one in enumerate(pieces)
    )
    return Term(f"({' & '.join(wanted)})", (word,))


def of_signs(run: str) -> Term:
    """Return the pairs of signs that a run must hold; a single sign is the beginning of a pair."""
    pairs = indexing.bigrams(run)
    if len(run) == 1:
        return Term(f"{quoted(pairs[0])}:*", (run,))
    query = " & ".join(quoted(pair) for pair in pairs)
    return Term(f"({query})" if len(pairs) > 1 else query, (run,))
