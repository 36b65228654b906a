"""What a room declares to take extracts, and the values that pass between it and this room.

A row is read column by column; what cannot be read is a ``Fault``, and a row with one never reaches
the room. The room's ``check`` says of each readable row whether it is new, the same, changed or
refused; its ``take`` does it. Both are given batches, so that they can ask the database once for all.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tembusu.foundation.core.states import State

WHY_REFUSED = (
    "Why refused"  # the last column of a file of refused rows; passed over when sent again
)


class VerdictKind(State):
    """What becomes of a row. ``left`` is only an outcome: a change that the sender did not want."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    REFUSED = "refused"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Column:
    """What a file may say in one of its columns.

    :ivar key: the name under which the room finds the value in ``Row.values``
    :ivar label: how people call it, as in 'Date of decision'; a header that says so is found by itself
    :ivar read: from the cell's text, never empty, to a value; raises ``Fault``. See ``readers``
    :ivar is_required: the file must have the column, and no row may leave it empty
    :ivar aliases: other headers that mean this column
    :ivar hint: what may stand here, for whoever maps and mends
    :ivar look_up: finds what the values stand for, all of a batch at once: ``look_up(values, by)``
        returns what is known, by value. The found object is then the row's value
    :ivar unknown: the fault of a value that ``look_up`` did not return; ``{value}`` stands for it
    """

    key: str
    label: str
    read: Callable[[str], Any]
    is_required: bool = False
    aliases: Sequence[str] = ()
    hint: str = ""
    look_up: Callable[[Collection[Any], Any], Mapping[Any, Any]] | None = None
    unknown: str = "'{value}' is not known here, or not to you."


@dataclass(frozen=True, slots=True)
class Row:
    """One row whose every cell could be read.

    :ivar line: its row in the file as a spreadsheet numbers it; the header usually is row 1
    :ivar values: by column key; None where the cell is empty or the file lacks the column
    :ivar given: the keys of the columns that the file has, so that 'empty' and 'not said' differ
    """

    line: int
    values: Mapping[str, Any]
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the file says otherwise than the record, as people read it; '' is nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a room says of a row before it is taken.

    :ivar reason: why it is refused, one fault to a line; what is worth knowing of it otherwise
    :ivar what: what the row is about, as people call it: 'TMB-000147 at Rain Tree General Hospital'
    """

    kind: VerdictKind
    differences: Sequence[Difference] = ()
    reason: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a room did with a row.

    :ivar url: the page of the record that it made or changed
    """

    kind: VerdictKind
    reason: str = ""
    url: str = ""


class Check(Protocol):
    """Says of each row what would become of it; changes nothing. One verdict to a row, in order."""

    def __call__(self, rows: Sequence[Row], *, by: Any, at: datetime) -> list[Verdict]: ...


class Take(Protocol):
    """Takes rows that were just checked, in this order; one outcome to a row.

    Called within a transaction that is the batch's own. A ``Refusal``, ``ValueError`` or a fault of
    the data in the database undoes the batch, and its rows are then taken one by one.
    """

    def __call__(
        self, rows: Sequence[Row], *, by: Any, at: datetime, run: int
    ) -> list[Outcome]: ...


@dataclass(frozen=True, slots=True)
class Purpose:
    """One kind of extract that a room takes.

    :ivar key: 'room.what', such as 'submissions.decisions'; part of addresses, so it never changes
    :ivar title: what the rows are: 'Decisions of boards and regulators'
    :ivar intro: one or two sentences: where such a file comes from, and what taking it does
    :ivar may: whether a person may send such extracts at all; ``check`` and ``take`` judge each row
    :ivar row_key: what a row is about. Two rows of one file about the same that say the same count
        once; that say different things are both refused. None where rows stand for themselves
    :ivar url: the name of the address where the records are then seen, such as 'submissions:list'
    """

    key: str
    title: str
    intro: str
    columns: Sequence[Column]
    may: Callable[[Any], bool]
    check: Check
    take: Take
    row_key: Callable[[Mapping[str, Any]], str] | None = None
    url: str = ""
    by_key: Mapping[str, Column] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        found = {column.key: column for column in self.columns}
        if len(found) != len(self.columns):
            raise ValueError(f"{self.key}: two columns have one key.")
        object.__setattr__(self, "by_key", found)


_PURPOSES: dict[str, Purpose] = {}


def register_purpose(purpose: Purpose) -> Purpose:
    """Let people send extracts for this purpose; rooms do so from their ``apps.py``."""
    _PURPOSES[purpose.key] = purpose
    return purpose


def purposes() -> list[Purpose]:
    """Return every purpose, by title."""
    return sorted(_PURPOSES.values(), key=lambda one: one.title)


def get_purpose(key: str) -> Purpose | None:
    return _PURPOSES.get(key)
