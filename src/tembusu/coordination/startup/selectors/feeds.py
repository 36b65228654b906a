"""Study-sites as programs ask for them: by the study's number, by institution, by when they changed."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors import paths
from tembusu.coordination.startup.selectors.paths import Asked


def list_for_program(
    user: Any,
    asked: Asked,
    *,
    study: str = "",
    organisation_id: int | None = None,
    changed_since: datetime | None = None,
    today: date,
) -> QuerySet[SitePathway]:
    """Return the site pathways that this user may see, narrowed; not ordered.

    :param study: its number here or in any registry, in any capitals
    """
    rows = paths.list_paths(user, asked, today=today)
    if number := study.strip().upper():
        rows = rows.filter(
            Q(study_site__study__number=number)
            | Q(study_site__study__index__registry_nos__contains=[number])
        )
    if organisation_id is not None:
        rows = rows.filter(study_site__organisation_id=organisation_id)
    if changed_since is not None:
        rows = rows.filter(changed_at__gte=changed_since)
    return rows
