"""An event comes in: proved to be its sender's, taken once, answered the same ever after."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404

from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange import rules, terms
from tembusu.foundation.exchange.actions.hooks import new_secret, secrets_of
from tembusu.foundation.exchange.models import ReceivedEvent, WebhookSender
from tembusu.foundation.exchange.terms import EventIn, HookState

MOST_BYTES = 256 * 1024
DONE, REFUSED, CONFLICT = 200, 422, 409
TURN = int.from_bytes(hashlib.sha256(b"exchange.receive").digest()[:4], "big", signed=True)


class Forged(Exception):
    """A call that is not proved to be a sender's; nothing more is told."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A call as it came: its headers' values and its body, byte for byte."""

    public_id: str
    timestamp: str
    signature: str
    event_id: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What a sender is told: a status, and facts or, where refused, the reason.

    :ivar is_replay: it was answered before, and nothing was done now
    """

    status: int
    facts: Mapping[str, Any]
    is_replay: bool = False


def prove(call: Signed, at: datetime) -> WebhookSender:
    """Return the sender whose call this is.

    :raises Forged: if the sender is unknown, paused, ended or its person gone, if the time is too far
        off, or if the signature does not fit; which of these it was, is not told
    """
    sender: WebhookSender | None = (
        WebhookSender.objects.select_related("made_by", "organisation")
        .filter(public_id=call.public_id, state=HookState.ACTIVE, made_by__is_active=True)
        .first()
    )
    # An unknown sender costs the same work as a known one, so the time taken tells nothing.
    secrets = secrets_of(sender, at) if sender is not None else [new_secret()]
    fits = rules.is_signed(call.signature, secrets, call.timestamp, call.body)
    if sender is None or not fits or not rules.is_timely(call.timestamp, at):
        raise Forged
    return sender


@audit.act
def receive_event(*, sender: WebhookSender, call: Signed, by: Any, at: datetime) -> Answered:
    """Do what an event asks, once; one that came before gets the answer that it got then.

    :param by: the sender's person, as whom it is done
    :return: 200 with what the room says; 422 with the reason where it was refused; 409 where another
        event came before under this id
    """
    said = _read(call, sender)
    if isinstance(said, Answered):
        return said
    event_id, kind, payload = said
    _take_turn(sender.pk, event_id)
    digest = hashlib.sha256(call.body).hexdigest()
    known = ReceivedEvent.objects.filter(sender=sender, event_id=event_id).first()
    if known is not None and known.body_sha256 != digest:
        return Answered(CONFLICT, {"detail": "Another event came under this id. Use a new one."})
    if known is not None:
        return Answered(known.status, known.answer, is_replay=True)
    event = EventIn(kind, event_id, payload, sender.organisation_id, by, at)
    answer = _dispatch(event)
    ReceivedEvent.objects.create(
        sender=sender,
        event_id=event_id,
        kind=kind,
        body_sha256=digest,
        received_at=at,
        status=answer.status,
        answer=dict(answer.facts),
    )
    change = {"kind": kind, "event_id": event_id, "status": answer.status}
    audit.record("exchange.event.received", on=sender, by=by, at=at, change=change)
    return answer


def _refused(detail: str) -> Answered:
    return Answered(REFUSED, {"detail": detail})


def _read(call: Signed, sender: WebhookSender) -> Answered | tuple[str, str, Mapping[str, Any]]:
    """Return an event's id, kind and payload from its signed body, or why it cannot be read.

    What cannot be read is not remembered: the same id may come again, mended.
    """
    try:
        said = json.loads(call.body)
    except (ValueError, RecursionError):
        return _refused("The body is no JSON in UTF-8.")
    if not isinstance(said, dict) or not isinstance(said.get("payload"), dict):
        return _refused('The body must be an object: {"id": …, "kind": …, "payload": {…}}.')
    event_id, kind = said.get("id"), said.get("kind")
    if not isinstance(event_id, str) or not 1 <= len(event_id) <= 100 or not event_id.isprintable():
        return _refused("`id` must be a text of 1 to 100 characters.")
    if "\\u0000" in call.body.decode(errors="replace").lower():
        return _refused("The body holds the character NUL, which no text here has. Take it out.")
    if (call.event_id or event_id) != event_id or (call.kind or kind) != kind:
        return _refused("The headers Tembusu-Id and Tembusu-Event must say what the body says.")
    if kind not in sender.kinds or terms.receiver_of(kind) is None:
        return _refused(f"This sender sends {', '.join(sender.kinds)}; `kind` is none of these.")
    return event_id, kind, said["payload"]


def _take_turn(sender_id: int, event_id: str) -> None:
    """Wait until nobody else deals with this event."""
    which = hashlib.sha256(f"{sender_id} {event_id}".encode()).digest()
    with connection.cursor() as cursor:
        key = int.from_bytes(which[:4], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, key])


def _dispatch(event: EventIn) -> Answered:
    receive = terms.receiver_of(event.kind)
    if receive is None:
        return _refused("Such events are no longer taken here.")
    try:
        with transaction.atomic():
            return Answered(DONE, dict(receive(event)))
    except (Refusal, PermissionDenied) as refusal:
        return _refused(str(refusal))
    except Http404:
        return _refused("There is nothing here that this sender may see under that name or number.")
