"""What workers do for submissions."""

from django.utils import timezone
from procrastinate.contrib.django import app

from tembusu.coordination.submissions import actions


@app.periodic(cron="20 17 * * *")
@app.task(name="submissions.lapse", queue="outbox", queueing_lock="submissions_lapse")
def lapse(timestamp: int) -> int:
    """Each night, let approvals end whose last day is over."""
    return actions.lapse_submissions(by=None, at=timezone.now())
