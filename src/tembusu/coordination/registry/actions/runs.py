"""Runs of imports: begun or taken up again, finished, stopped.

Whoever works on a run holds a lock that the database lets go of when they end, however that happens.
So a run that is running and that nobody holds was interrupted, and can be taken up again.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tembusu.coordination.registry.models import ImportRun
from tembusu.coordination.registry.rules.moves import RUN_MOVES
from tembusu.coordination.registry.selectors.runs import RUN_LOCK
from tembusu.coordination.registry.terms import ImportCounts, RunState
from tembusu.foundation.core import audit, locks
from tembusu.foundation.core.audit import Actor
from tembusu.foundation.core.states import check_move


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked to import; a job's own run is found again by ``job_id``."""

    paths: Sequence[Path]
    by: Actor | None
    at: datetime
    job_id: int | None = None
    label: str = ""


Place = tuple[str, int]


@contextmanager
def taken_up(asked: Asked, *, is_anew: bool = False) -> Iterator[tuple[ImportRun, Place | None]]:
    """Hold the run to work on: an unfinished one that nobody holds, or a new one.

    :return: the run, and the source and position of the last record that it dealt with
    """
    run, place = begin_run(asked=asked, by=asked.by, at=asked.at, is_anew=is_anew)
    with locks.letting_go(RUN_LOCK, run.pk):
        yield run, place


@audit.act
def begin_run(
    *, asked: Asked, by: Actor | None, at: datetime, is_anew: bool = False
) -> tuple[ImportRun, Place | None]:
    """Take up the run that was asked for, or begin one, and take its lock.

    :param is_anew: begin one even where another could be taken up
    """
    run = None if is_anew else _unfinished(asked)
    if run is None or not locks.take(RUN_LOCK, run.pk):
        run = _new_run(asked)
        if not locks.take(RUN_LOCK, run.pk):
            raise RuntimeError(f"Somebody holds import {run.pk}, which is new.")
    check_move(RUN_MOVES, present=RunState(run.state), to=RunState.RUNNING)
    run.state, run.job_id = RunState.RUNNING, asked.job_id or run.job_id
    run.save(update_fields=["state", "job_id"])
    place = (run.last_source, run.last_position) if run.last_source else None
    event = "registry.import.resumed" if place else "registry.import.started"
    change = run.counts if place else {"label": run.label}
    audit.record(event, on=run, by=by, at=at, change=change)
    return run, place


def _unfinished(asked: Asked) -> ImportRun | None:
    """Return the job's own run or the latest of the same files, if it can go on; locked."""
    runs = ImportRun.objects.select_for_update().order_by("-id")
    of_job = runs.filter(job_id=asked.job_id).first() if asked.job_id else None
    run = of_job or runs.filter(paths=_identities(asked.paths)).first()
    if run is None or RunState.RUNNING not in RUN_MOVES[RunState(run.state)]:
        return None
    return run


def _new_run(asked: Asked) -> ImportRun:
    return ImportRun.objects.create(
        label=asked.label or ", ".join(path.name for path in asked.paths)[:300],
        paths=_identities(asked.paths),
        job_id=asked.job_id,
        started_by_id=asked.by.pk if asked.by is not None else None,
        started_at=asked.at,
        counts=ImportCounts().as_json(),
    )


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


@audit.act
def finish_run(
    *, run: ImportRun, counts: ImportCounts, by: Actor | None, at: datetime
) -> ImportRun:
    """Close an import with its counts.

    :raises IllegalMove: unless it is running
    """
    run = _locked(run, to=RunState.DONE)
    run.finished_at, run.counts = at, counts.as_json()
    run.save(update_fields=["state", "finished_at", "counts"])
    audit.record("registry.import.finished", on=run, by=by, at=at, change=run.counts)
    return run


@audit.act
def stop_run(*, run: ImportRun, by: Actor | None, at: datetime) -> ImportRun:
    """Mark an import as stopped before its end; the same paths resume it.

    :raises IllegalMove: unless it is running
    """
    run = _locked(run, to=RunState.STOPPED)
    run.save(update_fields=["state"])
    audit.record("registry.import.stopped", on=run, by=by, at=at, change=run.counts)
    return run


@audit.act
def ask_to_resume(*, run: ImportRun, by: Actor | None, at: datetime) -> ImportRun:
    """Show an import as running again, whose job was queued again.

    :raises IllegalMove: if it is done
    """
    run = _locked(run, to=RunState.RUNNING)
    run.save(update_fields=["state"])
    audit.record("registry.import.resume_requested", on=run, by=by, at=at, change=run.counts)
    return run


def _locked(run: ImportRun, *, to: RunState) -> ImportRun:
    """Return the run as it is now, locked and moved, not saved."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    check_move(RUN_MOVES, present=RunState(run.state), to=to)
    run.state = to
    return run
