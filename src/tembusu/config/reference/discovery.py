"""Finds what rooms declare: their modules, states and tables of moves."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from django.apps import apps

from tembusu.foundation.core.states import State

ROOM_PREFIX = "tembusu."


@dataclass(frozen=True, slots=True)
class Moves:
    """A table of moves as a room's rules declare it."""

    room: str
    name: str
    states: type[State]
    table: Mapping[State, frozenset[State]]


def rooms() -> list[str]:
    """Return the packages of our rooms, lowest storey first, as settings install them."""
    configs = apps.get_app_configs()
    return [config.name for config in configs if config.name.startswith(ROOM_PREFIX)]


def short(room: str) -> str:
    return room.rsplit(".", 1)[1]


def modules(room: str, part: str) -> Iterator[ModuleType]:
    """Yield a part of a room, such as ``rules``: its module, or its package and what lies in it."""
    name = f"{room}.{part}"
    if importlib.util.find_spec(name) is None:
        return
    top = importlib.import_module(name)
    yield top
    for inner in pkgutil.iter_modules(getattr(top, "__path__", [])):
        yield importlib.import_module(f"{name}.{inner.name}")


def state_lists() -> list[tuple[str, type[State]]]:
    """Return every closed list of words, with its room, in the order of the source."""
    found = []
    for room in rooms():
        for module in modules(room, "terms"):
            for value in vars(module).values():
                if is_state_list(value) and value.__module__ == module.__name__:
                    found.append((short(room), value))
    return found


def is_state_list(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, State) and value is not State


def all_moves() -> list[Moves]:
    """Return every table of moves: what rules call ``MOVES`` or ``…_MOVES``."""
    found = []
    for room in rooms():
        for module in modules(room, "rules"):
            for name, value in vars(module).items():
                if name.endswith("MOVES") and isinstance(value, Mapping):
                    found.append(Moves(short(room), name, type(next(iter(value))), value))
    return sorted(found, key=lambda moves: (moves.room, moves.states.__name__))
