"""Ties the locations of records that come in to places, and through them to organisations."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from tembusu.coordination.registry.actions.places.sites import (
    SitesOfStudy,
    end_unlisted,
    make_sites,
    sites_of,
)
from tembusu.coordination.registry.models import Place, Study, StudyLocation
from tembusu.coordination.registry.rules import indexing, matching
from tembusu.coordination.registry.terms import PlaceState
from tembusu.foundation.people import selectors as people

NAMELESS = "(no name given)"

COPY_LOCATIONS = """
COPY registry_studylocation
  (study_id, place_id, ordinal, name, status, city, country, contacts)
FROM STDIN
"""

PLACE_COLUMNS = (
    "key",
    "name",
    "city",
    "country",
    "state",
    "organisation_id",
    "confidence",
    "method",
    "explanation",
    "alternatives",
    "n_locations",
)
MOST_REMEMBERED = 200_000  # names that were judged ahead, so that few are judged twice

ADD_PLACES = """
INSERT INTO registry_place (key, name, city, country, state, organisation_id, confidence, method,
  explanation, alternatives, n_locations)
SELECT key, name, city, country, state, organisation_id, confidence, method, explanation,
  alternatives, n_locations
FROM jsonb_to_recordset(%s::jsonb) AS r (key text, name text, city text, country text, state text,
  organisation_id bigint, confidence float8, method text, explanation text, alternatives jsonb,
  n_locations int)
ON CONFLICT (key) DO NOTHING
RETURNING key, id, organisation_id
"""

ADD_COUNTS = """
UPDATE registry_place SET n_locations = GREATEST(n_locations + more, 0)
FROM unnest(%s::bigint[], %s::int[]) AS counted (place_id, more) WHERE id = place_id
"""


@dataclass(frozen=True, slots=True)
class Located:
    """A study to be given its locations: those of ``values``, or ``where`` if worked out already."""

    study: Study
    values: Mapping[str, Any] = field(default_factory=dict)
    where: Sequence[indexing.Where] | None = None

    def wheres(self) -> Sequence[indexing.Where]:
        return indexing.where(self.values) if self.where is None else self.where


@dataclass(frozen=True, slots=True)
class Known:
    """A place as an import needs it: its row, and the organisation that it stands for, if any."""

    pk: int
    organisation_id: int | None


@dataclass(slots=True)
class Matching:
    """Gives studies their places; knows the organisations' names as soon as a name is new.

    An import loads them at its start and judges many names. What places a single study seldom meets
    a new name, and then need not read the whole directory.
    """

    _matcher: matching.Matcher | None = None
    _judged: dict[str, matching.Match] = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)

    @classmethod
    def load(cls) -> "Matching":
        return cls(_read_names())

    def place_all(self, located: Sequence[Located], *, at: datetime) -> dict[int, SitesOfStudy]:
        """Give each study exactly these locations, and the sites that follow from them.

        :return: the sites of each of the studies, by study id
        """
        wanted = [
            (one.study.pk, ordinal, where)
            for one in located
            for ordinal, where in enumerate(one.wheres(), start=1)
        ]
        study_ids = [one.study.pk for one in located]
        n_now = Counter(where.key for _, _, where in wanted)
        known, new = self._places({where.key: where for _, _, where in wanted}, n_now)
        n_before = _count_locations(study_ids)
        StudyLocation.objects.filter(study_id__in=study_ids).delete()
        _write_locations((study, known[where.key].pk, no, where) for study, no, where in wanted)
        _add_counts(
            Counter({known[key].pk: n_now[key] for key in n_now if key not in new}), n_before
        )
        pairs = {
            (study, organisation)
            for study, _, where in wanted
            if (organisation := known[where.key].organisation_id) is not None
        }
        end_unlisted(study_ids, pairs)
        make_sites(pairs, at=at)
        return sites_of(study_ids)

    def prepare(self, wheres: Iterable[indexing.Where]) -> None:
        """Judge names ahead, in another thread while the database works; nothing is written."""
        for where in wheres:
            mark = hash(where.key)
            if mark not in self._met:
                self._met.add(mark)
                self._judged[where.key] = self._match(where)
        if len(self._met) > MOST_REMEMBERED:
            self._met.clear()

    def _places(
        self, wheres: Mapping[str, indexing.Where], n_locations: Mapping[str, int]
    ) -> tuple[dict[str, Known], set[str]]:
        """Return each name's place as it stands now, and which of them are new; those are judged."""
        found = _find_places(wheres)
        unknown = [where for key, where in wheres.items() if key not in found]
        written = _write_places([self._judge(one, n_locations[one.key]) for one in unknown])
        for key in wheres:
            self._judged.pop(key, None)
        missing = [one.key for one in unknown if one.key not in written]
        # Somebody else wrote these in the meantime.
        return found | written | (_find_places(missing) if missing else {}), set(written)

    def _judge(self, where: indexing.Where, n_locations: int) -> Place:
        place = Place(
            key=where.key,
            name=where.name or NAMELESS,
            city=where.city,
            country=where.country,
            n_locations=n_locations,
        )
        apply_match(place, self._judged.get(where.key) or self._match(where))
        return place

    def _match(self, where: indexing.Where) -> matching.Match:
        return self.match(where.name, where.city, where.country)

    def match(self, name: str, city: str, country: str) -> matching.Match:
        """Return which organisation a name means at a place."""
        if self._matcher is None:
            self._matcher = _read_names()
        return self._matcher.match(name, city, country)


