"""Webhooks are kept: subscriptions and senders are made, changed, paused, ended; secrets are replaced.

A secret is made here, shown once, and sealed under a key of its own (``core.vault``). One that was
replaced holds on for a day, so that the other side can follow without losing anything.
"""

import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from django.conf import settings

from tembusu.foundation.core import audit, vault
from tembusu.foundation.core.states import Refusal, check_move
from tembusu.foundation.exchange import permissions, rules, terms
from tembusu.foundation.exchange.models import WebhookDelivery, WebhookSender, WebhookSubscription
from tembusu.foundation.exchange.rules import HOOK_MOVES
from tembusu.foundation.exchange.terms import DeliveryState, HookState

PREFIX = "tmbh_"  # lets scanners for leaked secrets know one of ours
PURPOSE = "exchange.webhook"
OVERLAP = timedelta(days=1)
MOST_OF_BODY = 50

H = TypeVar("H", WebhookSubscription, WebhookSender)
Hook = WebhookSubscription | WebhookSender


class HookRefused(Refusal):
    """A webhook that cannot be made or changed so."""


@audit.act
def subscribe(
    *, organisation: Any, label: str, url: str, kinds: Collection[str], by: Any, at: datetime
) -> tuple[WebhookSubscription, str]:
    """Let a body's own system hear of events about its records; return the subscription and its secret.

    :raises PermissionDenied: if the user keeps no webhooks of this body
    :raises AddressRefused: if the address is not public, or not over HTTPS
    :raises HookRefused: if the label is missing, or no known kind is chosen
    """
    permissions.check_can_keep_webhooks(by, organisation.scope_id)
    check_address(url)
    _check_room(WebhookSubscription, organisation)
    known = [one.kind for one in terms.events_out()]
    made, secret = _make(
        WebhookSubscription(url=url), organisation, label, _kinds(kinds, known), by, at
    )
    change = {"label": made.label, "url": url, "kinds": made.kinds}
    audit.record("exchange.subscription.made", on=made, by=by, at=at, change=change)
    return made, secret


@audit.act
def register_sender(
    *, organisation: Any, label: str, kinds: Collection[str], by: Any, at: datetime
) -> tuple[WebhookSender, str]:
    """Let a body's own system send events, which are done as the user; return it with its secret.

    :raises PermissionDenied: if the user keeps no webhooks of this body
    :raises HookRefused: if the label is missing, or no known kind is chosen
    """
    permissions.check_can_keep_webhooks(by, organisation.scope_id)
    _check_room(WebhookSender, organisation)
    known = [one.kind for one in terms.kinds_in()]
    blank = WebhookSender(public_id=secrets.token_hex(16))
    made, secret = _make(blank, organisation, label, _kinds(kinds, known), by, at)
    change = {"label": made.label, "kinds": made.kinds}
    audit.record("exchange.sender.made", on=made, by=by, at=at, change=change)
    return made, secret


def check_address(url: str) -> None:
    """Refuse an address to which nothing may be sent, as far as its text tells."""
    rules.check_url(url, allows_loopback=settings.TEMBUSU_WEBHOOK_LOOPBACK)


def _check_room(model: type[Hook], organisation: Any) -> None:
    n = model.objects.filter(organisation=organisation).exclude(state=HookState.ENDED).count()
    if n >= MOST_OF_BODY:
        raise HookRefused(f"{organisation} has {n} of them. End one that is not used.")


def _kinds(chosen: Collection[str], known: Collection[str]) -> list[str]:
    strange = sorted(set(chosen) - set(known))
    if strange:
        raise HookRefused(f"There is no kind of event called {', '.join(strange)}.")
    if not chosen:
        raise HookRefused("Choose at least one kind of event.")
    return sorted(set(chosen))


def _label(text: str) -> str:
    label = " ".join(text.split())
    if not label or len(label) > 100:
        raise HookRefused("Give it a name of at most 100 characters, such as that of the system.")
    return label


