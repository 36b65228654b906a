"""The daily digests as workers run them."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from tembusu.desk import tasks
from tembusu.desk.models import Digest
from tembusu.desk.tests.conftest import item

pytestmark = pytest.mark.django_db


def at(monkeypatch, hour_utc):
    now = datetime(2026, 11, 20, hour_utc, 5, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def queued():
    return ProcrastinateJob.objects.filter(task_name="desk.mail_digest").count()


def test_digests_are_queued_from_the_hour_on_in_the_deployments_zone(cast, rooms, monkeypatch):
    at(monkeypatch, 22)  # six in the morning of the next day
    tasks.queue_digests(0)
    assert queued() == 0
    at(monkeypatch, 23)  # seven
    tasks.queue_digests(0)
    assert queued() == 2
    tasks.queue_digests(0)
    assert queued() == 2  # one is in the queue already


def test_a_queued_digest_is_sent_once(cast, rooms, monkeypatch):
    at(monkeypatch, 23)
    rooms("startup", cast.sponsor, item())
    tasks.mail_digest(cast.sponsor.pk)
    tasks.mail_digest(cast.sponsor.pk)
    assert len(mail.outbox) == 1
    assert Digest.objects.count() == 1


def test_the_digest_of_nobody_is_no_fault(db):
    tasks.mail_digest(12345)
    assert not Digest.objects.exists()
