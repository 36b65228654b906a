"""What of a record is searched, filtered and sorted by."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tembusu.coordination.registry.rules import matching_names, records
from tembusu.coordination.registry.rules.doubts import doubts

Values = Mapping[str, Any]

WORD = re.compile(r"[^\W\d_][\w'’-]*", re.UNICODE)
CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]+")
LONGEST_WORD = 60
# PostgreSQL refuses a tsvector above 1 MiB; text beyond this adds no word that a search would miss.
LONGEST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Texts:
    """A record's words by weight: names, concepts, summary, the rest."""

    a: str
    b: str
    c: str
    d: str


@dataclass(frozen=True, slots=True)
class Described:
    """What a record's own values give its index, so that it can be worked out ahead, anywhere.

    :ivar row: columns of ``StudyIndex``; '' as title where the record has none
    :ivar facets: those of the values alone, not of registries, organisations and flags
    :ivar words: for the vocabulary
    :ivar named: those of them that stand in names and concepts
    :ivar bigrams: of Chinese, Japanese and Korean text, as lexemes
    :ivar phrases: by which MeSH is asked for the record's concepts
    :ivar topics: conditions and keywords, in which MeSH is looked for
    """

    row: Mapping[str, Any]
    facets: tuple[str, ...]
    texts: Texts
    words: frozenset[str]
    named: frozenset[str]
    bigrams: tuple[str, ...]
    phrases: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """One location of a record, with the key of the name that it shares with others."""

    key: str
    name: str
    city: str
    country: str
    status: str
    contacts: str  # JSON


def describe(values: Values) -> Described:
    """Work out everything of a record's index that its values alone decide."""
    text = texts(values)
    title = values.get("brief_title") or values.get("official_title") or ""
    names = f"{text.a} {text.b} {text.c}"
    updated = values.get("last_update_posted_dtc") or values.get("last_update_submitted_dtc") or ""
    return Described(
        row={
            "title": title,
            "sort_title": sort_title(title),
            "acronym": (values.get("acronym") or "")[:200],
            "status": (values.get("overall_status") or "")[:40],
            "phase": "/".join(values.get("phases") or [])[:40],
            "study_type": (values.get("study_type") or "")[:40],
            "sponsor_name": (values.get("lead_sponsor") or {}).get("name") or "",
            "conditions": values.get("conditions") or [],
            "countries": records.countries(values),
            "n_locations": len(values.get("locations") or []),
            "n_answered": records.completeness(values).n_answered,
            "enrolment": _in_range(values.get("enrolment_count")),
            "enrolment_kind": (values.get("enrolment_kind") or "")[:20],
            "start_date": _day(values.get("start_dtc")),
            "start_dtc": values.get("start_dtc") or "",
            "updated_date": _day(updated),
            "updated_dtc": updated,
            "has_results": bool(values.get("has_results")),
        },
        facets=tuple(_own_facets(values)),
        texts=text,
        words=frozenset(words(names)),
        named=frozenset(words(f"{text.a} {text.b}")),
        bigrams=tuple(bigrams(names)),
        phrases=tuple(dict.fromkeys(map(phrase, concept_names(values)))),
        topics=tuple(dict.fromkeys(topics(values))),
    )


def where(values: Values) -> list[Where]:
    """Return a record's locations, in their order, each with the key under which it is decided."""
    return [_where(location) for location in values.get("locations") or []]


def _where(location: Values) -> Where:
    name, city = location.get("facility") or "", location.get("city") or ""
    country = location.get("country") or ""
    return Where(
        key=matching_names.queue_key(name, city, country)[:400],
        name=name,
        city=city[:200],
        country=country[:100],
        status=(location.get("status") or "")[:40],
        contacts=json.dumps(location.get("contacts") or []),
    )


def _day(dtc: str | None) -> str | None:
    day = records.first_day(dtc or "")
    return day.isoformat() if day else None


def _in_range(n: int | None) -> int | None:
    """Return a participant count that PostgreSQL's integer holds; registries know absurd ones."""
    return n if n is not None and 0 <= n <= 2_147_483_647 else None


def _joined(parts: Iterable[Any]) -> str:
    return " \n".join(str(part) for part in parts if part)[:LONGEST_TEXT]


