"""Imports: start one, see it run, see what came of it, mend what was refused and send it again."""

import shlex
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tembusu.coordination.registry import forms
from tembusu.coordination.registry.actions import uploads
from tembusu.coordination.registry.models import ImportRun
from tembusu.coordination.registry.selectors import runs as selectors
from tembusu.coordination.registry.selectors.runs import Standing
from tembusu.coordination.registry.terms import RunState
from tembusu.coordination.registry.views.study import fetch
from tembusu.foundation.core import files
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui import links, paging, polling
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Badge, Crumb, JobProgress, JobState, Shape, Tab, Tone

PAGE = 50
LIST = Crumb("Imports", "/imports/")
NEWEST = paging.Sort("newest", "pk", paging.Kind.WHOLE, is_ascending=False)
IN_ORDER = paging.Sort("order", "pk", paging.Kind.WHOLE)
COUNTS = (
    ("created", "New"),
    ("updated", "Changed"),
    ("unchanged", "Unchanged"),
    ("rejected", "Refused"),
)
REFUSED_HEADING = ("source", "position", "registry_no", "reason")


@login_required
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    selectors.check_sees_imports(request.user)
    page = fetch(request, selectors.list_runs(request.user), NEWEST, PAGE)
    mended = selectors.count_mended(page.rows)
    lines = [
        (one.run, badge(one, mended.get(one.run.pk, 0)), figures(one.run))
        for one in selectors.standings_of(page.rows)
    ]
    return render(request, "registry/imports/list.html", {"page": page, "lines": lines})


def figures(run: ImportRun) -> list[int]:
    return [int(run.counts.get(name, 0)) for name, _ in (("read", ""), *COUNTS)]


def badge(standing: Standing, n_mended: int) -> Badge:
    """Return how an import stands; its job knows best while it is not at its end.

    :param n_mended: how many of its refused records a later import took
    """
    run, job = standing.run, standing.job
    if run.state == RunState.DONE:
        return done_badge(int(run.counts.get("rejected", 0)), n_mended)
    if job is not None and job.state == JobState.FAILED:
        return Badge("Failed", Tone.BAD, Shape.TRIANGLE)
    if run.state == RunState.STOPPED:
        return Badge("Stopped", Tone.QUIET, Shape.PAUSE)
    if standing.is_interrupted:
        return Badge("Interrupted", Tone.BAD, Shape.TRIANGLE)
    if standing.is_queued or (job is not None and job.state == JobState.WAITING):
        return Badge("Waiting", Tone.QUIET, Shape.RING)
    return Badge("Running", Tone.INFO, Shape.HALF)


def done_badge(n_refused: int, n_mended: int) -> Badge:
    if not n_refused:
        return Badge("Done", Tone.OK, Shape.TICK)
    said = f"Done, {n_refused:,} refused"
    if n_mended == n_refused:
        return Badge(f"{said}, all mended", Tone.OK, Shape.TICK)
    said += f", {n_mended:,} mended" if n_mended else ""
    return Badge(said, Tone.WARN, Shape.DIAMOND)


@login_required
def run_new(request: HttpRequest) -> HttpResponse:
    selectors.check_sees_imports(request.user)
    form = forms.ImportForm()
    if request.method == "POST":
        form = forms.ImportForm(request.POST, request.FILES)
    if request.method == "POST" and form.is_valid():
        person: Any = request.user
        sent = [(one.file, one.name) for one in form.cleaned_data["records"]]
        try:
            run = uploads.start_import(sent=sent, by=person, at=timezone.now())
        except Refusal as refusal:
            form.add_error("records", str(refusal))
        else:
            return redirect("registry:import", pk=run.pk)
    context = {
        "form": form,
        "crumbs": [LIST, Crumb("Import records")],
        "submit_label": "Import these files",
        "cancel_url": reverse("registry:imports"),
    }
    return render(request, "registry/imports/new.html", context)


@login_required
@require_safe
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = selectors.get_run(request.user, pk)
    context = frame(request, run, "refused")
    if part := polling.part(request, context["progress"]):
        return part
    context |= refused(request, run)
    context["kept"] = selectors.refused_file(run)
    return polling.whole(request, "registry/imports/run.html", context, outcome=outcome(context))


