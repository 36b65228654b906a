"""Imports that are interrupted, meet another one, or meet a database that refuses a record."""

import json
import multiprocessing
import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connections

from tembusu.coordination.registry import reading
from tembusu.coordination.registry.actions import batches, imports
from tembusu.coordination.registry.models import (
    ImportRun,
    Place,
    RefusedRecord,
    Registration,
    RegistrationVersion,
    SearchWord,
    Study,
)
from tembusu.coordination.registry.terms import RunState
from tembusu.coordination.registry.tests.conftest import AT, trial

pytestmark = pytest.mark.usefixtures("fresh_database")


class Stopped(Exception):
    """Somebody pulled the plug."""


def written(folder, *trials, name="records.json"):
    file = folder / name
    file.write_text(json.dumps(list(trials)))
    return file


def take(*paths, **more):
    return imports.import_studies(paths=list(paths), by=None, at=AT, **more)


def stop_after(n):
    def progress(counts):
        if counts.read >= n:
            raise Stopped

    return progress


def figures(created=0, updated=0, unchanged=0, rejected=0):
    read = created + updated + unchanged + rejected
    return {
        "read": read,
        "created": created,
        "updated": updated,
        "unchanged": unchanged,
        "rejected": rejected,
    }


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(reading, "BATCH", 2)


# -- interrupted --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [Stopped, KeyboardInterrupt])
def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path, small_batches, how):
    file = written(tmp_path, *(trial(no) for no in range(1, 8)))

    def progress(counts):
        if counts.read >= 4:
            raise how

    with pytest.raises(how):
        take(file, progress=progress)
    assert Study.objects.count() == 4
    left = ImportRun.objects.get()
    assert left.state == (RunState.STOPPED if how is KeyboardInterrupt else RunState.RUNNING)

    run = take(file)
    assert run.pk == left.pk
    assert run.counts == figures(created=7)
    assert (Study.objects.count(), RegistrationVersion.objects.count()) == (7, 7)
    assert Place.objects.get().n_locations == 7


def test_an_interrupted_import_of_files_that_changed_starts_over(tmp_path, small_batches):
    file = written(tmp_path, *(trial(no) for no in range(1, 6)))
    with pytest.raises(Stopped):
        take(file, progress=stop_after(4))
    changed = [trial(1, "Changed at the beginning", updated="2026-02-27")]
    written(tmp_path, *changed, *(trial(no) for no in range(2, 6)))

    run = take(file)
    assert run.counts == figures(created=1, updated=1, unchanged=3)
    assert Registration.objects.get(registry_no="NCT09990001").version_no == 2


def test_a_run_that_lost_its_place_starts_over_as_another(tmp_path, small_batches):
    file = written(tmp_path, *(trial(no) for no in range(1, 6)))
    with pytest.raises(Stopped):
        take(file, progress=stop_after(2))
    ImportRun.objects.update(last_source="elsewhere.json")
    run = take(file)
    assert run.counts == figures(created=3, unchanged=2)
    assert ImportRun.objects.exclude(pk=run.pk).get().state == RunState.STOPPED
    assert take(file).counts == figures(unchanged=5)


def test_a_finished_import_is_not_resumed_by_an_older_one_that_was_left(tmp_path, small_batches):
    file = written(tmp_path, *(trial(no) for no in range(1, 4)))
    take(file)
    done = ImportRun.objects.get()
    ImportRun.objects.create(
        label="left", paths=done.paths, started_at=AT - timedelta(1), state=RunState.RUNNING
    )
    again = ImportRun.objects.create(
        label="newest", paths=done.paths, started_at=AT, state=RunState.DONE
    )
    assert take(file).pk not in (done.pk, again.pk)


