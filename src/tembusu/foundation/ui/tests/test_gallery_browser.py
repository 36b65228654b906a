"""The gallery in a real browser: axe, narrow screens, the keyboard, and what the script adds."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer
from tests.support import axe

pytestmark = pytest.mark.journey

PAGES = [
    "/ui/",
    "/ui/list/",
    "/ui/list/?q=none",
    "/ui/record/",
    "/ui/form/",
    "/ui/form/?wrong=1",
    "/ui/decision/",
    "/ui/report/",
    "/ui/plain/",
    "/ui/error/404/",
    "/ui/error/500/",
]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll(
    'a, button, input:not([type=hidden]), select, summary')].filter(e => {
  const r = e.getBoundingClientRect();
  if (!r.width || !e.checkVisibility({visibilityProperty: true}) || r.width <= 1) return false;
  const words = e.tagName === 'A' && getComputedStyle(e).display === 'inline';
  const label = e.closest('label') ?? document.querySelector(`label[for="${e.id}"]`);
  const box = label && e.matches('[type=checkbox], [type=radio]');
  return !words && !box && (r.height < 23.9 || r.width < 23.9);
}).map(e => e.outerHTML.slice(0, 120))"""
HIDDEN_FOCUS = """() => {
  const e = document.activeElement;
  const r = e.getBoundingClientRect();
  const bar = document.querySelector('.topbar');
  if (bar?.contains(e) || e === document.body || e.closest('.skip, .rooms')) return null;
  const foot = bar ? bar.getBoundingClientRect().bottom : 0;
  return r.bottom <= foot || r.top >= innerHeight ? e.outerHTML.slice(0, 120) : null;
}"""


@pytest.fixture(scope="module")
def site():
    server = LiveServer("127.0.0.1:0")
    yield server.url
    server.stop()


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_no_finding_in_light_and_dark(page, site, address, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + address)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert [str(found) for found in axe.violations(page)] == []


@pytest.mark.parametrize("address", PAGES)
def test_a_page_never_scrolls_sideways_and_its_targets_are_large_enough(page, site, address):
    """640 px is a 1280 px window at 200% zoom; 24 px is WCAG 2.2, 2.5.8."""
    page.goto(site + address)
    for width in (320, 390, 640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert (width, page.evaluate(OVERFLOW)) == (width, 0)
        assert (width, page.evaluate(SMALL_TARGETS)) == (width, [])


@pytest.mark.parametrize("address", ["/ui/", "/ui/record/", "/ui/form/"])
def test_the_keyboard_reaches_everything_and_the_bar_hides_nothing(page, site, address):
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto(site + address)
    reached, hidden = set(), []
    for key in ["Tab"] * 160 + ["Shift+Tab"] * 60:
        page.keyboard.press(key)
        reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        found = page.evaluate(HIDDEN_FOCUS)
        if found:
            hidden.append(found)
    assert hidden == []
    assert any("Skip to the content" in text or 'class="skip"' in text for text in reached)
    assert len(reached) > 20


def test_the_skip_link_leads_to_the_content(page, site):
    page.goto(f"{site}/ui/list/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_menu_opens_on_a_small_screen_and_gives_the_focus_back(page, site):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site}/ui/list/")
    record = page.get_by_role("link", name="Record")
    assert not record.is_visible()
    page.get_by_role("button", name="Menu", exact=True).click()
    assert record.is_visible()
    page.keyboard.press("Escape")
    assert not record.is_visible()
    assert page.evaluate("document.activeElement.textContent.trim()") == "Menu"


def test_the_theme_is_switched_at_once_and_kept(page, site):
    page.goto(f"{site}/ui/")
    page.locator(".menu-person > summary").click()
    with page.expect_response("**/ui/theme/"):
        page.get_by_role("button", name="Dark", exact=True).click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{site}/ui/list/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_ticked_rows_are_counted_and_nothing_is_sent_without_one(page, site):
    page.goto(f"{site}/ui/list/")
    count = page.locator("[data-pick-count]")
    assert count.inner_text() == "Tick rows to act on them"
    page.get_by_role("button", name="Follow").click()
    expect(count).to_contain_text("Nothing is ticked: tick rows first")
    assert page.url.endswith("/ui/list/")
    page.get_by_label("Tick all on this page").check()
    assert count.inner_text() == "5 ticked"
    page.locator("[data-pick]").first.uncheck()
    assert count.inner_text() == "4 ticked"


def test_a_dialog_opens_and_escape_closes_it(page, site):
    page.goto(f"{site}/ui/")
    page.get_by_role("button", name="Open a dialog").click()
    assert page.locator("#shown-dialog").is_visible()
    assert [str(found) for found in axe.violations(page)] == []
    page.keyboard.press("Escape")
    assert not page.locator("#shown-dialog").is_visible()
    assert "Open a dialog" in page.evaluate("document.activeElement.textContent")


def test_open_menus_have_no_finding_and_close_with_escape(page, site):
    page.goto(f"{site}/ui/list/")
    menu = page.locator(".menu-filter").first
    menu.locator("summary").click()
    assert [str(found) for found in axe.violations(page)] == []
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None


def test_a_changed_form_warns_before_it_is_left(page, site):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{site}/ui/form/")
    page.get_by_label("Acronym").fill("LANTERN")
    page.get_by_role("link", name="Components").click()
    page.wait_for_url(f"{site}/ui/")
    assert asked == ["beforeunload"]


def test_a_form_that_is_sent_or_unchanged_does_not_warn(page, site):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{site}/ui/form/")
    page.get_by_role("link", name="Components").click()
    page.wait_for_url(f"{site}/ui/")
    page.goto(f"{site}/ui/decision/")
    page.get_by_label("Reason").fill("Enough beds.")
    page.get_by_role("button", name="Record the decision").click()
    page.wait_for_selector("[data-faults]")
    assert asked == []


def test_the_summary_of_faults_takes_the_focus_and_leads_to_the_field(page, site):
    page.goto(f"{site}/ui/form/?wrong=1")
    assert page.evaluate("document.activeElement.matches('[data-faults]')")
    page.get_by_role("link", name="Kind of study").click()
    assert page.evaluate("document.activeElement.name") == "kind"


def test_a_job_is_polled_until_it_is_done_under_the_strict_policy(page, site):
    refused = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"{site}/ui/")
    page.get_by_text("1,600 of 4,000").wait_for()
    assert refused == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_list_that_changed_takes_the_focus_to_its_count(browser, site, scripts):
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{site}/ui/list/")
    page.get_by_role("link", name="Planned").click()
    page.wait_for_url("**/ui/list/?sort=planned#found")
    expect(page.locator("#found:focus")).to_have_count(1)
    expect(page.locator("#found")).to_be_in_viewport()
    page.get_by_role("searchbox", name="Search studies").fill("none")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**/ui/list/?sort=planned&q=none#found")
    expect(page.locator("#found:focus")).to_contain_text("No results")
    assert "– No results –" in page.title()
    context.close()


