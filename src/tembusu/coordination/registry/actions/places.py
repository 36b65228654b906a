"""Ties locations to organisations: when records come in, and when somebody decides."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, models

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import index
from tembusu.coordination.registry.models import Place, Study, StudyLocation, StudySite
from tembusu.coordination.registry.rules import indexing, matching
from tembusu.coordination.registry.terms import STUDIES_CHANGED, PlaceState
from tembusu.foundation.core import audit, outbox
from tembusu.foundation.core.audit import Actor
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import ScopeKind

NAMELESS = "(no name given)"

COPY_LOCATIONS = """
COPY registry_studylocation (study_id, place_id, ordinal, status, city, country, contacts) FROM STDIN
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

RECOUNT = """
UPDATE registry_place p SET n_locations = counted.n
FROM (SELECT place.id, (SELECT count(*) FROM registry_studylocation l WHERE l.place_id = place.id) AS n
      FROM registry_place place WHERE place.id = ANY(%s)) counted
WHERE counted.id = p.id AND p.n_locations <> counted.n
"""


@dataclass(frozen=True, slots=True)
class Located:
    """A study to be given its locations: those of ``values``, or ``where`` if worked out already."""

    study: Study
    values: Mapping[str, Any] = field(default_factory=dict)
    where: Sequence[indexing.Where] | None = None

    def wheres(self) -> Sequence[indexing.Where]:
        return indexing.where(self.values) if self.where is None else self.where


@dataclass(slots=True)
class SitesOfStudy:
    """The organisations at which a study runs, and the scopes of their parts in it."""

    organisation_ids: list[int] = field(default_factory=list)
    scope_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """A place as an import needs it: its row, and the organisation that it stands for, if any."""

    pk: int
    organisation_id: int | None


@dataclass(slots=True)
class Matching:
    """The organisations' names, indexed once for an import."""

    matcher: matching.Matcher
    scope_of: Mapping[int, int]
    touched: set[int] = field(default_factory=set)
    _judged: dict[str, matching.Match] = field(default_factory=dict)
    _met: set[int] = field(default_factory=set)

    @classmethod
    def load(cls) -> "Matching":
        bodies = list(people_selectors.directory())
        candidates = [
            matching.Candidate(
                key=str(body.organisation_id),
                name=body.name,
                aliases=tuple(body.aliases),
                acronyms=tuple(body.acronyms),
                city=body.city,
                country=body.country,
            )
            for body in bodies
        ]
        scope_of = {body.organisation_id: body.scope_id for body in bodies}
        return cls(matcher=matching.Matcher(candidates), scope_of=scope_of)

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
        self.touched.update(one.pk for one in known.values())
        pairs = {
            (study, organisation)
            for study, _, where in wanted
            if (organisation := known[where.key].organisation_id) is not None
        }
        _end_unlisted(study_ids, pairs)
        make_sites(pairs, scope_of=self.scope_of, at=at)
        return _sites_of(study_ids)

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
        return self.matcher.match(where.name, where.city, where.country)


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
            copy.write_row(
                (study, place, ordinal, where.status, where.city, where.country, where.contacts)
            )


def _add_counts(now: Counter[int], before: Counter[int]) -> None:
    """Count the locations that came and went in their places."""
    more = {pk: now[pk] - before[pk] for pk in {*now, *before} if now[pk] != before[pk]}
    if more:
        with connection.cursor() as cursor:
            cursor.execute(ADD_COUNTS, [list(more), list(more.values())])


def _end_unlisted(study_ids: Sequence[int], listed: Collection[tuple[int, int]]) -> None:
    """Take back the sites that no location gives any more, but for those where somebody has a role."""
    sites = StudySite.objects.filter(study_id__in=study_ids, scope__memberships=None)
    ended = [
        pk
        for pk, study, organisation in sites.values_list("id", "study_id", "organisation_id")
        if (study, organisation) not in listed
    ]
    if ended:
        StudySite.objects.filter(pk__in=ended).delete()


def _sites_of(study_ids: Sequence[int]) -> dict[int, SitesOfStudy]:
    sites: dict[int, SitesOfStudy] = defaultdict(SitesOfStudy)
    rows = StudySite.objects.filter(study_id__in=study_ids).order_by("id")
    for study, organisation, scope, above in rows.values_list(
        "study_id", "organisation_id", "scope_id", "organisation__scope_id"
    ):
        sites[study].organisation_ids.append(organisation)
        sites[study].scope_ids += [scope, above]
    return sites


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


def make_sites(
    pairs: Iterable[tuple[int, int]], *, scope_of: Mapping[int, int], at: datetime
) -> None:
    """Make each organisation's part in a study where it is not there yet.

    :param pairs: (study id, organisation id)
    :param scope_of: organisation id to the id of its scope, of the organisations that there are
    """
    wanted = {pair for pair in pairs if pair[1] in scope_of}
    study_ids = {study for study, _ in wanted}
    held = StudySite.objects.filter(study_id__in=study_ids)
    missing = sorted(wanted - set(held.values_list("study_id", "organisation_id")))
    if not missing:
        return
    studies = Study.objects.select_related("scope").in_bulk({study for study, _ in missing})
    scopes = people.make_scopes(
        kind=ScopeKind.STUDY_SITE, parents=[studies[study].scope for study, _ in missing]
    )
    StudySite.objects.bulk_create(
        StudySite(study_id=study, organisation_id=organisation, scope=scope, made_at=at)
        for (study, organisation), scope in zip(missing, scopes, strict=True)
    )


