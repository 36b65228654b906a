"""What changed: the ledger, narrowed by each room to the records that concern the reader."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from tembusu.desk import rules
from tembusu.desk.terms import Changes, Told
from tembusu.foundation.core import selectors as core
from tembusu.foundation.core import trail, worklist

EVENTS_LOOKED_THROUGH = 1_000  # of people's acts, and as many of imports


class Event(Protocol):
    """What is read of an event of the ledger."""

    at: datetime
    event: str
    by: str
    records: list[str]


def list_changes(user: Any, *, since: datetime, at: datetime) -> Changes:
    """Return what others did since a moment to records that concern the user, newest first."""
    read = [
        list(
            core.list_told(
                since=since,
                until=at,
                but_by=user.pk,
                imported=imported,
                limit=EVENTS_LOOKED_THROUGH,
            )
        )
        for imported in (False, True)
    ]
    told = list(_told(user, [event for events in read for event in events]))
    is_whole = all(len(events) < EVENTS_LOOKED_THROUGH for events in read)
    return Changes(since, tuple(rules.group_told(told)), is_whole)


def _told(user: Any, events: Iterable[Event]) -> Iterator[Told]:
    kept = list(events)
    subjects = _subjects(user, kept)
    for event in kept:
        subject = subjects.get(_chief(event))
        if subject is not None:
            title = trail.title_of(event.event)
            yield Told(event.at, title, event.by, subject.name, subject.url, subject.study)


def _chief(event: Event) -> str:
    """Return the record that an act was about. Others that it touched besides tell nobody of it.

    Whoever works with a study may not see each of its sites and submissions.
    """
    return event.records[0] if event.records else ""


def _subjects(user: Any, events: Iterable[Event]) -> dict[str, worklist.Subject]:
    """Return the records that concern the user, by their ledger names: one question to each room."""
    finders = worklist.finders()
    wanted: dict[str, set[int]] = defaultdict(set)
    for ref in {_chief(event) for event in events}:
        label, _, key = ref.rpartition(":")
        if label in finders and key.isdigit():
            wanted[label].add(int(key))
    return {
        f"{label}:{key}": subject
        for label, keys in wanted.items()
        for key, subject in finders[label](user, keys).items()
    }
