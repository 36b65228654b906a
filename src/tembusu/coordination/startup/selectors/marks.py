"""By which day each study-site counts, and which ones somebody sees: what figures lay their cases by."""

from collections.abc import Collection
from datetime import date
from typing import Any

from tembusu.coordination.startup.models import SitePathway


def selected_days(ids: Collection[int]) -> dict[int, date]:
    """Return the day of selection of these site pathways; those that are gone are left out."""
    return dict(SitePathway.objects.filter(pk__in=ids).values_list("pk", "selected_date"))


def selected_between(first: date, until: date) -> list[int]:
    """Return the ids of the site pathways selected from ``first`` up to, not including, ``until``."""
    rows = SitePathway.objects.filter(selected_date__gte=first, selected_date__lt=until)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def months_of_selection() -> list[date]:
    """Return the first day of each month in which a study-site was selected, in order."""
    return list(SitePathway.objects.dates("selected_date", "month"))


def visible_ids(user: Any) -> list[int]:
    """Return the ids of the site pathways that this user sees."""
    return list(SitePathway.objects.visible_to(user).values_list("pk", flat=True))
