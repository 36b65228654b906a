"""One extract: its check, the preview, its taking, and what became of each row."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tembusu.foundation.core import files
from tembusu.foundation.core import selectors as core
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.core.terms import JobState as CoreJobState
from tembusu.foundation.exchange import actions, terms
from tembusu.foundation.exchange.models import Extract, ExtractRow
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.terms import ExtractState, VerdictKind
from tembusu.foundation.exchange.views import extracts, paged
from tembusu.foundation.ui import paging, polling
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import (
    Badge,
    Change,
    Crumb,
    JobProgress,
    JobState,
    Shape,
    Tab,
    Tone,
)

IN_ORDER = paging.Sort("line", "line", paging.Kind.WHOLE)
LABELS = {
    VerdictKind.REFUSED: "Refused",
    VerdictKind.CHANGED: "Changed",
    VerdictKind.NEW: "New",
    VerdictKind.SAME: "Same",
    VerdictKind.LEFT: "Left",
}
BADGES = {
    VerdictKind.REFUSED: Badge("Refused", Tone.BAD),
    VerdictKind.CHANGED: Badge("Changed", Tone.INFO),
    VerdictKind.NEW: Badge("New", Tone.OK),
    VerdictKind.SAME: Badge("Same", Tone.QUIET),
    VerdictKind.LEFT: Badge("Left", Tone.QUIET, Shape.PAUSE),
}
OTHERWISE = "otherwise"
HEADING = ("row", "about", "preview", "outcome", "reason", "differences")
SECTIONS = (ExtractState.CHECKED, ExtractState.STOPPED, ExtractState.DONE)
AT_WORK = (ExtractState.CHECKING, ExtractState.TAKING)


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    extract = selectors.get_extract(request.user, pk)
    context = frame(request, extract)
    if part := polling.part(request, context["progress"]):
        return part
    if extract.state in SECTIONS:
        context |= rows_shown(request, extract)
    return polling.whole(
        request,
        "exchange/extracts/extract.html",
        context,
        outcome=f"{extract.name}: {context['badge'].word}",
    )


def frame(request: HttpRequest, extract: Extract) -> dict[str, Any]:
    job = core.job_by_id(extract.job_id)
    has_failed = job is not None and job.state == CoreJobState.FAILED
    counts = counts_of(extract)
    return {
        "extract": extract,
        "title": extracts.title_of(extract),
        "badge": extracts.badge(extract),
        "crumbs": [extracts.HOME, Crumb(f"Extract {extract.pk}")],
        "progress": progress_of(extract, poll_url=request.get_full_path()),
        "fault": job.error if job is not None and has_failed else "",
        "counts": [(LABELS[kind], n, kind.value) for kind, n in counts.items()],
        "n_rows": sum(counts.values()),
        "n_taken": n_of(counts, VerdictKind.NEW, VerdictKind.CHANGED),
        "n_new": n_of(counts, VerdictKind.NEW),
        "n_changed": n_of(counts, VerdictKind.CHANGED),
        "n_refused": n_of(counts, VerdictKind.REFUSED),
        "is_checked": extract.state == ExtractState.CHECKED,
        "is_done": extract.state == ExtractState.DONE,
        "is_stopped": extract.state == ExtractState.STOPPED,
        "is_sent": extract.state == ExtractState.SENT,
        "records_url": records_url(extract),
    }


def n_of(counts: dict[VerdictKind, int], *kinds: VerdictKind) -> int:
    return sum(counts.get(kind, 0) for kind in kinds)


def is_settled(extract: Extract) -> bool:
    """Say whether the rows' outcomes are shown, and not what the preview found."""
    return extract.state in (ExtractState.DONE, ExtractState.STOPPED)


def counts_of(extract: Extract) -> dict[VerdictKind, int]:
    """Return how many rows had each outcome or, before that, each verdict."""
    is_stopped = extract.state == ExtractState.STOPPED
    found = selectors.outcomes_of(extract) if is_stopped else extract.counts
    prefix = "taken." if is_settled(extract) else ""
    return {
        kind: found.get(f"{prefix}{kind.value}", 0) for kind in LABELS if prefix or kind != "left"
    }


def records_url(extract: Extract) -> str:
    purpose = terms.get_purpose(extract.purpose)
    try:
        return reverse(purpose.url) if purpose is not None and purpose.url else ""
    except NoReverseMatch:
        return ""


def progress_of(extract: Extract, *, poll_url: str) -> JobProgress | None:
    """Return how far the extract's job is; None where nothing is at work."""
    job = core.job_by_id(extract.job_id)
    if job is None or extract.state not in AT_WORK:
        return None
    if job.state not in (CoreJobState.WAITING, CoreJobState.RUNNING):
        return None
    is_check = extract.state == ExtractState.CHECKING
    is_stopping = job.is_cancel_requested
    return JobProgress(
        label="Checking the rows; nothing is changed yet" if is_check else "Taking the rows",
        state=JobState(job.state),
        done=job.n_done,
        total=job.n_total or None,
        unit="rows",
        message="Stops at its next step" if is_stopping else "",
        poll_url=poll_url,
        cancel_url=reverse("exchange:cancel", args=[extract.pk]),
    )


