"""Committee papers: asked for by somebody, made by a job, kept as they were read."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tembusu.foundation.core import audit, jobs
from tembusu.foundation.core.audit import Actor
from tembusu.insight import permissions
from tembusu.insight.models import Paper
from tembusu.insight.rules import papers as rules
from tembusu.insight.terms import PAPER, PaperState


@audit.act
def ask_for_paper(*, quarter: date, is_synthetic: bool, by: Actor, at: datetime) -> Paper:
    """Ask for the paper of a quarter; a job makes it.

    :raises PermissionDenied: unless the person may make papers
    :raises PaperRefused: for a quarter that has not begun
    """
    permissions.check_can_make_paper(by)
    rules.check_quarter(quarter, today=at.date())
    paper = Paper.objects.create(
        quarter=quarter, is_synthetic=is_synthetic, asked_by_id=by.pk, asked_at=at
    )
    job = jobs.start(
        PAPER,
        title=f"Committee paper {rules.quarter_name(quarter)}",
        arguments={"paper": paper.pk},
        by=by,
        at=at,
    )
    paper.job_id = job.pk
    paper.save(update_fields=["job_id"])
    audit.record("insight.paper.asked", on=[paper, job], by=by, at=at)
    return paper


@audit.act
def keep_paper(
    *,
    paper: Paper,
    files: Mapping[str, str],
    facts: Mapping[str, Any],
    by: Actor | None,
    at: datetime,
) -> Paper:
    """Keep a paper that was made, by its files' SHA-256; one that is made already stays as it is."""
    paper = Paper.objects.select_for_update().get(pk=paper.pk)
    if paper.state == PaperState.MADE:
        return paper
    paper.state, paper.made_at, paper.facts = PaperState.MADE, at, dict(facts)
    paper.pdf, paper.png, paper.csv = files["pdf"], files["png"], files["csv"]
    paper.save()
    audit.record("insight.paper.made", on=paper, by=by, at=at, change={"files": dict(files)})
    return paper
