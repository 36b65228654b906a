"""Writes about extracts, split by step. Other rooms import from here."""

from tembusu.foundation.exchange.actions.checking import finish_check
from tembusu.foundation.exchange.actions.sending import (
    discard_extract,
    map_extract,
    send_at_once,
    send_extract,
)
from tembusu.foundation.exchange.actions.steering import (
    cancel_extract,
    leave_rows,
    resume_extract,
    stop_extract,
    take_extract,
)
from tembusu.foundation.exchange.actions.taking import finish_extract, take_batch

__all__ = [
    "cancel_extract",
    "discard_extract",
    "finish_check",
    "finish_extract",
    "leave_rows",
    "map_extract",
    "resume_extract",
    "send_at_once",
    "send_extract",
    "stop_extract",
    "take_batch",
    "take_extract",
]
