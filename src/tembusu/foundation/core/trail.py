"""A record's trail: every act and every changed field, in one list.

Audit events say what was done; row history says which fields changed. They meet by context id.
Rows that no event announced are entries of their own, so that no write stays hidden.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.rowchanges import OWN_KEY as OWN_KEY
from tembusu.foundation.core.rowchanges import RowChange, changes_of
from tembusu.foundation.core.rowchanges import RowSource as RowSource
from tembusu.foundation.core.rowchanges import text_of as text_of
from tembusu.foundation.core.terms import FieldChange, TrailEntry, TrailKind

Details = Callable[[str, Mapping[str, Any]], Sequence[FieldChange] | None]
CSV_HEADING = ("at", "event", "title", "by", "reason", "request", "field", "before", "after")


@dataclass(frozen=True, slots=True)
class Story:
    """How a kind of record tells its trail; its room registers one.

    :ivar find: returns the record that this user may see; raises Http404 otherwise
    :ivar url: the record's own page
    :ivar refs: the ledger names whose events belong to the trail
    :ivar details: what an event changed, where its own facts say less than the records do
    """

    label: str
    find: Callable[[Any, int], models.Model]
    url: Callable[[models.Model], str]
    refs: Callable[[models.Model], list[str]]
    sources: Callable[[models.Model], list[RowSource]]
    titles: Mapping[str, str]
    details: Details | None = None


_stories: dict[str, Story] = {}


def register(slug: str, story: Story) -> None:
    """Make ``/trail/<slug>/<pk>/`` tell this kind of record's trail."""
    _stories[slug] = story


def story(slug: str) -> Story | None:
    return _stories.get(slug)


def title_of(event: str) -> str:
    """Return what an event is called on screen, by the story that names it."""
    named = (one.titles[event] for one in _stories.values() if event in one.titles)
    return next(named, None) or _spoken(event)


def tell(of: Story, record: models.Model) -> list[TrailEntry]:
    """Return a record's whole trail, newest first."""
    return entries(of.refs(record), of.sources(record), titles=of.titles, details=of.details)


def entries(
    refs: Iterable[str],
    sources: Iterable[RowSource],
    *,
    titles: Mapping[str, str],
    details: Details | None = None,
) -> list[TrailEntry]:
    """Return the trail of the records named by ``refs``, newest first.

    :param refs: ledger names, such as ``registry.Study:12``
    :param titles: what each event is called on screen, by event name
    """
    events = list(AuditEvent.objects.filter(records__overlap=list(refs)).order_by("at", "id"))
    rows: dict[str, list[RowChange]] = defaultdict(list)
    for change in (change for source in sources for change in changes_of(source)):
        rows[change.context_id].append(change)
    made = [_of_event(event, rows, titles, details) for event in events]
    made += [_of_rows(group) for group in _unannounced(rows)]
    return sorted(made, key=lambda entry: entry.at, reverse=True)


def _of_event(
    event: AuditEvent,
    rows: dict[str, list[RowChange]],
    titles: Mapping[str, str],
    details: Details | None,
) -> TrailEntry:
    # Where one act wrote several events, its rows stand with the first of them.
    group = rows.pop(str(event.context_id), []) if event.context_id else []
    said = details(event.event, event.change) if details else None
    stated = _stated(event.change)
    told = [*stated] if said is None else [*said, *(replace(one, is_spare=True) for one in stated)]
    told += _labelled(group, is_announced=True)
    return TrailEntry(
        at=event.at,
        kind=TrailKind.IMPORT if "import" in event.event else TrailKind.ACT,
        event=event.event,
        title=titles.get(event.event) or _spoken(event.event),
        by=event.by,
        reason=event.reason,
        request_id=event.request_id,
        changes=tuple(told),
        about=event.records[0],
    )


def _spoken(event: str) -> str:
    """Return an event's name as words, without its room: 'study merged'."""
    _, _, rest = event.partition(".")
    return (rest or event).replace(".", " ").replace("_", " ").capitalize()


def _stated(change: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    pairs = []
    for name, value in change.items():
        before, after = value if isinstance(value, list) and len(value) == 2 else ("", value)
        pairs.append(FieldChange(name.replace("_", " "), text_of(before), text_of(after)))
    return tuple(pairs)


def _labelled(group: Iterable[RowChange], *, is_announced: bool) -> list[FieldChange]:
    return [
        replace(
            change,
            field=f"{row.about}: {change.field}" if row.about else change.field,
            is_spare=change.is_spare or (is_announced and row.is_told),
        )
        for row in group
        for change in row.changes
    ]


def _unannounced(rows: Mapping[str, list[RowChange]]) -> Iterator[list[RowChange]]:
    for context_id, group in rows.items():
        if context_id:
            yield group
        else:
            yield from ([row] for row in group)


def _of_rows(group: list[RowChange]) -> TrailEntry:
    first = group[0]
    who = first.context.get("name") or (
        "a person" if first.context.get("user") else f"database role {first.role}"
    )
    return TrailEntry(
        at=first.at,
        kind=TrailKind.CHANGE,
        event=f"row.{first.label}",
        title=f"{first.about or 'Record'}: rows changed",
        by=who,
        reason=str(first.context.get("reason") or ""),
        request_id=str(first.context.get("request") or ""),
        changes=tuple(_labelled(group, is_announced=False)),
    )


def select(
    found: Iterable[TrailEntry], *, kind: str = "", words: str = "", by: str = ""
) -> list[TrailEntry]:
    """Return the entries of one kind, by one person, or that hold some words anywhere."""
    wanted = words.casefold().split()
    return [
        entry
        for entry in found
        if (not kind or entry.kind == kind)
        and (not by or by.casefold() in entry.by.casefold())
        and all(word in _haystack(entry) for word in wanted)
    ]


def _haystack(entry: TrailEntry) -> str:
    parts = [entry.title, entry.by, entry.reason, entry.event]
    parts += [text for c in entry.shown for text in (c.field, c.before, c.after)]
    return " ".join(parts).casefold()


def csv_rows(found: Iterable[TrailEntry]) -> Iterator[list[str]]:
    """Yield the trail as rows of a CSV file (``CSV_HEADING``), one for each changed field."""
    for entry in found:
        head = [entry.at.isoformat(), entry.event, entry.title, entry.by, entry.reason]
        changes = entry.changes or (FieldChange("", "", ""),)
        for change in changes:
            yield [*head, entry.request_id, change.field, change.before, change.after]