def refused(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """Return the refused records to show: those of one reason that was opened; otherwise the reasons
    that several share, and below them the records with a reason of their own.
    """
    shared = selectors.shared_reasons(run)
    asked = whole(request.GET.get("why", ""))
    why = next((one for one in shared if one.first == asked), None)
    if why:
        rows, shared = selectors.list_refused_for(run, why), []
    else:
        rows = selectors.list_refused_otherwise(run, shared)
    page = fetch(request, rows, IN_ORDER, PAGE)
    taken = selectors.taken_later(page.rows)
    return {
        "page": page,
        "lines": [(row, taken.get(row.pk)) for row in page.rows],
        "why": why,
        "shared": [(one.text, one.n, f"?why={one.first}{links.FOUND}") for one in shared],
    }


def whole(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


def outcome(context: Mapping[str, Any]) -> str:
    return f"Import {context['run'].pk}: {context['badge'].word}"


def frame(request: HttpRequest, run: ImportRun, current: str) -> dict[str, Any]:
    standing = selectors.standing_of(run)
    n_touched = int(run.counts.get("created", 0)) + int(run.counts.get("updated", 0))
    pages = (
        ("refused", "Refused records", "registry:import", run.counts.get("rejected", 0)),
        ("studies", "Studies touched", "registry:import_studies", n_touched),
    )
    return {
        "run": run,
        "crumbs": [LIST, Crumb(f"Import {run.pk}")],
        "badge": badge(standing, selectors.count_mended([run]).get(run.pk, 0)),
        "counts": [(label, run.counts.get(name, 0), name) for name, label in COUNTS],
        "n_read": run.counts.get("read", 0),
        "tabs": [
            Tab(label, reverse(url, args=[run.pk]), n, key == current)
            for key, label, url, n in pages
        ],
        "progress": progress_of(standing, poll_url=request.get_full_path()),
        **way_on(standing),
    }


def way_on(standing: Standing) -> dict[str, Any]:
    """Return how an import that is not at its end goes on: by a button, or where it was started."""
    run, job, is_interrupted = standing.run, standing.job, standing.is_interrupted
    is_open = run.state != RunState.DONE
    has_ended = job is not None and job.state in (JobState.FAILED, JobState.CANCELLED)
    is_left = is_open and job is None and (is_interrupted or run.state == RunState.STOPPED)
    files = " ".join(shlex.quote(one["name"]) for one in run.paths)
    return {
        "is_interrupted": is_interrupted,
        "may_resume": is_open and job is not None and (has_ended or is_interrupted),
        "command": f"tembusu import-studies {files}" if is_left else "",
        "fault": job.error if job is not None and job.state == JobState.FAILED else "",
    }


def progress_of(standing: Standing, *, poll_url: str) -> JobProgress | None:
    """Return the running import's progress; None once it is at its end or was interrupted."""
    run, job = standing.run, standing.job
    if run.state != RunState.RUNNING or standing.is_interrupted:
        return None
    if job is not None and job.state not in OPEN:
        return None
    state = JobState(job.state) if job is not None else JobState.RUNNING
    state = JobState.WAITING if standing.is_queued else state
    message = "Stops at its next step" if job is not None and job.is_cancel_requested else ""
    return JobProgress(
        label=f"Import of {run.label}",
        state=state,
        done=int(run.counts.get("read", 0)),
        total=(job.n_total or None) if job is not None else None,
        message=message or ("Waits for a worker" if state is JobState.WAITING else ""),
        poll_url=poll_url,
        cancel_url=reverse("registry:import_cancel", args=[run.pk]) if job is not None else "",
        counts=[(label, int(run.counts.get(name, 0))) for name, label in COUNTS],
    )


OPEN = (JobState.WAITING, JobState.RUNNING)


@login_required
@require_safe
def run_refused_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    run = selectors.get_run(request.user, pk)
    rows = selectors.list_refused(run).order_by("pk").iterator(chunk_size=2000)
    cells = ([row.source, row.position, row.registry_no, row.reason] for row in rows)
    return csv_response(f"refused-{run.pk}.csv", REFUSED_HEADING, cells)


@login_required
@require_safe
def run_refused_file(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out the refused records themselves, to be mended and sent again."""
    run = selectors.get_run(request.user, pk)
    kept = selectors.refused_file(run)
    if kept is None:
        raise Http404("Nothing of the refused records was kept.")
    return FileResponse(
        files.path_of(kept.sha256).open("rb"),
        as_attachment=True,
        filename=f"refused-{run.pk}.zip",
        content_type=kept.media_type,
    )


@login_required
@require_safe
def run_studies(request: HttpRequest, pk: int) -> HttpResponse:
    run = selectors.get_run(request.user, pk)
    context = frame(request, run, "studies")
    if part := polling.part(request, context["progress"]):
        return part
    context["page"] = fetch(request, selectors.list_touched(run), IN_ORDER, PAGE)
    return polling.whole(
        request, "registry/imports/studies.html", context, outcome=outcome(context)
    )


@login_required
@require_POST
def run_cancel(request: HttpRequest, pk: int) -> HttpResponseBase:
    run = selectors.get_run(request.user, pk)
    return _done(request, run, uploads.cancel_import, "The import stops at its next step.")


@login_required
@require_POST
def run_resume(request: HttpRequest, pk: int) -> HttpResponseBase:
    run = selectors.get_run(request.user, pk)
    return _done(
        request, run, uploads.resume_import, "The import is queued and goes on where it stopped."
    )


def _done(request: HttpRequest, run: ImportRun, act: Any, said: str) -> HttpResponseBase:
    try:
        act(run=run, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("registry:import", pk=run.pk)
