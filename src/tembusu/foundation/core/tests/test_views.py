import pytest
from django.http import Http404
from django.urls import reverse

from tembusu.foundation.core import audit, files, jobs, notices, trail
from tembusu.foundation.core.models import Job
from tembusu.foundation.core.terms import FileRules, JobResult, JobState
from tembusu.foundation.core.tests.cast import AT, person
from tembusu.foundation.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei(client):
    made = person()
    client.force_login(made)
    return made


@pytest.fixture
def job(mei, monkeypatch):
    monkeypatch.setattr(jobs, "_work", {"test.work": lambda run: JobResult(figures={"trees": 3})})
    return jobs.start("test.work", title="Count trees", arguments={}, by=mei, at=AT)


def test_the_page_of_a_job_shows_how_far_it_is_and_offers_to_stop_it(client, job):
    page = client.get(reverse("core:job", args=[job.pk])).content.decode()
    assert "Count trees" in page
    assert reverse("core:job_cancel", args=[job.pk]) in page


def test_jobs_of_one_name_are_no_landmarks_of_one_name(client, mei, job):
    again = jobs.start("test.work", title=job.title, arguments={}, by=mei, at=AT)
    page = client.get(reverse("core:jobs")).content.decode()
    assert page.count(f">{again.title}</h2>") == 2
    assert f'<section class="card" aria-label="{again.title}"' not in page


def test_a_finished_job_shows_its_figures_and_is_announced_on_an_open_page(client, job):
    url, part_url = (reverse(f"core:{name}", args=[job.pk]) for name in ("job", "job_part"))
    asks = {"hx-request": "true"}
    assert f'hx-get="{url}"' in client.get(url, headers=asks).content.decode()
    assert f'hx-get="{part_url}"' in client.get(reverse("core:jobs")).content.decode()
    jobs.run(job.pk)
    assert ">3<" in client.get(url).content.decode()
    whole = client.get(url, headers=asks)
    assert whole["HX-Retarget"] == "#now"
    part = client.get(part_url, headers=asks)
    assert "HX-Retarget" not in part
    assert "<html" not in part.content.decode()
    for answer in (whole, part):
        assert 'hx-swap-oob="innerHTML">Count trees: Done</p>' in answer.content.decode()
    assert client.get(part_url)["Location"] == url


def test_a_job_is_cancelled_and_run_again_from_its_page(client, job):
    client.post(reverse("core:job_cancel", args=[job.pk]))
    assert Job.objects.get().state == JobState.CANCELLED
    again = client.post(reverse("core:job_cancel", args=[job.pk]), follow=True)
    assert "Cannot move from Cancelled to Cancelled" in again.content.decode()
    client.post(reverse("core:job_retry", args=[job.pk]))
    assert Job.objects.get().state == JobState.WAITING


@pytest.mark.parametrize("name", ["job", "job_cancel", "job_retry"])
def test_somebody_elses_job_does_not_exist(client, job, name):
    other = person("Amara Osman")
    client.force_login(other)
    url = reverse(f"core:{name}", args=[job.pk])
    assert (client.get if name == "job" else client.post)(url).status_code == 404


@pytest.mark.parametrize("name", ["job_cancel", "job_retry"])
def test_a_job_is_never_changed_by_following_a_link(client, job, name):
    assert client.get(reverse(f"core:{name}", args=[job.pk])).status_code == 405


def test_a_file_that_a_job_left_is_sent_to_its_owner_alone(client, job, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    source = tmp_path / "a.csv"
    source.write_bytes(b"id,reason\n1,no id\n")
    with source.open("rb") as content:
        stored = files.store(
            content,
            name="a.csv",
            accepted=FileRules(frozenset({"text/csv"}), 1000),
            by=None,
            at=AT,
        )
    Job.objects.update(result={"files": {"refused.csv": stored.sha256}})
    url = reverse("core:job_file", args=[job.pk, "refused.csv"])
    assert b"".join(client.get(url).streaming_content) == b"id,reason\n1,no id\n"
    missing = reverse("core:job_file", args=[job.pk, "other.csv"])
    assert client.get(missing).status_code == 404


def test_notifications_are_shown_and_marked_as_read(client, mei):
    notices.notify(person=mei, text="The import is done", url="/jobs/1/", at=AT)
    assert "The import is done" in client.get(reverse("core:notifications")).content.decode()
    client.post(reverse("core:notifications_read"))
    assert notices.count_unread(mei.pk) == 0


def test_a_notification_is_mailed_once(mei, mailoutbox):
    notice = notices.notify(person=mei, text="The import is done", url="/jobs/1/", at=AT)
    assert notices.mail(notice.pk, at=AT)
    assert not notices.mail(notice.pk, at=AT)
    (sent,) = mailoutbox
    assert sent.to == [mei.email]
    assert "/jobs/1/" in sent.body


@pytest.fixture
def told(mei, monkeypatch):
    """A kind of record whose trail only its own person may read."""

    def find(user, pk):
        if user.pk != pk:
            raise Http404
        return Person.objects.get(pk=pk)

    story = trail.Story(
        label="Person",
        find=find,
        url=lambda record: "/",
        refs=lambda record: [audit.ref(record)],
        sources=lambda record: [trail.RowSource(Person, {"pgh_obj": record.pk}, "")],
        titles={"core.test.moved": "Moved house"},
    )
    monkeypatch.setattr(trail, "_stories", {"person": story})
    audit.record("core.test.moved", on=mei, by=mei, at=AT, change={"city": ["Ipoh", "<b>Muar</b>"]})
    return mei


def test_the_trail_tells_acts_and_changed_fields_without_obeying_their_markup(client, told):
    page = client.get(reverse("core:trail", args=["person", told.pk])).content.decode()
    assert "Moved house" in page
    assert "&lt;b&gt;Muar" in page
    assert "<b>Muar" not in page
    assert "Mei Tan" in page


def test_the_trail_is_filtered_and_exported_as_it_is_shown(client, told):
    url = reverse("core:trail", args=["person", told.pk])
    assert "Moved house" not in client.get(url, {"kind": "change"}).content.decode()
    export = reverse("core:trail_export", args=["person", told.pk])
    lines = b"".join(client.get(export, {"words": "moved"}).streaming_content).decode()
    assert "Moved house" in lines
    assert "full name" not in lines


def test_the_trail_of_what_may_not_be_seen_does_not_exist(client, told):
    other = person("Amara Osman")
    for slug, pk in (("person", other.pk), ("tree", told.pk)):
        assert client.get(reverse("core:trail", args=[slug, pk])).status_code == 404
        assert client.get(reverse("core:trail_export", args=[slug, pk])).status_code == 404
