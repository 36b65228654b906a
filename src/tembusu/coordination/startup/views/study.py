"""A study's start-up: all its sites against all milestones, and selecting more sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms import SelectForm
from tembusu.coordination.startup.models import PathwayVersion
from tembusu.coordination.startup.selectors import paths, sheets, studies
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import MilestoneState
from tembusu.coordination.startup.views import labels
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind
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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def select(request: HttpRequest, pk: int) -> HttpResponse:
    """Select institutions as sites of a study."""
    found = paths.get_study(request.user, pk)
    if not paths.may_select(request.user, found):
        people.check(request.user, permissions.SELECT_SITE, found.scope_id)
    bodies = _institutions(request.user, found)
    versions = {str(one.pk): one for one in studies.versions_in_force()}
    form = SelectForm(
        request.POST or None,
        bodies=[(str(one.pk), str(one)) for one in bodies.values()],
        versions=[(key, str(one)) for key, one in versions.items()],
        initial={"day": timezone.localdate(timezone.now()).isoformat()},
    )
    if request.method == "POST" and form.is_valid():
        refused = _select_all(request, form, found, bodies, versions)
        if not refused:
            return redirect("startup:study", pk=pk)
        for line in refused:
            form.add_error("organisations", line)
    context = {
        "heading": "Select sites",
        "lead": found.number,
        "crumbs": [
            Crumb("Start-up", reverse("startup:paths")),
            Crumb(found.number, reverse("startup:study", args=[pk])),
            Crumb("Select sites"),
        ],
        "form": form,
        "submit_label": "Select them",
        "cancel_url": reverse("startup:study", args=[pk]),
    }
    return render(request, "startup/form.html", context, status=422 if form.errors else 200)


def _institutions(user: Any, study: Any) -> dict[int, Any]:
    """Return the institutions that are no site on its way yet: all, or one's own."""
    taken = {one.study_site.organisation_id for one in paths.list_for_study(user, study)}
    rows = people.bodies_of_kinds([OrganisationKind.INSTITUTION]).filter(is_active=True)
    if not people.may(user, permissions.SELECT_SITE, study.scope_id):
        rows = rows.filter(scope_id__in=people.scopes_of(user, permissions.FOR_INSTITUTION))
    return {one.pk: one for one in rows.order_by("name") if one.pk not in taken}


def _select_all(
    request: HttpRequest,
    form: SelectForm,
    study: Any,
    bodies: dict[int, Any],
    versions: dict[str, PathwayVersion],
) -> list[str]:
    """Select each institution by itself; return why some were refused."""
    said, refused = form.cleaned_data, []
    for pk in said["organisations"]:
        try:
            path = actions.select_site(
                study=study,
                organisation=bodies[int(pk)],
                selected_date=said["day"],
                version=versions.get(said["version"]),
                by=request.user,
                at=timezone.now(),
            )
        except (Refusal, PermissionDenied) as refusal:
            refused.append(f"{bodies[int(pk)]}: {refusal}")
        else:
            messages.success(request, f"Selected: {path.study_site.organisation}.")
    return refused