def _read_names() -> matching.Matcher:
    return matching.Matcher(
        matching.Candidate(
            key=str(body.organisation_id),
            name=body.name,
            aliases=tuple(body.aliases),
            acronyms=tuple(body.acronyms),
            city=body.city,
            country=body.country,
        )
        for body in people.directory()
    )


def place_studies(located: Sequence[Located], *, at: datetime) -> None:
    """Give these few studies exactly these locations and the sites that follow."""
    Matching().place_all(located, at=at)


def _find_places(keys: Iterable[str]) -> dict[str, Known]:
    rows = Place.objects.filter(key__in=list(keys)).values_list("key", "id", "organisation_id")
    return {key: Known(pk, organisation) for key, pk, organisation in rows}


def _write_places(new: Sequence[Place]) -> dict[str, Known]:
    """Write places and return them by key; one that is there already is left out."""
    if not new:
        return {}
    rows = [{name: getattr(place, name) for name in PLACE_COLUMNS} for place in new]
    with connection.cursor() as cursor:
        cursor.execute(ADD_PLACES, [json.dumps(rows)])
        return {key: Known(pk, organisation) for key, pk, organisation in cursor.fetchall()}


def _count_locations(study_ids: Sequence[int]) -> Counter[int]:
    rows = StudyLocation.objects.filter(study_id__in=study_ids).values_list("place_id")
    return Counter(dict(rows.annotate(n=models.Count("id")).order_by()))


def _write_locations(rows: Iterable[tuple[int, int, int, indexing.Where]]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY_LOCATIONS) as copy:
        for study, place, ordinal, where in rows:
            said = (where.name, where.status, where.city, where.country, where.contacts)
            copy.write_row((study, place, ordinal, *said))


def _add_counts(now: Counter[int], before: Counter[int]) -> None:
    """Count the locations that came and went in their places."""
    more = {pk: now[pk] - before[pk] for pk in {*now, *before} if now[pk] != before[pk]}
    if more:
        with connection.cursor() as cursor:
            cursor.execute(ADD_COUNTS, [list(more), list(more.values())])


def apply_match(place: Place, match: matching.Match) -> None:
    """Write what the matcher found into a place that nobody has decided."""
    place.state = PlaceState(match.outcome.value)
    is_settled = place.state is PlaceState.SETTLED
    place.organisation_id = int(match.key) if is_settled and match.key else None
    place.confidence = match.confidence
    place.method = match.method.value
    place.explanation = match.reason
    nearest = [(match.key, match.confidence)] if match.key and not is_settled else []
    place.alternatives = [
        [int(key), score] for key, score in (*nearest, *match.alternatives) if key
    ]
