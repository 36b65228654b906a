"""Kinds of events that go out, and receivers of those that come in; rooms register both.

Out: a room registers an ``EventOut`` and announces it within the action that it tells of
(``exchange.actions.announce``). In: a room registers a receiver, which does what the event asks through
the room's own actions, as the sender's person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PING = "exchange.ping"


@dataclass(frozen=True, slots=True)
class EventOut:
    """A kind of event that organisations may hear of.

    :ivar kind: 'startup.milestone_completed'; part of what goes out, so it never changes
    :ivar says: when it is sent, as a sentence
    :ivar example: a payload as it would be sent; fictitious
    """

    kind: str
    says: str
    example: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventIn:
    """An event that a registered sender sent, and that was proved to be theirs.

    :ivar event_id: the sender's own id of it; seen for the first time
    :ivar payload: what it says, not checked yet
    :ivar organisation_id: the body whose system sent it
    :ivar by: the person as whom it is done; their rights hold
    """

    kind: str
    event_id: str
    payload: Mapping[str, Any]
    organisation_id: int
    by: Any
    at: datetime


# Does what the event asks and returns what the sender is told (JSON). Called within a transaction. A
# ``Refusal`` or ``PermissionDenied`` undoes everything and is told as 422 with its message.
Receiver = Callable[[EventIn], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class KindIn:
    """A kind of event that is taken, with what takes it."""

    kind: str
    receive: Receiver
    says: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)


_OUT: dict[str, EventOut] = {}
_IN: dict[str, KindIn] = {}


def register_event(event: EventOut) -> EventOut:
    """Let organisations hear of a kind of event; rooms do so from their ``apps.py``."""
    _OUT[event.kind] = event
    return event


def events_out() -> list[EventOut]:
    """Return every kind of event that goes out, by its name."""
    return [_OUT[kind] for kind in sorted(_OUT)]


def register_receiver(
    kind: str, receiver: Receiver, *, says: str = "", example: Mapping[str, Any] | None = None
) -> None:
    """Take events of a kind; rooms do so from their ``apps.py``.

    :param says: what it does, as a sentence, for whoever connects a system
    :param example: a payload that would be taken; fictitious
    """
    _IN[kind] = KindIn(kind, receiver, says, dict(example or {}))


def kinds_in() -> list[KindIn]:
    """Return every kind of event that is taken, by its name."""
    return [_IN[kind] for kind in sorted(_IN)]


def receiver_of(kind: str) -> Receiver | None:
    found = _IN.get(kind)
    return found.receive if found else None
