import pytest

from tembusu.foundation.core import jobs, selectors, states
from tembusu.foundation.core.models import AuditEvent, Job, Notification
from tembusu.foundation.core.terms import JobResult, JobState
from tembusu.foundation.core.tests.cast import AT, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(monkeypatch):
    monkeypatch.setattr(jobs, "_work", {})
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WRITES", 0)
    return lambda function: jobs.register("test.work", function)


def started(by):
    return jobs.start("test.work", title="Count trees", arguments={"n": 3}, by=by, at=AT)


def test_a_job_runs_to_its_end_and_keeps_its_result(work):
    def count(run):
        for done in range(run.arguments["n"]):
            run.progress(done, 3, f"tree {done}")
        return JobResult(figures={"trees": 3}, note="All counted.")

    work(count)
    mei = person()
    job = started(mei)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.n_done, job.n_total) == (JobState.DONE, 3, 3)
    assert job.result == {
        "figures": {"trees": 3},
        "files": {},
        "note": "All counted.",
        "shortfall": "",
    }
    assert Notification.objects.get().text == "Count trees: done"
    told = AuditEvent.objects.filter(event__startswith="core.").order_by("id")
    assert [e.event for e in told] == [
        "core.job.started",
        "core.job.done",
    ]


def test_a_worker_is_at_work_on_a_job_from_its_first_word_to_its_last(work):
    seen = []

    def look(run):
        seen.append(selectors.jobs_at_work([run.job.pk, run.job.pk + 1]))
        return JobResult()

    work(look)
    job = started(person())
    jobs.run(job.pk)
    assert seen == [{job.pk}]
    assert selectors.jobs_at_work([job.pk]) == set()


def test_a_job_of_an_act_that_was_undone_never_runs(work):
    work(lambda run: JobResult())
    job = started(person())
    pk = job.pk
    Job.objects.filter(pk=pk).delete()
    jobs.run(pk)
    assert not Job.objects.exists()


def test_a_running_job_stops_at_its_next_step_when_asked(work):
    mei = person()

    def count(run):
        run.progress(1, 3)
        jobs.cancel(job=run.job, by=mei, at=AT)
        run.progress(2, 3)
        raise AssertionError

    work(count)
    job = started(mei)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.n_done) == (JobState.CANCELLED, 2)


def test_a_waiting_job_is_cancelled_at_once_and_can_be_run_again(work):
    work(lambda run: JobResult(figures={"trees": 1}))
    mei = person()
    job = jobs.cancel(job=started(mei), by=mei, at=AT)
    assert job.state == JobState.CANCELLED
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    jobs.retry(job=job, by=mei, at=AT)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_refusal_is_told_in_its_own_words(work):
    def refuse(run):
        raise states.Refusal("The file was deleted. Send it again.")

    work(refuse)
    job = started(person())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "The file was deleted. Send it again.")


def test_a_fault_is_kept_and_raised_for_the_workers_log(work):
    def break_down(run):
        raise ZeroDivisionError("by zero")

    work(break_down)
    job = started(person())
    with pytest.raises(ZeroDivisionError):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "ZeroDivisionError: by zero")


def test_a_job_that_ended_is_neither_cancelled_nor_run_again(work):
    work(lambda run: JobResult())
    mei = person()
    job = started(mei)
    jobs.run(job.pk)
    for act in (jobs.cancel, jobs.retry):
        with pytest.raises(states.IllegalMove):
            act(job=job, by=mei, at=AT)


def test_a_job_whose_worker_was_killed_is_taken_up_again(work):
    work(lambda run: JobResult(figures={"trees": 2}))
    job = started(person())
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, started_at=AT)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result["figures"] == {"trees": 2}


def test_an_unknown_kind_of_job_is_refused(work):
    with pytest.raises(KeyError):
        started(person())
