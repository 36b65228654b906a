"""An analyst sends a file, mends what was refused, sends it again, and settles a place."""

from __future__ import annotations

import json
from pathlib import Path

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
    run_jobs()
    # The page asks by itself and is read anew once the import has ended.
    expect(page.get_by_text("Done, 1 refused")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("NCT number")
    has_no_barrier(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the refused records").click()
    record = json.loads(Path(download.value.path()).read_text())
    record["protocolSection"]["identificationModule"]["nctId"] = "NCT09990002"
    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(record))
    page.get_by_role("link", name="Import the mended file").click()
    page.get_by_label("Files").set_input_files(mended)
    page.get_by_role("button", name="Import these files").click()
    run_jobs()
    expect(page.get_by_text("Nothing was refused")).to_be_visible()
    page.get_by_role("link", name="Studies touched").click()
    expect(page.get_by_role("table")).to_contain_text("Second trial")
    has_no_barrier(page)


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
    expect(page.get_by_text("settled in 3 studies")).to_be_visible()
    page.get_by_role("link", name="Settled").click()
    expect(page.get_by_text("Decided by Nadia Rahim")).to_be_visible()
    has_no_barrier(page)
