"""The drafts that wait to be published, at whose hands, and those that were given up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry.models import StudyDraft
from tembusu.coordination.registry.selectors import drafts as selectors
from tembusu.coordination.registry.terms import StudyState
from tembusu.coordination.registry.views import drafts, publishing
from tembusu.coordination.registry.views.study import fetch
from tembusu.foundation.ui import links, paging, wording
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Badge, Cell, Chip, Column, Shape, Tab, Tone

PAGE = 50
ALL, GIVEN_UP = "all", "given-up"
COLUMNS = (
    Column("Study"),
    Column("On behalf of"),
    Column("Stands"),
    Column("WHO items", is_number=True),
    Column("Still needed", is_number=True),
    Column("Last saved", "saved"),
)
HEADING = (
    "Number",
    "Title",
    "On behalf of",
    "Stands",
    "WHO items answered",
    "Still needed",
    "Last saved",
    "By",
)
STANDS = {"new": ("Never published", False), "changed": ("Changed since published", True)}
CHANGED_BADGE = Badge("Changed since published", Tone.INFO, Shape.HALF)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which drafts an address asks for."""

    whose: str
    text: str
    stands: str


def _asked(request: HttpRequest) -> Asked:
    whose, stands = request.GET.get("whose", ""), request.GET.get("stands", "")
    return Asked(
        whose if whose in (ALL, GIVEN_UP) else "",
        " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200],
        stands if stands in STANDS and whose != GIVEN_UP else "",
    )


def _rows(user: Any, asked: Asked) -> QuerySet[StudyDraft]:
    if asked.whose == GIVEN_UP:
        return selectors.list_given_up(user, asked.text)
    is_public = STANDS[asked.stands][1] if asked.stands else None
    return selectors.list_drafts(
        user, mine=asked.whose != ALL, text=asked.text, is_public=is_public
    )


@login_required
@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    """List the drafts that wait to be published, or those that were given up."""
    asked = _asked(request)
    sort = selectors.OLDEST if request.GET.get("sort") == "saved" else selectors.NEWEST
    page = fetch(request, _rows(request.user, asked), sort, PAGE)
    query = request.GET.copy()
    query.pop(links.CURSOR, None)
    context = {
        "page": page,
        "columns": COLUMNS,
        "sort": sort.name,
        "rows": [row_cells(draft) for draft in page.rows],
        "tabs": _whose(request, asked),
        "stands": [] if asked.whose == GIVEN_UP else _stands(request, asked),
        "filters": _held(request, asked),
        "is_narrowed": bool(asked.text or asked.stands),
        "asked": asked,
        "csv_url": f"{reverse('registry:drafts_export')}?{query.urlencode()}",
        "why_not_register": selectors.why_not_register(request.user),
    }
    return render(request, "registry/draft_list.html", context)


def _whose(request: HttpRequest, asked: Asked) -> list[Tab]:
    start, user = reverse("registry:drafts"), request.user
    tabs = [
        ("I worked on", "", selectors.list_drafts(user, mine=True)),
        ("All that I may see", ALL, selectors.list_drafts(user)),
        ("Given up", GIVEN_UP, selectors.list_given_up(user)),
    ]
    return [
        Tab(
            label,
            f"{start}?whose={whose}" if whose else start,
            paging.count_capped(rows).n,
            whose == asked.whose,
        )
        for label, whose, rows in tabs
    ]


def _stands(request: HttpRequest, asked: Asked) -> list[Chip]:
    return [
        Chip(label, remove_url=links.with_values(request.GET, stands=""))
        if name == asked.stands
        else Chip(label, url=links.with_values(request.GET, stands=name))
        for name, (label, _) in STANDS.items()
    ]


def _held(request: HttpRequest, asked: Asked) -> list[Chip]:
    stands = STANDS[asked.stands][0] if asked.stands else ""
    pairs = (("q", "Holds", asked.text), ("stands", "Stands", stands))
    return [
        Chip(label, value, remove_url=links.with_values(request.GET, **{name: ""}))
        for name, label, value in pairs
        if value
    ]


def row_cells(draft: Any) -> list[object]:
    complete = drafts.completeness(draft)
    is_given_up = draft.study.state == StudyState.DISCARDED
    page = "draft_reopen" if is_given_up else "draft"
    sponsor = draft.study.sponsor
    return [
        Cell(
            drafts.title(draft),
            draft.study.number,
            reverse(f"registry:{page}", args=[draft.study_id]),
        ),
        sponsor.name if sponsor else None,
        Cell("", badge=_badge(draft)),
        f"{complete.n_answered} of {complete.n_items}",
        len(drafts.open_fields(draft)),
        Cell(wording.moment(draft.saved_at), f"by {draft.saved_by}"),
    ]


def _badge(draft: Any) -> Badge:
    if draft.study.state == StudyState.DISCARDED:
        return publishing.GIVEN_UP
    return CHANGED_BADGE if draft.published_at else drafts.DRAFT_BADGE


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Return all drafts that the list shows as CSV."""
    rows = _rows(request.user, _asked(request)).order_by("-saved_at", "-pk")
    return csv_response("drafts.csv", HEADING, _lines(rows))


def _lines(rows: QuerySet[StudyDraft]) -> Iterator[list[object]]:
    for draft in rows.iterator(chunk_size=500):
        sponsor = draft.study.sponsor
        yield [
            draft.study.number,
            drafts.title(draft),
            sponsor.name if sponsor else "",
            _badge(draft).word,
            drafts.completeness(draft).n_answered,
            len(drafts.open_fields(draft)),
            draft.saved_at.isoformat(timespec="minutes"),
            draft.saved_by,
        ]
