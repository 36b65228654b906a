"""An analyst sends a file, mends what was refused, sends it again, and settles a place."""

from __future__ import annotations

import json
import re
import zipfile

import pytest
from playwright.sync_api import expect

from tembusu.coordination.registry.tests.conftest import trial
from tests.journeys.steps import enter, has_no_barrier, house

pytestmark = pytest.mark.journey


@pytest.fixture
def made(live_site, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    return house()


def run_jobs():
    """Do what a worker would do."""
    from tembusu.foundation.core import jobs
    from tembusu.foundation.core.models import Job

    for job in Job.objects.filter(state="waiting"):
        jobs.run(job.pk)


def test_upload_mend_send_again(page, live_site, made, tmp_path):
    broken = trial(2, "Second trial")
    del broken["protocolSection"]["identificationModule"]["nctId"]
    file = tmp_path / "trials.json"
    file.write_text(json.dumps([trial(1, "First trial"), broken]))

    enter(page, live_site, made.analyst)
    page.get_by_role("link", name="Imports").click()
    has_no_barrier(page)
    page.get_by_role("link", name="Import records").first.click()
    has_no_barrier(page)
    page.get_by_label("Files").set_input_files(file)
    page.get_by_role("button", name="Import these files").click()
    expect(page.get_by_role("group", name="Import of trials.json")).to_be_visible()
    page.get_by_role("link", name="Studies touched").focus()
    run_jobs()
    # The page asks by itself, shows and says the end, and leaves the focus where it was.
    expect(page.get_by_text("Done, 1 refused", exact=True)).to_be_visible()
    expect(page.locator("#said")).to_have_text(re.compile(r"Import \d+: Done, 1 refused"))
    expect(page).to_have_title(re.compile("^Done, 1 refused"))
    expect(page.get_by_role("link", name="Studies touched")).to_be_focused()
    expect(page.get_by_role("table")).to_contain_text("NCT number")
    has_no_barrier(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the refused records").click()
    mended = tmp_path / "mended.zip"
    kept = "refused/000001-trials-2.json"
    with zipfile.ZipFile(download.value.path()) as old, zipfile.ZipFile(mended, "w") as new:
        record = json.loads(old.read(kept))
        record["protocolSection"]["identificationModule"]["nctId"] = "NCT09990002"
        new.writestr("reasons.csv", old.read("reasons.csv"))
        new.writestr(kept, json.dumps(record))
    page.get_by_role("link", name="Import what was mended").click()
    page.get_by_label("Files").set_input_files(mended)
    page.get_by_role("button", name="Import these files").click()
    page.get_by_role("button", name="Cancel the job").focus()
    run_jobs()
    expect(page.get_by_text("Nothing was refused")).to_be_visible()
    expect(page.get_by_role("group", name="Done", exact=True)).to_be_focused()
    page.get_by_role("link", name="Studies touched").click()
    expect(page.get_by_role("table")).to_contain_text("Second trial")
    has_no_barrier(page)


def test_an_interrupted_import_is_started_again(page, live_site, made, tmp_path, monkeypatch):
    from django.db import connection

    from tembusu.coordination.registry import reading
    from tembusu.coordination.registry.models import ImportRun
    from tembusu.foundation.core import jobs

    monkeypatch.setattr(reading, "FIRST_BATCH", 2)
    file = tmp_path / "trials.json"
    file.write_text(json.dumps([trial(no) for no in range(1, 6)]))
    enter(page, live_site, made.analyst)
    page.goto(f"{live_site.url}/imports/new/")
    page.get_by_label("Files").set_input_files(file)
    page.get_by_role("button", name="Import these files").click()

    def killed(self, n_done, n_total, message=""):
        raise SystemExit

    with connection.cursor() as cursor:  # as the worker did that took it
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
    with monkeypatch.context() as patch:
        patch.setattr(jobs.JobRun, "progress", killed)
        with pytest.raises(SystemExit):
            jobs.run(ImportRun.objects.get().job_id)
    expect(page.get_by_text("The import was interrupted")).to_be_visible()
    expect(page.get_by_text("after 2 records")).to_be_visible()
    has_no_barrier(page)
    page.get_by_role("button", name="Start it again").click()
    expect(page.get_by_text("goes on where it stopped")).to_be_visible()
    jobs.run(ImportRun.objects.get().job_id)
    expect(page.get_by_text("Nothing was refused")).to_be_visible()
    assert ImportRun.objects.get().counts["created"] == 5


def test_settle_a_place(page, live_site, made, tmp_path):
    from tembusu.coordination.registry.actions import imports
    from tests.journeys.steps import AT

    where = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}
    file = tmp_path / "trials.json"
    file.write_text(json.dumps([trial(no, locations=[where]) for no in (1, 2, 3)]))
    imports.import_studies(paths=[file], by=made.analyst, at=AT)

    enter(page, live_site, made.analyst)
    page.get_by_role("link", name="Places").click()
    expect(page.get_by_text("settles 3 locations in 3 studies")).to_be_visible()
    has_no_barrier(page)
    page.get_by_role("link", name="Halia Clinic West", exact=True).click()
    has_no_barrier(page)
    page.get_by_label("Name of the organisation").fill("kempas")
    page.get_by_role("button", name="Find").click()
    has_no_barrier(page)
    page.get_by_role("button", name="This one Kempas Medical Centre").click()
    expect(page.locator("#decided-said")).to_contain_text("settled in 3 studies")
    page.get_by_role("link", name="Settled").click()
    expect(page.get_by_text("Decided by Nadia Rahim")).to_be_visible()
    has_no_barrier(page)
