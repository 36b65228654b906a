"""What followed what in start-up, as a map with its table; for those who see every figure."""

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.coordination.startup.selectors import studies
from tembusu.foundation.ui.terms import Column
from tembusu.insight.rules import pictures
from tembusu.insight.selectors import dashboard
from tembusu.insight.views import feet, filters
from tembusu.insight.views.dashboard import open_page, shared

COLUMNS = (
    Column("After"),
    Column("Came"),
    Column("Times", is_number=True),
    Column("Median days", is_number=True),
)
MOST_ROWS = 60


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    page = open_page(request)
    held = dashboard.steps(page.view)
    if held is None or page.view.asked.is_own:
        raise Http404("The process map is for those who see every figure.")
    order, edges = held
    drawn = pictures.draw_map(order, edges)
    labels = studies.milestone_labels()
    rows = [
        (_said(e.before, labels), _said(e.after, labels), f"{e.n:,}", f"{e.median:,.0f}")
        for e in edges[:MOST_ROWS]
    ]
    n_cases = int(page.view.mask.sum())
    foot = feet.foot(
        page.view,
        page.age,
        n=f"n {n_cases:,} study-sites, {sum(edge.n for edge in edges):,} steps",
        cases_url=filters.cases_url(request, page.view.asked),
    )
    context = {
        **shared(request, page, "insight:process"),
        "map": drawn,
        "nodes": [(node, _said(node.key, labels)) for node in drawn.nodes],
        "columns": COLUMNS,
        "rows": rows,
        "n_rows": len(edges),
        "finding": _finding(rows),
        "foot": foot,
    }
    return render(request, "insight/process.html", context)


def _said(key: str, labels: Mapping[str, str]) -> str:
    return labels.get(key) or key.replace("_", " ").capitalize()


def _finding(rows: list[tuple[str, str, str, str]]) -> str:
    if not rows:
        return "No milestone has been completed."
    before, after, n, median = rows[0]
    return (
        f"The commonest step: {after} after {before}, {n} times, after a median of {median} days."
    )