def test_a_run_that_somebody_is_at_work_on_is_left_to_them(tmp_path, small_batches):
    file = written(tmp_path, *(trial(no) for no in range(1, 8)))
    inside, go_on = threading.Event(), threading.Event()
    runs = []

    def wait(counts):
        inside.set()
        assert go_on.wait(60)

    def other():
        try:
            runs.append(take(file, progress=wait))
        finally:
            connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(60)
    mine = take(file)
    go_on.set()
    thread.join()

    assert mine.pk != runs[0].pk
    assert mine.counts["read"] == runs[0].counts["read"] == 7
    assert mine.counts["created"] + runs[0].counts["created"] == 7
    assert mine.counts["rejected"] == runs[0].counts["rejected"] == 0
    assert (Study.objects.count(), RegistrationVersion.objects.count()) == (7, 7)
    assert Place.objects.get().n_locations == 7


def test_the_process_that_reads_ends_with_the_import(tmp_path):
    file = written(tmp_path, *(trial(no) for no in range(1, 600)))
    batches = reading.Reader((file,)).ahead()
    next(batches)
    batches.close()
    assert multiprocessing.active_children() == []


def test_a_reader_that_is_killed_ends_the_import_which_can_be_resumed(tmp_path, monkeypatch):
    file = written(tmp_path, *(trial(no) for no in range(1, 2000)))
    started = []
    kind = multiprocessing.get_context("spawn").Process
    start = kind.start

    def noted(process):
        start(process)
        started.append(process.pid)

    monkeypatch.setattr(kind, "start", noted)

    def kill(counts):
        if started:
            os.kill(started.pop(), signal.SIGKILL)

    with pytest.raises(reading.ReaderEnded, match="goes on from here"):
        take(file, read_ahead=True, progress=kill)
    n_taken = Study.objects.count()
    assert 0 < n_taken < 1999
    run = take(file)
    assert run.counts == figures(created=1999)


# -- records that the database refuses -----------------------------------------------------------


@pytest.fixture
def refusing(owner_connection):
    """A database that refuses one number; the value is how to let it in."""
    owner_connection.autocommit = True
    owner_connection.execute(
        "ALTER TABLE registry_registration ADD CONSTRAINT no_room CHECK (registry_no <> 'NCT09990002')"
    )

    def allow():
        owner_connection.execute("ALTER TABLE registry_registration DROP CONSTRAINT no_room")

    return allow


def test_a_record_that_the_database_refuses_costs_no_other_and_is_kept(tmp_path, refusing):
    folder, refused = tmp_path / "in", tmp_path / "refused"
    folder.mkdir()
    file = written(folder, trial(1), trial(2, "The one"), trial(3))
    run = take(file, refused_folder=lambda _: refused)
    assert run.counts == figures(created=2, rejected=1)
    one = RefusedRecord.objects.get()
    assert (one.source, one.position, one.registry_no) == ("records.json", 2, "NCT09990002")
    assert one.reason.startswith("the database can't hold this record: ")
    # What the failed batch had written is undone, and counted once.
    assert SearchWord.objects.get(word="vn-118").n_studies == 2
    assert Place.objects.get().n_locations == 2

    refusing()
    assert take(refused).counts == figures(created=1)
    assert Registration.objects.get(registry_no="NCT09990002").version_no == 1


def test_a_database_that_fails_is_no_fault_of_the_records(tmp_path, monkeypatch):
    file = written(tmp_path, trial(1))

    def fail(*, importer, batch, by):
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(batches, "import_batch", fail)
    with pytest.raises(OperationalError):
        take(file)
    assert not RefusedRecord.objects.exists()


def test_a_deadlock_is_tried_again(tmp_path, monkeypatch):
    import psycopg

    file, whole = written(tmp_path, trial(1), trial(2)), batches.import_batch
    met = []

    def clash(**given):
        if not met:
            met.append(True)
            raise OperationalError("deadlock") from psycopg.errors.DeadlockDetected()
        return whole(**given)

    monkeypatch.setattr(batches, "import_batch", clash)
    assert take(file).counts == figures(created=2)
