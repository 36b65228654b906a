"""The screens of start-up in a real browser, wide and narrow, with axe."""

import os
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.support import axe

from tembusu.coordination.registry import demo as registry
from tembusu.coordination.startup import actions
from tembusu.coordination.startup import demo as startup
from tembusu.coordination.startup.models import SitePathway
from tembusu.foundation.people import demo as people
from tembusu.foundation.people.terms import Role

pytestmark = pytest.mark.journey


@pytest.fixture
def site(live_site, settings):
    settings.TEMBUSU_SYNTHETIC = True
    settings.MFA_TOTP_TOLERANCE = 1
    at = timezone.now()
    people.load(at)
    registry.load(at, settings.TEMBUSU_HOME_COUNTRY_NAME)
    actions.seed_pathways(at=at)
    assert startup.load_live(at) > 20
    return live_site


def enter(page, site, person):
    page.goto(f"{site.url}/account/login/?next=/people/account/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(people.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(page.locator(".callout b").inner_text())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your account").wait_for()


def look(page, name):
    """Check a page wide and narrow; keep pictures where asked."""
    kept = os.environ.get("TEMBUSU_SHOTS")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide in a window of {width}"
        if kept:
            shot = Path(kept) / f"startup-{name}-{width}.png"
            page.screenshot(path=str(shot), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    faults = axe.violations(page)
    assert not faults, f"{name}: {faults}"


def test_the_screens_of_start_up_are_whole_wide_and_narrow(page, site):
    analyst = people.person_as(Role.COORDINATING_ANALYST)
    enter(page, site, analyst)
    paths = SitePathway.objects.order_by("-pk")
    path = paths.filter(state="under_way", escalations__isnull=False).first() or paths[5]
    shown = {
        "list": reverse("startup:paths"),
        "study": reverse("startup:study", args=[path.study_site.study_id]),
        "site": reverse("startup:site", args=[path.pk]),
        "time": reverse("startup:site_time", args=[path.pk]),
        "log": reverse("startup:delegations", args=[path.pk]),
        "record": reverse("startup:record"),
        "escalate": reverse("startup:escalate", args=[path.pk]),
        "select": reverse("startup:select", args=[path.study_site.study_id]),
    }
    for name, url in shown.items():
        page.goto(f"{site.url}{url}")
        look(page, name)
