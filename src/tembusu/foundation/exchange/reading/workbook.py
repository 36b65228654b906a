"""XLSX: the stored values of one sheet's cells, never a formula run.

A workbook is an archive of XML. It is looked through before it is opened: what unpacks to too much,
lies about its size, or claims a cell at the far end of a sheet, is refused.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine as calamine

from tembusu.foundation.exchange.reading.terms import MOST_CELL, FileFault, FileKind, Manner

MOST_UNPACKED = 256 * 1024 * 1024
MOST_ENTRIES = 2000
MOST_CELLS = 4_000_000  # of a sheet's rectangle; an empty one that far out is a slip, or meant ill
CHUNK = 1 << 20
CELL = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')
ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="([0-9]{1,7})"')
BROKEN = "The workbook is broken and cannot be opened. Open it in Excel, save it anew, send that."
FAULTS = (
    calamine.CalamineError,
    calamine.XmlError,
    calamine.ZipError,
    OSError,
)


def describe(path: Path) -> Manner:
    """Return a workbook's visible sheets; the first that holds something is read.

    :raises FileFault: if it is broken, locked, none of ours, or unpacks to too much
    """
    _look_through(path)
    with _open(path) as book:
        visible = [
            one.name
            for one in book.sheets_metadata
            if one.visible == calamine.SheetVisibleEnum.Visible
            and one.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        filled = [name for name in visible if _sheet(book, name).height]
    if not filled:
        raise FileFault("The workbook is empty: no visible sheet has a header or a row.")
    return Manner(FileKind.XLSX, sheets=tuple(visible), sheet=filled[0])


def _open(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError as fault:
        raise FileFault("The workbook is locked. Take its password away, then send it.") from fault
    except FAULTS as fault:
        raise FileFault(BROKEN) from fault


def _sheet(book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except calamine.WorksheetNotFound as fault:
        raise FileFault(f"The workbook has no sheet '{name}'. Choose another.") from fault
    except FAULTS as fault:
        raise FileFault(BROKEN) from fault


def _look_through(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names:
                raise FileFault("The archive is no Excel workbook. Send an .xlsx or a CSV file.")
            if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > MOST_UNPACKED:
                raise FileFault("The workbook unpacks to far too much. Send the one sheet as CSV.")
            for entry in entries:
                _read_through(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as fault:
        raise FileFault(BROKEN) from fault


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack an entry once, which proves its stated size, and see how far a sheet reaches."""
    is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
    furthest = [1, 1]
    tail = b""
    with archive.open(entry) as member:
        while chunk := member.read(CHUNK):
            if is_sheet:
                tail = _reach(tail + chunk, furthest)
    if furthest[0] * furthest[1] > MOST_CELLS:
        raise FileFault(
            f"A sheet reaches to row {furthest[0]:,} and column {furthest[1]:,}. Delete the empty rows"
            " and columns, or send the sheet as CSV."
        )


def _reach(text: bytes, furthest: list[int]) -> bytes:
    """Note the furthest row and column that a piece of a sheet names; return what may be cut off."""
    for column, row in CELL.findall(text):
        furthest[0] = max(furthest[0], int(row))
        furthest[1] = max(furthest[1], _column_no(column))
    for row in ROW.findall(text):
        furthest[0] = max(furthest[0], int(row))
    return text[-200:]


def _column_no(letters: bytes) -> int:
    no = 0
    for letter in letters:
        no = no * 26 + letter - 64
    return no


def values(path: Path, manner: Manner) -> Iterator[tuple[int, list[Any]]]:
    """Yield every row, empty ones too, with its number from 1, as Python's own values."""
    with _open(path) as book:
        yield from enumerate(_sheet(book, manner.sheet).iter_rows(), start=1)


def texts(path: Path, manner: Manner) -> Iterator[tuple[int, list[str]]]:
    """Yield every row as texts without blanks around them."""
    for line, cells in values(path, manner):
        yield line, [as_text(cell) for cell in cells]


def as_text(value: Any) -> str:
    """Return a cell's value as text: 2026-03-14, 12, 12.5, TRUE."""
    if isinstance(value, str):
        return value.replace("\u00a0", " ").strip()[:MOST_CELL]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return str(value.date()) if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return "" if value is None else str(value)
