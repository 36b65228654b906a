"""Brings registry records in: one bulk act for each batch, with nothing lost to a bad record.

A batch is one transaction. If it fails, its records are taken one by one, so that only the faulty one
is refused. Progress is written with each batch: an import that was interrupted goes on where it
stopped, if the files are still the same; otherwise it starts over, and what was taken is unchanged.
Imports take turns batch by batch, so two of the same file do not meet half-way.
"""

import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from tembusu.coordination.registry.actions import index, places
from tembusu.coordination.registry.actions.taking import Incoming, Round
from tembusu.coordination.registry.models import ImportRun, RefusedRecord, SeenPiece
from tembusu.coordination.registry.reading import Key, Reader, ReaderEnded, Ready
from tembusu.coordination.registry.terms import (
    STUDIES_CHANGED,
    ImportCounts,
    ImportOutcome,
    RunState,
)
from tembusu.foundation.core import audit, outbox
from tembusu.foundation.core.audit import Actor
from trialformats.refusals import RefusalWriter
from trialformats.sources import Reading, ResumeError

__all__ = ["ReaderEnded", "finish_run", "import_batch", "import_studies", "stop_run"]

UNFINISHED = (RunState.RUNNING, RunState.STOPPED)
# Classes of SQLSTATE (PostgreSQL's appendix A) for which the record itself is to blame: data that a
# column can't hold, a broken constraint, a limit of the program (a text too long to be indexed).
RECORDS_FAULTS = {"22", "23", "54"}
PASSING_FAULTS = {"40"}  # a deadlock, or a clash with another transaction
ATTEMPTS = 3
RUN_LOCK = 728_361  # with a run's number: the advisory lock of whoever is at work on it
CONNECTION_KEYS = ("host", "port", "dbname", "user", "password", "sslmode")

PutAside = Callable[[Reading], object]


@dataclass(slots=True)
class Importer:
    """What an import keeps in memory from batch to batch."""

    run: ImportRun
    by: Actor | None
    at: datetime
    concepts: index.Concepts
    matching: places.Matching
    counts: ImportCounts = field(default_factory=ImportCounts)


def import_studies(
    *,
    paths: Sequence[Path],
    by: Actor | None,
    at: datetime,
    refused_folder: Path | None = None,
    job_id: int | None = None,
    label: str = "",
    progress: Callable[[ImportCounts], None] | None = None,
    read_ahead: bool | None = None,
) -> ImportRun:
    """Import every readable record below ``paths`` and return the run with its counts.

    An unfinished run of the same, unchanged files is resumed, unless somebody is at work on it. Each
    batch commits by itself.

    :param refused_folder: where refused records are written, to be mended and sent again
    :param job_id: the job that does it; its own run is found by that
    :param progress: called after each batch; may raise to stop the import, which can be resumed
    :param read_ahead: whether a second process reads the files; None decides by their size
    :raises ReaderEnded: if that process ends before its time
    """
    run, resume_after = _run_for(paths=paths, by=by, at=at, job_id=job_id, label=label)
    with _at_work_on(run):
        try:
            importer = _importer(run, by, at)
            reader = Reader(tuple(paths), resume_after, _database())
            _import_all(importer, reader, read_ahead, refused_folder, progress)
        except ResumeError:
            # Its place is gone from the files. Another run reads them from the start; what this one
            # took is unchanged then.
            stop_run(run=run, by=by, at=at)
            run = _new_run(paths, by=by, at=at, job_id=job_id, label=label)
            importer = _importer(run, by, at)
            reader = Reader(tuple(paths), None, _database())
            _import_all(importer, reader, read_ahead, refused_folder, progress)
        except KeyboardInterrupt:
            stop_run(run=run, by=by, at=at)
            raise
        return finish_run(run=run, counts=importer.counts, by=by, at=at)


def _importer(run: ImportRun, by: Actor | None, at: datetime) -> Importer:
    return Importer(
        run=run,
        by=by,
        at=at,
        concepts=index.Concepts.load(),
        matching=places.Matching.load(),
        counts=ImportCounts(**{k: v for k, v in run.counts.items() if k != "read"}),
    )


def _import_all(
    importer: Importer,
    reader: Reader,
    read_ahead: bool | None,
    refused_folder: Path | None,
    progress: Callable[[ImportCounts], None] | None,
) -> None:
    with ExitStack() as stack:
        aside = None
        if refused_folder:
            aside = stack.enter_context(RefusalWriter(refused_folder))
        batches: Iterable[list[Ready]]
        if reader.is_worth_a_process() if read_ahead is None else read_ahead:
            batches = stack.enter_context(closing(_ahead(importer, reader)))
        else:
            batches = reader.batches(_is_known)
        for batch in batches:
            _take(importer, batch, aside)
            if progress:
                progress(importer.counts)


