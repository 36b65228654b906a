"""Cutting a CSV into rows, each as its own bytes: a row ends at the first line break outside
quotes.

A quote that is never closed would swallow the rest of the file. So a row that reaches the limit or
the end unclosed is given up at the next line that opens with a trial number, and reading goes on
there.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from trialformats.pieces import Piece, too_large
from trialformats.streams import Limits, Stream

_ROW_STARTS = re.compile(rb'"?(?:NCT\d{8}|\d{1,7}[,;\t]"?NCT\d{8})"?[,;\t]')
_SEPARATOR = re.compile("[,;\t]")
UNCLOSED = "a quotation mark opens in this row and never closes"


def split_csv(stream: Stream, limits: Limits) -> Iterator[Piece]:
    """Yield the rows after the header, each with the header; blank lines are no rows."""
    rows = _rows(stream, limits)
    first = next(rows, None)
    if first is None:
        return
    header = tuple(name.strip() for name in cells(first.raw.decode("utf-8", "replace")))
    for row in rows:
        if row.raw.strip(b",; \t\r\n") or row.reason:
            yield replace(row, header=header, header_raw=first.raw)


def cells(text: str) -> list[str]:
    """Return the cells of one row. What separates them is the first comma, tab or semicolon (as
    spreadsheets write where the comma stands in numbers), for the first column holds none.
    """
    found = _SEPARATOR.search(text)
    delimiter = found[0] if found else ","
    return next(csv.reader([text], delimiter=delimiter), [])


def _rows(stream: Stream, limits: Limits) -> Iterator[Piece]:
    lines = _Lines(stream, limits)
    while first := lines.next():
        row, n_bytes, is_open = [first], len(first), first.count(b'"') % 2 == 1
        while is_open and n_bytes <= limits.max_record_bytes and (line := lines.next()):
            row.append(line)
            n_bytes += len(line)
            is_open ^= line.count(b'"') % 2 == 1
        if is_open:
            yield from _given_up(row, lines, limits)
        elif n_bytes > limits.max_record_bytes:
            yield too_large(limits, first)
        else:
            yield Piece(b"".join(row))


def _given_up(row: list[bytes], lines: "_Lines", limits: Limits) -> Iterator[Piece]:
    """Refuse an unclosed row up to the next that surely starts, and put the rest back."""
    stop = next((no for no, line in enumerate(row) if no and _ROW_STARTS.match(line)), len(row))
    lines.put_back(row[stop:])
    raw = b"".join(row[:stop])
    large = len(raw) > limits.max_record_bytes
    yield too_large(limits, raw) if large else Piece(raw, UNCLOSED)


class _Lines:
    """The lines of a stream, one by one.

    Of a line beyond the limit the middle is let go, but not its quotes' count.
    """

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self._stream = stream
        self._longest = limits.max_record_bytes + 1
        self._ready: deque[bytes] = deque()
        self._parts: list[bytes] = []
        self._n_bytes = 0
        self._n_quotes_gone = 0

    def next(self) -> bytes:
        """Return the next line with its end; b'' at the end of the stream."""
        while not self._ready:
            chunk = self._stream.read()
            if not chunk:
                return self._line(b"")
            *whole, rest = chunk.split(b"\n")
            if whole:
                self._ready.append(self._line(whole[0] + b"\n"))
                self._ready.extend(line + b"\n" for line in whole[1:])
            self._keep(rest)
        return self._ready.popleft()

    def put_back(self, lines: list[bytes]) -> None:
        """Return lines that were taken too early."""
        self._ready.extendleft(reversed(lines))

    def _keep(self, part: bytes) -> None:
        if self._n_bytes < self._longest:
            self._parts.append(part)
            self._n_bytes += len(part)
        else:
            self._n_quotes_gone += part.count(b'"')

    def _line(self, end: bytes) -> bytes:
        line = b"".join([*self._parts, b'"' * (self._n_quotes_gone % 2), end])
        self._parts, self._n_bytes, self._n_quotes_gone = [], 0, 0
        return line
