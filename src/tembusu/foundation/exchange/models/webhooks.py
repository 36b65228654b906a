"""Webhooks: who hears of what, each delivery with its attempts; who sends, and what came from them."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tembusu.foundation.core import history
from tembusu.foundation.exchange.terms import DeliveryState, HookState


class OfBodyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Those of the bodies for which the user keeps webhooks; for the administrator, all."""
        from tembusu.foundation.exchange import permissions

        if permissions.oversees_webhooks(user):
            return self
        return self.filter(organisation__scope_id__in=permissions.scopes_kept(user))


class Hook(models.Model):
    """What both kinds of webhook have: a body, a state, a secret that is sealed under a key of its own.

    The older secret holds on until ``old_until``, so that a change of secrets loses nothing.
    """

    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    label = models.CharField(max_length=100)
    state = models.CharField(max_length=20, choices=HookState.choices(), default=HookState.ACTIVE)
    kinds = ArrayField(models.CharField(max_length=100))
    key_owner = models.UUIDField(unique=True)
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Any]] = OfBodyQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label


@history.track(exclude=["secret", "old_secret"])
class WebhookSubscription(Hook):
    """An address of a body's own system to which events about its records are sent, signed."""

    url = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_subscription_is_for_some_kind_of_event", condition=~Q(kinds=[])
            ),
            models.CheckConstraint(
                name="an_older_secret_of_a_subscription_has_an_end",
                condition=Q(old_secret="", old_until__isnull=True)
                | (~Q(old_secret="") & Q(old_until__isnull=False)),
            ),
        ]


class WebhookDelivery(models.Model):
    """One event on its way to one subscription. ``body`` is sent as it stands, byte for byte."""

    subscription = models.ForeignKey(WebhookSubscription, models.PROTECT, related_name="deliveries")
    event_id = models.UUIDField()
    kind = models.CharField(max_length=100)
    body = models.TextField()
    made_at = models.DateTimeField()
    state = models.CharField(
        max_length=20, choices=DeliveryState.choices(), default=DeliveryState.WAITING
    )
    n_attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "event_id"], name="an_event_goes_once_to_a_subscription"
            ),
            models.CheckConstraint(
                name="a_delivery_that_waits_has_a_next_time",
                condition=~Q(state=DeliveryState.WAITING) | Q(next_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state__in=[DeliveryState.WAITING, DeliveryState.SENDING]),
                name="delivery_due",
            ),
            models.Index(fields=["subscription", "-id"], name="delivery_of_subscription"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class WebhookAttempt(models.Model):
    """One try to deliver: what the other side answered, or why it could not be reached."""

    append_only: ClassVar[bool] = True

    delivery = models.ForeignKey(WebhookDelivery, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    says = models.TextField(blank=True)
    n_milliseconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status or self.says}"


@history.track(exclude=["secret", "old_secret"])
class WebhookSender(Hook):
    """A body's own system that may send events here. What it asks is done as its person, ``made_by``."""

    public_id = models.CharField(max_length=40, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_sender_sends_some_kind_of_event", condition=~Q(kinds=[])
            ),
            models.CheckConstraint(
                name="an_older_secret_of_a_sender_has_an_end",
                condition=Q(old_secret="", old_until__isnull=True)
                | (~Q(old_secret="") & Q(old_until__isnull=False)),
            ),
        ]


class ReceivedEvent(models.Model):
    """An event that a sender sent, with the answer it was given; sent again, it gets the same."""

    append_only: ClassVar[bool] = True

    sender = models.ForeignKey(WebhookSender, models.PROTECT, related_name="received")
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=100)
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "event_id"], name="a_sender_sends_an_event_once"
            )
        ]
        indexes = [models.Index(fields=["sender", "-id"], name="received_of_sender")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
