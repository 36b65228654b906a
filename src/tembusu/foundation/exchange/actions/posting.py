"""Sends one delivery: signed, to an address that was looked up and judged just before.

Python's own HTTP client is used, since the connection must be made to the very address that was judged,
must not follow a redirection, and must end at a deadline however slowly the other side speaks.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from tembusu.foundation.core import audit, notices, vault
from tembusu.foundation.core.states import check_move
from tembusu.foundation.exchange import rules
from tembusu.foundation.exchange.actions.hooks import secrets_of
from tembusu.foundation.exchange.models import WebhookAttempt, WebhookDelivery
from tembusu.foundation.exchange.rules import DELIVERY_MOVES, AddressRefused, Target
from tembusu.foundation.exchange.terms import DeliveryState, HookState

CONNECT_SECONDS, DEADLINE_SECONDS = 10.0, 20.0
KEPT = 1000  # characters of an answer that are kept in the log
LEFT_AFTER = timedelta(
    minutes=5
)  # a delivery that is being sent for so long was left by its worker
USER_AGENT = "Tembusu-Webhooks/1"

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered, or why there is no answer."""

    status: int | None
    says: str
    n_milliseconds: int


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that a name stands for now."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class _Plain(http.client.HTTPConnection):
    """Connects to an address that was judged, under the name that was asked for."""

    address = ""

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    """The same over TLS; the certificate must be that of the name."""

    address = ""

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def post(url: str, headers: Mapping[str, str], body: bytes, *, find: Resolve = resolve) -> Answer:
    """Post a body and return the answer; whatever goes wrong is an answer without a status."""
    began = time.monotonic()
    allows = settings.TEMBUSU_WEBHOOK_LOOPBACK
    try:
        target = rules.check_url(url, allows_loopback=allows)
        address = rules.choose(find(target.host, target.port), allows_loopback=allows)
        status, says = _post(target, address, headers, body)
    except AddressRefused as refusal:
        status, says = None, str(refusal)
    except (OSError, http.client.HTTPException, UnicodeError) as fault:
        status, says = None, f"No answer: {type(fault).__name__}: {fault}"
    shown = says.replace("\x00", "")[:KEPT]
    return Answer(status, shown, round(1000 * (time.monotonic() - began)))


def _post(target: Target, address: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    kind = _Secure if target.is_secure else _Plain
    connection = kind(target.host, target.port, timeout=CONNECT_SECONDS)
    connection.address = address
    watch = threading.Timer(DEADLINE_SECONDS, _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(4 * KEPT).decode(errors="replace")
    finally:
        watch.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection from outside: whoever waits on it gets a fault at once."""
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def headers_for(delivery: WebhookDelivery, body: bytes, at: datetime) -> dict[str, str]:
    """Return what goes with a delivery that is sent now: its signature above all.

    :raises WrongKey: if the secret can't be read with the present field keys
    """
    timestamp = str(int(at.timestamp()))
    secrets = secrets_of(delivery.subscription, at)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": USER_AGENT,
        "Tembusu-Event": delivery.kind,
        "Tembusu-Id": str(delivery.event_id),
        "Tembusu-Timestamp": timestamp,
        "Tembusu-Signature": rules.sign_with_all(secrets, timestamp, body),
    }


def deliver(delivery_id: int, *, clock: Callable[[], datetime], find: Resolve = resolve) -> bool:
    """Send a delivery if it is due and nobody else does; return whether it was taken.

    :param clock: read before and after, for sending takes its time
    """
    delivery = _claim(delivery_id, clock())
    if delivery is None:
        return False
    body = delivery.body.encode()
    try:
        headers = headers_for(delivery, body, clock())
    except vault.WrongKey as refusal:
        answer = Answer(None, str(refusal), 0)
    else:
        answer = post(delivery.subscription.url, headers, body, find=find)
    _note(delivery, answer, clock())
    return rules.is_taken(answer.status)


@transaction.atomic
def _claim(delivery_id: int, at: datetime) -> WebhookDelivery | None:
    found: WebhookDelivery | None = (
        WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("subscription__made_by")
        .filter(pk=delivery_id, state=DeliveryState.WAITING, next_at__lte=at)
        .filter(subscription__state=HookState.ACTIVE)
        .first()
    )
    if found is not None:
        found.state, found.claimed_at = DeliveryState.SENDING, at
        found.n_attempts += 1
        found.save(update_fields=["state", "claimed_at", "n_attempts"])
    return found


@transaction.atomic
def _note(delivery: WebhookDelivery, answer: Answer, at: datetime) -> None:
    """Keep what came of an attempt, and say when the next is, if any."""
    WebhookAttempt.objects.create(
        delivery=delivery,
        at=at,
        status=answer.status,
        says=answer.says,
        n_milliseconds=answer.n_milliseconds,
    )
    held = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    if held.state != DeliveryState.SENDING:  # its subscription ended meanwhile
        return
    if rules.is_taken(answer.status):
        to, held.next_at, held.ended_at = DeliveryState.DELIVERED, None, at
    elif again := rules.next_try(n_attempts=held.n_attempts, status=answer.status, at=at):
        to, held.next_at = DeliveryState.WAITING, again
    else:
        to, held.next_at, held.ended_at = DeliveryState.DEAD, None, at
        _tell_dead(delivery, answer, at)
    check_move(DELIVERY_MOVES, present=DeliveryState(held.state), to=to)
    held.state = to
    held.save(update_fields=["state", "next_at", "ended_at"])


def _tell_dead(delivery: WebhookDelivery, answer: Answer, at: datetime) -> None:
    subscription = delivery.subscription
    reason = str(answer.status or answer.says)[:200]
    audit.record(
        "exchange.delivery.dead", on=[delivery, subscription], by=None, at=at, reason=reason
    )
    if subscription.made_by.is_active:
        notices.notify(
            person=subscription.made_by,
            text=f"An event could not be delivered to {subscription.label}: {reason}",
            url=f"/webhooks/subscriptions/{subscription.pk}/",
            at=at,
        )


def due(at: datetime, *, limit: int = 200) -> list[int]:
    """Return the deliveries to send now, after putting back what a killed worker left half sent."""
    left = WebhookDelivery.objects.filter(
        state=DeliveryState.SENDING, claimed_at__lt=at - LEFT_AFTER
    )
    left.update(state=DeliveryState.WAITING, next_at=F("claimed_at"))
    waiting = WebhookDelivery.objects.filter(
        state=DeliveryState.WAITING, next_at__lte=at, subscription__state=HookState.ACTIVE
    )
    return list(waiting.order_by("next_at", "pk").values_list("pk", flat=True)[:limit])
