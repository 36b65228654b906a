"""Tables of the core. Models marked ``append_only`` may only be added to (see ledger)."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from tembusu.foundation.core.terms import JobState


class AuditEvent(models.Model):
    """What was done, by whom, to which records. Holds no foreign keys, so it outlives them all."""

    append_only: ClassVar[bool] = True

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by = models.CharField(max_length=200)
    event = models.CharField(max_length=100)
    records = ArrayField(models.CharField(max_length=100))
    change = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    context_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["records"], name="audit_records"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {', '.join(self.records)}"


class OutboxEvent(models.Model):
    """An announcement to higher rooms, written in the announcing action's own transaction."""

    name = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    written_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    n_attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], name="outbox_waiting", condition=Q(delivered_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user_id: int | None) -> Self:
        return self.filter(requested_by_id=user_id)


class Job(models.Model):
    """Long work that somebody asked for: its progress, its end and its result."""

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=JobState.choices(), default=JobState.WAITING)
    arguments = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    n_done = models.PositiveIntegerField(default=0)
    n_total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    is_cancel_requested = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Job"]] = JobQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["requested_by", "-id"], name="job_requester")]
        constraints = [
            models.CheckConstraint(
                name="job_finished_at_is_set_exactly_when_it_ended",
                condition=Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False)
                | Q(state__in=["waiting", "running"], finished_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class StoredFile(models.Model):
    """A file kept once under the SHA-256 of its content."""

    append_only: ClassVar[bool] = True

    sha256 = models.CharField(max_length=64, primary_key=True)
    n_bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=255)
    stored_at = models.DateTimeField()
    stored_by_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    """A line for one person, shown in the app and sent by e-mail."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="notification_person")]

    def __str__(self) -> str:
        return self.text


class PersonKey(models.Model):
    """The key for one person's private fields, itself wrapped by a field key."""

    owner = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField(null=True)
    wrapped_by = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="person_key_is_gone_exactly_when_destroyed",
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.owner)
