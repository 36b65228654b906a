"""The moves of an import: each cell of the table through the real actions, and who holds a run."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tembusu.coordination.registry.actions import imports, runs, uploads
from tembusu.coordination.registry.models import ImportRun
from tembusu.coordination.registry.rules.moves import RUN_MOVES
from tembusu.coordination.registry.rules.runs import is_left
from tembusu.coordination.registry.selectors import runs as selectors
from tembusu.coordination.registry.terms import ImportCounts, RunState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core import jobs, locks
from tembusu.foundation.core.models import AuditEvent, Job
from tembusu.foundation.core.states import IllegalMove
from tembusu.foundation.core.terms import JobState

MOVES = {
    RunState.RUNNING: lambda run: runs.ask_to_resume(run=run, by=None, at=AT),
    RunState.DONE: lambda run: runs.finish_run(run=run, counts=ImportCounts(), by=None, at=AT),
    RunState.STOPPED: lambda run: runs.stop_run(run=run, by=None, at=AT),
}


def a_run(state):
    return ImportRun.objects.create(
        label="a.json", state=state, started_at=AT, counts=ImportCounts(created=3).as_json()
    )


@pytest.mark.django_db
@pytest.mark.parametrize("to", RunState)
@pytest.mark.parametrize("present", RunState)
def test_a_run_moves_as_the_table_says_and_not_otherwise(present, to):
    run = a_run(present)
    before = ImportRun.objects.values().get()
    if to in RUN_MOVES[present]:
        assert MOVES[to](run).state == to
        assert ImportRun.objects.get().state == to
        assert told_of_imports() == 1
    else:
        with pytest.raises(IllegalMove, match=f"from {present.label} to {to.label}"):
            MOVES[to](run)
        assert ImportRun.objects.values().get() == before
        assert told_of_imports() == 0


def told_of_imports() -> int:
    return AuditEvent.objects.filter(event__startswith="registry.import.").count()


@pytest.mark.django_db
def test_what_a_run_is_now_counts_not_what_it_was_when_it_was_read():
    run = a_run(RunState.RUNNING)
    MOVES[RunState.DONE](run)
    with pytest.raises(IllegalMove):
        runs.stop_run(run=run, by=None, at=AT)


@pytest.mark.parametrize(
    ("run", "job", "is_held", "expected"),
    [
        (RunState.RUNNING, None, False, True),
        (RunState.RUNNING, None, True, False),
        (RunState.RUNNING, JobState.RUNNING, False, True),
        (RunState.RUNNING, JobState.RUNNING, True, False),
        (RunState.RUNNING, JobState.WAITING, False, False),
        (RunState.RUNNING, JobState.FAILED, False, False),
        (RunState.RUNNING, JobState.CANCELLED, False, False),
        (RunState.RUNNING, JobState.DONE, False, False),
        (RunState.STOPPED, None, False, False),
        (RunState.DONE, None, False, False),
        (RunState.DONE, JobState.RUNNING, False, False),
    ],
)
def test_an_import_is_interrupted_if_it_runs_and_nobody_is_at_work_on_it(
    run, job, is_held, expected
):
    assert is_left(run=run, job=job, is_held=is_held) is expected


@pytest.mark.django_db
def test_a_run_is_held_while_somebody_is_at_work_on_it(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("[]")
    with runs.taken_up(runs.Asked([file], None, AT)) as (run, place):
        assert place is None
        assert locks.held_among(selectors.RUN_LOCK, [run.pk]) == {run.pk}
        assert selectors.list_interrupted() == []
    assert locks.held_among(selectors.RUN_LOCK, [run.pk]) == set()
    assert selectors.list_interrupted() == [run]


def test_the_first_attempt_of_an_upload_is_started_and_no_place_is_told(send, tmp_path):
    run = send(("a.json", b"[]"))
    told = AuditEvent.objects.filter(event__startswith="registry.import.").order_by("pk")
    assert [one.event.rpartition(".")[2] for one in told] == [
        "requested",
        "started",
        "finished",
    ]
    assert str(tmp_path) not in str([*told.values(), *ImportRun.objects.values()])
    assert run.state == RunState.DONE


# -- an upload whose worker was killed -------------------------------------------------------------


@pytest.fixture
def left_running(send, monkeypatch):
    """An upload of seven trials whose worker was killed after four."""
    monkeypatch.setattr("tembusu.coordination.registry.reading.FIRST_BATCH", 4)
    run = send(("a.json", json.dumps([trial(no) for no in range(1, 8)]).encode()), is_run=False)

    def killed(self, n_done, n_total, message=""):
        raise SystemExit

    with connection.cursor() as cursor:  # as the worker did that took it
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
    with monkeypatch.context() as patch:
        patch.setattr(jobs.JobRun, "progress", killed)
        with pytest.raises(SystemExit):
            jobs.run(run.job_id)
    run.refresh_from_db()
    assert (run.state, run.counts["created"]) == (RunState.RUNNING, 4)
    return run


def test_an_interrupted_upload_is_started_again_by_one_button(left_running, enter, cast):
    client, url = enter(cast.analyst), f"/imports/{left_running.pk}/"
    page = client.get(url).content.decode()
    assert "Interrupted" in page
    assert "Start it again" in page
    assert "Interrupted" in client.get("/imports/").content.decode()
    assert "Nothing was refused so far" in page
    client.post(f"{url}resume/")
    page = client.get(url).content.decode()
    assert "Waits for a worker" in page
    assert "Start it again" not in page
    assert "Waiting" in client.get("/imports/").content.decode()
    jobs.run(left_running.job_id)
    left_running.refresh_from_db()
    assert (left_running.state, left_running.counts["created"]) == (RunState.DONE, 7)
    assert AuditEvent.objects.filter(event="core.job.taken_up_again").count() == 1


def test_an_upload_that_waits_runs_or_ended_is_not_taken_up_again(send, cast, left_running):
    waiting = send(("b.json", b"[]"), is_run=False)
    done = send(("c.json", b"[]"))
    for run in (waiting, done):
        with pytest.raises(IllegalMove):
            uploads.resume_import(run=run, by=cast.analyst, at=timezone.now())
        with pytest.raises(IllegalMove):
            jobs.take_up_again(
                job=Job.objects.get(pk=run.job_id), by=cast.analyst, at=timezone.now()
            )
    assert ImportRun.objects.get(pk=done.pk).state == RunState.DONE


def test_an_import_of_the_command_line_says_what_to_start_again(enter, cast, tmp_path):
    for name in ("a.json", "b.xml"):
        (tmp_path / name).write_text("[]")
    asked = runs.Asked([tmp_path / "a.json", tmp_path / "b.xml"], None, AT)
    with runs.taken_up(asked) as (run, _):
        pass
    page = enter(cast.analyst).get(f"/imports/{run.pk}/").content.decode()
    assert "Interrupted" in page
    assert "tembusu import-studies a.json b.xml" in page
    assert "Start it again</" not in page


def test_an_import_tells_when_it_ended(tmp_path, db):
    file = tmp_path / "a.json"
    file.write_text("[]")
    end = AT + timedelta(hours=2)
    run = imports.import_studies(paths=[file], by=None, at=AT, clock=lambda: end)
    assert (run.started_at, run.finished_at) == (AT, end)


def test_an_upload_is_not_interrupted_while_its_job_lays_the_files_out(send, monkeypatch):
    seen = []
    lay_out = uploads.lay_out
    monkeypatch.setattr(
        uploads,
        "lay_out",
        lambda job: [seen.append(selectors.list_interrupted()), lay_out(job)][1],
    )
    run = send(("a.json", json.dumps([trial(1)]).encode()))
    jobs.run(run.job_id)
    assert seen == [[]]
    assert ImportRun.objects.get().state == RunState.DONE


@pytest.mark.django_db
def test_an_import_that_ended_while_it_was_looked_at_is_not_interrupted(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("[]")
    with runs.taken_up(runs.Asked([file], None, AT)) as (run, _):
        read = ImportRun.objects.get(pk=run.pk)
        runs.finish_run(run=run, counts=ImportCounts(), by=None, at=AT)
    assert not selectors.standing_of(read).is_interrupted
