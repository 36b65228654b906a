"""What insight's jobs do, and what it does when start-up announces a change."""

import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources
from typing import Any, Final

import typst
from django.utils import timezone

from tembusu.foundation.core import files, jobs, outbox
from tembusu.foundation.core.jobs import JobRun
from tembusu.foundation.core.terms import FileRules, JobResult
from tembusu.foundation.ui.downloads import csv_lines
from tembusu.insight.actions import counting, keep_paper
from tembusu.insight.rules.papers import quarter_name
from tembusu.insight.selectors import papers, tables
from tembusu.insight.terms import PAPER, RECOUNT, PaperState
from tembusu.insight.views import plates

ACCEPTED = FileRules(frozenset({"application/pdf", "image/png", "text/csv"}), 50 * 1024**2)
STANDARD: Final = "ua-1"  # PDF/UA-1, ISO 14289-1: readable with a screen reader
PICTURE_PPI = 130.0


def register() -> None:
    """Say what each kind of job does, and hear start-up's events."""
    from tembusu.coordination.startup.terms import MILESTONES_CHANGED

    jobs.register(RECOUNT, recount)
    jobs.register(PAPER, make_paper)
    outbox.subscribe(MILESTONES_CHANGED.name, count_changed)


def count_changed(payload: Mapping[str, Any]) -> None:
    """Bring the study-sites that an event names in step. Heard twice, it changes nothing."""
    counting.refresh(payload["site_pathway_ids"], at=timezone.now())


def recount(run: JobRun) -> JobResult:
    """Count all figures anew and keep what differs.

    :raises Cancelled: if somebody asked for it to stop; the months done stay
    """
    done = counting.recount(
        counting.months(),
        at=timezone.now(),
        progress=lambda n_done, n_total: run.progress(n_done, n_total, "months"),
    )
    return JobResult(
        figures={
            "study-sites counted": done.n_cases,
            "months": done.n_months,
            "months that changed": done.n_changed,
        }
    )


def make_paper(run: JobRun) -> JobResult:
    """Make a committee paper from the figures as they stand now; made once, it stays."""
    at = timezone.now()
    paper = papers.get_paper(run.by, run.arguments["paper"])
    if paper.state == PaperState.MADE:
        return JobResult(note="It was made before.")
    view = papers.view_of(paper.quarter, timezone.localdate(at))
    title = f"Start-up of clinical trials, {quarter_name(paper.quarter)}"
    data = plates.data_of(
        view, title, is_synthetic=paper.is_synthetic, author=run.by.get_full_name()
    )
    rows = tables.figure_rows(view)
    if paper.is_synthetic:
        rows.append(["Synthetic data", *[None] * (len(tables.HEADING) - 1)])
    made = {
        "pdf": compiled(data, "pdf"),
        "png": compiled(data, "png"),
        "csv": "".join(csv_lines(tables.HEADING, rows)).encode(),
    }
    kept = {kind: _keep(content, paper.quarter, kind, run.by, at) for kind, content in made.items()}
    keep_paper(
        paper=paper,
        files=kept,
        facts={"heading": list(tables.HEADING), "rows": rows},
        by=run.by,
        at=at,
    )
    return JobResult(figures={"measures": len(data["stages"])}, files=kept)


def compiled(data: Mapping[str, Any], kind: str) -> bytes:
    """Return the paper as PDF/UA, or as one tall picture."""
    source = resources.files("tembusu.insight").joinpath("templates/insight/paper.typ").read_bytes()
    inputs = {"data": json.dumps(data, default=str), "kind": kind}
    if kind == "pdf":
        made = typst.compile(source, format="pdf", sys_inputs=inputs, pdf_standards=STANDARD)
    else:
        made = typst.compile(source, format="png", sys_inputs=inputs, ppi=PICTURE_PPI)
    return made if isinstance(made, bytes) else b"".join(made or [])


def _keep(content: bytes, quarter: date, kind: str, by: Any, at: datetime) -> str:
    name = f"start-up-{quarter_name(quarter).replace(' ', '-')}.{kind}"
    stored = files.store(io.BytesIO(content), name=name, accepted=ACCEPTED, by=by, at=at)
    return stored.sha256
