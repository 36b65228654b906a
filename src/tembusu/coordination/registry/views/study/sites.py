"""The sites of a study, those of the home country first, and the institution of each."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Case, Count, F, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import StudyLocation
from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import labels
from tembusu.coordination.registry.views.study.frame import frame, load
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links, paging
from tembusu.foundation.ui.terms import (
    Chip,
)

SITES_ON_A_PAGE = 100


def home_first(rows: QuerySet[StudyLocation]) -> QuerySet[StudyLocation]:
    """Number a study's locations so that those of the home country come first."""
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    away = Case(
        When(country=home, then=Value(0)), default=Value(10_000_000), output_field=IntegerField()
    )
    return rows.annotate(rank=away + F("ordinal"))


@login_required
@require_safe
def sites(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    everything = selectors.list_locations(shown.study)
    lands = list(
        everything.order_by()
        .values_list("country")
        .annotate(n=Count("id"))
        .order_by("-n", "country")
    )
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    lands.sort(key=lambda pair: pair[0] != home)
    rows = everything
    country = request.GET.get("country", "")
    if country:
        rows = rows.filter(country=country.replace("\0", ""))
    page = fetch(
        request, home_first(rows), paging.Sort("place", "rank", paging.Kind.WHOLE), SITES_ON_A_PAGE
    )
    keeps = people.may(request.user, permissions.SETTLE_PLACES)
    context = {
        **frame(request, shown, "sites"),
        "page": page,
        "lines": [site_line(row, home=home) for row in page.rows],
        "lands": [land_chip(request, name, n, chosen=country) for name, n in lands[:24]],
        "n_resolved": everything.filter(place__state=PlaceState.SETTLED).count(),
        "n_all": sum(n for _, n in lands),
        "keeps": keeps,
    }
    return render(request, "registry/study/sites.html", context)


def fetch(request: HttpRequest, rows: Any, sort: paging.Sort, size: int) -> paging.Page[Any]:
    """Return the page that the address asks for; a cursor that cannot be used is 404."""
    try:
        return paging.fetch(
            rows,
            sort,
            after=request.GET.get(links.CURSOR, ""),
            size=size,
            count=paging.count_capped(rows),
        )
    except paging.CursorError as fault:
        raise Http404(str(fault)) from fault


def land_chip(request: HttpRequest, name: str, n: int, *, chosen: str) -> Chip:
    label = name or "No country given"
    if name == chosen and name:
        return Chip(label, remove_url=links.with_values(request.GET, country=""), count=n)
    return Chip(label, url=links.with_values(request.GET, country=name), count=n)


def site_line(row: StudyLocation, *, home: str) -> dict[str, Any]:
    place = row.place
    is_settled = place.state == PlaceState.SETTLED
    return {
        "row": row,
        "name": row.name or place.name,
        "organisation": place.organisation if is_settled else None,
        "unresolved": "" if is_settled else unresolved_reason(place),
        "status": labels.status(row.status) if row.status else None,
        "is_home": row.country == home,
        "where": ", ".join(part for part in (row.city, row.country) if part),
        "contacts": [one for one in row.contacts if one.get("name") or one.get("email")][:4],
    }


def unresolved_reason(place: Any) -> str:
    reasons = {
        PlaceState.PROPOSED: "a proposal waits for review",
        PlaceState.PLACEHOLDER: "the name stands for no particular place",
        PlaceState.REJECTED: "it was decided that no institution can be told",
    }
    return reasons.get(place.state) or place.explanation or "no organisation is near enough"
