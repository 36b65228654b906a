"""Brings registry records in: files read ahead, batch by batch, each taken as ``batches`` says.

An import that was interrupted goes on where it stopped, if the files are still the same; otherwise it
starts over, and what was taken is unchanged (``runs``).
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from tembusu.coordination.registry.actions import batches, runs
from tembusu.coordination.registry.actions.batches import Importer
from tembusu.coordination.registry.actions.runs import Asked, Place
from tembusu.coordination.registry.models import ImportRun, SeenPiece
from tembusu.coordination.registry.reading import Reader, ReaderEnded, Ready
from tembusu.coordination.registry.terms import ImportCounts
from tembusu.foundation.core.audit import Actor
from trialformats.refusals import RefusalWriter
from trialformats.sources import ResumeError

__all__ = ["ReaderEnded", "import_studies"]

CONNECTION_KEYS = ("host", "port", "dbname", "user", "password", "sslmode")

Told = Callable[[ImportCounts], None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How files are gone through.

    :ivar refused_folder: where a run's refused records are written
    :ivar progress: called after each batch
    :ivar read_ahead: whether a second process reads; None decides by the size of the files
    :ivar clock: tells when the import ends
    """

    refused_folder: Callable[[ImportRun], Path] | None
    progress: Told | None
    read_ahead: bool | None
    clock: Callable[[], datetime]


def import_studies(
    *,
    paths: Sequence[Path],
    by: Actor | None,
    at: datetime,
    refused_folder: Callable[[ImportRun], Path] | None = None,
    job_id: int | None = None,
    label: str = "",
    progress: Told | None = None,
    read_ahead: bool | None = None,
    clock: Callable[[], datetime] | None = None,
) -> ImportRun:
    """Import every readable record below ``paths`` and return the run with its counts.

    An unfinished run of the same, unchanged files is resumed, unless somebody is at work on it. Each
    batch commits by itself.

    :param refused_folder: where a run's refused records are written, to be mended and sent again
    :param job_id: the job that does it; its own run is found by that
    :param progress: called after each batch; may raise to stop the import, which can be resumed
    :param read_ahead: whether a second process reads the files; None decides by their size
    :param clock: tells when the import ends, which may be hours after ``at``
    :raises ReaderEnded: if that process ends before its time
    """
    asked = Asked(paths, by, at, job_id, label)
    manner = Manner(refused_folder, progress, read_ahead, clock or (lambda: at))
    with runs.taken_up(asked) as (run, place):
        try:
            return _import(asked, manner, run, place)
        except ResumeError:
            # Its place is gone from the files. Another run reads them from the start; what this one
            # took is unchanged then.
            runs.stop_run(run=run, by=by, at=manner.clock())
    with runs.taken_up(asked, is_anew=True) as (run, _):
        return _import(asked, manner, run, None)


def _import(asked: Asked, manner: Manner, run: ImportRun, place: Place | None) -> ImportRun:
    by, at = asked.by, asked.at
    importer = batches.importer_for(run, by=by, at=at)
    try:
        with ExitStack() as stack:
            aside = None
            if manner.refused_folder:
                aside = stack.enter_context(RefusalWriter(manner.refused_folder(run)))
            for batch in _batches(asked, manner, importer, place, stack):
                batches.take(importer, batch, aside)
                if manner.progress:
                    manner.progress(importer.counts)
    except KeyboardInterrupt:
        runs.stop_run(run=run, by=by, at=manner.clock())
        raise
    return runs.finish_run(run=run, counts=importer.counts, by=by, at=manner.clock())


def _batches(
    asked: Asked, manner: Manner, importer: Importer, place: Place | None, stack: ExitStack
) -> Iterable[list[Ready]]:
    reader = Reader(tuple(asked.paths), place, _database())
    if reader.is_worth_a_process() if manner.read_ahead is None else manner.read_ahead:
        return stack.enter_context(closing(_ahead(importer, reader)))
    return reader.batches(_is_known)


def _ahead(importer: Importer, reader: Reader) -> Generator[list[Ready], None, None]:
    """Yield what another process reads. While the database works on one batch, a thread takes in the
    next and judges its places.
    """
    with closing(reader.ahead()) as coming, ThreadPoolExecutor(1) as pool:
        awaited = pool.submit(_next, importer, coming)
        while batch := awaited.result():
            awaited = pool.submit(_next, importer, coming)
            yield batch


def _next(importer: Importer, coming: Iterator[list[Ready]]) -> list[Ready]:
    batch = next(coming, [])
    importer.matching.prepare(where for one in batch for where in one.where)
    return batch


def _is_known(fingerprint: str) -> bool:
    return SeenPiece.objects.filter(pk=bytes.fromhex(fingerprint)).exists()


def _database() -> dict[str, Any]:
    """Return how another process connects to this database."""
    given = connection.get_connection_params()
    return {key: given[key] for key in CONNECTION_KEYS if given.get(key) not in (None, "")}
