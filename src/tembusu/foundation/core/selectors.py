from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from tembusu.foundation.core import locks
from tembusu.foundation.core.models import AuditEvent, Job, StoredFile
from tembusu.foundation.core.terms import JOB_LOCK


def get_job(user: Any, pk: int) -> Job:
    """Return a job that this person asked for; anybody else's does not exist for them."""
    return get_object_or_404(Job, pk=pk, requested_by_id=user.pk)


def list_jobs(user: Any) -> QuerySet[Job]:
    """Return the jobs that this person asked for, newest first."""
    return Job.objects.filter(requested_by_id=user.pk).order_by("-id")


def get_job_file(user: Any, pk: int, name: str) -> StoredFile:
    """Return a file that one of this person's jobs left, by the name the result gives it."""
    job = get_job(user, pk)
    return get_object_or_404(StoredFile, pk=job.result.get("files", {}).get(name, ""))


def job_by_id(pk: int | None) -> Job | None:
    """Return a job whoever asked for it, for a room that has checked who may see its record."""
    return Job.objects.filter(pk=pk).first() if pk else None


def jobs_at_work(pks: Sequence[int]) -> set[int]:
    """Return which of the jobs a worker is at work on."""
    return locks.held_among(JOB_LOCK, pks)


def is_queued(job: Job) -> bool:
    """Say whether a job's entry waits in the queue for a worker."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    from tembusu.foundation.core import tasks

    entries = ProcrastinateJob.objects.filter(task_name=tasks.run_job.name, status="todo")
    return entries.filter(args__job_id=job.pk).exists()


def file_by_sha256(sha256: str) -> StoredFile | None:
    """Return a stored file, for a room that has checked who may see the record it belongs to."""
    return StoredFile.objects.filter(pk=sha256).first() if sha256 else None


def list_told(
    *, since: datetime, until: datetime, but_by: int | None, imported: bool, limit: int
) -> QuerySet[AuditEvent]:
    """Return what the ledger holds after a moment, newest first, without the facts of each act.

    For the desk, which shows of it only what concerns its reader.

    :param but_by: leave out what this person did
    :param imported: only what imports did, or only the rest: an import writes thousands at once
    """
    found = AuditEvent.objects.filter(at__gt=since, at__lte=until).defer("change")
    found = (
        found.filter(event__contains="import")
        if imported
        else found.exclude(event__contains="import")
    )
    if but_by is not None:
        found = found.exclude(by_id=but_by)
    return found.order_by("-at", "-id")[:limit]
