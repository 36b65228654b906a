"""All submissions that the reader may see, and those of one study."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.coordination.registry.selectors import frames
from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.selectors import bodies, clocks, packages, routes
from tembusu.coordination.submissions.terms import Holder, SubmissionKind, SubmissionState
from tembusu.coordination.submissions.views import labels
from tembusu.foundation.ui import links, paging, wording
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Cell, Chip, Column

PAGE = 50
NEWEST = paging.Sort("changed", "changed_at", paging.Kind.MOMENT, is_ascending=False)
OLDEST = NEWEST.reversed()
COLUMNS = (
    Column("Submission"),
    Column("Study"),
    Column("To"),
    Column("Stands"),
    Column("Turn"),
    Column("Last moved", "changed"),
)
HEADING = (
    "Number",
    "What",
    "Study",
    "Title",
    "Body",
    "Reference number",
    "State",
    "Outcome",
    "Submitted",
    "Received",
    "Decided",
    "Valid to",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which submissions an address asks for."""

    text: str
    state: str
    kind: str
    body: str


def _asked(request: HttpRequest) -> Asked:
    given = request.GET
    state, kind, body = (given.get(name, "") for name in ("state", "kind", "body"))
    return Asked(
        " ".join(given.get("q", "").replace("\0", " ").split())[:200],
        state if state in set(SubmissionState) else "",
        kind if kind in set(SubmissionKind) else "",
        body if body.isascii() and body.isdigit() and len(body) < 18 else "",
    )


def _rows(user: Any, asked: Asked) -> QuerySet[Submission]:
    return packages.list_submissions(
        user,
        states=[asked.state] if asked.state else (),
        kinds=[asked.kind] if asked.kind else (),
        body_ids=[int(asked.body)] if asked.body else (),
        text=asked.text,
    )


@login_required
@require_safe
def submission_list(request: HttpRequest) -> HttpResponse:
    """List the submissions that the reader may see."""
    asked = _asked(request)
    rows = _rows(request.user, asked).prefetch_related("queries")
    try:
        page = paging.fetch(
            rows,
            OLDEST if request.GET.get("sort") == "changed" else NEWEST,
            after=request.GET.get(links.CURSOR, ""),
            size=PAGE,
            count=paging.count_capped(rows),
        )
    except paging.CursorError as fault:
        raise Http404(str(fault)) from fault
    names = {str(one.pk): one.name for one in bodies.list_bodies()}
    query = request.GET.copy()
    query.pop(links.CURSOR, None)
    context = {
        "page": page,
        "columns": COLUMNS,
        "sort": "changed" if request.GET.get("sort") == "changed" else "-changed",
        "rows": [row_cells(one, with_study=True) for one in page.rows],
        "states": _choices(request, "state", asked.state, dict(SubmissionState.choices())),
        "kinds": _choices(
            request, "kind", asked.kind, {one.value: one.label for one in SubmissionKind}
        ),
        "bodies": _choices(request, "body", asked.body, names),
        "filters": _held(request, asked, names),
        "is_narrowed": any((asked.text, asked.state, asked.kind, asked.body)),
        "csv_url": f"{reverse('submissions:export')}?{query.urlencode()}",
    }
    return render(request, "submissions/list.html", context)


def _choices(request: HttpRequest, name: str, held: str, known: dict[str, str]) -> list[Chip]:
    return [
        Chip(label, remove_url=links.with_values(request.GET, **{name: ""}))
        if value == held
        else Chip(label, url=links.with_values(request.GET, **{name: value}))
        for value, label in known.items()
    ]


def _held(request: HttpRequest, asked: Asked, names: dict[str, str]) -> list[Chip]:
    pairs = (
        ("q", "Holds", asked.text),
        ("state", "Stands", SubmissionState(asked.state).label if asked.state else ""),
        ("kind", "Sent", SubmissionKind(asked.kind).label if asked.kind else ""),
        ("body", "To", names.get(asked.body, asked.body)),
    )
    return [
        Chip(label, value, remove_url=links.with_values(request.GET, **{name: ""}))
        for name, label, value in pairs
        if value
    ]


def row_cells(one: Submission, *, with_study: bool) -> list[object]:
    """Return a submission as a line of a list."""
    cells: list[object] = [
        Cell(labels.what(one), one.number, reverse("submissions:submission", args=[one.pk]))
    ]
    if with_study:
        url = reverse("submissions:of_study", args=[one.study_id])
        cells.append(Cell(one.study.number, labels.title_of(one.study)[:90], url))
    return [
        *cells,
        Cell(one.body.name, one.reference_no),
        Cell("", badge=labels.badge(one)),
        turn_cell(one),
        wording.moment(one.changed_at),
    ]


def turn_cell(one: Submission) -> Cell:
    """Return on whose side a submission lies, and since when."""
    found = packages.standing(one)
    if found.holder is Holder.NOBODY:
        return Cell("Nobody’s")
    who = "Applicant" if found.holder is Holder.APPLICANT else "Body"
    return Cell(who, f"since {wording.day(found.since)}" if found.since else "")


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Return all submissions that the list shows as CSV."""
    rows = _rows(request.user, _asked(request)).order_by("-changed_at", "-pk")
    return csv_response("submissions.csv", HEADING, _lines(rows))


def _lines(rows: QuerySet[Submission]) -> Iterator[list[object]]:
    for one in rows.iterator(chunk_size=500):
        decision = packages.decision_of(one)
        yield [
            one.number,
            labels.what(one),
            one.study.number,
            labels.title_of(one.study),
            one.body.name,
            one.reference_no,
            one.state,
            packages.outcome_of(one),
            one.submitted_date or "",
            one.received_date or "",
            decision.decided_date if decision else "",
            (decision.valid_to if decision else None) or "",
        ]


@login_required
@require_safe
def of_study(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a study's route and its submissions, in the frame of the study."""
    study, frame = frames.study_frame(request.user, pk, "submissions")
    rows = list(packages.of_study(request.user, study).prefetch_related("queries"))
    may_start = packages.may_start(request.user, study)
    if not rows and not may_start and not packages.works_with(request.user, study):
        raise Http404
    today = timezone.localdate()
    context = {
        **frame,
        "columns": [*(one for one in COLUMNS[:-1] if one.label != "Study"), Column("Clock")],
        "rows": [
            [*row_cells(one, with_study=False)[:-1], clock_cell(clocks.read(one, as_of=today))]
            for one in rows
        ],
        "may_start": may_start,
        "route": routes.newest_route(study),
    }
    return render(request, "submissions/study.html", context)


def clock_cell(read: clocks.Read | None) -> Cell:
    """Return a clock in one cell: elapsed, and how much of it on the body's side."""
    if read is None:
        return Cell("Not running")
    note = f"{read.with_body} with the body, {read.with_applicant} with the applicant"
    return Cell(labels.days(read.reading.elapsed, read.unit), note)
