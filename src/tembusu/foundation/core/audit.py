"""Named audit events: what was done, in the words of the room that did it.

Row history (see ``history``) says which fields changed; the event says what the act meant. Both are
written in the act's own transaction and share the context id, so that the trail can join them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import models, transaction

from tembusu.foundation.core import history
from tembusu.foundation.core.models import AuditEvent

SYSTEM = "System"
P = ParamSpec("P")
R = TypeVar("R")


class Actor(Protocol):
    """Somebody who acts: a person with an account."""

    pk: Any

    def get_full_name(self) -> str: ...


def act(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function one audited act: one transaction, its rows grouped with who and why.

    The function takes ``by`` (the actor, or None for the system) and may take ``reason``.
    """

    @wraps(function)
    def acted(*args: P.args, **kwargs: P.kwargs) -> R:
        by: Any = kwargs.get("by")
        facts = {"act": function.__name__, "reason": str(kwargs.get("reason") or "")}
        facts["name"] = by.get_full_name() if by is not None else SYSTEM
        if by is not None:
            facts["user"] = by.pk
        with transaction.atomic(), history.act_context(**facts):
            return function(*args, **kwargs)

    acted.is_act = True  # type: ignore[attr-defined]
    return acted


def ref(record: models.Model) -> str:
    """Return how the ledger names a record: ``registry.Study:12``."""
    return f"{record._meta.label}:{record.pk}"


def describe(
    event: str,
    *,
    on: models.Model | Iterable[models.Model | str],
    by: Actor | None,
    at: datetime,
    change: Mapping[str, Any] | None = None,
    reason: str = "",
    request_id: str = "",
) -> AuditEvent:
    """Make an audit event without writing it; bulk actions write theirs with ``record_many``.

    :param on: the record acted on, or several, the chief one first
    :param by: None when the system acts by itself
    :param change: JSON facts, such as ``{"state": ["draft", "published"]}``
    """
    records = [on] if isinstance(on, models.Model) else list(on)
    return AuditEvent(
        event=event,
        records=[r if isinstance(r, str) else ref(r) for r in records],
        by_id=by.pk if by is not None else None,
        by=(by.get_full_name() if by is not None else SYSTEM)[:200],
        at=at,
        change=dict(change or {}),
        reason=reason,
        request_id=request_id,
        context_id=history.current_context_id(),
    )


def record(
    event: str,
    *,
    on: models.Model | Iterable[models.Model | str],
    by: Actor | None,
    at: datetime,
    change: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write one audit event."""
    made = describe(event, on=on, by=by, at=at, change=change, reason=reason)
    made.save(force_insert=True)
    return made


def last_event(about: str) -> AuditEvent | None:
    """Return the newest event about a record, by its ledger name."""
    return AuditEvent.objects.filter(records__contains=[about]).order_by("-pk").first()


def is_recorded(event: str, *, about: Iterable[str], at: datetime) -> bool:
    """Say whether the ledger holds an event about all of these records, by their ledger names."""
    held = AuditEvent.objects.filter(event=event, at=at, records__contains=list(about))
    return held.exists()


def record_many(events: Iterable[AuditEvent]) -> int:
    """Write the audit events of one bulk action and return how many they were."""
    return len(AuditEvent.objects.bulk_create(events, batch_size=1000))
