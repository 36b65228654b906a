"""The states of an extract and the moves between them."""

from collections.abc import Mapping

from tembusu.foundation.exchange.terms import ExtractState

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
