"""A desk as a calendar (RFC 5545): each line with a due day is an event of that whole day.

The UID of a matter never changes, so a calendar that asks again moves the event and makes no second one.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from tembusu.desk.terms import Line
from tembusu.foundation.core.worklist import WorkKind

PRODUCT = "-//Tembusu//Desk//EN"
ASK_AGAIN_AFTER = timedelta(hours=4)


def calendar_of(
    lines: Iterable[Line], *, person_id: int, name: str, origin: str, at: datetime
) -> bytes:
    """Return the calendar of a person's lines as it is sent, in UTF-8 with folded lines.

    :param name: what calendar programs call it
    :param origin: the site's own address, before the path of each line
    :param at: when it was read, in UTC
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", ASK_AGAIN_AFTER, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT4H")
    for line in lines:
        if line.item.due is not None:
            made.add_component(_event(line, person_id, origin, at))
    sent: bytes = made.to_ical()
    return sent


def _event(line: Line, person_id: int, origin: str, at: datetime) -> Event:
    item = line.item
    event = Event()
    event.add("uid", uid(item.key, person_id, origin))
    event.add("dtstamp", at)
    event.add("dtstart", item.due)
    event.add("dtend", item.due + timedelta(days=1) if item.due else None)
    event.add("summary", _summary(line))
    event.add("description", f"{item.record}\nSince {item.since.isoformat()}\n{origin}{item.url}")
    event.add("url", origin + item.url)
    event.add("categories", [item.study] if item.study else [line.room])
    event.add("transp", "TRANSPARENT")
    return event


def _summary(line: Line) -> str:
    item = line.item
    if item.kind is WorkKind.I_WAIT:
        return f"{item.holder}: {item.what} ({item.record})"
    return f"{item.what} ({item.record})"


def uid(key: str, person_id: int, origin: str) -> str:
    """Return a name for a person's matter that no other calendar event has, and that stays."""
    made = uuid.uuid5(uuid.NAMESPACE_URL, f"{origin}/desk/{person_id}/{key}")
    return f"{made}@{origin.split('//', 1)[-1].split(':', 1)[0]}"
