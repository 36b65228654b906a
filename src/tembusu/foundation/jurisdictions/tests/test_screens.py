"""The pages of the reference data in a real browser: axe, narrow windows, a change by keyboard."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tests.support import axe

from tembusu.foundation.jurisdictions import actions, demo
from tembusu.foundation.people import demo as people

pytestmark = pytest.mark.journey
PAGES = {
    "list": "/reference-data/",
    "narrowed": "/reference-data/?theme=clocks&standing=unverified",
    "clock": "/reference-data/items/clocks/CTA/",
    "route": "/reference-data/items/routes/unregistered/",
    "change": "/reference-data/items/clocks/CTA/change/",
    "change-table": "/reference-data/items/questions/design/change/",
    "bodies": "/reference-data/bodies/",
    "tie": "/reference-data/bodies/MOH/tie/",
    "proposals": "/reference-data/proposals/",
}


@pytest.fixture
def site(live_site, settings, tmp_path):
    settings.TEMBUSU_SYNTHETIC = True
    settings.MFA_TOTP_TOLERANCE = 1
    people.load(timezone.now())
    demo.load(timezone.now())
    return live_site


def enter(page, site, person):
    page.goto(f"{site.url}/account/login/?next=/reference-data/")
    page.get_by_label("Email").fill(person)
    page.get_by_label("Password").fill(people.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(page.locator(".callout b").inner_text())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Rules of the country: Singapore").wait_for()


def look(page, name):
    """Check a page at three widths; keep pictures where asked."""
    kept = os.environ.get("TEMBUSU_SHOTS")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} at {width}: {wide} pixels wide"
        if kept and width != 320:
            page.screenshot(path=str(Path(kept) / f"ref-{name}-{width}.png"), full_page=True)
    found = axe.violations(page, within="main")
    assert found == [], f"{name}: {[str(one) for one in found]}"
    page.set_viewport_size({"width": 1280, "height": 900})


def propose(settings, tmp_path) -> None:
    from tembusu.foundation.jurisdictions.rules import files

    supplied = Path(files.__file__).parents[1] / "packs" / "sg.toml"
    newer = tmp_path / "newer.toml"
    text = supplied.read_text().replace('short = "HSA"', 'short = "HSA, the regulator"')
    newer.write_text(text.replace("value = 15\n", "value = 12\n", 1))
    settings.TEMBUSU_JURISDICTION = str(newer)
    actions.follow_file(by=None, at=timezone.now())


def test_the_lead_keeps_the_reference_data(page, site, settings, tmp_path):
    enter(page, site, "tan.ling@tembusu.example")
    propose(settings, tmp_path)
    for name, path in PAGES.items():
        page.goto(site.url + path)
        look(page, name)
    page.goto(site.url + PAGES["change"])
    page.locator("#id_value").fill("twenty")
    page.get_by_label("Reason").fill("A trial run")
    page.get_by_role("button", name="Keep the change").click()
    page.get_by_text("A whole number is needed").first.wait_for()
    look(page, "refused")
    page.locator("#id_value").fill("25")
    day = timezone.localdate() + timedelta(days=7)
    page.get_by_label("The new value holds from").fill(day.isoformat())
    page.get_by_role("button", name="Keep the change").click()
    page.get_by_text("the change is kept").wait_for()
    look(page, "changed")
    page.goto(site.url + PAGES["proposals"])
    for box in page.locator("input[name=row]").all():
        box.check()
    page.get_by_label("Reason").fill("The file is right")
    page.get_by_role("button", name="Accept the ticked").click()
    page.get_by_text("2 proposals accepted").wait_for()
    look(page, "decided")
