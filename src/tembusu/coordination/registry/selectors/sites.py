"""Institutions at which studies run."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from tembusu.coordination.registry.models import StudySite


def organisation_names(ids: Iterable[str]) -> Mapping[str, str]:
    """Return the names of institutions by id, as texts; names of bodies are no secret.

    Ids that are no number, or of no site, are left out.
    """
    wanted = {int(one) for one in ids if one.isascii() and one.isdigit() and len(one) <= 18}
    if not wanted:
        return {}
    rows = StudySite.objects.filter(organisation_id__in=wanted).order_by("organisation_id")
    pairs = rows.distinct("organisation_id").values_list("organisation_id", "organisation__name")
    return {str(pk): name for pk, name in pairs}


def list_sites(study: Any) -> QuerySet[StudySite]:
    """Return the parts that organisations have in a study, by the organisations' names."""
    rows = StudySite.objects.filter(study=study).select_related("organisation")
    return rows.order_by("organisation__name", "pk")


def first_sites(n: int) -> list[StudySite]:
    """Return the first study-sites at active institutions, for demonstrations."""
    rows = StudySite.objects.filter(organisation__kind="institution", organisation__is_active=True)
    return list(rows.select_related("study", "organisation").order_by("study_id", "pk")[:n])
