"""Writes about extracts and webhooks, split by step. Other rooms import from here."""

from tembusu.foundation.exchange.actions.announcing import announce, send_again, send_test
from tembusu.foundation.exchange.actions.checking import finish_check
from tembusu.foundation.exchange.actions.hooks import (
    change_subscription,
    register_sender,
    replace_secret,
    set_hook_state,
    subscribe,
)
from tembusu.foundation.exchange.actions.receiving import receive_event
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
    "announce",
    "cancel_extract",
    "change_subscription",
    "discard_extract",
    "finish_check",
    "finish_extract",
    "leave_rows",
    "map_extract",
    "receive_event",
    "register_sender",
    "replace_secret",
    "resume_extract",
    "send_again",
    "send_at_once",
    "send_extract",
    "send_test",
    "set_hook_state",
    "stop_extract",
    "subscribe",
    "take_batch",
    "take_extract",
]
