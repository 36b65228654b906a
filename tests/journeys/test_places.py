"""An analyst decides what a name stands for, by keyboard, is told, and takes it back."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tembusu.coordination.registry.tests.conftest import trial
from tests.journeys.steps import AT, enter, has_no_barrier, house

pytestmark = pytest.mark.journey

HALIA = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}


@pytest.fixture
def made(live_site, tmp_path):
    from tembusu.coordination.registry.actions import imports

    made = house()
    file = tmp_path / "trials.json"
    file.write_text(json.dumps([trial(no, locations=[HALIA]) for no in range(1, 11)]))
    imports.import_studies(paths=[file], by=made.analyst, at=AT)
    return made


def test_find_decide_undo(page, live_site, made):
    enter(page, live_site, made.analyst)
    page.goto(f"{live_site.url}/places/?state=unresolved")
    page.get_by_role("link", name="Halia Clinic West", exact=True).click()
    has_no_barrier(page)
    expect(
        page.get_by_text("10 locations in 10 studies become the institution that you choose")
    ).to_be_visible()
    page.get_by_role("link", name="2 more: show all 10 studies").click()
    has_no_barrier(page)
    page.go_back()

    page.get_by_label("Name of the organisation").fill("kempas")
    page.keyboard.press("Enter")
    found = page.get_by_role("heading", name="1 organisation with “kempas” in a name")
    expect(found).to_be_focused()
    expect(found).to_be_in_viewport()
    has_no_barrier(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="This one Kempas Medical Centre")).to_be_focused()
    page.keyboard.press("Enter")

    said = page.get_by_role("group", name="“Halia Clinic West” is Kempas Medical Centre")
    expect(said).to_be_focused()
    has_no_barrier(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Halia Clinic West” is not resolved, as before")).to_be_visible()
    has_no_barrier(page)


def test_a_later_look_finds_the_decision_and_the_way_back(page, live_site, made):
    from tembusu.coordination.registry.actions import places
    from tembusu.coordination.registry.models import Place

    place = Place.objects.get()
    places.settle_place(place=place, organisation_id=made.kempas.pk, by=made.analyst, at=AT)
    enter(page, live_site, made.analyst)
    page.goto(f"{live_site.url}/places/?state=settled")
    page.get_by_role("link", name="Change Halia Clinic West").click()
    expect(page.get_by_role("heading", name="It is Kempas Medical Centre")).to_be_visible()
    has_no_barrier(page)
    page.get_by_role("button", name="Undo this decision").click()
    expect(page.get_by_role("heading", name="Which institution does it stand for?")).to_be_visible()
