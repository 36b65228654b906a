"""A coordinator finds a study, reads it, compares its versions and takes the list along."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tembusu.coordination.registry.tests.conftest import trial
from tests.journeys.steps import AT, enter, has_no_barrier, house

pytestmark = pytest.mark.journey


@pytest.fixture
def register(live_site, settings, tmp_path):
    """A house with 62 trials, of which one was imported twice."""
    from tembusu.coordination.registry.actions import imports

    settings.FILES_ROOT = tmp_path / "files"
    made = house()

    def bring(name, trials, at):
        file = tmp_path / name
        file.write_text(json.dumps(trials))
        imports.import_studies(paths=[file], by=made.analyst, at=at)

    lantern = "VN-118 in Nasopharyngeal Carcinoma"
    others = [
        trial(no, f"Home care after stroke, part {no}", conditions=["Stroke"])
        for no in range(100, 160)
    ]
    bring(
        "first.json",
        [trial(1, lantern, acronym="LANTERN"), trial(2, "Dengue booster"), *others],
        AT,
    )
    bring(
        "second.json",
        [trial(1, lantern, acronym="LANTERN", status="COMPLETED", updated="2026-02-27")],
        AT + timedelta(days=3),
    )
    return made


def test_search_open_versions_export(page, live_site, register):
    enter(page, live_site, register.analyst)
    has_no_barrier(page)
    expect(page.get_by_role("main")).to_contain_text("62 studies that you may see")

    page.get_by_role("searchbox", name="Search studies").fill("nasopharingeal carcinoma")
    page.get_by_role("main").get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Showing results for")).to_be_visible()
    has_no_barrier(page)

    page.get_by_role("link", name="VN-118 in Nasopharyngeal Carcinoma").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("VN-118")
    has_no_barrier(page)
    for tab in ("Sites", "Eligibility", "Outcomes", "Trail", "Versions"):
        page.get_by_label("Parts of this record").get_by_role("link", name=tab).click()
        has_no_barrier(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("table")).to_contain_text("Completed")
    has_no_barrier(page)

    page.goto(f"{live_site.url}/studies/?sort=title")
    page.locator("summary").filter(has_text="Status").first.click()
    status = page.get_by_role("group", name="Status")
    status.get_by_role("checkbox", name=re.compile("^Recruiting")).check()
    status.get_by_role("checkbox", name=re.compile("^Completed")).check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/studies/?sort=title&status=RECRUITING&status=COMPLETED#found")
    expect(page.locator("#found:focus")).to_contain_text("1 to 50 of 62 · by title, A to Z")
    page.get_by_role("link", name="Remove the filter Status Completed").click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text("Recruiting")
    has_no_barrier(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of these rows").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 61
    assert {row["status"] for row in rows} == {"Recruiting"}


def test_pages_ticks_and_a_saved_view(page, live_site, register):
    enter(page, live_site, register.analyst)
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_label("List", exact=False).or_(page.get_by_role("main"))).to_contain_text(
        "51 to 62"
    )
    page.get_by_role("link", name="Previous").click()
    page.get_by_role("link", name="Next").click()
    boxes = page.locator("[data-pick]")
    boxes.nth(2).check()
    page.get_by_role("button", name="Compare two").click()
    expect(page.locator(".toasts:focus")).to_have_accessible_name(
        "Tick two studies to compare them; one is ticked."
    )
    expect(page.get_by_role("main")).to_contain_text("51 to 62")
    expect(boxes.nth(2)).to_be_checked()
    page.get_by_role("link", name="Previous").click()
    boxes.nth(0).check()
    expect(page.get_by_text("1 ticked")).to_be_visible()
    boxes.nth(1).check()
    page.get_by_role("button", name="Compare two").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Two studies compared")
    has_no_barrier(page)

    page.goto(f"{live_site.url}/studies/?q=stroke")
    page.get_by_role("link", name="Save this view").click()
    has_no_barrier(page)
    page.get_by_label("Name").fill("Stroke at home")
    page.get_by_role("button", name="Save the view").click()
    expect(page.locator(".toasts:focus")).to_have_accessible_name("Saved as “Stroke at home”.")
    page.get_by_role("link", name="Manage views").click()
    has_no_barrier(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No saved view yet")).to_be_visible()
