"""Whose turn a study is: of what waits in it, what concerns the reader first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Matter(StrEnum):
    DIFFERENCES = "differences"
    DRAFT = "draft"


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
    """Return what waits on the reader before what waits on others, the longest waiting first."""
    return sorted(waiting, key=lambda one: (not one.is_yours, one.since))
