"""Reads of the desk, each of one's own: the lines that rooms offer, what changed, the feed's person."""

from tembusu.desk.selectors.changes import list_changes
from tembusu.desk.selectors.desks import (
    count_mine,
    desk_of,
    digest_since,
    feed_person,
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
    "digest_since",
    "feed_person",
    "list_changes",
    "list_due_for_digest",
    "list_lines",
    "settings_of",
    "sha256",
    "unsubscribe_person",
    "unsubscribe_token",
]
