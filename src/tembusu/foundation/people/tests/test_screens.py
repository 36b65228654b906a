"""The screens of people in a real browser: signing in, axe, narrow windows."""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.support import axe

from tembusu.foundation.people import actions, demo, selectors
from tembusu.foundation.people.terms import Role

pytestmark = pytest.mark.journey


@pytest.fixture
def site(live_site, settings):
    settings.TEMBUSU_SYNTHETIC = True
    settings.MFA_TOTP_TOLERANCE = 1
    demo.load(timezone.now())
    return live_site


def enter(page, site, person):
    """Sign in as a newcomer to the demonstration would: with what the pages show."""
    page.goto(f"{site.url}/account/login/?next=/people/account/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(demo.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    code = page.locator(".callout b").inner_text()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your account").wait_for()


def look(page, name):
    """Check a page at three widths and in both colour schemes; keep pictures where asked."""
    kept = os.environ.get("TEMBUSU_SHOTS")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} at {width}: {wide} pixels wide"
            if kept and width != 320:
                path = Path(kept) / f"people-{name}-{width}-{scheme}.png"
                page.screenshot(path=str(path), full_page=True)
        found = axe.violations(page, within="main")
        assert found == [], f"{name}, {scheme}: {[str(one) for one in found]}"
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_door_can_be_used_by_everybody(page, site):
    for name, path in (
        ("login", "/account/login/"),
        ("reset", "/account/password/reset/"),
        ("reset-done", "/account/password/reset/done/"),
        ("closed", "/people/invitations/x/accept/"),
    ):
        page.goto(site.url + path)
        look(page, name)
    body = selectors.find_by_name(None, "Rain Tree General Hospital")[0]
    _, secret = actions.invite_person(
        email="new@hospital.example",
        full_name="Noor",
        role=Role.INSTITUTION_REPRESENTATIVE,
        scope=body.scope,
        by=None,
        at=timezone.now(),
    )
    page.goto(site.url + reverse("people:accept", args=[secret]))
    look(page, "accept")
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("This field is required").first.wait_for()
    look(page, "accept-wrong")
    page.get_by_label("The password again").fill("seven green tembusu trees")
    page.get_by_label("Password", exact=True).fill("seven green tembusu trees")
    page.get_by_label("Your name").fill("Noor")
    page.get_by_role("button", name="Accept").click()
    page.get_by_label("Email").fill("new@hospital.example")
    page.get_by_label("Password", exact=True).fill("seven green tembusu trees")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Set up your second factor").wait_for()
    assert page.locator("img[alt*='QR']").evaluate("node => node.naturalWidth") > 0
    look(page, "second-factor")


def test_the_administrator_works_with_bodies_and_roles(page, site):
    enter(page, site, demo.person_as(Role.PLATFORM_ADMINISTRATOR))
    look(page, "account")
    body = selectors.find_by_name(None, "Rain Tree General Hospital")[0]
    row = selectors.list_memberships(demo.person_as(Role.INSTITUTION_REPRESENTATIVE), body.scope_id)
    for name, path in (
        ("organisations", "/people/organisations/"),
        ("organisations-filtered", "/people/organisations/?kind=cluster&q=h"),
        ("organisations-none", "/people/organisations/?q=zebra"),
        ("register", "/people/organisations/register/"),
        ("organisation", reverse("people:organisation", args=[body.pk])),
        ("rename", reverse("people:organisation_rename", args=[body.pk])),
        ("members", reverse("people:members", args=[body.scope_id])),
        ("grant", reverse("people:grant", args=[body.scope_id])),
        ("invite", reverse("people:invite", args=[body.scope_id])),
        ("end", reverse("people:end_role", args=[row[0].pk])),
        ("token", "/people/account/tokens/issue/"),
        ("accounts", "/people/persons/?q=a&state=open"),
        ("account-close", reverse("people:person_close", args=[row[0].person_id])),
        ("account-reopen", reverse("people:person_reopen", args=[row[0].person_id])),
        ("address", "/people/account/address/"),
    ):
        page.goto(site.url + path)
        look(page, name)


def test_what_a_body_belongs_to_is_chosen_by_keyboard_alone(page, site):
    enter(page, site, demo.person_as(Role.COORDINATING_LEAD))
    body = selectors.find_by_name(None, "Nyatoh Community Hospital")[0]
    page.goto(site.url + reverse("people:organisation_place", args=[body.pk]))
    page.get_by_label("Belongs to").fill("helth")
    page.keyboard.press("Enter")
    page.get_by_text("Choose one of these").first.wait_for()
    look(page, "place-choice")
    page.get_by_label("Angsana Health").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_text("has its new place").wait_for()


def test_what_is_not_possible_is_shown_with_its_reason(page, site):
    person = demo.person_as(Role.INSTITUTION_REPRESENTATIVE)
    enter(page, site, person)
    body = selectors.find_by_name(None, "Rain Tree General Hospital")[0]
    page.goto(site.url + reverse("people:organisation", args=[body.pk]))
    look(page, "organisation-as-representative")
    page.get_by_text("It needs the role").first.wait_for()
