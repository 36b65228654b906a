"""Reads of extracts, always their sender's own."""

from tembusu.foundation.exchange.selectors.extracts import (
    get_extract,
    get_purpose,
    list_extracts,
    list_rows,
    own_bodies,
    saved_mapping,
)

__all__ = [
    "get_extract",
    "get_purpose",
    "list_extracts",
    "list_rows",
    "own_bodies",
    "saved_mapping",
]