# -- reading ------------------------------------------------------------------------------------


def _ahead(importer: Importer, reader: Reader) -> Generator[list[Ready], None, None]:
    """Yield what another process reads. While the database works on one batch, a thread takes in the
    next and judges its places.
    """
    with closing(reader.ahead()) as batches, ThreadPoolExecutor(1) as pool:
        coming = pool.submit(_next, importer, batches)
        while batch := coming.result():
            coming = pool.submit(_next, importer, batches)
            yield batch


def _next(importer: Importer, batches: Iterator[list[Ready]]) -> list[Ready]:
    batch = next(batches, [])
    importer.matching.prepare(where for one in batch for where in one.where)
    return batch


def _is_known(fingerprint: str) -> bool:
    return SeenPiece.objects.filter(pk=bytes.fromhex(fingerprint)).exists()


def _database() -> dict[str, Any]:
    """Return how another process connects to this database."""
    given = connection.get_connection_params()
    return {key: given[key] for key in CONNECTION_KEYS if given.get(key) not in (None, "")}


# -- runs ---------------------------------------------------------------------------------------


@audit.act
def _run_for(
    *, paths: Sequence[Path], by: Actor | None, at: datetime, job_id: int | None, label: str
) -> tuple[ImportRun, tuple[str, int] | None]:
    """Return the run to work on and where to resume it; a job's own, or one of the same files."""
    runs = ImportRun.objects.select_for_update().order_by("-id")
    of_job = runs.filter(job_id=job_id).first() if job_id else None
    run = of_job or runs.filter(paths=_identities(paths)).first()
    if run is None or run.state not in UNFINISHED or not _is_free(run):
        return _new_run(paths, by=by, at=at, job_id=job_id, label=label), None
    run.state, run.job_id = RunState.RUNNING, job_id or run.job_id
    run.save(update_fields=["state", "job_id"])
    audit.record("registry.import.resumed", on=run, by=by, at=at, change=run.counts)
    return run, (run.last_source, run.last_position) if run.last_source else None


def _new_run(
    paths: Sequence[Path], *, by: Actor | None, at: datetime, job_id: int | None, label: str
) -> ImportRun:
    run = ImportRun.objects.create(
        label=label or ", ".join(path.name for path in paths)[:300],
        paths=_identities(paths),
        job_id=job_id,
        started_by_id=by.pk if by is not None else None,
        started_at=at,
        counts=ImportCounts().as_json(),
    )
    audit.record("registry.import.started", on=run, by=by, at=at, change={"label": run.label})
    return run


def _identities(paths: Sequence[Path]) -> list[dict[str, str]]:
    """Return by what the same files are known again: their names, and a digest of where they lie, how
    large they are and when they were last written. The place itself is nobody's business.
    """
    return [{"name": path.name, "files": _digest_of(path)} for path in paths]


def _digest_of(path: Path) -> str:
    found = hashlib.sha256(os.fsencode(path.resolve()))
    for file in sorted(path.rglob("*")) if path.is_dir() else (path,):
        if file.is_file():
            facts = file.stat()
            relative = os.fsencode(file.relative_to(path))
            found.update(relative + b"\0%d\0%d\0" % (facts.st_size, facts.st_mtime_ns))
    return found.hexdigest()


@contextmanager
def _at_work_on(run: ImportRun) -> Iterator[None]:
    """Hold a lock that the database lets go of when we end, however that happens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [RUN_LOCK, run.pk])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [RUN_LOCK, run.pk])


def _is_free(run: ImportRun) -> bool:
    """Say whether nobody is at work on a run. To be asked with the run's row locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
            " AND objid = %s AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database()) AND pid <> pg_backend_pid())",
            [RUN_LOCK, run.pk],
        )
        return bool(cursor.fetchone()[0])


@audit.act
def finish_run(
    *, run: ImportRun, counts: ImportCounts, by: Actor | None, at: datetime
) -> ImportRun:
    """Close an import with its counts."""
    run.state, run.finished_at, run.counts = RunState.DONE, at, counts.as_json()
    run.save(update_fields=["state", "finished_at", "counts"])
    audit.record("registry.import.finished", on=run, by=by, at=at, change=run.counts)
    return run


