"""Events go out: written down for each subscription within the act they tell of, sent afterwards."""

import json
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from tembusu.foundation.core import audit
from tembusu.foundation.core.states import check_move
from tembusu.foundation.exchange import permissions
from tembusu.foundation.exchange.actions.hooks import HookRefused
from tembusu.foundation.exchange.models import WebhookDelivery, WebhookSubscription
from tembusu.foundation.exchange.rules import DELIVERY_MOVES
from tembusu.foundation.exchange.terms import PING, DeliveryState, HookState, events_out
from tembusu.foundation.people import selectors as people


def announce(
    *, kind: str, payload: Mapping[str, Any], scope_ids: Collection[int], at: datetime
) -> int:
    """Tell the systems of whoever may see a record what became of it. Call inside an action.

    A subscription hears of it if its body stands on one of the scopes or above: a study's sponsor hears
    of all its sites. A body that is not above, such as a site's institution, hears of it if the caller
    names its scope too.

    :param kind: as registered with ``terms.register_event``
    :param payload: JSON; the same to everybody who hears of it, so nothing that one of them may not see
    :param scope_ids: the scopes of the records that it is about
    :return: to how many subscriptions it goes
    :raises KeyError: if no room registered this kind
    :raises TransactionManagementError: outside a transaction
    """
    if kind not in {one.kind for one in events_out()}:
        raise KeyError(kind)
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event is announced inside an action.")
    hearing = WebhookSubscription.objects.filter(
        kinds__contains=[kind], organisation__scope_id__in=people.above(scope_ids)
    ).exclude(state=HookState.ENDED)
    made = WebhookDelivery.objects.bulk_create(_delivery(one, kind, payload, at) for one in hearing)
    transaction.on_commit(partial(_wake, [one.pk for one in made]))
    return len(made)


def _delivery(
    subscription: WebhookSubscription, kind: str, payload: Mapping[str, Any], at: datetime
) -> WebhookDelivery:
    """Return a delivery, not saved; its body has the id and the kind too, so that they are signed."""
    event_id = uuid.uuid4()
    said = {"id": str(event_id), "kind": kind, "at": at.isoformat(), "payload": payload}
    return WebhookDelivery(
        subscription=subscription,
        event_id=event_id,
        kind=kind,
        body=json.dumps(said, ensure_ascii=False, separators=(",", ":")),
        made_at=at,
        next_at=at,
    )


def _wake(pks: Collection[int]) -> None:
    from tembusu.foundation.exchange import tasks

    for pk in pks:
        tasks.send_webhook.defer(delivery_id=pk)


@audit.act
def send_test(*, subscription: WebhookSubscription, by: Any, at: datetime) -> WebhookDelivery:
    """Send a subscription an event that says nothing, to see whether it arrives.

    :raises HookRefused: unless it is active
    """
    permissions.check_can_keep_webhooks(by, subscription.organisation.scope_id)
    if subscription.state != HookState.ACTIVE:
        raise HookRefused("Nothing is sent while it is paused or has ended.")
    made = _delivery(subscription, PING, {"says": "This is a test."}, at)
    made.save(force_insert=True)
    transaction.on_commit(partial(_wake, [made.pk]))
    audit.record("exchange.subscription.tested", on=subscription, by=by, at=at)
    return made


@audit.act
def send_again(*, delivery: WebhookDelivery, by: Any, at: datetime) -> WebhookDelivery:
    """Send an event once more, under its own id, so that whoever had it knows it again.

    :raises IllegalMove: while it waits or is being sent
    :raises HookRefused: unless its subscription is active
    """
    permissions.check_can_keep_webhooks(by, delivery.subscription.organisation.scope_id)
    if delivery.subscription.state != HookState.ACTIVE:
        raise HookRefused("Nothing is sent while the subscription is paused or has ended.")
    delivery = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    check_move(DELIVERY_MOVES, present=DeliveryState(delivery.state), to=DeliveryState.WAITING)
    delivery.state, delivery.next_at, delivery.ended_at = DeliveryState.WAITING, at, None
    delivery.n_attempts = 0
    delivery.save(update_fields=["state", "next_at", "ended_at", "n_attempts"])
    transaction.on_commit(partial(_wake, [delivery.pk]))
    audit.record("exchange.delivery.sent_again", on=[delivery, delivery.subscription], by=by, at=at)
    return delivery
