"""Reads of the desk, each of one's own: the lines that rooms offer, what changed, the feed's person."""

from tembusu.desk.selectors.changes import list_changes
from tembusu.desk.selectors.desks import (
    count_mine,
    desk_of,
    feed_person,
    has_digest,
    list_due_for_digest,
    list_lines,
    settings_of,
    sha256,
    unsubscribe_person,
    unsubscribe_token,
)

__all__ = [
    "count_mine",
    "desk_of",
    "feed_person",
    "has_digest",
    "list_changes",
    "list_due_for_digest",
    "list_lines",
    "settings_of",
    "sha256",
    "unsubscribe_person",
    "unsubscribe_token",
]
