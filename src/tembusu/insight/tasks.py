"""What insight's jobs do, and what it does when start-up announces a change."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from tembusu.foundation.core import jobs, outbox
from tembusu.foundation.core.jobs import JobRun
from tembusu.foundation.core.terms import JobResult
from tembusu.insight.actions import counting
from tembusu.insight.terms import RECOUNT


def register() -> None:
    """Say what each kind of job does, and hear start-up's events."""
    from tembusu.coordination.startup.terms import MILESTONES_CHANGED

    jobs.register(RECOUNT, recount)
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
