"""What one round of an import does: records that have nothing to do with each other, all at once.

A round decides what each record is (new, changed, the same), gives new ones their study, writes their
versions, and makes places, sites and index follow. Statements are for the whole round, not for each
record; whatever needs no database was worked out before (``reading.py``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection

from tembusu.coordination.registry.actions import curation, index, places
from tembusu.coordination.registry.models import (
    CrossReference,
    CuratedField,
    ImportRun,
    Registration,
    RegistrationVersion,
    Study,
)
from tembusu.coordination.registry.reading import Key, Ready
from tembusu.coordination.registry.rules import indexing, overlay, records
from tembusu.coordination.registry.terms import FieldDifference, ImportOutcome, StudyState
from tembusu.foundation.core import audit
from tembusu.foundation.core.audit import Actor
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import ScopeKind
from trialformats.records import digest_of_json, from_json

if TYPE_CHECKING:
    from tembusu.foundation.core.models import AuditEvent

COPY_VERSIONS = """
COPY registry_registrationversion
  (registration_id, version_no, record, digest, seen_at, source, position, media, run_id, notes)
FROM STDIN
"""


@dataclass(slots=True, eq=False)
class Incoming:
    """A record on its way in, with what it becomes.

    :ivar values: only of a changed record: what its registration says from now on
    :ivar unclear: studies that it may belong to, where there are several
    """

    ready: Ready
    key: Key
    json: bytes
    digest: str
    described: indexing.Described | None
    outcome: ImportOutcome = ImportOutcome.CREATED
    study: Study | None = None
    registration: Registration | None = None
    version_no: int = 1
    values: dict[str, Any] | None = None
    changes: Sequence[FieldDifference] = ()
    unclear: tuple[Study, ...] = ()

    @property
    def its_study(self) -> Study:
        if self.study is None:
            raise RuntimeError(f"{self.key[1]} has no study yet")
        return self.study

    @property
    def its_registration(self) -> Registration:
        if self.registration is None:
            raise RuntimeError(f"{self.key[1]} has no registration yet")
        return self.registration


@dataclass(slots=True)
class Round:
    """Records of one import in which no number stands twice."""

    run: ImportRun
    by: Actor | None
    at: datetime
    concepts: index.Concepts
    matching: places.Matching
    incoming: list[Incoming]
    created: list[Incoming] = field(default_factory=list)
    changed: list[Incoming] = field(default_factory=list)
    joined: list[Incoming] = field(default_factory=list)

    @property
    def taken(self) -> list[Incoming]:
        return self.created + self.changed

    def take(self) -> "list[AuditEvent]":
        """Write what is new in the round, set each record's outcome, return the events to record."""
        self._decide()
        self.created = [one for one in self.incoming if one.outcome is ImportOutcome.CREATED]
        self.changed = [one for one in self.incoming if one.outcome is ImportOutcome.UPDATED]
        if not self.taken:
            return []
        self._join()
        self._make_studies()
        self._register()
        self._renew()
        self._add_versions()
        self._follow()
        return list(self._events())

    # -- what each record is ------------------------------------------------------------------

    def _decide(self) -> None:
        held = _held(one.key for one in self.incoming)
        different = []
        for one in self.incoming:
            one.registration = held.get(one.key)
            if one.registration is not None:
                one.study, one.outcome = one.registration.study, ImportOutcome.UNCHANGED
                if one.registration.digest != one.digest:
                    different.append(one)
        if different:
            versions = _current_versions([one.its_registration for one in different])
            for one in different:
                one.study = one.its_registration.study
                _compare(one, versions[one.its_registration.pk])

    def _join(self) -> None:
        """Give a new entry the study that it names or that names it, where that is a single one."""
        candidates = _candidates(self.created)
        registries = _registries(study for found in candidates.values() for study in found)
        for one in self.created:
            found = candidates[one.key]
            held = {study: registries[study] for study in found}
            partners = records.partners_of(one.key[0], held)
            is_sure = len(partners) == 1 and _is_sound_claim(found[partners[0]], held, one)
            if is_sure:
                one.study = found[partners[0]]
                registries[partners[0]].add(one.key[0])
                self.joined.append(one)
            one.unclear = () if is_sure else tuple(found[pk] for pk in partners)

    # -- what is written ----------------------------------------------------------------------

    def _make_studies(self) -> None:
        new = [one for one in self.created if one.study is None]
        scopes = people.make_scopes(kind=ScopeKind.STUDY, parents=[None] * len(new))
        ids = index.next_study_ids(len(new))
        studies = [
            Study(pk=pk, number=index.own_number(pk), scope=scope, made_at=self.at)
            for pk, scope in zip(ids, scopes, strict=True)
        ]
        Study.objects.bulk_create(studies)
        for one, study in zip(new, studies, strict=True):
            one.study = study

    def _register(self) -> None:
        registrations = [
            Registration(
                study=one.its_study,
                registry=one.key[0],
                registry_no=one.key[1],
                digest=one.digest,
                first_seen_at=self.at,
                changed_at=self.at,
            )
            for one in self.created
        ]
        Registration.objects.bulk_create(registrations)
        for one, registration in zip(self.created, registrations, strict=True):
            one.registration = registration
        _refer(self.created)

    def _renew(self) -> None:
        renewed = []
        for one in self.changed:
            registration = one.its_registration
            registration.digest, registration.version_no = one.digest, one.version_no
            registration.changed_at = self.at
            renewed.append(registration)
        if renewed:
            Registration.objects.bulk_update(renewed, ["digest", "version_no", "changed_at"])
            CrossReference.objects.filter(registration__in=renewed).delete()
            _refer(self.changed)

    def _add_versions(self) -> None:
        with connection.cursor() as cursor, cursor.copy(COPY_VERSIONS) as copy:
            for one in self.taken:
                reading = one.ready.reading
                copy.write_row(
                    (
                        one.its_registration.pk,
                        one.version_no,
                        one.json.decode(),
                        one.digest,
                        self.at,
                        reading.source,
                        reading.position,
                        reading.media,
                        self.run.pk,
                        list(one.ready.notes),
                    )
                )

    # -- what follows from it -----------------------------------------------------------------

    def _follow(self) -> None:
        """Let flags, places, sites and index follow the new versions."""
        again = {one.its_study.pk for one in self.changed + self.joined}
        again |= {study.pk for one in self.created for study in one.unclear}
        fresh = [one for one in self.created if one.its_study.pk not in again]
        if again:
            self._flag(again)
        items = list(index.load(again)) if again else []
        located = [places.Located(one.its_study, where=one.ready.where) for one in fresh]
        located += [places.Located(item.study, values=item.record.values) for item in items]
        sites = self.matching.place_all(located, at=self.at)
        twins = index.possible_twins([one.its_study.pk for one in fresh])
        index.write(
            (_indexable(one, sites, one.its_study.pk in twins) for one in fresh),
            concepts=self.concepts,
        )
        index.write(
            (_with_sites(item, sites) for item in items), concepts=self.concepts, count_words=False
        )

    def _flag(self, study_ids: Iterable[int]) -> None:
        """Where what the registries say changed under a curated value, keep that and flag it."""
        curated = CuratedField.objects.filter(study__in=study_ids).values("study")
        for study in Study.objects.filter(pk__in=curated).order_by("pk"):
            curation.flag_differences(study=study, by=self.by, at=self.at)

    def _events(self) -> "Iterator[AuditEvent]":
        for one in self.taken:
            reading = one.ready.reading
            change: dict[str, Any] = {
                "registration": one.key[1],
                "version": one.version_no,
                "source": f"{reading.source} #{reading.position}",
            }
            if one.changes:
                change["fields"] = [difference.field for difference in one.changes]
            if one.unclear:
                change["may_belong_to"] = [study.number for study in one.unclear]
            yield audit.describe(
                f"registry.study.import_{one.outcome.value}",
                on=[one.its_study, audit.ref(self.run), *map(audit.ref, one.unclear)],
                by=self.by,
                at=self.at,
                change=change,
            )


