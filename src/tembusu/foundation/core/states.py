"""Named states and the tables of moves between them. Free of Django on purpose."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class State(StrEnum):
    """A word of a closed list, with the label that people read."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (value, label) pairs for a model field or a form."""
        return [(member.value, member.label) for member in cls]


S = TypeVar("S", bound=State)


class Refusal(Exception):
    """Something that may not be done now; the message says why and what to do instead."""


class IllegalMove(Refusal):
    """The record's present state does not allow this move."""


def check_move(table: Mapping[S, frozenset[S]], *, present: S, to: S) -> None:
    """Refuse a move that the table does not hold.

    :raises IllegalMove: naming both states
    """
    if to not in table[present]:
        raise IllegalMove(f"Cannot move from {present.label} to {to.label}.")


def ends(table: Mapping[S, frozenset[S]]) -> frozenset[S]:
    """Return the states from which nothing leads on."""
    return frozenset(state for state, onward in table.items() if not onward)
