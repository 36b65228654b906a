"""The first look at a file: whether it is packed, its encoding, what parts its fields, its columns."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import pyarrow as pa

DELIMITERS = (",", ";", "\t")
GZIP = b"\x1f\x8b"
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HEADER_MOST = 1024**2  # characters; longer, and it is no header
CHUNK = 1024**2


class LogRefused(ValueError):
    """The file is no event log, or not one with these columns; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that hold case, activity and time of an event."""

    case: str = "case_id"
    activity: str = "activity"
    timestamp: str = "timestamp"

    def __iter__(self) -> Iterator[str]:
        return iter((self.case, self.activity, self.timestamp))


@dataclass(frozen=True, slots=True)
class Header:
    """How a file is written. `places` are those of case, activity and time among its `names`."""

    names: tuple[str, ...]
    places: tuple[int, int, int]
    delimiter: str
    encoding: str
    is_guessed: bool  # that it is UTF-8: no mark says so
    n_blank: int  # empty lines above

    @property
    def numbered(self) -> list[str]:
        """A name for each column that is no other's, whatever the file calls them."""
        return [str(no) for no in range(len(self.names))]

    @property
    def wanted(self) -> tuple[str, str, str]:
        case, activity, timestamp = self.places
        return str(case), str(activity), str(timestamp)

    def in_encoding(self, name: str) -> Header:
        return replace(self, encoding=name, is_guessed=False)


class Source:
    """A file for Arrow, unpacked as it is read, that counts the quotation marks going through."""

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream = stream
        self.n_quotes = 0

    def read(self, size: int = CHUNK) -> bytes:
        data: bytes = self._stream.read(size)
        self.n_quotes += data.count(b'"')
        return data

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)

    def close(self) -> None:
        self._stream.close()


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    packed = "gzip" if _is_packed(path) else None
    with pa.input_stream(str(path), compression=packed, buffer_size=CHUNK) as stream:
        yield Source(stream)


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a file as text, unpacked as it is read."""
    with (
        path.open("rb") as raw,
        gzip.open(raw) if _is_packed(path) else raw as unpacked,
        io.TextIOWrapper(
            unpacked,
            encoding="utf-8-sig" if encoding == "utf-8" else encoding,
            errors="replace",
            newline="",
        ) as text,
    ):
        yield text


def read_header(path: Path, columns: Columns) -> Header:
    """Read the first row and find the columns in it.

    :raises LogRefused: if there is none, a column is missing or stands twice, or two are one
    """
    if len(set(columns)) < 3:
        raise LogRefused(
            "Case, activity and time stand in three columns: name three different ones."
        )
    try:
        encoding, is_guessed = _encoding(path)
        line, n_blank = _first_line(path, encoding)
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise LogRefused(
            f"{path.name}: the packed file is cut off or damaged: fetch it again."
        ) from fault
    if not line:
        raise LogRefused(f"{path.name} is empty: it needs a row that names its columns.")
    found = [(_split(line, mark), mark) for mark in DELIMITERS]
    names, delimiter = max(
        found, key=lambda each: (sum(n in each[0] for n in columns), len(each[0]))
    )
    missing = [name for name in columns if name not in names]
    if missing:
        raise LogRefused(
            f"{path.name} has no column {_listed(missing)}. It has: {_listed(names)}. "
            "Say which of them to take with --case, --activity and --timestamp."
        )
    twice = next((name for name in columns if names.count(name) > 1), None)
    if twice is not None:
        raise LogRefused(
            f"{path.name} has two columns '{twice}': rename the one that is not meant."
        )
    case, activity, timestamp = (names.index(name) for name in columns)
    places = (case, activity, timestamp)
    return Header(tuple(names), places, delimiter, encoding, is_guessed, n_blank)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(2) == GZIP


def _encoding(path: Path) -> tuple[str, bool]:
    with path.open("rb") as raw, gzip.open(raw) if _is_packed(path) else raw as unpacked:
        start = unpacked.read(4)
    named = next((name for mark, name in MARKS if start.startswith(mark)), None)
    return named or "utf-8", named is None


def _first_line(path: Path, encoding: str) -> tuple[str, int]:
    """Return the header's text and how many empty lines stand above it."""
    with open_text(path, encoding) as text:
        n_blank = 0
        line = text.readline(HEADER_MOST)
        while line and not line.strip("\r\n"):
            n_blank += 1
            line = text.readline(HEADER_MOST)
        # A quoted name may hold the end of a line.
        while line.count('"') % 2 and len(line) < HEADER_MOST:
            more = text.readline(HEADER_MOST)
            if not more:
                break
            line += more
    return line, n_blank


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