def _held(keys: Iterable[Key]) -> dict[Key, Registration]:
    found = Registration.objects.select_related("study").filter(
        registry_no__in=[number for _, number in keys]
    )
    return {(r.registry, r.registry_no): r for r in found}


def _compare(one: Incoming, version: RegistrationVersion) -> None:
    """Decide what a record makes of the one that is held, and lay it over that."""
    reading = one.ready.reading
    incoming = orjson.loads(one.json)
    outcome = records.outcome_of(version.record, version.media, incoming, reading.media)
    values = overlay.lay_over(version.record, incoming, reading.fields)
    one.changes = records.compare(version.record, values)
    if outcome is not ImportOutcome.UPDATED or not one.changes:
        one.changes = ()
        return
    one.outcome, one.values, one.version_no = outcome, values, version.version_no + 1
    one.json, one.digest = orjson.dumps(values), digest_of_json(values)


def _is_sound_claim(study: Study, held: Mapping[int, set[str]], one: Incoming) -> bool:
    """Say whether a study may take an entry that it names.

    Where only people of one organisation typed the number, anybody could claim anybody's record: then
    the entry must name that organisation as its sponsor, or a keeper decides.
    """
    return records.is_sound_claim(
        held[study.pk],
        own_registry=index.OWN,
        claimed_for=study.sponsor.name if study.sponsor else "",
        sponsor=one.described.row["sponsor_name"] if one.described else "",
    )


