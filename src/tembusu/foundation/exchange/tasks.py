"""What exchange's jobs do: check an extract's rows, take them, send events."""

from django.utils import timezone
from procrastinate.contrib.django import app

from tembusu.foundation.core import jobs
from tembusu.foundation.core.jobs import JobRun
from tembusu.foundation.core.terms import JobResult
from tembusu.foundation.exchange.actions import checking, posting, sending, steering, taking
from tembusu.foundation.exchange.models import Extract
from tembusu.foundation.exchange.terms import ExtractState


def register() -> None:
    """Say what each kind of job does."""
    jobs.register(sending.CHECK, check)
    jobs.register(sending.TAKE, take)


def check(run: JobRun) -> JobResult:
    """Check an extract's rows; however that is broken off, its columns can be mapped anew.

    :raises Cancelled: if somebody asked for it to stop
    :raises FileFault: if its file cannot be read to its end
    """
    extract = Extract.objects.get(pk=run.arguments["extract"])
    if extract.state != ExtractState.CHECKING:
        return JobResult(note="The extract was mapped anew or laid aside.")
    try:
        done = checking.check_extract(
            extract=extract, by=run.by, at=timezone.now(), progress=run.progress
        )
    except Exception:
        steering.stop_extract(extract=extract, by=run.by, at=timezone.now())
        raise
    n_refused = done.counts.get("refused", 0)
    return JobResult(
        figures={"rows": done.n_rows, **done.counts},
        shortfall=f"{n_refused:,} would be refused" if n_refused else "",
    )


def take(run: JobRun) -> JobResult:
    """Take an extract's rows; one that was broken off goes on where it stopped.

    :raises Cancelled: if somebody asked for it to stop; what was taken stays
    :raises FileFault: if its file cannot be read to its end
    """
    extract = Extract.objects.get(pk=run.arguments["extract"])
    if extract.state != ExtractState.TAKING:
        return JobResult(note="The extract is not to be taken.")
    try:
        done = taking.take_rows(
            extract=extract,
            by=run.by,
            at=timezone.now(),
            progress=run.progress,
            clock=timezone.now,
        )
    except Exception:
        steering.stop_extract(extract=extract, by=run.by, at=timezone.now())
        raise
    n_refused = done.counts.get("taken.refused", 0)
    figures = {k.removeprefix("taken."): n for k, n in done.counts.items() if "." in k}
    return JobResult(
        figures={"rows": done.n_rows, **figures},
        shortfall=f"{n_refused:,} refused" if n_refused else "",
    )


@app.task(name="exchange.send_webhook", queue="webhooks")
def send_webhook(delivery_id: int) -> None:
    posting.deliver(delivery_id, clock=timezone.now)


@app.periodic(cron="* * * * *")
@app.task(name="exchange.sweep_webhooks", queue="webhooks", queueing_lock="sweep_webhooks")
def sweep_webhooks(timestamp: int) -> None:
    """Send what is due again, and what a killed worker left."""
    for pk in posting.due(timezone.now()):
        send_webhook.defer(delivery_id=pk)