def recount(place_ids: Iterable[int]) -> None:
    """Count again how many locations bear each name."""
    ids = list(place_ids)
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, [ids])


class PlaceRefused(Refusal):
    """A decision on a location's name that may not be taken."""


@audit.act
def settle_place(
    *, place: Place, organisation_id: int, by: Any, at: datetime, reason: str = ""
) -> int:
    """Say which organisation a location's name stands for, for all its occurrences, now and later.

    :return: how many studies that touches
    :raises PermissionDenied: unless the user keeps the register
    """
    permissions.check_can_settle_places(by)
    index.take_turn()
    place = Place.objects.select_for_update().get(pk=place.pk)
    before = (place.state, place.organisation_id)
    _end_sites(place, keep=organisation_id)
    place.state, place.organisation_id = PlaceState.SETTLED, organisation_id
    return _decided(place, before, by=by, at=at, reason=reason)


@audit.act
def reject_place(*, place: Place, by: Any, at: datetime, reason: str) -> int:
    """Say that a location's name stands for no organisation that could be told.

    :return: how many studies that touches
    :raises PermissionDenied: unless the user keeps the register
    :raises PlaceRefused: if no reason is given
    """
    permissions.check_can_settle_places(by)
    if not reason.strip():
        raise PlaceRefused("Say why this name stands for no organisation.")
    index.take_turn()
    place = Place.objects.select_for_update().get(pk=place.pk)
    before = (place.state, place.organisation_id)
    _end_sites(place, keep=None)
    place.state, place.organisation_id = PlaceState.REJECTED, None
    return _decided(place, before, by=by, at=at, reason=reason)


def _end_sites(place: Place, *, keep: int | None) -> None:
    """Take back the sites that only this name gave, before it gets another meaning."""
    if place.organisation_id is None or place.organisation_id == keep:
        return
    studies = StudyLocation.objects.filter(place=place).values("study")
    others = StudyLocation.objects.filter(
        study__in=studies, place__organisation=place.organisation_id
    ).exclude(place=place)
    StudySite.objects.filter(study__in=studies, organisation=place.organisation_id).exclude(
        study__in=others.values("study")
    ).delete()


def _decided(
    place: Place,
    before: tuple[str, int | None],
    *,
    by: Actor,
    at: datetime,
    reason: str,
) -> int:
    place.confidence, place.method, place.alternatives = 1.0, matching.Method.REMEMBERED.value, []
    place.explanation = reason or "Decided by the register's keepers."
    place.decided_by_id, place.decided_at = by.pk, at
    place.save()
    study_ids = sorted(
        StudyLocation.objects.filter(place=place).values_list("study_id", flat=True).distinct()
    )
    if place.organisation_id is not None:
        scope_of = {b.organisation_id: b.scope_id for b in people_selectors.directory()}
        make_sites([(pk, place.organisation_id) for pk in study_ids], scope_of=scope_of, at=at)
    index.refresh(study_ids)
    change = {"state": [before[0], place.state], "organisation": [before[1], place.organisation_id]}
    audit.record(
        f"registry.place.{place.state}", on=place, by=by, at=at, change=change, reason=reason
    )
    outbox.write(STUDIES_CHANGED, {"study_ids": study_ids}, at=at)
    return len(study_ids)


@audit.act
def rematch_places(*, by: Any, at: datetime) -> dict[str, int]:
    """Match every name that nobody decided against today's organisations.

    :param by: None where the command line does it
    :return: how many names changed, and how many studies that touches
    """
    if by is not None:
        permissions.check_can_settle_places(by)
    index.take_turn()
    found = Matching.load()
    changed = []
    for place in Place.objects.select_for_update().filter(decided_at=None):
        before = (place.state, place.organisation_id, place.alternatives)
        _end_if_lost(place, found)
        if before != (place.state, place.organisation_id, place.alternatives):
            changed.append(place)
    fields = ["state", "organisation", "confidence", "method", "explanation", "alternatives"]
    Place.objects.bulk_update(changed, fields, batch_size=1000)
    rows = list(
        StudyLocation.objects.filter(place__in=[p.pk for p in changed])
        .values_list("study_id", "place__organisation_id")
        .distinct()
    )
    make_sites([(s, o) for s, o in rows if o], scope_of=found.scope_of, at=at)
    study_ids = sorted({study for study, _ in rows})
    index.refresh(study_ids, concepts=index.Concepts.load() if study_ids else None)
    counts = {"names": len(changed), "studies": len(study_ids)}
    audit.record("registry.place.rematched", on=changed[:50], by=by, at=at, change=counts)
    return counts


def _end_if_lost(place: Place, found: Matching) -> None:
    name = "" if place.name == NAMELESS else place.name
    match = found.matcher.match(name, place.city, place.country)
    keep = int(match.key) if match.key and match.outcome == matching.Outcome.SETTLED else None
    _end_sites(place, keep=keep)
    apply_match(place, match)
