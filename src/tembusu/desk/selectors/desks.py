"""A person's desk: what the rooms offer, how it is wanted, and by which secrets it is reached."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from tembusu.desk import rules
from tembusu.desk.models import DeskSettings, Digest
from tembusu.desk.selectors.changes import list_changes
from tembusu.desk.terms import Desk, Line, Sheet
from tembusu.foundation.core import worklist
from tembusu.foundation.people import selectors as people

COUNT_IS_KEPT = 60  # seconds; the desk itself always counts anew
SALT = "desk.digest"


def list_lines(user: Any, at: datetime) -> list[Line]:
    """Return what all rooms have for the user; each room decides what the user may see."""
    return [
        Line(room, item)
        for room, provider in worklist.providers().items()
        for item in provider(user, at)
    ]


def desk_of(user: Any, at: datetime, *, since: datetime | None = None) -> Desk:
    """Return everything on the user's desk.

    :param since: from when on changes are told; None, and since they were last seen
    """
    lines = list_lines(user, at)
    _keep_count(user, lines)
    since = since or rules.looks_back_to(settings_of(user).seen_at, at)
    changes = list_changes(user, since=since, at=at)
    return Desk(tuple(lines), changes, timezone.localdate(at))


def count_mine(user: Any) -> int | None:
    """Return how many lines wait on the user, for the menu; None for none. Up to a minute old."""
    n_lines = cache.get(_count_key(user))
    if n_lines is None:
        n_lines = _keep_count(user, list_lines(user, timezone.now()))
    return n_lines or None


def _keep_count(user: Any, lines: Sequence[Line]) -> int:
    n_lines = len(rules.on_sheet(lines, Sheet.MINE))
    cache.set(_count_key(user), n_lines, COUNT_IS_KEPT)
    return n_lines


def _count_key(user: Any) -> str:
    return f"desk.count.{user.pk}"


def settings_of(user: Any) -> DeskSettings:
    """Return how the user wants the desk; unsaved where nothing was ever set."""
    found = DeskSettings.objects.filter(person_id=user.pk).first()
    return found or DeskSettings(person_id=user.pk)


def sha256(secret: str) -> str:
    """Return what is kept of a feed's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def feed_person(secret: str) -> Any | None:
    """Return whose calendar feed a secret opens; None where none, or the account is closed."""
    held = DeskSettings.objects.select_related("person").filter(feed_sha256=sha256(secret)).first()
    return held.person if held is not None and held.person.is_active else None


# -- digests --------------------------------------------------------------------------------------


def digest_since(person: Any, at: datetime) -> datetime:
    """Return from when on a digest tells changes: since the one before, or since they were seen."""
    made = Digest.objects.filter(person_id=person.pk, made_at__lt=at).order_by("-digest_date")
    last = made.values_list("made_at", flat=True).first()
    return rules.digest_looks_back_to(last, settings_of(person).seen_at, at)


def list_due_for_digest(day: date) -> QuerySet[Any]:
    """Return the keys of the people who want a digest and have not had the day's."""
    made = Digest.objects.filter(person_id=OuterRef("pk"), digest_date=day)
    off = DeskSettings.objects.filter(person_id=OuterRef("pk"), digest_is_on=False)
    wanted = people.list_reachable().filter(~Exists(made), ~Exists(off))
    return wanted.order_by("pk").values_list("pk", flat=True)


def unsubscribe_token(person: Any) -> str:
    """Return what a digest's link carries: whose digests it ends, and no right besides."""
    return signing.Signer(salt=SALT).sign(str(person.pk))


def unsubscribe_person(token: str) -> Any | None:
    """Return whose digests a link ends; None where it was changed, or the account is closed."""
    try:
        key = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None
    return people.list_reachable().filter(pk=int(key)).first()
