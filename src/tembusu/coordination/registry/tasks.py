"""What the registry's jobs do."""

from django.utils import timezone

from tembusu.coordination.registry.actions import imports, runs, uploads
from tembusu.coordination.registry.models import ImportRun
from tembusu.coordination.registry.terms import ImportCounts
from tembusu.foundation.core import jobs
from tembusu.foundation.core.jobs import Cancelled, JobRun
from tembusu.foundation.core.terms import JobResult
from trialformats.sources import count_hint

# What becomes of a record, in the words of the screens.
WORDS = {
    "read": "read",
    "created": "new",
    "updated": "changed",
    "unchanged": "unchanged",
    "rejected": "refused",
}


def register() -> None:
    """Say what each kind of job does."""
    jobs.register(uploads.KIND, import_files)


def import_files(run: JobRun) -> JobResult:
    """Import a job's files; a job that was interrupted goes on where it stopped.

    :raises Cancelled: if somebody asked for it to stop; what was taken stays
    """
    at, job_id = timezone.now(), run.job.pk
    paths = uploads.lay_out(run.job)
    n_total: list[int] = []

    def progress(counts: ImportCounts) -> None:
        if not n_total:  # counted once the run is held: it takes reading the files through
            n_total.append(count_hint(paths) or 0)
        run.progress(counts.read, max(n_total[0], counts.read) if n_total[0] else 0)

    try:
        done = imports.import_studies(
            paths=paths,
            by=run.by,
            at=at,
            refused_folder=lambda _: uploads.refused_folder(job_id),
            job_id=job_id,
            label=run.job.title,
            progress=progress,
            clock=timezone.now,
        )
    except Cancelled:
        stopped = ImportRun.objects.filter(job_id=job_id).latest("pk")
        runs.stop_run(run=stopped, by=run.by, at=timezone.now())
        raise
    sha256 = uploads.keep_refused(run=done, by=run.by, at=timezone.now())
    uploads.clear(job_id)
    kept = {f"refused-{done.pk}": sha256} if sha256 else {}
    n_refused = done.counts["rejected"]
    return JobResult(
        figures={WORDS[name]: n for name, n in done.counts.items()},
        files=kept,
        shortfall=f"{n_refused:,} refused" if n_refused else "",
    )
