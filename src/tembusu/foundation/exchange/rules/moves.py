"""The states of extracts, webhooks and deliveries, and the moves between them."""

from collections.abc import Mapping

from tembusu.foundation.exchange.terms import DeliveryState, ExtractState, HookState

EXTRACT_MOVES: Mapping[ExtractState, frozenset[ExtractState]] = {
    # A program's extract needs no preview: its rows are checked as they are taken.
    ExtractState.SENT: frozenset(
        {ExtractState.CHECKING, ExtractState.TAKING, ExtractState.DISCARDED}
    ),
    ExtractState.CHECKING: frozenset(
        {ExtractState.CHECKED, ExtractState.SENT, ExtractState.DISCARDED}
    ),
    ExtractState.CHECKED: frozenset(
        {ExtractState.CHECKING, ExtractState.TAKING, ExtractState.DISCARDED}
    ),
    ExtractState.TAKING: frozenset({ExtractState.DONE, ExtractState.STOPPED}),
    ExtractState.STOPPED: frozenset({ExtractState.TAKING}),
    ExtractState.DONE: frozenset(),
    ExtractState.DISCARDED: frozenset(),
}

HOOK_MOVES: Mapping[HookState, frozenset[HookState]] = {
    HookState.ACTIVE: frozenset({HookState.PAUSED, HookState.ENDED}),
    HookState.PAUSED: frozenset({HookState.ACTIVE, HookState.ENDED}),
    HookState.ENDED: frozenset(),
}

DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.WAITING: frozenset({DeliveryState.SENDING, DeliveryState.DEAD}),
    DeliveryState.SENDING: frozenset(
        {DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.DEAD}
    ),
    DeliveryState.DELIVERED: frozenset({DeliveryState.WAITING}),
    DeliveryState.DEAD: frozenset({DeliveryState.WAITING}),
}
