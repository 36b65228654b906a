"""Which site pathways concern whom, as a desk tells that something happened to them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse

from tembusu.coordination.startup.models import SitePathway
from tembusu.foundation.core import worklist
from tembusu.foundation.core.worklist import Subject


def concerning(user: Any, keys: Collection[int]) -> Mapping[int, Subject]:
    """Return those of the site pathways that the user may see."""
    rows = SitePathway.objects.visible_to(user).filter(pk__in=keys)
    named = rows.values_list(
        "pk", "study_site__study_id", "study_site__study__number", "study_site__organisation__name"
    )
    return {
        pk: Subject(
            f"{number} at {place}",
            reverse("registry:study", args=[study_id]) + f"#site-{pk}",
            number,
        )
        for pk, study_id, number, place in named
    }


def register() -> None:
    """Let the desk tell what changed here."""
    worklist.register_subjects(SitePathway._meta.label, concerning)
