"""CSV as programs write it: with any delimiter, in UTF-8, UTF-16 or Windows-1252."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tembusu.foundation.exchange.reading.terms import MOST_CELL, FileFault, FileKind, Manner

DELIMITERS = (",", ";", "\t", "|")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHUNK = 1 << 20
LOOKED_AT = 50  # rows by which the delimiter is told
# A quote in front keeps a cell from being run as a formula; files of ours that come back have it.
GUARDED = ("=", "+", "-", "@")


def describe(path: Path) -> Manner:
    """Return a CSV's encoding and delimiter.

    :raises FileFault: if it is no text, or nothing stands in it
    """
    encoding = _encoding(path)
    head = _head(path, encoding)
    if not head.strip():
        raise FileFault("The file is empty: there is neither a header nor a row in it.")
    if "\0" in head:
        raise FileFault("The file is no text. Save it as an Excel workbook (.xlsx) or as CSV.")
    return Manner(FileKind.CSV, encoding=encoding, delimiter=_delimiter(head))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024)
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        # Text in UTF-16 without its mark: every other byte of plain letters is nought.
        return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    for name in ("utf-8", "cp1252"):
        if _is_written_in(path, name):
            return name
    raise FileFault(
        "The file's letters are in no usual encoding. Save it as CSV UTF-8, or as .xlsx."
    )


def _is_written_in(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(200_000)


def _delimiter(head: str) -> str:
    """Return the delimiter that parts most rows alike into most cells; a comma where none does."""
    first = head.lstrip("\ufeff").split("\n", 1)[0].strip()
    if first.casefold().startswith("sep=") and first[4:5] in DELIMITERS:
        return first[4]
    return max(DELIMITERS, key=lambda one: (_fit(head, one), -DELIMITERS.index(one)))


def _fit(head: str, delimiter: str) -> float:
    """Return how many rows have the most frequent number of cells, weighed by that number."""
    widths: Counter[int] = Counter()
    try:
        for cells in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            if any(cells):
                widths[len(cells)] += 1
            if widths.total() >= LOOKED_AT:
                break
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, n = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    return (n / widths.total()) * min(width - 1, 30) if width > 1 else 0.0


def values(path: Path, manner: Manner) -> Iterator[tuple[int, list[str]]]:
    """Yield every row, empty ones too, with its number from 1, as it is written.

    :raises FileFault: naming the row at which the file breaks
    """
    line = 0
    try:
        with path.open(encoding=manner.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=manner.delimiter)
            for line, cells in enumerate(reader, start=1):
                if max(map(len, cells), default=0) > MOST_CELL:
                    raise FileFault(
                        f"Row {line} has a cell of more than {MOST_CELL:,} characters. A quotation"
                        " mark may be missing there."
                    )
                if line == 1 and cells and cells[0].casefold().startswith("sep="):
                    cells = []
                yield line, cells
    except csv.Error as fault:
        raise FileFault(f"The file cannot be read on after row {line}: {fault}.") from fault
    except UnicodeDecodeError as fault:
        raise FileFault(
            f"After row {line} stand letters that are not {manner.encoding}. Save the file as CSV"
            " UTF-8, or as .xlsx."
        ) from fault


def texts(path: Path, manner: Manner) -> Iterator[tuple[int, list[str]]]:
    """Yield every row as texts without blanks around them."""
    for line, cells in values(path, manner):
        yield line, [_plain(cell) for cell in cells]


def _plain(cell: str) -> str:
    text = cell.replace("\u00a0", " ").strip().lstrip("\ufeff")
    return text[1:] if text.startswith("'") and text[1:2] in GUARDED else text
