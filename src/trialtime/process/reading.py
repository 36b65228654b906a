"""Reads an event log from CSV: plain or packed with gzip, UTF-8, UTF-16 or Windows-1252.

Each row is an event: where a log writes the start and the end of an activity in two rows, both count.
Every text is a name, `NA`, `null` and nothing at all too: such a case is a case, and a notice tells of
rows that name none. A row is refused when its time can't be read or when it has more or fewer fields
than the header; it is reported with its line, and the others are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from trialtime.process.arrays import to_arrow, to_numpy
from trialtime.process.faults import Fault, find_faults, last_row_of_many_lines
from trialtime.process.logs import EventLog, Times, order_events
from trialtime.process.opening import Columns, Header, LogRefused, open_source, read_header
from trialtime.process.timestamps import read_stamps

__all__ = ["Columns", "Fault", "LogRefused", "Reading", "read_log"]

BLOCK = 4 * 1024**2  # bytes parsed at once; a row has to fit into it
NAMES = pa.dictionary(pa.int32(), pa.string())
FIRST_FAULTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A log as it was read, with what was not.

    `n_refused` rows are not in the log; `faults` tells the line and the reason of the first thousand.
    """

    log: EventLog
    columns: Columns
    n_refused: int
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Gathered:
    """What the batches gave so far."""

    case: list[pa.Array] = field(default_factory=list)
    activity: list[pa.Array] = field(default_factory=list)
    time: list[Times] = field(default_factory=list)
    n_rows: int = 0
    bad_times: list[int] = field(default_factory=list)  # rows of the right width, from 0
    n_odd_rows: int = 0
    n_quotes: int = 0
    n_zoned: int = 0

    @property
    def n_refused(self) -> int:
        return len(self.bad_times) + self.n_odd_rows


def read_log(path: Path, columns: Columns = Columns()) -> Reading:  # noqa: B008  frozen
    """Read a log.

    :param path: a CSV file, its fields apart by commas, semicolons or tabs; packed or not, as its
        first bytes say
    :param columns: the names of the columns that hold case, activity and time
    :raises LogRefused: if the file is no such log: a column is missing (the message names those there
        are) or stands twice, the file is empty, cut off, or holds no row that can be read
    """
    header = read_header(path, columns)
    try:
        gathered = _gather(path, header)
    except _NotUnicode:
        header = header.in_encoding("windows-1252")
        gathered = _gather(path, header)
    faults: tuple[Fault, ...] = ()
    if gathered.n_refused:
        faults = find_faults(path, header, gathered.bad_times, gathered.n_odd_rows, FIRST_FAULTS)
    log = _log_of(gathered)
    if gathered.n_refused and not log.n_events:
        raise LogRefused(
            f"{path.name}: none of its {gathered.n_refused:,} rows can be read. {faults[0]}"
        )
    notices = _notices(log, gathered, header)
    if gathered.n_quotes % 2:
        notices += last_row_of_many_lines(path, header)
    return Reading(log, columns, gathered.n_refused, faults, notices)


class _NotUnicode(Exception):
    """The bytes are not UTF-8, though nothing said that they are anything else."""


def _gather(path: Path, header: Header) -> _Gathered:
    gathered = _Gathered()

    def pass_over(row: pyarrow.csv.InvalidRow) -> str:
        gathered.n_odd_rows += 1
        return "skip"

    wanted = header.wanted
    reading = pyarrow.csv.ReadOptions(
        column_names=header.numbered,
        skip_rows=header.n_blank,
        skip_rows_after_names=1,
        block_size=BLOCK,
        encoding=header.encoding,
    )
    parsing = pyarrow.csv.ParseOptions(
        delimiter=header.delimiter, newlines_in_values=True, invalid_row_handler=pass_over
    )
    converting = pyarrow.csv.ConvertOptions(
        column_types={wanted[2]: pa.string(), wanted[0]: NAMES, wanted[1]: NAMES},
        include_columns=list(dict.fromkeys(wanted)),
        null_values=[],
        strings_can_be_null=False,
        quoted_strings_can_be_null=False,
    )
    try:
        with open_source(path) as source:
            stream = pa.PythonFile(source, mode="r")
            for batch in pyarrow.csv.open_csv(stream, reading, parsing, converting):
                _take(gathered, batch, wanted)
            gathered.n_quotes = source.n_quotes
    except (pa.ArrowInvalid, OSError, UnicodeError) as fault:
        said = str(fault)
        if "UTF8" in said and header.is_guessed:
            raise _NotUnicode from fault
        raise LogRefused(f"{path.name}: {_told(said)}") from fault
    return gathered


def _take(gathered: _Gathered, batch: pa.RecordBatch, wanted: Sequence[str]) -> None:
    case, activity, texts = (batch.column(name) for name in wanted)
    stamps = read_stamps(texts)
    if not stamps.is_read.all():
        gathered.bad_times.extend((np.flatnonzero(~stamps.is_read) + gathered.n_rows).tolist())
        kept = to_arrow(np.flatnonzero(stamps.is_read))
        case, activity = case.take(kept), activity.take(kept)
    gathered.case.append(case)
    gathered.activity.append(activity)
    gathered.time.append(stamps.time[stamps.is_read])
    gathered.n_rows += len(texts)
    gathered.n_zoned += int((stamps.is_zoned & stamps.is_read).sum())


def _log_of(gathered: _Gathered) -> EventLog:
    cases, case = _coded(gathered.case)
    activities, activity = _coded(gathered.activity)
    time = np.concatenate([np.zeros(0, dtype=np.int64), *gathered.time])
    return order_events(cases, activities, case, activity, time)


def _coded(
    batches: Sequence[pa.Array],
) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Return the names that occur, in order of appearance, and a code for each row."""
    whole = pa.chunked_array(batches, type=NAMES).unify_dictionaries()
    if not len(whole):
        return [], np.zeros(0, dtype=np.int32)
    codes = np.concatenate(
        [to_numpy(chunk.indices, np.int32) for chunk in whole.chunks if len(chunk)]
    )
    names = whole.chunk(0).dictionary.to_pylist()  # unified: the same for every batch
    used = np.zeros(len(names), dtype=bool)
    used[codes] = True
    if used.all():
        return names, codes
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    return [name for name, is_used in zip(names, used, strict=True) if is_used], renumbered[codes]


def _notices(log: EventLog, gathered: _Gathered, header: Header) -> tuple[str, ...]:
    told = []
    for names, codes, what in (
        (log.cases, log.case, "case"),
        (log.activities, log.activity, "activity"),
    ):
        if "" in names:
            n = int((codes == list(names).index("")).sum())
            rows = "1 row names" if n == 1 else f"{n:,} rows name"
            told.append(f"{rows} no {what}: counted as one {what} without a name.")
    if 0 < gathered.n_zoned < log.n_events:
        told.append(
            f"{gathered.n_zoned:,} times have a zone and {log.n_events - gathered.n_zoned:,} have none: "
            "those without count as UTC."
        )
    if header.encoding == "windows-1252":
        told.append("The file is not UTF-8: it was read as Windows-1252.")
    return tuple(told)


def _told(said: str) -> str:
    """Say what Arrow says, with what to do where that is known."""
    if "straddling" in said:
        size = BLOCK // 1024**2
        return f"a row is longer than {size} MiB: look for a quotation mark that is not closed."
    if "runcated" in said or "end-of-stream" in said or "inflate" in said:
        return "the packed file is cut off or damaged: fetch it again."
    return f"it can't be read as CSV: {said}"
