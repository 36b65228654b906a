"""The desk in a browser, wide and narrow: nothing cut off, no barrier, usable by keyboard."""

import os
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect
from tests.journeys import steps

from tembusu.desk.tests.conftest import item
from tembusu.foundation.core import audit, worklist
from tembusu.foundation.core.worklist import Subject, WorkKind

pytestmark = pytest.mark.journey

ACTS = (
    ("Answer the ethics query", "TMB-000042 at Sepetir Children’s Hospital", -3, 9, "Answer"),
    ("Confirm the evidence of ‘Agreement signed’", "TMB-000051, 4 sites", 0, 19, "Confirm"),
    ("Complete ‘Budget agreed’", "TMB-000067 at Rain Tree General Hospital", 4, 18, "Complete"),
    ("Sign the delegation log", "TMB-000042 at Kempas Medical Centre", 10, 2, "Sign"),
    (
        "Publish the registration",
        "TMB-000112, Night light and sleep in hospital",
        None,
        31,
        "Go on",
    ),
)


def lines(today):
    def make(n, what, record, due, waits, act, **more):
        return item(
            f"made:{n}",
            what=what,
            record=record,
            due=None if due is None else today + timedelta(days=due),
            since=today - timedelta(days=waits),
            act=act,
            study=record.split()[0].strip(","),
            **more,
        )

    mine = [make(n, *each) for n, each in enumerate(ACTS)]
    waiting = [
        make(20 + n, what, record, due, waits, "See", kind=WorkKind.I_WAIT, holder=holder)
        for n, (holder, what, record, due, waits) in enumerate(
            (
                ("Damar Therapeutics", "Insurance certificate", "TMB-000051", -8, 22),
                ("Meranti Ethics Board", "Decision on amendment 2", "TMB-000042", 14, 6),
                ("Dr Farah Osman", "Signature", "TMB-000067 at Kempas Medical Centre", 3, 1),
            )
        )
    ]
    lapses = [
        make(
            40,
            "Renew good clinical practice, Koh Jun Hao",
            "TMB-000042 at Kempas Medical Centre",
            5,
            30,
            "Renew",
            kind=WorkKind.LAPSES,
        )
    ]
    return [*mine, *waiting, *lapses]


@pytest.fixture
def entered(page, live_site, monkeypatch):
    monkeypatch.setattr(worklist, "_providers", {})
    made = steps.house()
    today = timezone.localdate()
    worklist.register("startup", lambda user, at: lines(today))
    monkeypatch.setattr(
        worklist,
        "_finders",
        {
            "registry.Study": lambda user, keys: {
                key: Subject(f"TMB-{key:06}", f"/studies/{key}/") for key in keys
            }
        },
    )
    now = timezone.now()
    for key, event in ((42, "registry.study.published"), (51, "registry.study.curated")):
        audit.record(event, on=[f"registry.Study:{key}"], by=None, at=now)
    cache.clear()  # it holds which codes were used
    steps.enter(page, live_site, made.analyst)
    return live_site


def look(page, name):
    """Look for barriers at both widths; keep pictures where a folder for them is named."""
    steps.has_no_barrier(page)
    folder = os.environ.get("TEMBUSU_PICTURES", "")
    for width, height in steps.WIDTHS if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=f"{folder}/desk-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_the_desk_has_no_barrier_on_any_sheet(page, entered):
    page.goto(f"{entered.url}/desk/")
    expect(page.get_by_role("main")).to_contain_text("One act is overdue, one is due today")
    look(page, "mine")
    page.get_by_role("main").get_by_role("link", name="I wait for 3").click()
    expect(page.get_by_role("main")).to_contain_text("On Meranti Ethics Board")
    look(page, "waiting")
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Changed").click()
    expect(page.get_by_role("main")).to_contain_text("Registration published")
    look(page, "changed")
    page.get_by_role("button", name="I have seen these").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing changed since you last looked")
    look(page, "seen")
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Lapses soon").click()
    look(page, "lapses")


def test_a_filter_is_put_on_and_taken_off(page, entered):
    page.goto(f"{entered.url}/desk/")
    page.get_by_role("link", name="Overdue 1").click()
    expect(page.get_by_role("heading", name="1 result")).to_be_focused()
    look(page, "filtered")
    page.get_by_role("link", name="Remove the filter Due Overdue").click()
    expect(page.get_by_role("heading", name="5 results")).to_be_visible()


def test_the_calendars_address_is_shown_once(page, entered):
    page.goto(f"{entered.url}/desk/")
    page.get_by_role("link", name="Calendar feed and digest").click()
    look(page, "settings")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("/desk/feed/")).to_be_visible()
    look(page, "feed")
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("button", name="Make a new address")).to_be_visible()
    look(page, "settings-on")
