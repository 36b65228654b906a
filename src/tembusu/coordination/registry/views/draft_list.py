"""The drafts that wait to be published, and at whose hands."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.selectors import drafts as selectors
from tembusu.coordination.registry.views import drafts
from tembusu.coordination.registry.views.study import fetch
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links, paging, wording
from tembusu.foundation.ui.terms import Badge, Cell, Chip, Column, Shape, Tab, Tone

PAGE = 50
COLUMNS = (
    Column("Study"),
    Column("On behalf of"),
    Column("Stands"),
    Column("WHO items", is_number=True),
    Column("Still needed", is_number=True),
    Column("Last saved", "saved"),
)
CHANGED_BADGE = Badge("Changed since published", Tone.INFO, Shape.HALF)


@login_required
@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]
    mine = request.GET.get("whose") != "all"
    rows = selectors.list_drafts(request.user, mine=mine, text=text)
    sort = selectors.OLDEST if request.GET.get("sort") == "saved" else selectors.NEWEST
    page = fetch(request, rows, sort, PAGE)
    context = {
        "page": page,
        "columns": COLUMNS,
        "sort": sort.name,
        "rows": [row_cells(draft) for draft in page.rows],
        "tabs": _whose(request, mine=mine),
        "filters": [Chip("Holds", text, remove_url=links.with_values(request.GET, q=""))]
        if text
        else [],
        "is_narrowed": bool(text),
        "mine": mine,
        "may_register": people.may(request.user, permissions.REGISTER_STUDY),
    }
    return render(request, "registry/draft_list.html", context)


def _whose(request: HttpRequest, *, mine: bool) -> list[Tab]:
    start = reverse("registry:drafts")
    n_mine = paging.count_capped(selectors.list_drafts(request.user, mine=True)).n
    n_all = paging.count_capped(selectors.list_drafts(request.user)).n
    return [
        Tab("I worked on", start, n_mine, mine),
        Tab("All that I may see", f"{start}?whose=all", n_all, not mine),
    ]


def row_cells(draft: Any) -> list[object]:
    complete = drafts.completeness(draft)
    sponsor = draft.study.sponsor
    return [
        Cell(
            drafts.title(draft),
            draft.study.number,
            reverse("registry:draft", args=[draft.study_id]),
        ),
        sponsor.name if sponsor else None,
        Cell("", badge=CHANGED_BADGE if draft.published_at else drafts.DRAFT_BADGE),
        f"{complete.n_answered} of {complete.n_items}",
        len(drafts.open_fields(draft)),
        Cell(wording.moment(draft.saved_at), f"by {draft.saved_by}"),
    ]
