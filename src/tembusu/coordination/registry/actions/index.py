"""Makes ``StudyIndex`` and ``StudyLocation`` from the versions and the curated fields.

Everything here can be made again from other tables; a study is indexed in the same transaction as
the act that changed it, so that lists and searches are never behind.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from tembusu.coordination.registry.models import (
    CuratedField,
    MeshDescriptor,
    MeshPhrase,
    Registration,
    RegistrationVersion,
    SearchWord,
    Study,
    StudyIndex,
    StudySite,
)
from tembusu.coordination.registry.rules import concepts as concepts_of
from tembusu.coordination.registry.rules import indexing, records
from tembusu.coordination.registry.rules.records import without_nul
from tembusu.coordination.registry.terms import EffectiveRecord, StudyState

OWN = "own"
BATCH = 250
MOST_TOPICS = 20_000  # kept in memory
PLACED = ("ui", "broader", "tree_numbers")
TURN = 7_283_610_001  # any number that no other advisory lock of this database bears

# One statement for a whole batch; the full text is weighted and parsed inside the database.
UPSERT = """
INSERT INTO registry_studyindex (
  study_id, is_public, scope_id, site_scope_ids, number, registry_nos, title, acronym, status, phase,
  study_type, sponsor_name, conditions, countries, n_locations, n_answered, enrolment,
  enrolment_kind, start_date, start_dtc, updated_date, updated_dtc, has_results,
  needs_review, sort_title, facets, document)
SELECT r.study_id, r.is_public, r.scope_id, r.site_scope_ids, r.number, r.registry_nos, r.title,
  r.acronym, r.status, r.phase, r.study_type, r.sponsor_name, r.conditions, r.countries,
  r.n_locations, r.n_answered, r.enrolment, r.enrolment_kind, r.start_date, r.start_dtc,
  r.updated_date, r.updated_dtc, r.has_results, r.needs_review, r.sort_title, r.facets,
  setweight(to_tsvector('english', r.text_a), 'A') || setweight(to_tsvector('english', r.text_b), 'B')
  || setweight(to_tsvector('english', r.text_c), 'C') || to_tsvector('english', r.text_d)
  || r.lexemes::tsvector
FROM jsonb_to_recordset(%s::jsonb) AS r (
  study_id bigint, is_public boolean, scope_id bigint, site_scope_ids bigint[], number text,
  registry_nos text[], title text, acronym text, status text, phase text, study_type text,
  sponsor_name text, conditions text[], countries text[], n_locations int, n_answered int,
  enrolment int, enrolment_kind text, start_date date, start_dtc text, updated_date date,
  updated_dtc text, has_results boolean, needs_review boolean, sort_title text, facets text[],
  text_a text, text_b text, text_c text, text_d text, lexemes text)
ON CONFLICT (study_id) DO UPDATE SET
  (is_public, scope_id, site_scope_ids, number, registry_nos, title, acronym, status, phase,
   study_type, sponsor_name, conditions, countries, n_locations, n_answered, enrolment,
   enrolment_kind, start_date, start_dtc, updated_date, updated_dtc, has_results, needs_review,
   sort_title, facets, document) =
  (excluded.is_public, excluded.scope_id, excluded.site_scope_ids, excluded.number,
   excluded.registry_nos, excluded.title, excluded.acronym, excluded.status, excluded.phase,
   excluded.study_type, excluded.sponsor_name, excluded.conditions, excluded.countries,
   excluded.n_locations, excluded.n_answered, excluded.enrolment, excluded.enrolment_kind,
   excluded.start_date, excluded.start_dtc, excluded.updated_date, excluded.updated_dtc,
   excluded.has_results, excluded.needs_review, excluded.sort_title, excluded.facets,
   excluded.document)
"""

# A study can't be one with another that stands in the same registry under a number of its own.
POSSIBLE_TWINS = """
WITH named AS (
  SELECT a.study_id AS one, b.study_id AS other
  FROM registry_registration a
  JOIN registry_crossreference c ON c.registration_id = a.id
  JOIN registry_registration b ON b.registry = c.registry AND b.registry_no = c.registry_no
  WHERE a.study_id = ANY(%s) AND a.study_id <> b.study_id
  UNION
  SELECT a.study_id, b.study_id
  FROM registry_registration b
  JOIN registry_crossreference c ON c.registry = b.registry AND c.registry_no = b.registry_no
  JOIN registry_registration a ON a.id = c.registration_id
  WHERE b.study_id = ANY(%s) AND a.study_id <> b.study_id)
SELECT one, other FROM named WHERE NOT EXISTS (
  SELECT FROM registry_registration x JOIN registry_registration y ON x.registry = y.registry
  WHERE x.study_id = one AND y.study_id = other)
