"""The words of the desk: a line of it, what narrows it, what changed."""

from dataclasses import dataclass
from datetime import date, datetime

from tembusu.foundation.core.states import State
from tembusu.foundation.core.worklist import WorkItem


class Sheet(State):
    """The parts of a desk, each a list of its own."""

    MINE = "mine"
    WAITING = "waiting"
    CHANGED = "changed"
    LAPSES = "lapses"


class Band(State):
    """How near the due day of a line is."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    UNDATED = "undated"


class Order(State):
    """In which order a sheet lies."""

    URGENT = "urgent"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a desk and the room that it comes from ('registry')."""

    room: str
    item: WorkItem


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a desk; '' and None narrow nothing.

    :ivar holder: the party, body or person on whom it waits
    :ivar text: words that must all be in what a line says
    """

    sheet: Sheet = Sheet.MINE
    study: str = ""
    room: str = ""
    holder: str = ""
    band: Band | None = None
    text: str = ""
    order: Order = Order.URGENT


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the ledger about a record that concerns the reader."""

    at: datetime
    title: str
    by: str
    record: str
    url: str
    study: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a record, or to many by one act: the last of it, and how much there was.

    :ivar n_more: how many more acts on the same record there were
    """

    at: datetime
    title: str
    by: str
    record: str
    url: str
    study: str = ""
    n_more: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since somebody last said that they had seen it.

    :ivar is_whole: False where there was more than is looked through
    """

    since: datetime
    rows: tuple[Change, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on a person's desk at one moment."""

    lines: tuple[Line, ...]
    changes: Changes
    today: date
