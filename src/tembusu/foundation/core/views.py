from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tembusu.foundation.core import files, jobs, notices, selectors, states, trail
from tembusu.foundation.core.http import UserRequest
from tembusu.foundation.core.models import Job
from tembusu.foundation.core.terms import JobState, TrailEntry, TrailKind
from tembusu.foundation.ui import polling
from tembusu.foundation.ui import terms as ui
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.wording import moment

ENTRIES_ON_A_PAGE = 100
JOBS_ON_A_PAGE = 50
KIND_WORDS = {
    TrailKind.ACT: "Acts of people",
    TrailKind.IMPORT: "Imports",
    TrailKind.CHANGE: "Changes outside any act",
}


@login_required
@require_GET
def job_list(request: UserRequest) -> HttpResponse:
    shown = selectors.list_jobs(request.user)[:JOBS_ON_A_PAGE]
    found = [(job, _progress(job, "core:job_part")) for job in shown]
    return render(request, "core/jobs.html", {"jobs": found})


@login_required
@require_GET
def job_detail(request: UserRequest, pk: int) -> HttpResponse:
    job = selectors.get_job(request.user, pk)
    progress = _progress(job, "core:job")
    if part := polling.part(request, progress):
        return part
    context = {
        "job": job,
        "progress": progress,
        "may_retry": job.state in (JobState.FAILED, JobState.CANCELLED),
        "facts": [
            ui.Fact("Asked for", moment(job.requested_at)),
            ui.Fact("Started", moment(job.started_at) if job.started_at else ""),
            ui.Fact("Ended", moment(job.finished_at) if job.finished_at else ""),
        ],
        "files": job.result.get("files", {}),
        "note": job.result.get("note", ""),
        "crumbs": [ui.Crumb("Jobs", reverse("core:jobs")), ui.Crumb(job.title)],
    }
    return polling.whole(request, "core/job.html", context, outcome=_outcome(progress))


@login_required
@require_GET
def job_part(request: UserRequest, pk: int) -> HttpResponse:
    """Answer the list's own question how far one of its jobs is."""
    progress = _progress(selectors.get_job(request.user, pk), "core:job_part")
    if not polling.is_polled(request):
        return redirect("core:job", pk=pk)
    outcome = "" if progress.is_open else _outcome(progress)
    return render(request, "core/job_part.html", {"progress": progress, "outcome": outcome})


def _outcome(progress: ui.JobProgress) -> str:
    return f"{progress.label}: {progress.ended}"


def _progress(job: Job, poll: str) -> ui.JobProgress:
    """Return the job as a page shows it.

    :param poll: the name of the address at which that page asks how far it is
    """
    figures = job.result.get("figures", {})
    return ui.JobProgress(
        label=job.title,
        state=ui.JobState(job.state),
        done=job.n_done,
        total=job.n_total or None,
        message=job.message,
        poll_url=reverse(poll, args=[job.pk]),
        cancel_url=reverse("core:job_cancel", args=[job.pk]),
        counts=[(name.replace("_", " ").capitalize(), n) for name, n in figures.items()],
        shortfall=job.result.get("shortfall", ""),
    )


@login_required
@require_POST
def job_cancel(request: UserRequest, pk: int) -> HttpResponse:
    job = selectors.get_job(request.user, pk)
    try:
        jobs.cancel(job=job, by=request.user, at=timezone.now())
    except states.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The job stops at its next step.")
    return redirect("core:job", pk=pk)


@login_required
@require_POST
def job_retry(request: UserRequest, pk: int) -> HttpResponse:
    job = selectors.get_job(request.user, pk)
    try:
        jobs.retry(job=job, by=request.user, at=timezone.now())
    except states.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The job is queued again.")
    return redirect("core:job", pk=pk)


@login_required
@require_GET
def job_file(request: UserRequest, pk: int, name: str) -> FileResponse:
    stored = selectors.get_job_file(request.user, pk, name)
    return FileResponse(
        files.path_of(stored.sha256).open("rb"),
        as_attachment=True,
        filename=name,
        content_type=stored.media_type,
    )


@login_required
@require_GET
def notification_list(request: UserRequest) -> HttpResponse:
    found = notices.list_for(request.user.pk)[:100]
    return render(request, "core/notifications.html", {"notices": found})


@login_required
@require_POST
def notifications_read(request: UserRequest) -> HttpResponse:
    notices.mark_read(person_id=request.user.pk, at=timezone.now())
    return redirect("core:notifications")


def _told(request: UserRequest, slug: str, pk: int) -> tuple[trail.Story, Any, list[TrailEntry]]:
    story = trail.story(slug)
    if story is None:
        raise Http404
    record = story.find(request.user, pk)
    asked = {name: request.GET.get(name, "").strip() for name in ("kind", "words", "by")}
    return story, record, trail.select(trail.tell(story, record), **asked)


@login_required
@require_GET
def trail_page(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    story, record, told = _told(request, slug, pk)
    found = [entry for entry in told if not entry.is_spare]
    shown = found if "all" in request.GET else found[:ENTRIES_ON_A_PAGE]
    context = {
        "record": record,
        "entries": [_shown(entry) for entry in shown],
        "n_entries": len(found),
        "n_hidden": len(found) - len(shown),
        "filters": _kind_chips(request),
        "asked": request.GET,
        "query": request.GET.urlencode(),
        "slug": slug,
        "crumbs": [ui.Crumb(str(record), story.url(record)), ui.Crumb("Trail")],
    }
    return render(request, "core/trail.html", context)


def _shown(entry: TrailEntry) -> ui.TrailEntry:
    changes = [ui.Change(c.field, c.before or None, c.after or None) for c in entry.shown]
    return ui.TrailEntry(
        at=entry.at,
        title=entry.title,
        who=entry.by,
        reason=entry.reason,
        changes=changes,
        is_turning=entry.kind is not TrailKind.CHANGE,
    )


def _kind_chips(request: UserRequest) -> list[ui.Chip]:
    """Return the kinds of entry as filters that keep the rest of the address."""
    chips = []
    for kind in TrailKind:
        asked = request.GET.copy()
        is_on = asked.get("kind") == kind
        asked.pop("kind", None)
        without = f"?{asked.urlencode()}"
        asked["kind"] = kind.value
        chips.append(
            ui.Chip("Kind", KIND_WORDS[kind], remove_url=without)
            if is_on
            else ui.Chip(KIND_WORDS[kind], url=f"?{asked.urlencode()}")
        )
    return chips


@login_required
@require_GET
def trail_export(request: UserRequest, slug: str, pk: int) -> StreamingHttpResponse:
    _, _, found = _told(request, slug, pk)
    return csv_response(f"trail-{slug}-{pk}.csv", trail.CSV_HEADING, trail.csv_rows(found))
