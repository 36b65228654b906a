"""Studies and what they say."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    RegistrationVersion,
    Study,
    StudyLocation,
)
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.terms import EffectiveRecord

OWN = "own"


def get_study(user: Any, pk: int) -> Study:
    """Return the study if this user may see it; otherwise it does not exist for them."""
    return get_object_or_404(Study.objects.visible_to(user), pk=pk)


def get_study_within(user: Any, pk: int) -> Study:
    """Return the study if this user works with it: by a role in its scope, or as its keeper."""
    return get_object_or_404(Study.objects.within(user), pk=pk)


def works_with(user: Any, study: Study) -> bool:
    """Say whether this user works with the study, rather than only reading what is public."""
    return Study.objects.within(user).filter(pk=study.pk).exists()


def list_registrations(study: Study) -> QuerySet[Registration]:
    """Return the study's registrations, first seen first."""
    return Registration.objects.filter(study=study).order_by("first_seen_at", "id")


def list_versions(registration: Registration) -> QuerySet[RegistrationVersion]:
    """Return a registration's versions, newest first, without their records."""
    return registration.versions.defer("record").order_by("-version_no")


def get_version(registration: Registration, version_no: int) -> RegistrationVersion:
    """Return one version with its record, or 404."""
    return get_object_or_404(registration.versions, version_no=version_no)


def current_record(registration: Registration) -> Mapping[str, Any]:
    """Return what the registry says now."""
    record: Mapping[str, Any] = registration.versions.values_list("record", flat=True).get(
        version_no=registration.version_no
    )
    return record


def list_curated(study: Study) -> QuerySet[CuratedField]:
    """Return the curated fields, those that differ from the registries first."""
    return (
        CuratedField.objects.filter(study=study)
        .select_related("curated_by")
        .order_by("differs_since", "field")
    )


def effective_record(study: Study) -> EffectiveRecord:
    """Return what the study says now, over all registries and curated fields."""
    entries = [current_record(r) for r in list_registrations(study)]
    curated = dict(CuratedField.objects.filter(study=study).values_list("field", "value"))
    return records.effective_record(entries, curated, own_registry=OWN)


def list_locations(study: Study) -> QuerySet[StudyLocation]:
    """Return the study's locations in the order of its record, each with its place."""
    return (
        StudyLocation.objects.filter(study=study)
        .select_related("place", "place__organisation")
        .order_by("ordinal", "id")
    )
