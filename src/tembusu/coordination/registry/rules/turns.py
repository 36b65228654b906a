"""Whose turn a study is: of what waits in it, what concerns the reader first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Matter(StrEnum):
    DIFFERENCES = "differences"
    DRAFT = "draft"
    DOUBTS = "doubts"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something of a study that waits on somebody.

    :ivar holder: who must act, where it is not the reader
    """

    matter: Matter
    since: datetime
    is_yours: bool
    holder: str
    n: int = 1


def in_turn(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Return what waits on the reader before what waits on others, the longest waiting first.

    Nobody waits for a doubt to be looked at: it comes after what somebody waits for.
    """
    return sorted(
        waiting, key=lambda one: (not one.is_yours, one.matter is Matter.DOUBTS, one.since)
    )