"""

# Stems are worked out for new words alone; most words of a batch are known.
ADD_WORDS = """
WITH counted AS (
  SELECT word, n, n_named FROM jsonb_to_recordset(%s::jsonb) AS w (word text, n int, n_named int)),
known AS (
  UPDATE registry_searchword s
  SET n_studies = s.n_studies + counted.n, n_named = s.n_named + counted.n_named FROM counted
  WHERE s.word = counted.word RETURNING s.word)
INSERT INTO registry_searchword (word, stem, n_studies, n_named, is_term)
SELECT word, COALESCE((tsvector_to_array(to_tsvector('english', word)))[1], word), n, n_named, FALSE
FROM counted WHERE NOT EXISTS (SELECT FROM known WHERE known.word = counted.word) ORDER BY word
ON CONFLICT (word) DO UPDATE SET
  n_studies = registry_searchword.n_studies + excluded.n_studies,
  n_named = registry_searchword.n_named + excluded.n_named
"""

ADD_MISSING_WORDS = """
INSERT INTO registry_searchword (word, stem, n_studies, n_named, is_term)
SELECT word, COALESCE((tsvector_to_array(to_tsvector('english', word)))[1], word), 1,
  least(n_named, 1), FALSE
FROM jsonb_to_recordset(%s::jsonb) AS w (word text, n_named int)
WHERE NOT EXISTS (SELECT FROM registry_searchword s WHERE s.word = w.word) ORDER BY word
ON CONFLICT (word) DO NOTHING
"""

MARK_TERMS = """
INSERT INTO registry_searchword AS s (word, stem, n_studies, n_named, is_term)
SELECT w, COALESCE((tsvector_to_array(to_tsvector('english', w)))[1], w), 0, 0, TRUE
FROM unnest(%s::text[]) w
ON CONFLICT (word) DO UPDATE SET is_term = TRUE WHERE NOT s.is_term
"""

UNMARK_TERMS = """
UPDATE registry_searchword SET is_term = FALSE
WHERE is_term AND NOT EXISTS (SELECT FROM unnest(%s::text[]) w WHERE w = word)
"""

RECOUNT_CONCEPTS = """
WITH counted AS (
  SELECT lexeme, count(*) AS n FROM registry_studyindex, unnest(tsvector_to_array(document)) lexeme
  WHERE lexeme ~ '^d[0-9]{6,9}$' GROUP BY lexeme),
gone AS (
  DELETE FROM registry_searchword s WHERE s.word ~ '^d[0-9]{6,9}$'
    AND NOT EXISTS (SELECT FROM counted WHERE lexeme = s.word))
INSERT INTO registry_searchword (word, stem, n_studies, n_named, is_term)
SELECT lexeme, lexeme, n, 0, FALSE FROM counted
ON CONFLICT (word) DO UPDATE SET n_studies = excluded.n_studies
"""


@dataclass(slots=True)
class Concepts:
    """MeSH in memory, for indexing many studies: phrase to descriptors, descriptor to broader ones.

    ``telling`` are the descriptors that one word within a longer text may mean; ``by_topic`` keeps
    what was found in conditions and keywords, which many studies share.
    """

    by_phrase: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broader: dict[str, tuple[str, ...]] = field(default_factory=dict)
    telling: frozenset[str] = frozenset()
    by_topic: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Concepts":
        """Return the whole thesaurus: for imports and other work on many studies."""
        return cls._of(
            MeshPhrase.objects.values_list("phrase", "descriptor_id").iterator(chunk_size=10_000),
            MeshDescriptor.objects.values_list(*PLACED).iterator(chunk_size=10_000),
        )

    @classmethod
    def load_for(cls, records: Iterable[Mapping[str, Any]]) -> "Concepts":
        """Return what these records need of the thesaurus: for work on a few studies."""
        names, topics = set[str](), set[str]()
        for values in records:
            names.update(indexing.concept_names(values))
            topics.update(indexing.topics(values))
        asked = {*map(indexing.phrase, names), *concepts_of.asked(topics)}
        phrases = MeshPhrase.objects.filter(phrase__in=asked)
        pairs = list(phrases.values_list("phrase", "descriptor_id"))
        descriptors = MeshDescriptor.objects.filter(pk__in={ui for _, ui in pairs})
        return cls._of(pairs, descriptors.values_list(*PLACED))

    @classmethod
    def _of(
        cls,
        pairs: Iterable[tuple[str, str]],
        descriptors: Iterable[tuple[str, list[str], list[str]]],
    ) -> "Concepts":
        by_phrase: dict[str, list[str]] = defaultdict(list)
        for phrase, ui in pairs:
            by_phrase[phrase].append(ui)
        found = cls({phrase: tuple(sorted(uis)) for phrase, uis in by_phrase.items()})
        telling = set[str]()
        for ui, broader, tree_numbers in descriptors:
            found.broader[ui] = tuple(broader)
            if concepts_of.is_telling(tree_numbers):
                telling.add(ui)
        found.telling = frozenset(telling)
        return found

    def of(self, phrases: Iterable[str], topics: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the descriptors that phrases name or topics hold and all broader ones, as lexemes."""
        own: dict[str, None] = {}
        for phrase in phrases:
            own.update(dict.fromkeys(self.by_phrase.get(phrase, ())))
        for topic in topics if self.by_phrase else ():
            own.update(dict.fromkeys(self._in(topic)))
        wider = dict.fromkeys(above for ui in own for above in self.broader.get(ui, ()))
        return [ui.lower() for ui in own], [ui.lower() for ui in wider if ui not in own]

    def _in(self, topic: str) -> list[str]:
        if topic not in self.by_topic:
            if len(self.by_topic) >= MOST_TOPICS:
                self.by_topic.clear()
            self.by_topic[topic] = concepts_of.named(topic, self.by_phrase, self.telling)
        return self.by_topic[topic]


