"""Reads the files of an import ahead of it, in a process of its own.

Parsing costs as much time as writing. So a second process parses, works out what needs no database,
and passes batches on in order; a few wait ready while the importer writes. It loads no Django, so
that it is there at once. Few or small files are read by the importer itself.
"""

import gc
import multiprocessing
import os
import pickle
import queue
import re
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from tembusu.coordination.registry.rules import indexing
from tembusu.coordination.registry.rules.records import without_nul
from trialformats.records import TrialRecord, digest_of_json, from_json, to_json
from trialformats.sources import Reading, read_paths

BATCH = 250
FIRST_BATCH = 50  # so that the importer has work soon
BATCH_BYTES = 8 * 1024**2  # of files; keeps a batch of giant records small
AHEAD = 2  # batches that wait ready
WORTH_A_PROCESS = 2 * 1024**2  # bytes; below, starting one takes longer than reading
KNOWN = "SELECT FROM registry_seenpiece WHERE fingerprint = %s"

# U+202A to U+202E and U+2066 to U+2069 in UTF-8: they turn the words around a text too, wherever it is
# shown (Unicode Annex 9, 2.1-2.5). Letters of any script keep their own direction without them.
TURNING = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")

Key = tuple[str, str]
Values = Mapping[str, Any]


class ReaderEnded(RuntimeError):
    """The process that reads ended before the files did; the import can be resumed."""


@dataclass(slots=True)
class Ready:
    """What was read at one place, with everything that needs no database worked out.

    :ivar reading: without its record; of a good one, its bytes are kept in case it is refused later
    :ivar key: registry and number; None where nothing was read, or where it is known
    :ivar json: the record as ``to_json`` gives it
    :ivar cross: its numbers in other registries
    """

    reading: Reading
    key: Key | None = None
    json: bytes = b""
    digest: str = ""
    cross: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    described: indexing.Described | None = None
    where: tuple[indexing.Where, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Files to be read from a certain place on.

    :ivar resume_after: source and position of the last record that was dealt with
    :ivar database: how the other process connects, to ask which pieces were taken before
    """

    paths: tuple[Path, ...]
    resume_after: tuple[str, int] | None = None
    database: Mapping[str, Any] | None = None

    def batches(self, is_known: Callable[[str], bool]) -> Iterator[list[Ready]]:
        """Yield what is in the files, batch by batch, read here.

        :raises ResumeError: if the place to resume from is not in the files
        """
        return _batches(
            _ready(reading)
            for reading in read_paths(
                self.paths, is_known=is_known, resume_after=self.resume_after, keep_raw=True
            )
        )

    def ahead(self) -> Generator[list[Ready], None, None]:
        """Yield the same, read in a process of its own, which ends with this iterator.

        :raises ResumeError: as above
        :raises ReaderEnded: if that process ends before its time
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_read, args=(self, theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            while (batch := _received(ours)) is not None:
                yield batch
        finally:
            ours.close()
            process.terminate()
            process.join()
            process.close()

    def is_worth_a_process(self) -> bool:
        """Say whether there is so much to read that a process of its own pays."""
        total = 0
        for path in self.paths:
            for file in path.rglob("*") if path.is_dir() else (path,):
                with suppress(OSError):
                    total += file.stat().st_size
                if total >= WORTH_A_PROCESS:
                    return True
        return False


def collect_seldom() -> None:
    """Let this process look for cycles of garbage seldom: a batch makes many objects and few cycles."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _batches(readies: Iterable[Ready]) -> Iterator[list[Ready]]:
    batch: list[Ready] = []
    n_bytes, size = 0, min(FIRST_BATCH, BATCH)
    for one in readies:
        batch.append(one)
        n_bytes += len(one.reading.raw)
        if len(batch) >= size or n_bytes >= BATCH_BYTES:
            yield batch
            batch, n_bytes, size = [], 0, BATCH
    if batch:
        yield batch


def _ready(reading: Reading) -> Ready:
    record = reading.record
    if record is None:
        return Ready(reading)
    values = to_json(record)
    text, notes = orjson.dumps(values), record.notes
    if b"\\u0000" in text:
        held, values = values, without_nul(values)
        record, text = from_json(values), orjson.dumps(values)
        notes += _left_out("Characters that say nothing (NUL)", held, values)
    if TURNING.search(text):
        text = TURNING.sub(b"", text)
        held, values = values, orjson.loads(text)
        record = from_json(values)
        notes += _left_out("Hidden signs that turn the direction of words", held, values)
    return Ready(
        reading=replace(reading, record=None),
        key=(str(record.registry), record.registry_no),
        json=text,
        digest=digest_of_json(values),
        cross=_numbers_elsewhere(record),
        notes=notes,
        described=indexing.describe(values),
        where=tuple(indexing.where(values)),
    )


def _left_out(what: str, held: Values, values: Values) -> tuple[str, ...]:
    touched = [name for name, value in held.items() if values.get(name) != value]
    return (f"{what} were left out of: {', '.join(touched)}.",) if touched else ()


def _numbers_elsewhere(record: TrialRecord) -> tuple[Key, ...]:
    own = (record.registry, record.registry_no)
    named = dict.fromkeys((str(one.registry), one.registry_no) for one in record.cross_ids)
    return tuple(one for one in named if one != own)


def _read(reader: Reader, pipe: Connection) -> None:
    """Read in this process and pass batches on; a few wait while the other side writes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the importer's, who then ends us
    collect_seldom()
    waiting: queue.Queue[bytes] = queue.Queue(AHEAD)
    sender = threading.Thread(target=_pass_on, args=(waiting, pipe), daemon=True)
    sender.start()
    try:
        with _asking(reader.database) as is_known:
            for batch in reader.batches(is_known):
                waiting.put(pickle.dumps(batch))
    except (OSError, ValueError) as fault:  # ResumeError is one; it is raised on the other side
        waiting.put(pickle.dumps(fault))
    waiting.put(pickle.dumps(None))
    waiting.put(b"")
    sender.join()


def _pass_on(waiting: "queue.Queue[bytes]", pipe: Connection) -> None:
    try:
        while content := waiting.get():
            pipe.send_bytes(content)
    except OSError:
        os._exit(1)  # nobody listens any more, so there is nothing left to read for


@contextmanager
def _asking(database: Mapping[str, Any] | None) -> Iterator[Callable[[str], bool]]:
    """Ask the database, over one connection, which fingerprints were taken before."""
    if database is None:
        yield lambda _: False
        return
    import psycopg

    with psycopg.connect(**database, autocommit=True) as connection:
        yield (
            lambda fingerprint: (
                connection.execute(KNOWN, [bytes.fromhex(fingerprint)], prepare=True).rowcount > 0
            )
        )


def _received(pipe: Connection) -> list[Ready] | None:
    try:
        # The sender is this program itself.
        content = pickle.loads(pipe.recv_bytes())  # noqa: S301
    except EOFError as end:
        raise ReaderEnded(
            "The process that reads the files ended before its time; the same import goes on from"
            " here."
        ) from end
    if isinstance(content, Exception):
        raise content
    found: list[Ready] | None = content
    return found
