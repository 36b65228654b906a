"""How a study tells its trail: which events and which rows belong to it, and what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.urls import reverse

from tembusu.coordination.registry.models import (
    CuratedField,
    Place,
    Registration,
    RegistrationVersion,
    Study,
    StudyDraft,
    StudyLocation,
    StudySite,
)
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import labels, values
from tembusu.foundation.core.terms import FieldChange
from tembusu.foundation.core.trail import OWN_KEY, RowSource, Story
from tembusu.foundation.people import selectors as people

TITLES: Mapping[str, str] = {
    "registry.study.import_created": "Imported for the first time",
    "registry.study.import_updated": "Changed by an import",
    "registry.study.differs": "Registry and curated value differ",
    "registry.study.agrees": "Registry and curated value agree again",
    "registry.study.curated": "Field curated",
    "registry.study.curated_kept": "Curated value kept",
    "registry.study.import_accepted": "Registry's value taken",
    "registry.study.drafted": "Registration by hand begun",
    "registry.draft.saved": "Draft saved",
    "registry.study.published": "Registration published",
    "registry.study.discarded": "Draft given up",
    "registry.study.reopened": "Draft taken up again",
    "registry.study.merged": "Merged with another study",
    "registry.study.parted": "Parted again from another study",
    "registry.place.settled": "Location tied to an organisation",
    "registry.place.rejected": "Location said to be no institution",
    "registry.place.undone": "Decision on a location undone",
    "registry.place.organisation_registered": "Organisation registered for a location",
}
WHOLE_RECORD = "whole record"

# Columns that pages leave out, with the reason; exports have them.
SPARE: Mapping[str, str] = {
    "id": OWN_KEY,
    "study": "The study whose trail this is.",
    "scope": "Stands for the record itself.",
    "digest": "Tells whether a record changed; the changed fields are told themselves.",
    "made_at": "The entry's own time.",
    "revision": "Counts the savings, by which two people at once are told of each other.",
    "saved_at": "The entry's own time.",
    "saved_by": "The entry says by whom.",
    "typed": "What is no answer yet; the answers are told.",
}
# Of a location's name the decision is told; the entry says by whom and when.
SPARE_OF_PLACE: Mapping[str, str] = {
    "id": OWN_KEY,
    "key": "The normal form by which the name is known again.",
    "name": "The heading of the page.",
    "city": "The heading of the page.",
    "country": "The heading of the page.",
    "alternatives": "What came near, by number; the page shows it.",
    "confidence": "How sure the matching was; a decision is always sure.",
    "method": "How the matching found it.",
    "explanation": "Shown on the page as it is now.",
    "decided_by": "The entry says by whom.",
    "decided_at": "The entry's own time.",
}
LABELS_OF_PLACE: Mapping[str, str] = {"state": "What is known", "organisation": "Organisation"}


def find(user: Any, pk: int) -> models.Model:
    """Return the study to those who work with it: its trail names people and their reasons."""
    return studies.get_study_within(user, pk)


def url(record: models.Model) -> str:
    return reverse("registry:study", args=[record.pk])


def refs(record: models.Model) -> list[str]:
    """Return the ledger names of the study, of its parts and of the places where it runs."""
    studies_told = _with_merged(record)
    names = [f"{Study._meta.label}:{pk}" for pk in studies_told]
    for part in (Registration, CuratedField, StudySite, StudyDraft):
        ids = part.objects.filter(study_id__in=studies_told).values_list("pk", flat=True)
        names += [f"{part._meta.label}:{pk}" for pk in ids]
    places = StudyLocation.objects.filter(study_id=record.pk).values_list("place_id", flat=True)
    return names + [f"{Place._meta.label}:{pk}" for pk in set(places)]


def sources(record: models.Model) -> list[RowSource]:
    """Return the tracked tables of a study and how its rows are found in their history."""
    studies_told = _with_merged(record)
    own = {"study_id__in": studies_told}
    return [
        RowSource(Study, {"id__in": studies_told}, "", SPARE),
        RowSource(Registration, own, "Registration", SPARE, is_told=True),
        RowSource(CuratedField, own, "Curated field", SPARE, is_told=True),
        RowSource(StudySite, own, "Site", SPARE),
        RowSource(StudyDraft, own, "Draft", SPARE, tell=_field_change),
    ]


def _with_merged(record: models.Model) -> list[int]:
    """Return the study and all that were merged into it: their story is told as one."""
    told, last = [record.pk], [record.pk]
    while last:
        merged = Study.objects.filter(merged_into_id__in=last).order_by("pk")
        last = list(merged.values_list("pk", flat=True))
        told += last
    return told


def details(event: str, change: Mapping[str, Any]) -> Sequence[FieldChange] | None:
    """Return what an event changed in the study's record; None where its own facts say it."""
    if event.startswith("registry.study.import_") and "version" in change:
        return _of_version(change)
    if event in ("registry.study.differs", "registry.study.agrees"):
        return [FieldChange("field", "", labels.field(one)) for one in change.get("fields", [])]
    if event in ("registry.study.merged", "registry.study.parted"):
        return [FieldChange(name, "", change[name]) for name in ("from", "into") if name in change]
    if event == "registry.draft.saved":
        return []  # the draft's rows show each answer, before and after
    if event.startswith("registry.place."):
        return _of_place(change)
    if event.startswith("registry.study.cur") or event == "registry.study.import_accepted":
        told = [_field_change(name, *pair) for name, pair in change.items()]
        return [one for one in told if one.before != one.after]
    return None


def _of_place(change: Mapping[str, Any]) -> list[FieldChange]:
    """Return what a decision made of a location's name, organisations by their names."""
    pairs = (
        ("state", dict(PlaceState.choices())),
        ("organisation", people.names_of_bodies(change.get("organisation", []))),
    )
    told = []
    for name, words in pairs:
        before, after = (words.get(value, "") for value in change.get(name, ("", "")))
        if before != after:
            told.append(FieldChange(LABELS_OF_PLACE[name], before, after))
    if "name" in change:
        told.append(FieldChange("Organisation", "", change["name"]))
    return told


def place_source(place: Place) -> RowSource:
    """Return how the rows of a location's name are told."""
    return RowSource(Place, {"id": place.pk}, "", SPARE_OF_PLACE, LABELS_OF_PLACE)


def _of_version(change: Mapping[str, Any]) -> list[FieldChange]:
    """Return what a registry's new version says that the one before did not."""
    number, version_no = change["registration"], int(change["version"])
    found = {
        version.version_no: version.record
        for version in RegistrationVersion.objects.filter(
            registration__registry_no=number, version_no__in=[version_no - 1, version_no]
        )
    }
    came_from = FieldChange("version", "", f"{number}, version {version_no}, {change['source']}")
    if version_no - 1 not in found or version_no not in found:
        n_fields = len(found.get(version_no, {}))
        return [came_from, FieldChange(WHOLE_RECORD, "", f"{n_fields} fields")]
    differences = records.compare(found[version_no - 1], found[version_no])
    return [came_from, *(_field_change(d.field, d.before, d.after) for d in differences)]


def _field_change(field: str, before: Any, after: Any) -> FieldChange:
    return FieldChange(labels.field(field), values.text(field, before), values.text(field, after))


STUDY = Story(
    label="Study",
    find=find,
    url=url,
    refs=refs,
    sources=sources,
    titles=TITLES,
    details=details,
)