@dataclass(frozen=True, slots=True)
class Indexable:
    """A study with what it says now, and the organisations at which it runs.

    :ivar described: what the record's values give, where somebody worked it out already
    """

    study: Study
    record: EffectiveRecord
    registrations: Sequence[tuple[str, str]]
    organisation_ids: Sequence[int]
    site_scope_ids: Sequence[int]
    needs_review: bool
    may_be_one: bool = False
    described: indexing.Described | None = None

    def describe(self) -> indexing.Described:
        return self.described or indexing.describe(self.record.values)


def load(study_ids: Iterable[int]) -> Iterator[Indexable]:
    """Yield what is indexed of each study, read from the tables."""
    ids = list(study_ids)
    entries: dict[int, list[dict[str, Any]]] = defaultdict(list)
    numbers: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for registration, record in current_records(ids):
        entries[registration.study_id].append(record)
        numbers[registration.study_id].append((registration.registry, registration.registry_no))
    curated: dict[int, dict[str, Any]] = defaultdict(dict)
    differing: set[int] = set()
    for one in CuratedField.objects.filter(study_id__in=ids):
        curated[one.study_id][one.field] = one.value
        if one.differs_since:
            differing.add(one.study_id)
    sites: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for row in StudySite.objects.filter(study_id__in=ids).values_list(
        "study_id", "organisation_id", "scope_id", "organisation__scope_id"
    ):
        sites[row[0]].append(row[1:])
    twins = possible_twins(ids)
    for study in Study.objects.filter(pk__in=ids):
        yield Indexable(
            study=study,
            record=records.effective_record(entries[study.pk], curated[study.pk], own_registry=OWN),
            registrations=numbers[study.pk],
            organisation_ids=[organisation for organisation, _, _ in sites[study.pk]],
            site_scope_ids=[scope for _, *scopes in sites[study.pk] for scope in scopes],
            needs_review=study.pk in differing,
            may_be_one=study.pk in twins,
        )


def possible_twins(study_ids: Iterable[int]) -> set[int]:
    """Return which of the studies may be one with another: an entry of the one names an entry of the
    other, and no registry holds both under numbers of their own.
    """
    ids = list(study_ids)
    with connection.cursor() as cursor:
        cursor.execute(POSSIBLE_TWINS, [ids, ids])
        return {pk for row in cursor.fetchall() for pk in row}.intersection(ids)


def current_records(
    study_ids: Sequence[int],
) -> Iterator[tuple[Registration, dict[str, Any]]]:
    """Yield each registration of the studies with the record of its current version."""
    registrations = {
        r.pk: r for r in Registration.objects.filter(study_id__in=study_ids).order_by("id")
    }
    rows = RegistrationVersion.objects.filter(registration_id__in=registrations).order_by(
        "registration_id"
    )
    for pk, version_no, record in rows.values_list("registration_id", "version_no", "record"):
        if registrations[pk].version_no == version_no:
            yield registrations[pk], record


def write(items: Iterable[Indexable], *, concepts: Concepts, count_words: bool = True) -> int:
    """Index studies and return how many. Call inside the act that changed them.

    :param count_words: whether the studies are new, so that all their words count; of others only
        words that nothing held before are added
    """
    rows, words, named = [], Counter[str](), Counter[str]()
    for item in items:
        if item.study.state in (StudyState.MERGED, StudyState.DISCARDED):
            StudyIndex.objects.filter(study=item.study).delete()
            continue
        found = item.describe()
        row, own_concepts = _row(item, found, concepts)
        rows.append(row)
        words.update({*found.words, *own_concepts})
        named.update(found.named)
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [_json(rows)])
        if words:
            add = ADD_WORDS if count_words else ADD_MISSING_WORDS
            cursor.execute(add, [_counted(words, named)])
    return len(rows)


