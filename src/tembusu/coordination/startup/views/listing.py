"""The nation's study-sites on their way: whose turn, since when, what is due; and what is stuck."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors import paths, studies
from tembusu.coordination.startup.selectors.paths import Asked
from tembusu.coordination.startup.terms import PARTIES, PathState, Stage
from tembusu.coordination.startup.views import labels
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links, paging, wording
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Cell, Chip, Column, Tab

PAGE = 50
MINE, STUCK = "mine", "stuck"
COLUMNS = (
    Column("Study-site"),
    Column("Stands"),
    Column("Stage"),
    Column("Waits on"),
    Column("Since", "waiting"),
    Column("Due", "due"),
    Column("Selected", "selected"),
)
HEADING = (
    "Study", "Title", "Institution", "Stands", "Stage", "Waits on", "Since", "Due", "Selected",
    "Opened", "Left", "Why it left", "Sponsor", "Phase", "Area", "Pathway",
)  # fmt: skip
FILTERS: Mapping[str, tuple[str, str]] = {
    "state": ("Stands", "state"),
    "stage": ("Stage", "stage"),
    "party": ("Waits on", "party"),
    "area": ("Area", "therapeutic_area"),
    "sponsor": ("Sponsor", "sponsor_kind"),
}


def options() -> dict[str, dict[str, str]]:
    """Return the values of each filter with their labels."""
    return {
        "state": {one.value: one.label for one in PathState},
        "stage": {one.value: one.label for one in Stage},
        "party": dict(PARTIES),
        "area": {key: labels.area(key) for key in (*studies.areas(), "other")},
        "sponsor": {key: key.capitalize() for key in ("industry", "academic", "public", "unknown")},
    }


def asked_of(request: HttpRequest) -> Asked:
    """Return what an address asks for; values that there are not are left out."""
    known = options()
    held = {
        name: request.GET.get(name, "") if request.GET.get(name, "") in known[name] else ""
        for name in FILTERS
    }
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]
    which = request.GET.get("which", "")
    return Asked(text=text, is_mine=which == MINE, is_stuck=which == STUCK, **held)


def sees(user: Any) -> bool:
    """Say whether the user sees start-up anywhere: by a role, or as a keeper."""
    act = permissions.SEE_PATHWAY
    return people.holds_anywhere(user, act.roles | act.everywhere)


def check_sees(user: Any) -> None:
    """The list exists only for those whose roles see start-up somewhere.

    :raises Http404: for everybody else
    """
    if not sees(user):
        raise Http404("No page here.")


@login_required
@require_safe
def path_list(request: HttpRequest) -> HttpResponse:
    """List the study-sites on their way that the user may see."""
    check_sees(request.user)
    asked, today = asked_of(request), timezone.localdate(timezone.now())
    rows = paths.list_paths(request.user, asked, today=today)
    sort = _sort(request)
    page = _fetch(request, rows, sort)
    query = request.GET.copy()
    query.pop(links.CURSOR, None)
    context = {
        "page": page,
        "columns": COLUMNS,
        "sort": sort.name,
        "rows": [row_cells(one, today) for one in page.rows],
        "tabs": _tabs(request, asked, today),
        "menus": _menus(request, asked),
        "filters": _held(request, asked),
        "asked": asked,
        "csv_url": f"{reverse('startup:paths_export')}?{query.urlencode()}",
        "may_record": people.holds_anywhere(
            request.user,
            permissions.RECORD_MILESTONE.roles | permissions.RECORD_MILESTONE.everywhere,
        ),
    }
    return render(request, "startup/list.html", context)


def _sort(request: HttpRequest) -> paging.Sort:
    name = request.GET.get("sort", "")
    key = name.removeprefix("-")
    if key not in paths.SORTS:
        return paths.WAITING
    found = paths.SORTS[key]
    return found if found.name == name else found.reversed()


def _fetch(request: HttpRequest, rows: Any, sort: paging.Sort) -> paging.Page[Any]:
    try:
        return paging.fetch(
            rows,
            sort,
            after=request.GET.get(links.CURSOR, ""),
            size=PAGE,
            count=paging.count_capped(rows),
        )
    except paging.CursorError as fault:
        raise Http404(str(fault)) from fault


def _tabs(request: HttpRequest, asked: Asked, today: date) -> list[Tab]:
    start, user = reverse("startup:paths"), request.user
    found = []
    for label, which in (("All", ""), ("Waits on my side", MINE), ("Stuck", STUCK)):
        narrowed = Asked(is_mine=which == MINE, is_stuck=which == STUCK)
        is_current = (asked.is_mine, asked.is_stuck) == (narrowed.is_mine, narrowed.is_stuck)
        n = paging.count_capped(paths.list_paths(user, narrowed, today=today)).n
        found.append(Tab(label, f"{start}?which={which}" if which else start, n, is_current))
    return found


def _menus(request: HttpRequest, asked: Asked) -> list[tuple[str, list[Chip]]]:
    known = options()
    return [
        (
            label,
            [
                Chip(said, remove_url=links.with_values(request.GET, **{name: ""}))
                if value == getattr(asked, name)
                else Chip(said, url=links.with_values(request.GET, **{name: value}))
                for value, said in known[name].items()
            ],
        )
        for name, (label, _) in FILTERS.items()
    ]


def _held(request: HttpRequest, asked: Asked) -> list[Chip]:
    known = options()
    pairs = [("q", "Holds", asked.text)]
    pairs += [
        (name, label, known[name].get(getattr(asked, name), ""))
        for name, (label, _) in FILTERS.items()
    ]
    return [
        Chip(label, value, remove_url=links.with_values(request.GET, **{name: ""}))
        for name, label, value in pairs
        if value
    ]


def row_cells(path: SitePathway, today: date) -> list[object]:
    """Return one line of the list."""
    url = reverse("startup:site", args=[path.pk])
    site = path.study_site
    since = Cell("–")
    if path.waiting_since:
        days = (today - path.waiting_since).days
        since = Cell(wording.day(path.waiting_since), labels.n_days(days))
    due = labels.due_badge(path.due_date, today)
    return [
        Cell(f"{site.study.number} at {site.organisation}", labels.title_of(path), url),
        Cell("", badge=labels.path_badge(path.state)),
        labels.stage(path.stage) or "–",
        labels.parties(path, path.holders) or "–",
        since,
        Cell("", badge=due) if due else "–",
        wording.day(path.selected_date),
    ]


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Return all study-sites that the list shows as CSV, in its order."""
    check_sees(request.user)
    today = timezone.localdate(timezone.now())
    rows = paths.list_paths(request.user, asked_of(request), today=today)
    ordered = rows.order_by(*paging.order_by(_sort(request)))
    return csv_response("study-sites.csv", HEADING, _lines(ordered))


def _lines(rows: Any) -> Iterator[list[object]]:
    for one in rows.iterator(chunk_size=500):
        site = one.study_site
        yield [
            site.study.number,
            labels.title_of(one),
            str(site.organisation),
            PathState(one.state).label,
            labels.stage(one.stage),
            labels.parties(one, one.holders),
            one.waiting_since,
            one.due_date,
            one.selected_date,
            one.opened_date,
            one.left_date,
            one.left_reason,
            one.sponsor_kind,
            one.phase,
            labels.area(one.therapeutic_area),
            str(one.version),
        ]
