"""A study is registered by hand, changed, curated over an import, and found to be another's twin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.registry.tests.draft_answers import WHOLE
from tests.journeys.steps import AT, PASSWORD, SECRET, enter, house, look

pytestmark = pytest.mark.journey


@pytest.fixture
def made(live_site, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    world = house()
    world.lead, world.manager = person(world, "lead"), person(world, "manager")
    return world


def person(world, name):
    from tembusu.foundation.people import actions as people
    from tembusu.foundation.people import sign_in
    from tembusu.foundation.people.terms import Role

    role, scope = {
        "lead": (Role.COORDINATING_LEAD, world.office.scope),
        "manager": (Role.SPONSOR_MANAGER, world.raintree.scope),
    }[name]
    joined = people.register_person(
        email=f"{name}@house.example",
        full_name=f"{name.capitalize()} Tan",
        password=PASSWORD,
        by=None,
        at=AT,
    )
    people.grant_role(person=joined, role=role, scope=scope, by=None, at=AT)
    sign_in.enrol(joined, secret=SECRET)
    return joined


def bring(folder, *trials, at=AT):
    import json

    from tembusu.coordination.registry.actions import imports

    file = folder / f"trials-{at:%Y%m%d}.json"
    file.write_text(json.dumps(list(trials)))
    run = imports.import_studies(paths=[file], by=None, at=at)
    assert run.counts["rejected"] == 0


def test_a_study_is_registered_by_hand(page, live_site, made, tmp_path):
    bring(tmp_path, trial(1, "Night light and sleep in hospital wards", sponsor="Kempas"))
    enter(page, live_site, made.manager)
    page.get_by_role("link", name="Register a study").click()
    look(page, "register")
    page.get_by_label("Public title").fill("Night light and sleep in hospital")
    page.get_by_role("button", name="Open the draft").click()
    expect(page.get_by_role("heading", name="Is it one of these?")).to_be_visible()
    look(page, "register-similar")
    page.get_by_role("button", name="None of these: register it").click()

    # The first page: what was typed at the start stands there.
    expect(page.get_by_label("Public title")).to_have_value("Night light and sleep in hospital")
    look(page, "identity")
    page.get_by_label("Scientific title").fill("A Randomised Trial of Dimmed Night Light")
    page.get_by_role("button", name="Add a row Numbers in other registers").click()
    page.get_by_label("Number", exact=True).fill("NCT09990001")
    page.get_by_role("button", name="Save and go on").click()

    expect(page.get_by_role("heading", name="Who stands behind it")).to_be_visible()
    page.get_by_label("Sources of money or material").fill("Gelam Research Fund")
    page.locator("[name=public_contacts-0-name]").fill("Study office")
    page.locator("[name=public_contacts-0-phone]").fill("6123 4567")
    page.locator("[name=scientific_contacts-0-name]").fill("Dr Farah Osman")
    page.locator("[name=scientific_contacts-0-email]").fill("farah@hospital.example")
    page.locator("[name=ethics_reviews-0-committee]").fill("Meranti Ethics Board")
    page.locator("[name=ethics_reviews-0-approval_dtc]").fill("someday")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Approved on")
    look(page, "people-wrong")
    # A row more, and a row less: the keyboard goes on where the page changed.
    page.get_by_role("button", name="Add a row Contact for the public").click()
    expect(page.locator("[name=public_contacts-1-name]")).to_be_focused()
    page.get_by_role("button", name="Remove 2 of Contact for the public").click()
    expect(page.locator("#gone-public_contacts")).to_be_focused()
    expect(page.locator("#gone-public_contacts")).to_have_text(
        "Row 2 of Contact for the public is removed; 1 row is left."
    )
    # Whoever leaves the page and comes back finds what was right saved, and the rest as typed.
    page.get_by_role("link", name="What it is called").click()
    page.get_by_role("link", name="Who stands behind it").click()
    expect(page.get_by_label("Sources of money or material")).to_have_value("Gelam Research Fund")
    expect(page.locator("[name=ethics_reviews-0-approval_dtc]")).to_have_value("someday")
    expect(page.locator("[name=public_contacts-0-name]")).to_have_value("Study office")
    page.locator("[name=ethics_reviews-0-approval_dtc]").fill("3 Feb 2026")
    page.get_by_role("button", name="Save and go on").click()

    expect(page.get_by_role("heading", name="What is studied")).to_be_visible()
    look(page, "science")
    page.get_by_label("Conditions").fill("Insomnia")
    page.get_by_label("Study type").select_option("INTERVENTIONAL")
    page.locator("[name=interventions-0-name]").fill("Dimmed light")
    page.locator("[name=primary_outcomes-0-measure]").fill("Hours of sleep")
    page.get_by_role("button", name="Save draft").last.click()
    page.get_by_role("link", name="Check and publish").first.click()

    # Too early: the page says what lacks, and leads there.
    expect(page.get_by_text("Number of participants").first).to_be_visible()
    look(page, "check-early")
    for place in ("#id_enrolment_count", "#head-public_contacts"):
        page.locator(f"a[href$='{place}']").first.click()
        expect(page.locator(place)).to_be_focused()
        expect(page.locator(place)).to_be_in_viewport()
        page.go_back()
    finish(made)
    page.reload()
    expect(page.get_by_text("Prospective", exact=True)).to_be_visible()
    look(page, "check")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", name="is published")).to_be_visible()
    look(page, "published")
    page.get_by_role("link", name="Open the study").click()
    expect(page.get_by_role("heading", name="Night light and sleep")).to_be_visible()

    # Changing it is a new version.
    page.get_by_role("link", name="Change the registration").click()
    page.get_by_role("link", name="Who may take part, and where").click()
    page.get_by_label("Number of participants").fill("1,200")
    page.get_by_role("button", name="Save draft").last.click()
    page.get_by_role("link", name="My drafts").first.click()
    look(page, "drafts")
    page.get_by_role("link", name="Night light and sleep in hospital").click()
    look(page, "check-change")
    page.get_by_role("button", name="Publish the change").click()
    expect(page.get_by_text("Version 2")).to_be_visible()


def finish(made, **more):
    """Answer the rest as a colleague would."""
    from tembusu.coordination.registry.actions import drafts
    from tembusu.coordination.registry.models import StudyDraft

    draft = StudyDraft.objects.get()
    rest = {name: value for name, value in WHOLE.items() if name not in draft.answers} | more
    drafts.save_draft(
        draft=draft,
        answers=rest,
        revision=draft.revision,
        by=made.lead,
        at=datetime.now(UTC),
    )


def test_two_people_write_at_once_and_nothing_is_lost(page, live_site, made):
    enter(page, live_site, made.manager)
    page.get_by_role("link", name="Register a study").click()
    page.get_by_label("Public title").fill("Night light and sleep in hospital")
    page.get_by_role("button", name="Open the draft").click()
    page.get_by_label("Acronym").fill("DAWN")
    finish(made, acronym="DUSK")
    page.get_by_role("button", name="Save draft").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Lead Tan saved this draft")
    expect(page.locator("#conflict")).to_be_focused()
    look(page, "conflict")
    mine = page.get_by_role("radiogroup", name="Acronym").get_by_role("radio").first
    expect(mine).to_be_checked()
    page.get_by_role("button", name="Save again").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Acronym")).to_have_value("DAWN")
    expect(page.get_by_label("Scientific title")).to_have_value(WHOLE["official_title"])

    page.get_by_role("link", name="Give up this draft").click()
    look(page, "discard")
    page.get_by_label("Reason").fill("Registered twice")
    page.get_by_role("button", name="Give it up").click()
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    look(page, "drafts-none")

    page.get_by_role("link", name="Given up").click()
    page.get_by_role("link", name="Night light and sleep in hospital").click()
    look(page, "reopen")
    page.get_by_role("button", name="Take it up again").click()
    expect(page.get_by_text("is a draft again.")).to_be_visible()


def test_a_value_is_curated_reviewed_and_two_studies_become_one(page, live_site, made, tmp_path):
    bring(tmp_path, trial(1, "VN-118 in nasopharyngeal carcinoma"), trial(2, "VN-118 again"))
    enter(page, live_site, made.lead)
    page.get_by_role("link", name="VN-118 in nasopharyngeal carcinoma").click()
    page.get_by_role("link", name="Curate", exact=True).click()
    look(page, "curate")
    page.get_by_role("link", name="Curate Public title").click()
    page.get_by_label("Public title").fill("VN-118 against cancer of the nose and throat")
    page.get_by_label("Reason").fill("Plain words agreed with the sponsor")
    look(page, "curate-field")
    page.get_by_role("button", name="Set this value").last.click()
    expect(page.get_by_text("your value holds now")).to_be_visible()

    later = datetime(2026, 5, 1, 9, tzinfo=UTC)
    bring(tmp_path, trial(1, "VN-118 compared with placebo", updated="2026-04-30"), at=later)
    page.get_by_role("link", name="Review").first.click()
    look(page, "review")
    page.get_by_role("link", name="Say something else Public title").click()
    look(page, "curate-differs")
    page.get_by_role("button", name="Keep curated").click()
    expect(page.get_by_text("your value stays")).to_be_visible()
    page.get_by_role("link", name="Review").first.click()
    expect(page.get_by_role("heading", name="Nothing to review")).to_be_visible()

    page.get_by_role("link", name="Studies").first.click()
    page.get_by_role("link", name="VN-118 again", exact=True).click()
    page.get_by_role("link", name="Merge with another").click()
    look(page, "merge")
    page.get_by_label("Number of the other study").fill("NCT09990001")
    page.get_by_role("button", name="Show both").click()
    expect(page.get_by_text("Ask it to correct its record first")).to_be_visible()
    look(page, "merge-refused")

    # A keeper of the register looks the organisation up.
    page.get_by_role("link", name="Studies").first.click()
    page.get_by_role("link", name="Register a study").click()
    page.get_by_label("Public title").fill("Night light in wards")
    page.get_by_label("Who stands behind it?").fill("kempas")
    page.get_by_role("button", name="Find organisation").click()
    expect(page.locator("#found")).to_be_focused()
    expect(page.locator("#found")).to_have_text("1 organisation for “kempas”. Choose below.")
    expect(page.get_by_label("Public title")).to_have_value("Night light in wards")
    look(page, "register-keeper")
    page.get_by_role("button", name="Open the draft").click()
    expect(page.get_by_role("heading", name="What it is called")).to_be_visible()
