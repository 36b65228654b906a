"""The list of cases behind a figure, and the same list as a file."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.foundation.ui import paging, wording
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Badge, Cell, Chip, Column, Tone
from tembusu.insight.selectors import listing
from tembusu.insight.selectors.dashboard import STUCK_DAYS, View
from tembusu.insight.selectors.listing import CaseLine, Listed
from tembusu.insight.terms import WHOLE, Ending
from tembusu.insight.views import drawn, filters

PAGE = 50
BATCH = 1_000
COLUMNS = (
    Column("Study"),
    Column("Institution"),
    Column("Selected"),
    Column("Days", is_number=True),
    Column("Stands"),
    Column("Waits on"),
)
HEADING = ("Study", "Institution", "Selected", "Days", "Stands", "Waits on", "Since")
TONES = {
    Ending.UNFINISHED: Tone.INFO,
    Ending.REACHED: Tone.OK,
    Ending.WITHDRAWN: Tone.QUIET,
    Ending.STOPPED: Tone.QUIET,
}
WHICH_LABELS = {
    "all": "All",
    "reached": "Reached",
    "unfinished": "Unfinished",
    "left": "Withdrawn or stopped",
    "within": "Within the target",
    "missed": "Past the target",
    "stuck": f"Over {STUCK_DAYS} days with one party",
}


def _asked(request: HttpRequest, view: View) -> tuple[str, str]:
    which = request.GET.get("which", "all")
    if view.asked.measure not in view.definitions or which not in listing.WHICH:
        raise Http404("There is no such list of cases.")
    return view.asked.measure, which


@login_required
@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    view = filters.look(request)
    measure, which = _asked(request, view)
    held = listing.list_cases(view, measure, which)
    page = _page(request, held)
    context: dict[str, Any] = {
        "measure": view.definitions[measure],
        "which": WHICH_LABELS[which],
        "page": page,
        "columns": COLUMNS,
        "rows": [_row(one) for one in page.rows],
        "filters": _chips(request, view, which),
        "menus": filters.menus(request, view),
        "csv_url": "cases.csv?" + request.GET.urlencode(),
        "is_own": not view.reader.sees_all or view.asked.is_own,
        "back_url": reverse("insight:dashboard") + filters.query(request.GET),
    }
    return render(request, "insight/cases.html", context)


@login_required
@require_safe
def cases_csv(request: HttpRequest) -> HttpResponseBase:
    """All pages of the list, as shown."""
    view = filters.look(request)
    held = listing.list_cases(view, *_asked(request, view))
    return csv_response("start-up-cases.csv", HEADING, _csv_rows(held))


def _csv_rows(held: Listed) -> Iterator[list[object]]:
    for first in range(0, held.n, BATCH):
        for one in held.lines(first, first + BATCH):
            yield [
                one.number,
                one.institution,
                one.selected_date,
                one.days,
                one.ending.label,
                drawn.party(one.waiting_on) if one.waiting_on else "",
                one.waiting_since,
            ]


def _page(request: HttpRequest, held: Listed) -> paging.Page[CaseLine]:
    """Return a page by its place: the whole list is at hand, in memory and in order."""
    text = request.GET.get("after", "")
    first = min(int(text), held.n) if text.isdecimal() and len(text) < 9 else 0
    return paging.Page(
        rows=held.lines(first, first + PAGE),
        n_before=first,
        next=str(first + PAGE) if first + PAGE < held.n else "",
        previous=str(max(0, first - PAGE)) if first else "",
        count=paging.Count(held.n),
    )


def _row(one: CaseLine) -> list[object]:
    waits: object = ""
    if one.waiting_on:
        since = f"since {wording.day(one.waiting_since)}" if one.waiting_since else ""
        waits = Cell(drawn.party(one.waiting_on), note=since)
    return [
        Cell(one.number, url=_url(one)),
        one.institution,
        wording.day(one.selected_date),
        f"{one.days:,}",
        Cell("", badge=Badge(one.ending.label, TONES[one.ending])),
        waits,
    ]


def _url(one: CaseLine) -> str:
    """Return the page of the study-site's start-up."""
    return reverse("startup:site", args=[one.case_id])


def _chips(request: HttpRequest, view: View, which: str) -> list[Chip]:
    found = filters.chips(request, view)
    if which != "all":
        found.append(Chip(WHICH_LABELS[which], remove_url=filters.plain(request.GET, which="")))
    if view.asked.measure != WHOLE:
        label = view.definitions[view.asked.measure].text.label
        found.append(Chip("Measure", label, remove_url=filters.plain(request.GET, measure="")))
    return found
