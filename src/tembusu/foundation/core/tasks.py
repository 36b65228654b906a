"""What the workers run."""

import contextlib

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tembusu.foundation.core import jobs, notices, outbox


@app.task(name="core.run_job", queue="jobs", pass_context=False)
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@app.task(name="core.mail_notification", queue="mail", retry=RetryStrategy(max_attempts=5, wait=60))
def mail_notification(notification_id: int) -> None:
    notices.mail(notification_id, at=timezone.now())


@app.task(name="core.deliver_outbox", queue="outbox")
def deliver_outbox() -> None:
    while outbox.deliver(at=timezone.now()):
        pass


@app.periodic(cron="* * * * *")
@app.task(name="core.sweep_outbox", queue="outbox", queueing_lock="sweep_outbox")
def sweep_outbox(timestamp: int) -> None:
    outbox.deliver(at=timezone.now())


@app.periodic(cron="*/2 * * * *")
@app.task(name="core.rescue_jobs", queue="outbox", queueing_lock="rescue_jobs", pass_context=True)
async def rescue_jobs(context: object, timestamp: int) -> None:
    """Queue again what a killed worker left half done."""
    manager = context.app.job_manager  # type: ignore[attr-defined]
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=60):
        await manager.retry_job(stalled)


def wake_outbox() -> None:
    """Ask a worker to deliver waiting events now; one request in the queue is enough."""
    with contextlib.suppress(AlreadyEnqueued):
        deliver_outbox.configure(queueing_lock="deliver_outbox").defer()
