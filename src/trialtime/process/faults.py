"""Where the refused rows of a log stand: a second look at the file, taken only when there are any."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from trialtime.process.opening import Header, open_text
from trialtime.process.timestamps import WRITE

LONGEST = 60  # characters of a value that are shown


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that is not in the log: the line on which it begins, from 1, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"Line {self.line:,}: {self.reason}"


def find_faults(
    path: Path, header: Header, bad_times: Sequence[int], n_odd_rows: int, at_most: int
) -> tuple[Fault, ...]:
    """Return the first faults in the order of the file.

    :param bad_times: numbers, from 0, of the rows of the right width whose time can't be read
    :param n_odd_rows: how many rows have another width
    """
    bad = set(bad_times)
    wanted = min(at_most, len(bad) + n_odd_rows)
    return tuple(islice(_faults(path, header, bad), wanted))


def _faults(path: Path, header: Header, bad_times: set[int]) -> Iterator[Fault]:
    width, place = len(header.names), header.places[2]
    no = 0
    for line, until, row in _rows(path, header):
        if len(row) != width:
            told = f"{len(row)} fields, and the header names {width}: "
            told += _open_quote(until) if until > line else "see to its commas."
            yield Fault(line, told)
            continue
        if no in bad_times:
            yield Fault(line, f"'{_short(row[place])}' is no time: {WRITE}.")
        no += 1


def last_row_of_many_lines(path: Path, header: Header) -> tuple[str, ...]:
    """Tell of a last row that goes over several lines: a quotation mark in it may not be closed."""
    last = deque(_rows(path, header), maxlen=1)
    return tuple(f"Line {line:,}: {_open_quote(until)}" for line, until, _ in last if until > line)


def _open_quote(until: int) -> str:
    return f"the row goes on to line {until:,}; look for a quotation mark that is not closed."


def _rows(path: Path, header: Header) -> Iterator[tuple[int, int, list[str]]]:
    """Yield each row after the header with the lines on which it begins and ends.

    A value too long for a value ends the search: the last row is then all that is left, without fields.
    """
    with open_text(path, header.encoding) as text:
        reader = csv.reader(text, delimiter=header.delimiter)
        before, is_header = 0, True
        try:
            for row in reader:
                line, before = before + 1, reader.line_num
                if row and not is_header:
                    yield line, before, row
                is_header = is_header and not row
        except csv.Error:
            yield before + 1, reader.line_num, []


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else value[:LONGEST] + "…"
