"""The refused rows of an extract as a file: in the format sent, each with why it was refused.

So it can be mended where it stands and sent again; the last column is passed over then.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell

from tembusu.foundation.core import files
from tembusu.foundation.core.terms import FileRules
from tembusu.foundation.exchange import reading
from tembusu.foundation.exchange.actions.sending import MEDIA_TYPES
from tembusu.foundation.exchange.models import Extract, ExtractRow
from tembusu.foundation.exchange.reading import FileKind
from tembusu.foundation.exchange.reading.delimited import GUARDED
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.terms import WHY_REFUSED, VerdictKind

NO_LIMIT = 2**40


def keep_refused(extract: Extract, by: Any, at: datetime) -> str:
    """Keep the refused rows as a file and return its SHA-256; '' where none was refused."""
    reasons = dict(
        ExtractRow.objects.filter(extract=extract, outcome=VerdictKind.REFUSED).values_list(
            "line", "outcome_reason"
        )
    )
    if not reasons:
        return ""
    manner = selectors.manner_of(extract)
    with tempfile.TemporaryFile() as into:
        write = _write_workbook if manner.kind is FileKind.XLSX else _write_csv
        write(extract, reasons, into)
        into.seek(0)
        accepted = FileRules(MEDIA_TYPES[manner.kind], NO_LIMIT)
        name = f"refused.{manner.kind.value}"
        return files.store(into, name=name, accepted=accepted, by=by, at=at).sha256


def _rows(extract: Extract, reasons: dict[int, str]) -> Iterator[tuple[list[Any], str]]:
    """Yield the header and the refused rows as they were sent, each with what its last cell says."""
    layout, manner = selectors.layout_of(extract), selectors.manner_of(extract)
    width, dropped = len(layout.headers), None
    if WHY_REFUSED in layout.headers:
        dropped = layout.headers.index(WHY_REFUSED)
    for line, cells in reading.raw_rows(selectors.path_of(extract), manner):
        says = WHY_REFUSED if line == layout.header_line else reasons.get(line)
        if says is not None:
            full = list(cells) + [""] * (width - len(cells))
            if dropped is not None:
                del full[dropped]
            yield full, says.replace("\n", " | ")


def _write_csv(extract: Extract, reasons: dict[int, str], into: Any) -> None:
    manner = selectors.manner_of(extract)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=manner.delimiter)
    for cells, says in _rows(extract, reasons):
        writer.writerow([_harmless(cell) for cell in [*cells, says]])
    into.write(_encoded(text.getvalue(), manner.encoding))


def _encoded(text: str, encoding: str) -> bytes:
    """Return the text as it was encoded; in UTF-8 with its mark where a reason does not fit in that."""
    try:
        if encoding in ("cp1252", "utf-16"):
            return text.encode(encoding)
        if encoding in ("utf-16-le", "utf-16-be"):
            return text.encode("utf-16")
    except UnicodeEncodeError:
        pass
    return text.encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(GUARDED) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _write_workbook(extract: Extract, reasons: dict[int, str], into: Any) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Refused rows")
    for cells, says in _rows(extract, reasons):
        sheet.append([_cell(sheet, value) for value in [*cells, says]])
    book.save(into)


def _cell(sheet: Any, value: Any) -> Any:
    """Return a cell that is text where a text was sent: nothing in it is ever run as a formula."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
