"""A study's start-up: all its sites against all milestones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.coordination.startup.selectors import paths, sheets
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import MilestoneState
from tembusu.coordination.startup.views import labels
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Cell, Column, Crumb


@dataclass(frozen=True, slots=True)
class Grid:
    """The sites of one pathway version: milestones across, sites down."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]

    @property
    def caption(self) -> str:
        return f"Milestones by site: {self.title}"


@login_required
@require_safe
def study(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all sites of a study that the user may see, against their milestones."""
    found = paths.get_study(request.user, pk)
    rows = paths.list_for_study(request.user, found)
    today = timezone.localdate(timezone.now())
    context = {
        "study": found,
        "title": labels.title_of(rows[0]) if rows else found.number,
        "crumbs": [Crumb("Start-up", reverse("startup:paths")), Crumb(found.number)],
        "summary": [summary(one, today) for one in rows],
        "summary_columns": SUMMARY,
        "grids": grids(sheets.read_sheets(rows)),
        "may_select": paths.may_select(request.user, found),
        "study_url": reverse("registry:study", args=[pk]),
    }
    return render(request, "startup/study.html", context)


SUMMARY = (
    Column("Site"),
    Column("Stands"),
    Column("Stage"),
    Column("Waits on"),
    Column("Since"),
    Column("Due"),
)


def summary(path: Any, today: date) -> list[object]:
    """Return a site's line: where it stands and on whom it waits."""
    due = labels.due_badge(path.due_date, today)
    return [
        Cell(str(path.study_site.organisation), url=reverse("startup:site", args=[path.pk])),
        Cell("", badge=labels.path_badge(path.state)),
        labels.stage(path.stage) or "–",
        labels.parties(path, path.holders) or "–",
        wording.day(path.waiting_since) if path.waiting_since else "–",
        Cell("", badge=due) if due else "–",
    ]


def grids(found: Sequence[Sheet]) -> list[Grid]:
    """Return one grid for each pathway version that the sites go along."""
    by_version: dict[int, list[Sheet]] = {}
    for one in found:
        by_version.setdefault(one.path.version_id, []).append(one)
    return [_grid(held) for held in by_version.values()]


def _grid(held: Sequence[Sheet]) -> Grid:
    plan = held[0].plan
    columns = [Column("Milestone"), *(Column(str(s.path.study_site.organisation)) for s in held)]
    rows = [[one.label, *(_cell(sheet, one.key) for sheet in held)] for one in plan.milestones]
    return Grid(str(held[0].path.version), columns, rows)


def _cell(sheet: Sheet, key: str) -> Cell:
    row = sheet.rows[key]
    if row.completed_date:
        return Cell(f"✓ {wording.day(row.completed_date)}")
    state = MilestoneState(row.state)
    if state is MilestoneState.NOT_STARTED:
        return Cell("–")
    if state is MilestoneState.NOT_APPLICABLE:
        return Cell("n/a")
    return Cell("", badge=labels.milestone_badge(state))
