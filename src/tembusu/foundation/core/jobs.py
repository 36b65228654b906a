"""Long work as jobs on procrastinate: progress, cancel, retry, and a result that is kept.

A room registers what a kind of job does; ``start`` queues one inside the caller's transaction. Any
number of workers on any number of machines take jobs from the database.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from tembusu.foundation.core import audit, history, locks, rules, states
from tembusu.foundation.core.audit import Actor
from tembusu.foundation.core.models import Job
from tembusu.foundation.core.terms import JOB_LOCK, JobResult, JobState

SECONDS_BETWEEN_WRITES = 0.5


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


@dataclass(slots=True)
class JobRun:
    """What a running job may do with its own record."""

    job: Job
    arguments: Mapping[str, Any]
    by: Any
    _written_at: float = field(default=0.0)

    def progress(self, n_done: int, n_total: int, message: str = "") -> None:
        """Tell how far the job is; writes at most twice a second.

        :raises Cancelled: if somebody asked for the job to stop
        """
        if time.monotonic() - self._written_at < SECONDS_BETWEEN_WRITES:
            return
        self._written_at = time.monotonic()
        Job.objects.filter(pk=self.job.pk).update(
            n_done=n_done, n_total=n_total, message=message[:300]
        )
        if Job.objects.filter(pk=self.job.pk, is_cancel_requested=True).exists():
            raise Cancelled


Work = Callable[[JobRun], JobResult]
_work: dict[str, Work] = {}


def register(kind: str, work: Work) -> None:
    """Say what a kind of job does."""
    _work[kind] = work


@audit.act
def start(
    kind: str, *, title: str, arguments: Mapping[str, Any], by: Actor | None, at: datetime
) -> Job:
    """Queue a job; it runs only if the caller's transaction commits.

    :raises KeyError: if no room registered this kind
    """
    _work[kind]
    job = Job.objects.create(
        kind=kind,
        title=title,
        arguments=dict(arguments),
        requested_by_id=by.pk if by is not None else None,
        requested_at=at,
    )
    audit.record("core.job.started", on=job, by=by, at=at, change={"kind": kind, "title": title})
    _queue(job)
    return job


def _queue(job: Job) -> None:
    from tembusu.foundation.core import tasks

    tasks.run_job.defer(job_id=job.pk)


@audit.act
def cancel(*, job: Job, by: Actor, at: datetime) -> Job:
    """Ask a job to stop: at once while it waits, at its next step while it runs.

    :raises IllegalMove: if it has ended already
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    present = JobState(job.state)
    states.check_move(rules.JOB_MOVES, present=present, to=JobState.CANCELLED)
    job.is_cancel_requested = True
    if present is JobState.WAITING:
        job.state, job.finished_at = JobState.CANCELLED, at
    job.save(update_fields=["is_cancel_requested", "state", "finished_at"])
    audit.record("core.job.cancel_requested", on=job, by=by, at=at)
    return job


@audit.act
def retry(*, job: Job, by: Actor, at: datetime) -> Job:
    """Queue a job that failed or was cancelled once more; what it had done stays done.

    :raises IllegalMove: unless it failed or was cancelled
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    states.check_move(rules.JOB_MOVES, present=JobState(job.state), to=JobState.WAITING)
    job.state, job.finished_at, job.is_cancel_requested, job.error = (
        JobState.WAITING,
        None,
        False,
        "",
    )
    job.save(update_fields=["state", "finished_at", "is_cancel_requested", "error"])
    audit.record("core.job.retried", on=job, by=by, at=at)
    _queue(job)
    return job


@audit.act
def take_up_again(*, job: Job, by: Actor, at: datetime) -> Job:
    """Queue a job again whose worker ended without a word. Ask only where nobody is at work on it.

    :raises IllegalMove: unless it was left running
    """
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.state != JobState.RUNNING:
        raise states.IllegalMove(f"This job is {job.state}: nothing was left half done.")
    _queue_again(job, at)
    audit.record("core.job.taken_up_again", on=job, by=by, at=at)
    return job


def _queue_again(job: Job, at: datetime) -> None:
    """Give the queue its own entry back, as the rescue of stalled jobs does; so none runs twice."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    from tembusu.foundation.core import tasks

    entries = ProcrastinateJob.objects.filter(
        task_name=tasks.run_job.name, args__job_id=job.pk, status__in=("todo", "doing")
    )
    found = list(entries.values_list("pk", "status"))
    for pk, status in found:
        if status == "doing":
            app.job_manager.retry_job_by_id(pk, retry_at=at)
    if not found:
        _queue(job)


def run(job_id: int) -> None:
    """Run one queued job to its end and keep what came of it. Called by the worker."""
    # Held before the job says that it runs, until it says how it ended.
    if not locks.take(JOB_LOCK, job_id):
        return
    with locks.letting_go(JOB_LOCK, job_id):
        job = _take(job_id)
        if job is not None:
            _work_on(job)


def _work_on(job: Job) -> None:
    facts = {"user": job.requested_by_id, "job": job.pk, "reason": job.title}
    with history.context(**facts):
        try:
            work = _work[job.kind]
            result = work(JobRun(job=job, arguments=job.arguments, by=job.requested_by))
        except Cancelled:
            _finish(job, JobState.CANCELLED)
        except states.Refusal as refusal:
            _finish(job, JobState.FAILED, error=str(refusal))
        except Exception as fault:
            _finish(job, JobState.FAILED, error=f"{type(fault).__name__}: {fault}")
            raise
        else:
            _finish(job, JobState.DONE, result=result)


@transaction.atomic
def _take(job_id: int) -> Job | None:
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None or JobState(job.state) not in (JobState.WAITING, JobState.RUNNING):
        return None
    job.state, job.started_at, job.n_done = JobState.RUNNING, timezone.now(), 0
    job.save(update_fields=["state", "started_at", "n_done"])
    return job


def _ended(job: Job, to: JobState, result: JobResult | None) -> str:
    """Return the line that tells whoever asked for a job how it ended."""
    how = f": {to.label.lower()}"
    if result and result.shortfall:
        how += f", {result.shortfall}"
    return job.title + how


@transaction.atomic
def _finish(job: Job, to: JobState, *, result: JobResult | None = None, error: str = "") -> None:
    from tembusu.foundation.core import notices

    at = timezone.now()
    # Progress is written now and then; what is done was done to its end.
    end = {"n_done": Greatest("n_done", "n_total")} if to is JobState.DONE else {}
    Job.objects.filter(pk=job.pk).update(
        **end,
        state=to,
        finished_at=at,
        result=result.as_json() if result else {},
        error=error[:2000],
        message="",
    )
    audit.record(f"core.job.{to.value}", on=job, by=None, at=at, reason=error[:200])
    if job.requested_by is not None:
        notices.notify(
            person=job.requested_by,
            text=_ended(job, to, result),
            url=f"/jobs/{job.pk}/",
            at=at,
        )
