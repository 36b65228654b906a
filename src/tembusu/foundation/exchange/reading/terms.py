"""Words of reading: what a table is, how a file is written, one row of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tembusu.foundation.core.states import Refusal, State

MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CELL = 32_767  # characters, as a spreadsheet has it


class FileFault(Refusal):
    """A file that cannot be read as a table."""


class FileKind(State):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def label(self) -> str:
        return self.value.upper()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a table is written.

    :ivar encoding: Python's name, of a CSV
    :ivar delimiter: what parts the cells of a CSV
    :ivar sheets: the names of the visible sheets of a workbook
    :ivar sheet: the one that is read
    """

    kind: FileKind
    encoding: str = ""
    delimiter: str = ""
    sheets: Sequence[str] = ()
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Manner":
        return cls(**{**kept, "kind": FileKind(kept["kind"]), "sheets": tuple(kept["sheets"])})


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: its number as a spreadsheet gives it, and its cells as texts."""

    line: int
    cells: tuple[str, ...]