def _make(
    blank: H, organisation: Any, label: str, kinds: list[str], by: Any, at: datetime
) -> tuple[H, str]:
    owner, secret = uuid.uuid4(), new_secret()
    blank.label = _label(label)
    vault.make_key(owner=owner, at=at)
    blank.organisation, blank.kinds, blank.key_owner = organisation, kinds, owner
    blank.secret = vault.seal(secret, owner=owner, purpose=PURPOSE)
    blank.made_by, blank.made_at = by, at
    blank.save(force_insert=True)
    return blank, secret


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def secrets_of(hook: Hook, at: datetime) -> list[str]:
    """Return the secrets that hold now, the newest first."""
    sealed = [hook.secret]
    if hook.old_until is not None and hook.old_until > at:
        sealed.append(hook.old_secret)
    return [vault.unseal(one, owner=hook.key_owner, purpose=PURPOSE) for one in sealed]


def _locked(hook: Any) -> Any:
    return type(hook).objects.select_for_update(no_key=True).get(pk=hook.pk)


def _name(hook: Hook) -> str:
    return "subscription" if isinstance(hook, WebhookSubscription) else "sender"


@audit.act
def change_subscription(
    *,
    subscription: WebhookSubscription,
    label: str,
    url: str,
    kinds: Collection[str],
    by: Any,
    at: datetime,
) -> WebhookSubscription:
    """Change where a subscription's events go, and which.

    :raises HookRefused: if it has ended, or nothing is chosen
    """
    permissions.check_can_keep_webhooks(by, subscription.organisation.scope_id)
    check_address(url)
    subscription = cast("WebhookSubscription", _locked(subscription))
    _check_not_ended(subscription)
    before = {"label": subscription.label, "url": subscription.url, "kinds": subscription.kinds}
    known = [one.kind for one in terms.events_out()]
    subscription.label, subscription.url = _label(label), url
    subscription.kinds = _kinds(kinds, [*known, *subscription.kinds])
    subscription.save(update_fields=["label", "url", "kinds"])
    now = {"label": subscription.label, "url": url, "kinds": subscription.kinds}
    change = {key: [before[key], now[key]] for key in now if before[key] != now[key]}
    audit.record("exchange.subscription.changed", on=subscription, by=by, at=at, change=change)
    return subscription


def _check_not_ended(hook: Hook) -> None:
    if hook.state == HookState.ENDED:
        raise HookRefused("This one has ended. Make a new one.")


@audit.act
def replace_secret(*, hook: Hook, by: Any, at: datetime) -> str:
    """Give a webhook a new secret and return it, once; the present one holds on for a day.

    :raises HookRefused: if it has ended
    """
    permissions.check_can_keep_webhooks(by, hook.organisation.scope_id)
    hook = _locked(hook)
    _check_not_ended(hook)
    secret = new_secret()
    hook.old_secret, hook.old_until = hook.secret, at + OVERLAP
    hook.secret = vault.seal(secret, owner=hook.key_owner, purpose=PURPOSE)
    hook.save(update_fields=["secret", "old_secret", "old_until"])
    change = {"old_until": hook.old_until.isoformat()}
    audit.record(f"exchange.{_name(hook)}.secret_replaced", on=hook, by=by, at=at, change=change)
    return secret


@audit.act
def set_hook_state(*, hook: Hook, to: HookState, by: Any, at: datetime) -> Hook:
    """Pause a webhook, let it go on, or end it for good; what waited for it then is dead.

    The administrator may pause and end any, and let none go on.

    :raises IllegalMove: if it stands there already or has ended
    """
    permissions.check_can_set_state(by, hook.organisation.scope_id, to)
    hook = _locked(hook)
    check_move(HOOK_MOVES, present=HookState(hook.state), to=to)
    was, hook.state = hook.state, to
    hook.save(update_fields=["state"])
    if to is HookState.ENDED and isinstance(hook, WebhookSubscription):
        waiting = WebhookDelivery.objects.filter(
            subscription=hook, state__in=[DeliveryState.WAITING, DeliveryState.SENDING]
        )
        waiting.update(state=DeliveryState.DEAD, ended_at=at, next_at=None)
    change = {"state": [was, to.value]}
    audit.record(f"exchange.{_name(hook)}.{to.value}", on=hook, by=by, at=at, change=change)
    return hook