def rows_shown(request: HttpRequest, extract: Extract) -> dict[str, Any]:
    """Return the tabs, one for each kind of row, and the rows of the one that is open."""
    counts = counts_of(extract)
    n_otherwise = otherwise(extract).count() if is_settled(extract) else 0
    asked = request.GET.get("show", "")
    present = [kind for kind in LABELS if counts.get(kind)]
    open_ = asked if asked == OTHERWISE else next((k for k in present if k == asked), None)
    if open_ is None:
        open_ = present[0] if present else VerdictKind.NEW
    tabs = [Tab(LABELS[k], f"?show={k.value}", counts[k], k == open_) for k in present]
    if n_otherwise:
        tabs.append(
            Tab("Otherwise than shown", f"?show={OTHERWISE}", n_otherwise, open_ == OTHERWISE)
        )
    page = paged.fetch(request, of_kind(extract, str(open_)), IN_ORDER)
    return {
        "tabs": tabs,
        "page": page,
        "lines": [line(extract, row) for row in page.rows],
        "n_otherwise": n_otherwise,
        "open": str(open_),
        "open_label": LABELS.get(VerdictKind(open_), "") if open_ != OTHERWISE else "Otherwise",
        "csv_url": reverse("exchange:rows_csv", args=[extract.pk]),
    }


def otherwise(extract: Extract) -> QuerySet[ExtractRow]:
    """Return the rows that came out otherwise than the preview showed, since records changed."""
    rows = selectors.list_rows(extract).exclude(verdict="").exclude(outcome="")
    return rows.exclude(outcome=F("verdict")).exclude(outcome=VerdictKind.LEFT)


def of_kind(extract: Extract, kind: str) -> QuerySet[ExtractRow]:
    if kind == OTHERWISE:
        return otherwise(extract)
    by = {"outcome": kind} if is_settled(extract) else {"verdict": kind}
    return selectors.list_rows(extract).filter(**by)


def line(extract: Extract, row: ExtractRow) -> dict[str, Any]:
    is_settled_row = bool(row.outcome) and is_settled(extract)
    reason = row.outcome_reason if is_settled_row else row.reason
    kind = VerdictKind(row.outcome if is_settled_row else row.verdict)
    return {
        "row": row,
        "badge": BADGES[kind],
        "reasons": reason.splitlines(),
        "changes": [Change(label, before, after) for label, before, after in row.differences],
        "may_leave": extract.state == ExtractState.CHECKED and row.verdict == VerdictKind.CHANGED,
    }


# -- files ----------------------------------------------------------------------------------------


@login_required
@require_safe
def rows_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    extract = selectors.get_extract(request.user, pk)
    rows = selectors.list_rows(extract).order_by("line").iterator(chunk_size=2000)
    cells = (
        [
            row.line,
            row.what,
            row.verdict,
            row.outcome,
            row.outcome_reason or row.reason,
            "; ".join(
                f"{label}: {was or '–'} → {now or '–'}" for label, was, now in row.differences
            ),
        ]
        for row in rows
    )
    return csv_response(f"extract-{extract.pk}.csv", HEADING, cells)


@login_required
@require_safe
def refused_file(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out the refused rows in the format in which they were sent, to be mended and sent again."""
    extract = selectors.get_extract(request.user, pk)
    kept = core.file_by_sha256(extract.refused_file)
    if kept is None:
        raise Http404("Nothing was refused.")
    suffix = selectors.manner_of(extract).kind.value
    return FileResponse(
        files.path_of(kept.sha256).open("rb"),
        as_attachment=True,
        filename=f"refused-{extract.pk}.{suffix}",
        content_type=kept.media_type,
    )


# -- acts -----------------------------------------------------------------------------------------


@login_required
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    extract = selectors.get_extract(request.user, pk)
    wants_changes = request.POST.get("changes") != "leave"
    return _done(
        request,
        extract,
        lambda: actions.take_extract(
            extract=extract, takes_changes=wants_changes, by=request.user, at=timezone.now()
        ),
        "",
    )


@login_required
@require_POST
def leave(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Leave one changed row as it is, or take it after all."""
    extract = selectors.get_extract(request.user, pk)
    is_left = request.POST.get("left") == "yes"
    said = f"Row {line} will be left as it is." if is_left else f"Row {line} will be taken."
    answer = _done(
        request,
        extract,
        lambda: actions.leave_rows(
            extract=extract, lines=[line], is_left=is_left, by=request.user, at=timezone.now()
        ),
        said,
    )
    answer["Location"] += "?show=changed#found"
    return answer


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    extract = selectors.get_extract(request.user, pk)
    return _done(
        request,
        extract,
        lambda: actions.cancel_extract(extract=extract, by=request.user, at=timezone.now()),
        "It stops at its next step. What was taken stays.",
    )


@login_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    extract = selectors.get_extract(request.user, pk)
    return _done(
        request,
        extract,
        lambda: actions.resume_extract(extract=extract, by=request.user, at=timezone.now()),
        "It goes on where it stopped.",
    )


@login_required
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    extract = selectors.get_extract(request.user, pk)
    return _done(
        request,
        extract,
        lambda: actions.discard_extract(extract=extract, by=request.user, at=timezone.now()),
        "The extract was laid aside; nothing of it was taken.",
    )


def _done(
    request: HttpRequest, extract: Extract, act: Callable[[], object], said: str
) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if said:
            messages.success(request, said)
    return redirect("exchange:extract", pk=extract.pk)