@pytest.mark.parametrize("width", [390, 320])
def test_a_stacked_list_is_sorted_from_a_menu_that_can_be_seen(page, site, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/ui/list/")
    # The heading is there to be read out; what is out of sight is no stop of the keyboard.
    heading = page.get_by_role("columnheader", name="Planned")
    assert heading.count() == 1
    assert heading.get_by_role("link").count() == 0
    page.locator(".sort-by summary").click()
    page.locator(".sort-by").get_by_role("link", name="Planned").click()
    page.wait_for_url("**/ui/list/?sort=planned#found")


def test_filters_open_as_one_sheet_with_a_title_and_a_way_out(page, site):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site}/ui/list/")
    assert page.locator("#filters").is_hidden()
    page.get_by_role("button", name="Filters").click()
    sheet = page.get_by_role("form", name="Filters")
    for label in ("Phase", "Status"):
        sheet.locator("summary").filter(has_text=label).click()
    assert [str(found) for found in axe.violations(page)] == []
    # A part that was opened stays open beside the next.
    sheet.get_by_role("group", name="Phase").get_by_label("Phase 2").check()
    sheet.get_by_role("group", name="Status").get_by_label("Phase 4").check()
    sheet.get_by_role("button", name="Close").click()
    assert sheet.is_hidden()
    page.get_by_role("button", name="Filters").click()
    sheet.get_by_role("button", name="Show the list").click()
    page.wait_for_url("**/ui/list/?phase=2&phase=3&status=3&status=4#found")


@pytest.mark.parametrize("scripts", [True, False])
def test_several_values_of_a_filter_are_ticked_and_applied_at_once(browser, site, scripts):
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{site}/ui/list/")
    menu = page.locator(".menu-filter").first
    menu.locator("summary").click()
    menu.get_by_label("Phase 2").check()
    menu.get_by_label("Phase 4").check()
    expect(menu).to_have_attribute("open", "")
    menu.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/ui/list/?phase=2&phase=3&phase=4&status=3#found")
    expect(page.locator("#found:focus")).to_have_count(1)
    context.close()


def test_a_part_of_a_record_takes_the_focus_where_it_begins(page, site):
    page.goto(f"{site}/ui/record/#part")
    expect(page.locator("#part:focus")).to_have_text("Overview")


def test_a_message_is_dismissed_and_the_focus_is_not_lost(page, site):
    page.goto(f"{site}/ui/")
    page.get_by_role("button", name="Dismiss").first.click()
    assert page.locator("[data-toast]").count() == 3
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_pages_work_without_scripts(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/ui/form/?wrong=1")
    assert page.locator("[data-faults]:focus").count() == 1
    page.goto(f"{site}/ui/list/")
    page.locator(".menu-person > summary").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()


def test_a_printed_page_leaves_the_shell_out(page, site):
    page.goto(f"{site}/ui/record/")
    page.emulate_media(media="print")
    assert not page.locator(".topbar").is_visible()
    assert not page.locator(".rooms").is_visible()
    assert page.get_by_role("heading", name="Trail").is_visible()
