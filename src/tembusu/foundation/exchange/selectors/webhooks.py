"""Subscriptions, senders and what went through them, for those who keep them."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from tembusu.foundation.exchange import permissions
from tembusu.foundation.exchange.models import (
    ReceivedEvent,
    WebhookDelivery,
    WebhookSender,
    WebhookSubscription,
)
from tembusu.foundation.people import selectors as people


def bodies_kept(user: Any) -> list[Any]:
    """Return the bodies whose webhooks the user keeps, by name."""
    scopes = permissions.scopes_kept(user)
    return list(people.list_organisations(user).filter(scope_id__in=scopes).order_by("name", "pk"))


def sees_webhooks(user: Any) -> bool:
    """Say whether the user keeps some body's webhooks, or oversees them all."""
    return people.holds_anywhere(user, permissions.KEEPS | permissions.OVERSEES)


def may_keep(user: Any, hook: WebhookSubscription | WebhookSender) -> bool:
    return people.may(user, permissions.KEEP_WEBHOOKS, hook.organisation.scope_id)


def list_subscriptions(user: Any) -> QuerySet[WebhookSubscription]:
    found = WebhookSubscription.objects.visible_to(user)
    return found.select_related("organisation", "made_by").order_by("-pk")


def list_senders(user: Any) -> QuerySet[WebhookSender]:
    found = WebhookSender.objects.visible_to(user)
    return found.select_related("organisation", "made_by").order_by("-pk")


def get_subscription(user: Any, pk: int) -> WebhookSubscription:
    """Return a subscription that the user may see, or 404."""
    return get_object_or_404(list_subscriptions(user), pk=pk)


def get_sender(user: Any, pk: int) -> WebhookSender:
    """Return a sender that the user may see, or 404."""
    return get_object_or_404(list_senders(user), pk=pk)


def list_deliveries(subscription: WebhookSubscription) -> QuerySet[WebhookDelivery]:
    """Return what goes or went to a subscription, not ordered."""
    return WebhookDelivery.objects.filter(subscription=subscription)


def get_delivery(user: Any, pk: int) -> WebhookDelivery:
    """Return a delivery of a subscription that the user may see, with its subscription, or 404."""
    seen = list_subscriptions(user).order_by().values("pk")
    rows = WebhookDelivery.objects.select_related("subscription__organisation")
    return get_object_or_404(rows.filter(Q(subscription__in=seen)), pk=pk)


def list_received(sender: WebhookSender) -> QuerySet[ReceivedEvent]:
    """Return what came from a sender, not ordered."""
    return ReceivedEvent.objects.filter(sender=sender)
