"""Tables of exchange: extracts with their rows and mappings; webhooks out and in."""

from tembusu.foundation.exchange.models.extracts import Extract, ExtractRow, SavedMapping
from tembusu.foundation.exchange.models.webhooks import (
    ReceivedEvent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookSender,
    WebhookSubscription,
)

__all__ = [
    "Extract",
    "ExtractRow",
    "ReceivedEvent",
    "SavedMapping",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookSender",
    "WebhookSubscription",
]
