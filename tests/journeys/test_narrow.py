"""The main pages on a narrow screen and at 200 % zoom: each stop of the keyboard, each target."""

from __future__ import annotations

import json

import pytest

from tembusu.coordination.registry.tests.conftest import trial
from tests.journeys.steps import AT, enter, house

pytestmark = pytest.mark.journey

MOST_STOPS = 250
VIEWS = {
    "a narrow phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True},
    "200 % zoom": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
}
GALLERY = ("/ui/", "/ui/list/", "/ui/record/", "/ui/form/?wrong=1", "/ui/decision/", "/ui/report/")

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# 24 px is WCAG 2.2, 2.5.8; it excepts links in a sentence. A label widens the box that it names.
SMALL = """() => {
  const inText = (e) => e.matches('a') && [...e.parentElement.childNodes].some((n) =>
    n !== e && n.textContent.trim() && (n.nodeType === Node.TEXT_NODE ||
      n.nodeType === Node.ELEMENT_NODE && getComputedStyle(n).display.startsWith('inline')));
  const size = (e) => {
    const r = (e.closest('label') ?? e).getBoundingClientRect();
    return [r.width, r.height];
  };
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((e) => e.checkVisibility({visibilityProperty: true}) && e.type !== 'hidden')
    .filter((e) => !e.closest('.skip, .away') && !inText(e) && Math.min(...size(e)) < 23.9)
    .map((e) => `${size(e).map(Math.round)} ${e.outerHTML.slice(0, 110)}`);
}"""
# What has the focus must be seen: not clipped to a point, not beside the window, not under the bar.
STOP = """() => {
  const e = document.activeElement;
  if (e === document.body) return {end: true};
  const isBack = e.dataset.stop === 'yes';
  e.dataset.stop = 'yes';
  const r = e.getClientRects()[0] ?? e.getBoundingClientRect();
  const bar = document.querySelector('.topbar');
  const inBar = !bar || bar.contains(e) || e.closest('.skip, .rooms');
  const stuck = !inBar && getComputedStyle(bar).position === 'sticky';
  const top = stuck ? bar.getBoundingClientRect().bottom : 0;
  const clipped = e.closest('.away, thead, [hidden]') && r.width * r.height < 25;
  const seen = r.width > 2 && r.height > 2 && !clipped && r.left > -2 && r.right < innerWidth + 2
    && r.bottom > top + 2 && r.top < innerHeight - 2;
  return {end: isBack, lost: seen ? '' : `${[r.x, r.y, r.width, r.height].map(Math.round)} `
    + e.outerHTML.slice(0, 110)};
}"""


@pytest.fixture
def pages(live_site, settings, tmp_path):
    """The addresses to walk, with something on each."""
    from tembusu.coordination.registry.actions import drafts, imports
    from tembusu.coordination.registry.models import ImportRun, Place, RegistrationVersion, Study
    from tembusu.foundation.people.models import Membership

    settings.FILES_ROOT = tmp_path / "files"
    made = house()
    broken = trial(9, "No number")
    del broken["protocolSection"]["identificationModule"]["nctId"]
    lantern = "VN-118 with radiotherapy in early nasopharyngeal carcinoma"
    for name, trials in {
        "first": [trial(1, lantern, acronym="LANTERN"), trial(2, "Dengue booster"), broken],
        "second": [trial(1, lantern, status="COMPLETED", updated="2026-02-27")],
    }.items():
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(trials))
        imports.import_studies(paths=[file], by=made.analyst, at=AT)
    draft = drafts.start_registration(
        title="Night light and sleep", on_behalf_of=made.kempas, by=made.analyst, at=AT
    )
    study = RegistrationVersion.objects.filter(version_no=2).get().registration.study_id
    run = ImportRun.objects.earliest("pk").pk
    place = Place.objects.first().pk
    role = Membership.objects.get(person=made.analyst)
    assert Study.objects.count() == 3
    parts = ("", "sites/", "eligibility/", "outcomes/", "versions/", "trail/", "curate/")
    made.paths = [
        *GALLERY,
        "/studies/",
        "/studies/?status=RECRUITING&q=lantern#found",
        *(f"/studies/{study}/{part}" for part in parts),
        f"/studies/{draft.study_id}/draft/page/identity/",
        f"/studies/{draft.study_id}/draft/check/",
        "/studies/drafts/",
        "/places/",
        f"/places/{place}/",
        "/imports/",
        f"/imports/{run}/",
        f"/imports/{run}/studies/",
        "/imports/new/",
        "/people/organisations/",
        f"/people/scopes/{made.office.scope_id}/members/",
        f"/people/memberships/{role.pk}/end/",
    ]
    return made


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_is_usable_where_there_is_little_room(browser, live_site, pages, view):
    context = browser.new_context(reduced_motion="reduce", **VIEWS[view])
    context.set_default_timeout(30_000)
    page = context.new_page()
    enter(page, live_site, pages.analyst)
    found = [f"{at}: {fault}" for at in pages.paths for fault in walk(page, live_site.url + at)]
    context.close()
    assert not found, "\n".join(found)


def walk(page, address):
    """Return what is wrong with a page: too wide, targets too small, stops that are not seen."""
    answer = page.goto(address)
    page.wait_for_load_state("load")
    faults = [] if answer is None or answer.ok else [f"answered {answer.status}"]
    if page.evaluate(SIDEWAYS) > 0:
        faults.append(f"scrolls sideways by {page.evaluate(SIDEWAYS)}")
    faults += [f"small: {one}" for one in page.evaluate(SMALL)]
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop["end"]:
            return faults
        if stop["lost"]:
            faults.append(f"lost: {stop['lost']}")
    return [*faults, f"the keyboard does not come round in {MOST_STOPS} stops"]