def texts(values: Values) -> Texts:
    """Return the record's words in the four weights of full-text search."""
    get = values.get
    numbers = [get("registry_no"), get("org_study_no")]
    numbers += [one.get("id_text") for one in get("secondary_ids") or []]
    concepts = topics(values)
    for one in get("interventions") or []:
        concepts += [one.get("name"), *(one.get("other_names") or [])]
    concepts += [one.get("term") for one in get("condition_mesh") or []]
    concepts += [one.get("term") for one in get("intervention_mesh") or []]
    sponsors = [(get("lead_sponsor") or {}).get("name")]
    sponsors += [one.get("name") for one in get("collaborators") or []]
    # Nothing else of a site's name: a trial at a cancer centre is not about cancer.
    sponsors += dict.fromkeys(
        word
        for one in get("locations") or []
        for word in matching_names.sponsor_words(one.get("facility") or "")
    )
    outcomes = [
        one.get("measure")
        for kind in ("primary_outcomes", "secondary_outcomes")
        for one in get(kind) or []
    ]
    arms = [one.get("label") for one in get("arms") or []]
    return Texts(
        a=_joined([get("brief_title"), get("acronym"), get("official_title"), *numbers]),
        b=_joined(concepts),
        c=_joined([get("brief_summary"), *sponsors]),
        d=_joined([get("detailed_description"), get("eligibility_text"), *outcomes, *arms]),
    )


def words(text: str) -> set[str]:
    """Return the distinct words of a text in lower case, numbers and single letters left out."""
    found = (m.group().lower().strip("'’-") for m in WORD.finditer(text))
    return {w for w in found if 1 < len(w) <= LONGEST_WORD}


def bigrams(text: str) -> list[str]:
    """Return each pair of neighbouring Chinese, Japanese or Korean signs as an ASCII lexeme.

    PostgreSQL's parser takes such a run for one word or for none; pairs let part of it be found.
    """
    found: dict[str, None] = {}
    for run in CJK.findall(text):
        pairs = [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        found.update(
            dict.fromkeys("u" + "".join(f"{ord(sign):x}" for sign in pair) for pair in pairs)
        )
    return list(found)


def lexemes(by_weight: Mapping[str, Iterable[str]]) -> str:
    """Return lexemes as PostgreSQL reads a tsvector: ``'d015179':1A 'u9f3b54bd':2B``."""
    parts, place = [], 0
    for weight, names in by_weight.items():
        for name in names:
            place += 1
            parts.append(f"'{name}':{min(place, 16383)}{weight}")
    return " ".join(parts)


def topics(values: Values) -> list[str]:
    """Return what a record says it is about, in its registry's own words."""
    return [*(values.get("conditions") or []), *(values.get("keywords") or [])]


def concept_names(values: Values) -> list[str]:
    """Return the phrases by which a record's concepts are looked up in MeSH."""
    names = topics(values)
    names += [one["name"] for one in values.get("interventions") or [] if one.get("name")]
    for kind in ("condition_mesh", "intervention_mesh"):
        names += [one["term"] for one in values.get(kind) or [] if one.get("term")]
    return names


def phrase(text: str) -> str:
    """Return the form in which terms are compared: lower case, words parted by one space."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def facets(
    own: Iterable[str],
    *,
    registries: Sequence[str],
    organisation_ids: Iterable[int],
    flags: Iterable[str],
) -> list[str]:
    """Return the filter values of a study, such as ``status:RECRUITING`` or ``registry:ctgov``.

    :param own: those that its values give, as ``Described`` holds them
    """
    pairs: list[tuple[str, Any]] = [("registry", name) for name in registries]
    pairs += [("organisation", pk) for pk in organisation_ids]
    pairs += [("flag", name) for name in flags]
    return sorted({*own, *_facets_of(pairs)})


def _own_facets(values: Values) -> list[str]:
    get = values.get
    pairs = [("status", get("overall_status")), ("type", get("study_type")), ("sex", get("sex"))]
    pairs += [("phase", phase) for phase in get("phases") or []]
    pairs += [("country", name) for name in records.countries(values)]
    pairs += [("sponsor_kind", (get("lead_sponsor") or {}).get("kind"))]
    pairs += [("age", name) for name in get("standard_ages") or []]
    pairs += [("intervention", one.get("kind")) for one in get("interventions") or []]
    if get("has_results"):
        pairs.append(("flag", "results"))
    if get("healthy_volunteers"):
        pairs.append(("flag", "healthy_volunteers"))
    if doubts(values):
        pairs.append(("flag", "doubtful"))
    if get("start_dtc"):
        pairs.append(("started", str(get("start_dtc"))[:4]))
    return sorted(_facets_of(pairs))


def _facets_of(pairs: Iterable[tuple[str, Any]]) -> set[str]:
    return {f"{name}:{value}"[:80] for name, value in pairs if value}


def sort_title(title: str) -> str:
    """Return the key by which titles are sorted: letters and digits first, case ignored."""
    return re.sub(r"^[\W_]+", "", title).casefold()[:120]
