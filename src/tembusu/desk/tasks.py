"""What workers run: the daily digests."""

import contextlib

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tembusu.desk import actions, rules, selectors
from tembusu.foundation.people import selectors as people


@app.periodic(cron="5,35 * * * *")
@app.task(name="desk.queue_digests", queue="mail", queueing_lock="desk.queue_digests")
def queue_digests(timestamp: int) -> None:
    """Queue the day's digests from the set hour on, each as a job of its own."""
    local = timezone.localtime(timezone.now())
    if not rules.is_digest_hour(local, settings.DIGEST_HOUR):
        return
    for person_id in selectors.list_due_for_digest(local.date()).iterator():
        with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
            lock = f"desk.digest.{person_id}"
            mail_digest.configure(queueing_lock=lock).defer(person_id=person_id)


@app.task(name="desk.mail_digest", queue="mail")
def mail_digest(person_id: int) -> None:
    """Send one person's digest, unless it was sent today."""
    person = people.list_reachable().filter(pk=person_id).first()
    if person is not None:
        actions.send_digest(person=person, by=None, at=timezone.now())
