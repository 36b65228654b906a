"""The words of the indexed studies and of the thesaurus, as the rules of search ask for them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.conf import settings
from django.db import connection

from tembusu.coordination.registry.models import MeshPhrase
from tembusu.coordination.registry.rules import numbers, spelling
from tembusu.coordination.registry.rules.spelling import Known
from tembusu.coordination.registry.rules.tsquery import Term
from tembusu.coordination.registry.rules.understanding import Heading

# Words as short as this share too few trigrams with their misspelling; their neighbours are named.
SHORT = 6
MOST_CANDIDATES = 60

# What is known of typed words and of their other spellings: as they stand, by their stem, or as
# words that full-text search passes over.
KNOWN = """
SELECT asked.word, w.n_studies, w.n_named, w.is_term, asked.stem = '{}', forms.n
FROM (SELECT word, ts_lexize('english_stem', word) AS stem FROM unnest(%s::text[]) word) asked
LEFT JOIN registry_searchword w ON w.word = asked.word
CROSS JOIN LATERAL (
  SELECT sum(s.n_studies) AS n FROM registry_searchword s WHERE s.stem = asked.stem[1]) forms
WHERE w.word IS NOT NULL OR asked.stem = '{}' OR forms.n IS NOT NULL
"""

NEAR = """
SELECT asked.word, w.word, w.n_studies, w.n_named, w.is_term
FROM unnest(%s::text[]) asked(word) CROSS JOIN LATERAL (
  SELECT s.word, s.n_studies, s.n_named, s.is_term FROM registry_searchword s
  WHERE s.word %% asked.word AND abs(length(s.word) - length(asked.word)) <= 3
    AND (s.n_studies > 0 OR s.is_term)
  ORDER BY similarity(s.word, asked.word) DESC, s.n_studies DESC LIMIT %s) w
"""

BESIDE = """
SELECT word, n_studies, n_named, is_term FROM registry_searchword
WHERE word = ANY(%s) AND (n_studies > 0 OR is_term)
"""

# The words without the small ones, by their stems: what ``mesh_phrase_words`` indexes.
REORDERED = """
SELECT asked.phrase, p.descriptor_id, d.name
FROM unnest(%s::text[]) asked(phrase)
JOIN registry_meshphrase p ON tsvector_to_array(to_tsvector('english', p.phrase))
  = tsvector_to_array(to_tsvector('english', asked.phrase))
JOIN registry_meshdescriptor d ON d.ui = p.descriptor_id
WHERE cardinality(tsvector_to_array(to_tsvector('english', asked.phrase))) > 1
ORDER BY p.descriptor_id
"""

FREQUENCIES = """
SELECT asked.word, COALESCE(sum(s.n_studies), 0)
FROM (SELECT word, COALESCE((ts_lexize('english_stem', word))[1], word) AS stem
      FROM unnest(%s::text[]) word) asked
LEFT JOIN registry_searchword s ON s.stem = asked.stem GROUP BY asked.word
"""


def resembling(typed: Collection[str]) -> Mapping[str, Sequence[Known]]:
    """Return for each word the known words that resemble it, itself among them if it is known."""
    spelt = {word: spelling.spellings(word) for word in typed}
    known = _known({*typed, *(other for others in spelt.values() for other in others)})
    found: dict[str, dict[str, Known]] = defaultdict(dict)
    for word in typed:
        own = (word, *spelt[word])
        found[word].update((form, known[form]) for form in own if form in known)
    doubtful = [
        word for word in typed if spelling.is_mendable(word) and _is_doubtful(known.get(word))
    ]
    rare = [
        word
        for word in doubtful
        if len(word) > SHORT and (word not in known or known[word].may_be_slip)
    ]
    for word, one in (*_near(rare), *_beside(set(doubtful) - set(rare))):
        found[word].setdefault(one.word, one)
    return {word: list(ones.values()) for word, ones in found.items()}


def _is_doubtful(known: Known | None) -> bool:
    return known is None or not (known.is_term or known.is_idle)


def known_exactly(words: Collection[str]) -> Mapping[str, Known]:
    """Return what is known of words as they stand; those that nothing holds are absent."""
    return _known(words)


def _known(words: Collection[str]) -> dict[str, Known]:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [sorted(words)])
        return {
            word: Known(word, n or 0, bool(is_term), bool(is_idle), int(n_forms or 0), n_named or 0)
            for word, n, n_named, is_term, is_idle, n_forms in cursor.fetchall()
        }


def _near(words: Collection[str]) -> list[tuple[str, Known]]:
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(NEAR, [sorted(words), MOST_CANDIDATES])
        return [
            (asked, Known(word, n, is_term, n_named=n_named))
            for asked, word, n, n_named, is_term in cursor.fetchall()
        ]


def _beside(words: Iterable[str]) -> list[tuple[str, Known]]:
    askers: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for neighbour in spelling.neighbours(word):
            askers[neighbour].append(word)
    if not askers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, [list(askers)])
        rows = cursor.fetchall()
    return [
        (asker, Known(word, n, is_term, n_named=n_named))
        for word, n, n_named, is_term in rows
        for asker in set(askers[word])
    ]


def headings(phrases: Collection[str]) -> Mapping[str, Sequence[Heading]]:
    """Return the MeSH descriptors that each phrase names; a phrase that names none is absent."""
    found: dict[str, list[Heading]] = defaultdict(list)
    rows = MeshPhrase.objects.filter(phrase__in=phrases).order_by("descriptor_id")
    for phrase, ui, name in rows.values_list("phrase", "descriptor_id", "descriptor__name"):
        found[phrase].append(Heading(ui, name))
    return found


def headings_reordered(phrases: Collection[str]) -> Mapping[str, Sequence[Heading]]:
    """Return the descriptors that phrases name when order, small words and endings are let go."""
    found: dict[str, dict[str, Heading]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(REORDERED, [sorted(phrases)])
        for phrase, ui, name in cursor.fetchall():
            found[phrase][ui] = Heading(ui, name)
    return {phrase: list(ones.values()) for phrase, ones in found.items()}


def frequencies(terms: Iterable[Term]) -> Mapping[str, int]:
    """Return by each term's words how many studies use them, in whatever inflection (at most)."""
    pieces = {
        word: [one for one in re.split(r"[-–/]", word) if one] or [word]
        for term in terms
        for word in term.words
    }
    asked = sorted({one for ones in pieces.values() for one in ones})
    with connection.cursor() as cursor:
        cursor.execute(FREQUENCIES, [asked])
        counted = {word: int(n) for word, n in cursor.fetchall()}
    return {word: min(counted.get(one, 0) for one in ones) for word, ones in pieces.items()}


def n_indexed() -> int:
    """Return about how many studies are indexed, as the planner knows it; at least one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'registry_studyindex'::regclass")
        (n,) = cursor.fetchone() or (0,)
    return max(int(n), 1)


def numbers_meant(text: str) -> tuple[str, ...]:
    """Return the study numbers that a text of nothing else may mean, as they are written here."""
    return numbers.loose_numbers(text, settings.TEMBUSU_OWN_REGISTRY)
