"""Writes of the desk: what was seen, the calendar feed's address, the digest."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from tembusu.desk import rules, selectors
from tembusu.desk.models import DeskSettings, Digest
from tembusu.desk.terms import Desk, Order, Sheet
from tembusu.foundation.core import audit
from tembusu.foundation.core.audit import Actor
from tembusu.foundation.core.states import Refusal

SHOWN_IN_A_DIGEST = 10


class NothingToClose(Refusal):
    """There is no calendar feed."""


def _locked(person: Any) -> DeskSettings:
    """Return a person's settings, locked; made where nothing was ever set."""
    DeskSettings.objects.get_or_create(person_id=person.pk)
    return DeskSettings.objects.select_for_update().get(person_id=person.pk)


@audit.act
def mark_seen(*, by: Actor, at: datetime) -> DeskSettings:
    """Note that a person has seen what changed up to now."""
    held = _locked(by)
    if held.seen_at is None or held.seen_at < at:
        held.seen_at = at
        held.save(update_fields=["seen_at"])
    audit.record("desk.changes.seen", on=held, by=by, at=at)
    return held


@audit.act
def renew_feed(*, by: Actor, at: datetime) -> str:
    """Give a person's calendar feed a new address and return its secret, which is not kept.

    The address before opens nothing from now on.
    """
    held = _locked(by)
    secret = secrets.token_urlsafe(32)
    is_first = held.feed_sha256 is None
    held.feed_sha256, held.feed_made_at = selectors.sha256(secret), at
    held.save(update_fields=["feed_sha256", "feed_made_at"])
    event = "desk.feed.opened" if is_first else "desk.feed.renewed"
    audit.record(event, on=held, by=by, at=at)
    return secret


@audit.act
def close_feed(*, by: Actor, at: datetime) -> DeskSettings:
    """Switch a person's calendar feed off: its address opens nothing from now on.

    :raises NothingToClose: if there is none
    """
    held = _locked(by)
    if held.feed_sha256 is None:
        raise NothingToClose("Your calendar feed is off already.")
    held.feed_sha256 = held.feed_made_at = None
    held.save(update_fields=["feed_sha256", "feed_made_at"])
    audit.record("desk.feed.closed", on=held, by=by, at=at)
    return held


@audit.act
def switch_digest(*, is_on: bool, by: Actor, at: datetime) -> DeskSettings:
    """Switch a person's daily digest on or off; twice the same is no error."""
    held = _locked(by)
    if held.digest_is_on != is_on:
        change = {"digest_is_on": [held.digest_is_on, is_on]}
        held.digest_is_on = is_on
        held.save(update_fields=["digest_is_on"])
        audit.record("desk.digest.switched", on=held, by=by, at=at, change=change)
    return held


@audit.act
def send_digest(*, person: Any, by: Actor | None, at: datetime) -> bool:
    """Send a person the digest of the day, once; where nothing waits or changed, note only that.

    Safe to call again: a day has one digest, and the mail leaves only with the note of it.

    :returns: whether a mail left now
    """
    if not person.is_active or not selectors.settings_of(person).digest_is_on:
        return False
    since = selectors.digest_since(person, at)
    desk = selectors.desk_of(person, at, since=since)
    is_sent = rules.is_worth_a_digest(desk) and bool(person.email)
    try:
        with transaction.atomic():
            made = Digest.objects.create(
                person_id=person.pk, digest_date=desk.today, made_at=at, is_sent=is_sent
            )
    except IntegrityError:
        return False
    audit.record("desk.digest.made", on=made, by=by, at=at, change={"is_sent": is_sent})
    if is_sent:
        _mail(person, desk)
    return is_sent


def _mail(person: Any, desk: Desk) -> None:
    """Write to a person what is on the desk, with a link and the headers that end it in one act."""
    token = selectors.unsubscribe_token(person)
    stop = settings.ORIGIN + reverse("desk:digest_stop", args=[token])
    own = rules.in_order(rules.on_sheet(desk.lines, Sheet.MINE), Order.URGENT)
    lapses = rules.in_order(rules.on_sheet(desk.lines, Sheet.LAPSES), Order.URGENT)
    name = settings.TEMBUSU_BRAND["name"]
    standing = rules.say_standing(desk.lines, desk.today)
    body = render_to_string(
        "desk/email/digest.txt",
        {
            "person": person,
            "name": name,
            "origin": settings.ORIGIN,
            "desk": settings.ORIGIN + reverse("desk:desk"),
            "stop": stop,
            "standing": standing,
            "own": own[:SHOWN_IN_A_DIGEST],
            "n_own_more": max(0, len(own) - SHOWN_IN_A_DIGEST),
            "lapses": lapses[:SHOWN_IN_A_DIGEST],
            "changes": desk.changes.rows[:SHOWN_IN_A_DIGEST],
            "n_changes_more": max(0, len(desk.changes.rows) - SHOWN_IN_A_DIGEST),
            "today": desk.today,
        },
    )
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    subject = f"{name}: {standing}"[:150]
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email], headers=headers).send()
