"""Reads the tables that people send: CSV in any usual dress, and XLSX. Knows no database.

``describe`` finds out by content what a file is; ``rows`` yields its rows as texts, each with the number
that a spreadsheet gives it. What cannot be read is a ``FileFault`` that says what to do.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tembusu.foundation.exchange.reading import delimited, workbook
from tembusu.foundation.exchange.reading.terms import (
    MOST_COLUMNS,
    MOST_ROWS,
    FileFault,
    FileKind,
    Manner,
    RawRow,
)

__all__ = [
    "MOST_COLUMNS",
    "MOST_ROWS",
    "FileFault",
    "FileKind",
    "Manner",
    "RawRow",
    "delimited",
    "describe",
    "raw_rows",
    "rows",
    "workbook",
]

OTHERS = {
    b"\xd0\xcf\x11\xe0": "It is an older or a locked workbook (.xls, or one with a password).",
    b"%PDF": "It is a PDF.",
    b"\x1f\x8b": "It is a packed file.",
    b"{": "It is JSON.",
    b"<": "It is HTML or XML, as some systems call an 'Excel' export.",
}
SEND = "Save it as an Excel workbook (.xlsx) or as CSV, then send that."


def describe(path: Path) -> Manner:
    """Return what kind of table a file is and how it is written.

    :raises FileFault: if it is neither CSV nor XLSX, is broken, or too large
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return workbook.describe(path)
    for mark, says in OTHERS.items():
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(mark):
            raise FileFault(f"{says} {SEND}")
    return delimited.describe(path)


def rows(path: Path, manner: Manner) -> Iterator[RawRow]:
    """Yield every row that holds something, as texts without blanks around them.

    :raises FileFault: if the file cannot be read to its end, or has too many rows or columns
    """
    texts = workbook.texts if manner.kind is FileKind.XLSX else delimited.texts
    n = 0
    for line, cells in texts(path, manner):
        if not any(cells):
            continue
        n += 1
        if n > MOST_ROWS:
            raise FileFault(
                f"The file has more than {MOST_ROWS:,} rows. Part it, and send the parts one by one."
            )
        if len(cells) > MOST_COLUMNS:
            raise FileFault(
                f"Row {line} has {len(cells):,} columns; at most {MOST_COLUMNS} are read."
            )
        yield RawRow(line, tuple(cells))


def raw_rows(path: Path, manner: Manner) -> Iterator[tuple[int, list[Any]]]:
    """Yield every row as it stands, for the file that gives refused rows back."""
    given = workbook.values if manner.kind is FileKind.XLSX else delimited.values
    yield from given(path, manner)
