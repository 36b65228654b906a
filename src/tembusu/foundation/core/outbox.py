"""Announcements from lower rooms to higher ones, delivered at least once.

``write`` puts the event into the announcing action's own transaction; a job delivers it afterwards.
A worker killed between commit and delivery loses nothing: the row still waits, and a sweep every
minute finds it. Subscribers are called again after a failure, so they must be idempotent.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tembusu.foundation.core.models import OutboxEvent
from tembusu.foundation.core.terms import EventKind

Subscriber = Callable[[Mapping[str, Any]], None]

_kinds: dict[str, EventKind] = {}
_subscribers: dict[str, list[Subscriber]] = defaultdict(list)


def declare(kind: EventKind) -> EventKind:
    """Make an event known to the house; the generated reference lists it."""
    _kinds[kind.name] = kind
    return kind


def kinds() -> list[EventKind]:
    """Return every declared event, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def subscribe(name: str, subscriber: Subscriber) -> None:
    """Call ``subscriber`` with the payload of each such event, at least once.

    :raises KeyError: if no room declared the event
    """
    _subscribers[_kinds[name].name].append(subscriber)


def write(kind: EventKind, payload: Mapping[str, Any], *, at: datetime) -> None:
    """Announce an event. Call inside an action: it is kept or undone with the rest.

    :raises TransactionManagementError: outside a transaction
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event is announced inside an action.")
    unknown = set(payload) ^ set(kind.payload)
    if unknown:
        raise ValueError(f"{kind.name}: payload differs from its declaration in {sorted(unknown)}")
    OutboxEvent.objects.create(name=kind.name, payload=dict(payload), written_at=at)
    transaction.on_commit(_wake)


def _wake() -> None:
    from tembusu.foundation.core import tasks

    tasks.wake_outbox()


def waiting_since(kind: EventKind) -> datetime | None:
    """Return since when the oldest event of a kind waits to be delivered; None where none does."""
    waiting = OutboxEvent.objects.filter(name=kind.name, delivered_at=None).order_by("id")
    return waiting.values_list("written_at", flat=True).first()


def deliver(*, at: datetime, limit: int = 100) -> int:
    """Deliver waiting events, oldest first, and return how many went out.

    An event whose subscriber fails stays, with its error; the others go on.
    """
    n_delivered = 0
    waiting = list(
        OutboxEvent.objects.filter(delivered_at=None)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )
    for pk in waiting:
        n_delivered += _deliver_one(pk, at)
    return n_delivered


def _deliver_one(pk: int, at: datetime) -> int:
    with transaction.atomic():
        event = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, delivered_at=None)
            .first()
        )
        if event is None:
            return 0
        event.n_attempts += 1
        try:
            with transaction.atomic():
                for subscriber in _subscribers[event.name]:
                    subscriber(event.payload)
        except Exception as fault:  # whatever failed, the event waits for its next try
            event.last_error = f"{type(fault).__name__}: {fault}"
        else:
            event.delivered_at, event.last_error = at, ""
        event.save(update_fields=["n_attempts", "delivered_at", "last_error"])
        return int(event.delivered_at is not None)
