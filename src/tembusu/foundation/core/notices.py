"""Notifications: a line in the app at once, and the same line by e-mail through a job."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet

from tembusu.foundation.core.models import Notification


@transaction.atomic
def notify(*, person: Any, text: str, url: str, at: datetime) -> Notification:
    """Tell one person something; the e-mail leaves only if the caller's transaction commits.

    :param url: path within this site of the page to open, such as ``/jobs/4/``
    """
    from tembusu.foundation.core import tasks

    notice = Notification.objects.create(person=person, text=text[:300], url=url, written_at=at)
    tasks.mail_notification.defer(notification_id=notice.pk)
    return notice


def mail(notification_id: int, *, at: datetime) -> bool:
    """Send one notification by e-mail, once. Returns whether it was sent now."""
    with transaction.atomic():
        notice = (
            Notification.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(pk=notification_id, mailed_at=None)
            .first()
        )
        address = getattr(notice.person, "email", "") if notice else ""
        if notice is None or not address:
            return False
        name = settings.TEMBUSU_BRAND["name"]
        body = f"{notice.text}\n\n{settings.ORIGIN}{notice.url}\n\n{name}\n"
        send_mail(f"{name}: {notice.text}"[:150], body, settings.DEFAULT_FROM_EMAIL, [address])
        notice.mailed_at = at
        notice.save(update_fields=["mailed_at"])
        return True


def list_for(person_id: int) -> QuerySet[Notification]:
    """Return one person's notifications, newest first."""
    return Notification.objects.filter(person_id=person_id).order_by("-id")


def count_unread(person_id: int) -> int:
    """Return how many notifications the person has not opened."""
    return Notification.objects.filter(person_id=person_id, read_at=None).count()


def mark_read(*, person_id: int, at: datetime) -> int:
    """Mark all of one person's notifications as read and return how many were not yet."""
    return Notification.objects.filter(person_id=person_id, read_at=None).update(read_at=at)