def _counted(words: Counter[str], named: Counter[str]) -> str:
    return _json([{"word": w, "n": n, "n_named": named[w]} for w, n in words.items()])


def _json(rows: list[dict[str, Any]]) -> str:
    text = orjson.dumps(rows).decode()
    if "\\u0000" not in text:
        return text
    # jsonb has no place for NUL; a text that holds one would lose the whole batch.
    return orjson.dumps(without_nul(orjson.loads(text))).decode()


def _row(
    item: Indexable, found: indexing.Described, concepts: Concepts
) -> tuple[dict[str, Any], list[str]]:
    own, wider = concepts.of(found.phrases, found.topics)
    number = item.study.number
    flags = ["needs_review"] if item.needs_review else []
    flags += ["may_be_one"] if item.may_be_one else []
    row = {
        **found.row,
        "title": found.row["title"] or number,
        "sort_title": found.row["sort_title"] or indexing.sort_title(number),
        "study_id": item.study.pk,
        "is_public": item.study.state == StudyState.PUBLISHED,
        "scope_id": item.study.scope_id,
        "site_scope_ids": list(item.site_scope_ids),
        "number": number,
        "registry_nos": [number for _, number in item.registrations],
        "needs_review": item.needs_review,
        "facets": indexing.facets(
            found.facets,
            registries=[registry for registry, _ in item.registrations],
            organisation_ids=item.organisation_ids,
            flags=flags,
        ),
        "text_a": f"{found.texts.a} {number}",
        "text_b": found.texts.b,
        "text_c": found.texts.c,
        "text_d": found.texts.d,
        "lexemes": indexing.lexemes({"A": own, "B": found.bigrams, "C": wider}),
    }
    return row, [*own, *wider]


def refresh(study_ids: Iterable[int], *, concepts: Concepts | None = None) -> int:
    """Index studies again from the tables and return how many.

    Of the thesaurus only what a batch needs is read, unless the whole is given.
    """
    ids = list(study_ids)
    n_done = 0
    for start in range(0, len(ids), BATCH):
        items = list(load(ids[start : start + BATCH]))
        known = concepts or Concepts.load_for(item.record.values for item in items)
        n_done += write(items, concepts=known, count_words=False)
    return n_done


def refresh_all() -> int:
    """Index every study again, each batch in a transaction of its own, and return how many."""
    ids = list(Study.objects.order_by("pk").values_list("pk", flat=True))
    concepts = Concepts.load()
    n_done = 0
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            n_done += refresh(ids[start : start + BATCH], concepts=concepts)
    return n_done


# -- the vocabulary -----------------------------------------------------------------------------


def rebuild_words() -> int:
    """Count the vocabulary again from the indexed texts and return how many words studies use.

    Words that nothing holds any more are dropped; those of the thesaurus stay.
    """
    counted, named = Counter[str](), Counter[str]()
    ids = list(StudyIndex.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        for item in load(ids[start : start + BATCH]):
            text = indexing.texts(item.record.values)
            counted.update(indexing.words(f"{text.a} {text.b} {text.c}"))
            named.update(indexing.words(f"{text.a} {text.b}"))
    with transaction.atomic(), connection.cursor() as cursor:
        SearchWord.objects.update(n_studies=0, n_named=0)
        cursor.execute(ADD_WORDS, [_counted(counted, named)])
        recount_concepts()
        SearchWord.objects.filter(n_studies=0, is_term=False).delete()
    return len(counted)


def mark_terms(words: Collection[str]) -> None:
    """Let exactly these words be known as the thesaurus's, which are never taken for typos."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_TERMS, [sorted(words)])
        cursor.execute(UNMARK_TERMS, [sorted(words)])
        cursor.execute("DELETE FROM registry_searchword WHERE n_studies = 0 AND NOT is_term")


def recount_concepts() -> None:
    """Count anew how many studies stand under each MeSH descriptor, as the index holds them."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT_CONCEPTS)


def take_turn() -> None:
    """Wait until no other import and no decision on places is under way, to the transaction's end.

    Both write many of the same rows; one after the other, none meets the other half-way.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])


def own_number(study_id: int) -> str:
    """Return the number this platform gives a study."""
    return f"{settings.TEMBUSU_OWN_REGISTRY}-{study_id:06d}"


def next_study_ids(n: int) -> list[int]:
    """Take the next ``n`` study ids, so that numbers can be given before rows are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('registry_study', 'id'))"
            " FROM generate_series(1, %s)",
            [n],
        )
        return [row[0] for row in cursor.fetchall()]