@audit.act
def stop_run(*, run: ImportRun, by: Actor | None, at: datetime) -> ImportRun:
    """Mark an import as stopped before its end; the same paths resume it."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    run.state = RunState.STOPPED
    run.save(update_fields=["state"])
    audit.record("registry.import.stopped", on=run, by=by, at=at, change=run.counts)
    return run


# -- batches ------------------------------------------------------------------------------------


def _take(importer: Importer, batch: Sequence[Ready], aside: RefusalWriter | None) -> None:
    """Import one batch; where it fails as a whole, record by record."""
    # Put aside first: a run that is killed in between then keeps a record twice, never not at all.
    _put_aside([one.reading for one in batch if one.reading.reason], aside)
    try:
        _attempt(importer, batch)
    except (DatabaseError, ValueError) as fault:
        if not _is_records_fault(fault):
            raise
        for one in batch:
            _take_one(importer, one, aside)


def _take_one(importer: Importer, ready: Ready, aside: RefusalWriter | None) -> None:
    """Import one record, or refuse it with its reason."""
    try:
        _attempt(importer, [ready])
    except (DatabaseError, ValueError) as fault:
        if not _is_records_fault(fault):
            raise
        reason = f"the database can't hold this record: {str(fault).splitlines()[0]}"
        reading = replace(ready.reading, reason=reason)
        _put_aside([reading], aside)
        _attempt(importer, [Ready(reading)])


def _attempt(importer: Importer, batch: Sequence[Ready]) -> None:
    """Import a batch, again where it only clashed with somebody else's work."""
    for left in reversed(range(ATTEMPTS)):
        try:
            importer.counts = import_batch(importer=importer, batch=batch, by=importer.by)
        except DatabaseError as fault:
            if not left or _class_of(fault) not in PASSING_FAULTS:
                raise
        else:
            return


def _is_records_fault(fault: Exception) -> bool:
    return not isinstance(fault, DatabaseError) or _class_of(fault) in RECORDS_FAULTS


def _class_of(fault: DatabaseError) -> str:
    state: str | None = getattr(fault.__cause__, "sqlstate", None)
    return (state or "")[:2]


def _put_aside(readings: Sequence[Reading], aside: RefusalWriter | None) -> None:
    if readings and aside:
        for reading in readings:
            aside.write(reading)
        aside.flush()


@audit.act
def import_batch(*, importer: Importer, batch: Sequence[Ready], by: Actor | None) -> ImportCounts:
    """Take one batch in one transaction and return the counts so far."""
    index.take_turn()
    counts = importer.counts
    _keep_refused(importer.run, [one.reading for one in batch if one.reading.reason])
    for one in batch:
        if one.key is None:
            refused = bool(one.reading.reason)
            counts = counts.plus(ImportOutcome.REJECTED if refused else ImportOutcome.UNCHANGED)
    good = [one for one in batch if one.key is not None]
    for round_ in _rounds(importer, good):
        audit.record_many(round_.take())
        if study_ids := sorted({one.its_study.pk for one in round_.taken}):
            outbox.write(STUDIES_CHANGED, {"study_ids": study_ids}, at=importer.at)
        for incoming in round_.incoming:
            counts = counts.plus(incoming.outcome)
    _note_progress(importer.run, batch, counts)
    return counts


def _rounds(importer: Importer, good: Iterable[Ready]) -> Iterator[Round]:
    """Part a batch so that no record meets itself or a partner within one round."""
    taken: dict[Key, Incoming] = {}
    named: set[Key] = set()
    for ready in good:
        incoming = _incoming(ready)
        if (
            incoming.key in taken
            or incoming.key in named
            or not taken.keys().isdisjoint(ready.cross)
        ):
            yield _round(importer, taken)
            taken, named = {}, set()
        taken[incoming.key] = incoming
        named.update(ready.cross)
    if taken:
        yield _round(importer, taken)


def _incoming(ready: Ready) -> Incoming:
    if ready.key is None:
        raise RuntimeError("What was not read can't be taken.")
    return Incoming(ready, ready.key, ready.json, ready.digest, ready.described)


def _round(importer: Importer, taken: Mapping[Key, Incoming]) -> Round:
    return Round(
        run=importer.run,
        by=importer.by,
        at=importer.at,
        concepts=importer.concepts,
        matching=importer.matching,
        incoming=list(taken.values()),
    )


def _keep_refused(run: ImportRun, readings: Iterable[Reading]) -> None:
    RefusedRecord.objects.bulk_create(
        RefusedRecord(
            run=run,
            source=_shown(reading.source),
            position=reading.position,
            registry_no=_shown(reading.registry_no)[:100],
            reason=_shown(reading.reason),
        )
        for reading in readings
    )


def _shown(text: str) -> str:
    return text.replace("\x00", "")


def _note_progress(run: ImportRun, batch: Sequence[Ready], counts: ImportCounts) -> None:
    SeenPiece.objects.bulk_create(
        [
            SeenPiece(fingerprint=bytes.fromhex(one.reading.fingerprint))
            for one in batch
            if one.key is not None
        ],
        ignore_conflicts=True,
    )
    last = batch[-1].reading
    ImportRun.objects.filter(pk=run.pk).update(
        counts=counts.as_json(), last_source=last.source, last_position=last.position
    )