def _current_versions(registrations: Sequence[Registration]) -> dict[int, RegistrationVersion]:
    """Return the version that each registration shows, which nobody changes until this act ends."""
    ids = [r.pk for r in registrations]
    # A study that is being merged or curated right now is waited for, then read as it is.
    locked = (
        Registration.objects.select_for_update(of=("self", "study"))
        .select_related("study")
        .filter(pk__in=ids)
        .order_by("study_id", "id")
    )
    latest = {r.pk: r for r in locked}
    for registration in registrations:
        now = latest[registration.pk]
        registration.study, registration.version_no = now.study, now.version_no
    rows = RegistrationVersion.objects.filter(registration_id__in=ids)
    return {
        v.registration_id: v for v in rows if v.version_no == latest[v.registration_id].version_no
    }


def _candidates(created: Sequence[Incoming]) -> dict[Key, dict[int, Study]]:
    """Return for each new entry the published studies that it names or that name it."""
    numbers = [number for one in created for _, number in one.ready.cross]
    named = _held(("", number) for number in numbers) if numbers else {}
    naming: dict[Key, list[Study]] = defaultdict(list)
    for reference in CrossReference.objects.select_related("registration__study").filter(
        registry_no__in=[one.key[1] for one in created]
    ):
        key = (reference.registry, reference.registry_no)
        naming[key].append(reference.registration.study)
    found = {
        one.key: {named[key].study_id for key in one.ready.cross if key in named}
        | {study.pk for study in naming[one.key]}
        for one in created
    }
    studies = _locked(pk for ids in found.values() for pk in ids)
    return {key: {pk: studies[pk] for pk in ids if pk in studies} for key, ids in found.items()}


def _locked(study_ids: Iterable[int]) -> dict[int, Study]:
    """Return those of the studies that are published, which nobody merges until this act ends."""
    rows = Study.objects.select_for_update().filter(pk__in=set(study_ids)).order_by("pk")
    return {study.pk: study for study in rows if study.state == StudyState.PUBLISHED}


def _registries(study_ids: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = Registration.objects.filter(study_id__in=set(study_ids))
    for study_id, registry in rows.values_list("study_id", "registry"):
        found[study_id].add(registry)
    return found


def _refer(taken: Sequence[Incoming]) -> None:
    CrossReference.objects.bulk_create(
        CrossReference(registration=one.its_registration, registry=registry, registry_no=number)
        for one in taken
        for registry, number in _named_by(one)
    )


def _named_by(one: Incoming) -> Iterable[Key]:
    if one.values is None:
        return one.ready.cross
    record = from_json(one.values)
    found = dict.fromkeys((str(c.registry), c.registry_no) for c in record.cross_ids)
    return [key for key in found if key != one.key]


def _indexable(
    one: Incoming, sites: Mapping[int, places.SitesOfStudy], may_be_one: bool
) -> index.Indexable:
    """Make a new study's index straight from its only record, without reading it back."""
    found = sites.get(one.its_study.pk, places.SitesOfStudy())
    return index.Indexable(
        study=one.its_study,
        record=records.effective_record([], {}, own_registry=index.OWN),
        registrations=[one.key],
        organisation_ids=found.organisation_ids,
        site_scope_ids=found.scope_ids,
        needs_review=False,
        may_be_one=may_be_one,
        described=one.described,
    )


def _with_sites(item: index.Indexable, sites: Mapping[int, places.SitesOfStudy]) -> index.Indexable:
    found = sites.get(item.study.pk, places.SitesOfStudy())
    return replace(item, organisation_ids=found.organisation_ids, site_scope_ids=found.scope_ids)
