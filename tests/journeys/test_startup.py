"""A study goes from 'which route' to three open sites, each party signed in as itself."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys.startup_cast import Parties, ago, staff, world
from tests.journeys.steps import look

pytestmark = pytest.mark.journey

SITES = ("Halia Specialist Hospital", "Kempas Medical Centre", "Rain Tree General Hospital")


@pytest.fixture
def made(live_site, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return world(tmp_path)


@pytest.fixture
def as_(browser, live_site, made):
    parties = Parties(browser, live_site)
    yield parties
    parties.close()


def run_jobs():
    """Do what a worker would do: deliver what was announced."""
    from tembusu.foundation.core import outbox

    while outbox.deliver(at=timezone.now()):
        pass


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page, name, **more):
    page.get_by_role("main").get_by_role("link", name=name, **more).first.click()


def field(page, label):
    """Find a control by its label, whether or not that says that it is optional."""
    words = re.escape(label.replace("_", " "))
    return page.get_by_label(re.compile(rf"^\s*{words}(\s+optional)?\s*$"))


def fill_days(page, **days):
    """Fill date controls by their label: ``fill_days(page, Day=30)`` means thirty days ago."""
    for label, n in days.items():
        field(page, label).fill(ago(n))


def said(page, text):
    expect(page.locator(".toasts")).to_contain_text(text)


# -- the sponsor's side ---------------------------------------------------------------------------


def find_route(page, url, made):
    """Answer the tree's questions for the study, and keep the answers."""
    page.goto(f"{url}/studies/{made.study.pk}/submissions/")
    expect(page.get_by_role("heading", name="Nothing was submitted yet")).to_be_visible()
    look(page, "study-submissions-none")
    follow(page, "Which route do I need?")
    look(page, "route-asked")
    for question, answer in (
        ("Does the study test a product", "Yes"),
        ("What kind of product is it?", "Therapeutic product"),
        ("Is the product registered in this country?", "No"),
        ("Is it a Phase 1 study solely", "No"),
    ):
        if not page.get_by_role("group", name=re.compile(re.escape(question))).is_visible():
            press(page, "Go on")
        group = page.get_by_role("group", name=re.compile(re.escape(question))).last
        group.get_by_role("radio", name=re.compile(f"^{answer}")).check()
    press(page, "Go on")
    expect(page.get_by_role("heading", name="What is owed")).to_be_visible()
    look(page, "route-answered")
    press(page, "Keep these answers with the study")
    said(page, "kept with the study")
    look(page, "route-kept")


def select_sites(page, url, made):
    page.goto(f"{url}/startup/studies/{made.study.pk}/")
    follow(page, "Select sites")
    for name in SITES:
        page.get_by_label(name, exact=True).check()
    fill_days(page, Selected_on=120)
    look(page, "startup-select")
    press(page, "Select them")
    expect(page.get_by_role("table", name="Where each site stands")).to_contain_text(SITES[2])
    look(page, "startup-selected")


def record(page, url, milestone, days, evidence="", *, sites=SITES, name=""):
    """Complete one milestone at many sites at once."""
    page.goto(f"{url}/startup/record/?milestone={milestone}")
    for site in sites:
        page.get_by_label(re.compile(f"^Tick, .* at {site}")).check()
        page.get_by_label(re.compile(f"^Completed on, .* at {site}")).fill(ago(days))
        if evidence:
            page.get_by_label(re.compile(f"^Evidence, .* at {site}")).fill(evidence)
    if name:
        look(page, name)
    press(page, "Record the ticked ones")
    said(page, f"Recorded for {len(sites)} of {len(sites)} study-sites.")


def submit(page, url, made, *, obligation, days, tmp_path, name):
    """Begin a submission, give it its documents, find that it is incomplete, complete and send it."""
    page.goto(f"{url}/studies/{made.study.pk}/submissions/new/?obligation={obligation}")
    if obligation == "ethics":
        look(page, "submission-start")
    press(page, "Begin it")
    said(page, "Add its documents, then send it.")
    if obligation == "ethics":
        look(page, "submission-documents")
    while (add := page.get_by_role("link", name=re.compile("^Add it"))).count():
        if not page.get_by_text("Missing", exact=True).count():
            break
        lacking = page.get_by_role("listitem").filter(has=page.get_by_text("Missing", exact=True))
        lacking.first.get_by_role("link", name=re.compile("^Add it")).click()
        file = tmp_path / f"{name}-{add.count()}.txt"
        file.write_text(f"Synthetic document, {file.name}")
        page.get_by_label("File", exact=True).set_input_files(file)
        page.get_by_label("Version", exact=True).fill("1.0")
        fill_days(page, Date_of_the_version=days + 10)
        press(page, "Add a document")
        said(page, "The document was added.")
    page.get_by_role("link", name="Overview").click()
    if obligation == "ethics":
        look(page, "submission-ready")
    follow(page, "Send it")
    fill_days(page, Day=days)
    if obligation == "ethics":
        look(page, "submission-send")
    press(page, "Send it")
    said(page, "It is sent.")
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def act(page, url, number, key, button, *, name="", **fields):
    """Do one act on a submission: fill its fields by their label, a number being days ago."""
    page.goto(f"{url}/submissions/{number}/act/{key}/")
    for label, value in fields.items():
        asked = field(page, label)
        if value is True:
            asked.check()
        else:
            asked.fill(ago(value) if isinstance(value, int) else value)
    if name:
        look(page, name)
    press(page, button)
    expect(page.get_by_role("alert")).to_have_count(0)


# -- the board ------------------------------------------------------------------------------------


def meet(as_, url, made, number):
    """Hold a meeting: without a quorum nobody votes; with it the members do, and the chair confirms."""
    secretary, (chair, *members) = as_(made.secretary), made.members
    secretary.goto(f"{url}/boards/{made.board.pk}/meetings/plan/")
    fill_days(secretary, Day_of_the_meeting=50)
    secretary.get_by_label("Cut-off", exact=True).fill(ago(60))
    look(secretary, "meeting-plan")
    secretary.get_by_role("main").get_by_role("button").first.click()
    press(secretary, "Put on the agenda")
    attend(secretary, [chair, *members[1:]], name="attendance")
    item = secretary.locator("#agenda").get_by_role("link").first
    expect(secretary.get_by_text("No quorum")).to_be_visible()
    look(secretary, "meeting-no-quorum")
    item_url = f"{url}{item.get_attribute('href')}"
    follow(secretary, "Change who attends")
    secretary.get_by_label(members[0].full_name, exact=True).check()
    press(secretary, "Record it")
    expect(secretary.get_by_text("No quorum")).to_have_count(0)
    for voter in (chair, members[0], members[1]):
        vote(as_(voter), item_url)
    page = as_(chair)
    field(page, "Discussion, for the minutes").fill("The dose for older participants.")
    field(page, "Outcome").select_option(label="Approved")
    look(page, "meeting-confirm")
    press(page, "Confirm")
    said(page, "is done.")
    secretary.goto(page.url)
    press(secretary, "End the meeting")
    said(secretary, "A draft of the minutes is written.")
    look(secretary, "minutes")


def attend(page, members, *, name):
    follow(page, "Record who attends")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    for one in members:
        page.get_by_label(one.full_name, exact=True).check()
    look(page, name)
    press(page, "Record it")


def vote(page, item_url):
    page.goto(item_url)
    follow(page, "Declare")
    page.get_by_label("No", exact=True).check()
    press(page, "Declare an interest")
    page.goto(item_url)
    page.get_by_role("group", name="Your vote").get_by_label("Approve", exact=True).check()
    press(page, "Vote")
    said(page, "Your vote is cast.")


def review(as_, url, made, number):
    """Take a package through the board: complete, asked, answered while the clock stood, decided."""
    sponsor, secretary = as_(made.sponsor), as_(made.secretary)
    secretary.goto(f"{url}/boards/{made.board.pk}/")
    look(secretary, "board-queue")
    act(secretary, url, number, "receive", "Receive it as complete", Day=88, name="receive")
    act(
        secretary, url, number, "review-way", "Choose the kind of review",
        Review_by_the_full_board=True, Day=87, name="review-way",
    )  # fmt: skip
    act(
        secretary, url, number, "queries", "Ask the applicant",
        What_is_asked="Justify the dose for participants over 65.", Day=80, name="queries",
    )  # fmt: skip
    run_jobs()
    sponsor.goto(f"{url}/submissions/{number}/")
    expect(sponsor.get_by_text("Waits for the answer")).to_be_visible()
    look(sponsor, "queried")
    act(
        sponsor, url, number, "answer", "Answer the queries",
        Answer="The dose is lowered in version 2.0.", Day=66, name="answer",
    )  # fmt: skip
    meet(as_, url, made, number)
    sponsor.goto(f"{url}/submissions/{number}/")
    clock = sponsor.get_by_role("region", name="Clock", exact=True)
    expect(clock.locator("dl")).to_contain_text(re.compile(r"With the applicant\s+\d+"))
    look(sponsor, "decided")


def regulate(as_, url, made, number):
    """Let the regulator receive, ask, and decide."""
    sponsor, reviewer = as_(made.sponsor), as_(made.reviewer)
    act(reviewer, url, number, "receive", "Receive it as complete", Day=89)
    act(
        reviewer, url, number, "queries", "Ask the applicant",
        What_is_asked="Send the stability data.", Day=80,
    )  # fmt: skip
    act(sponsor, url, number, "answer", "Answer the queries", Answer="Sent.", Day=70)
    act(
        reviewer, url, number, "decide", "Decide",
        Approved=True, Valid_from=60, Day=60, name="regulator-decides",
    )  # fmt: skip


# -- the sites ------------------------------------------------------------------------------------


def hold(page, url, pk):
    page.goto(f"{url}/startup/sites/{pk}/milestones/contract_negotiated/hold/")
    field(page, "Waits on").select_option(label="Institution")
    page.get_by_label("Why", exact=True).select_option(label="Legal review at the institution")
    fill_days(page, From=80, Until=65)
    field(page, "Note").fill("Indemnity clause")
    look(page, "hold")
    press(page, "Put on hold")
    expect(page.get_by_text("Legal review at the institution (Indemnity clause)")).to_be_visible()


def delegate(as_, url, made, pk):
    """The coordinator enters herself in the log; the principal investigator signs."""
    coordinator, investigator = as_(made.coordinator), as_(made.investigator)
    coordinator.goto(f"{url}/startup/sites/{pk}/delegations/new/")
    coordinator.get_by_label("Person").select_option(label=made.coordinator.full_name)
    coordinator.get_by_role("group", name="Tasks").get_by_role("checkbox").first.check()
    fill_days(coordinator, From=50)
    look(coordinator, "delegate")
    press(coordinator, "Enter somebody")
    investigator.goto(f"{url}/startup/sites/{pk}/delegations/")
    follow(investigator, "Sign")
    look(investigator, "sign")
    press(investigator, "Sign")
    look(investigator, "signed")


def days_add_up(page, url, pk, elapsed):
    """The days on each side add up to the days that passed until the site opened."""
    page.goto(f"{url}/startup/sites/{pk}/time/")
    look(page, "time")
    for title in ("Days by party", "Days by milestone"):
        shown = page.get_by_role("table", name=title, exact=True)
        days = re.findall(r"([\d,]+) days?", shown.inner_text())
        assert sum(int(one.replace(",", "")) for one in days) == elapsed


def figures_move(page, url):
    page.goto(f"{url}/insight/start-up/")
    run_jobs()
    page.reload()
    expect(page.get_by_text("n 3, 0 unfinished").first).to_be_visible()
    look(page, "figures-after")


# -- the journey ----------------------------------------------------------------------------------


def test_a_study_goes_from_its_route_to_three_open_sites(as_, made, live_site, tmp_path):
    from tembusu.coordination.startup.models import SitePathway

    url = live_site.url
    sponsor, analyst = as_(made.sponsor), as_(made.analyst)
    find_route(sponsor, url, made)
    select_sites(sponsor, url, made)
    here = SitePathway.objects.get(study_site__organisation=made.raintree)
    staff(made, here.study_site)
    record(sponsor, url, "cda_sent", 118, name="record-many")
    record(analyst, url, "cda_signed", 110, "CDA-2026-7")
    record(sponsor, url, "feasibility_sent", 109)
    record(analyst, url, "feasibility_answered", 100, "Questionnaire 2026-7")
    record(sponsor, url, "site_confirmed", 95, "Letter of selection")

    # Ethics and the regulator at once; the board asks, and its clock stands still.
    ethics = submit(
        sponsor, url, made, obligation="ethics", days=90, tmp_path=tmp_path, name="ethics"
    )
    cta = submit(sponsor, url, made, obligation="CTA", days=90, tmp_path=tmp_path, name="cta")
    review(as_, url, made, ethics)
    regulate(as_, url, made, cta)
    run_jobs()
    sponsor.goto(f"{url}/startup/studies/{made.study.pk}/")
    grid = sponsor.get_by_role("region", name=re.compile("^Milestones by site"))
    for label in ("Approved by the ethics board", "Authorised or accepted by the regulator"):
        expect(grid.get_by_role("row", name=label)).to_contain_text(re.compile("(✓[^✓]*){3}"))
    look(sponsor, "startup-decided")

    # Agreement and budget; one hospital's lawyers take their time, and the reason is kept.
    record(sponsor, url, "contract_drafted", 85)
    record(sponsor, url, "budget_proposed", 85)
    record(analyst, url, "budget_agreed", 70, "Budget version 3")
    hold(as_(made.hospital), url, here.pk)
    record(analyst, url, "contract_negotiated", 60)
    record(analyst, url, "contract_signed", 55, "Agreement 2026-118")
    record(sponsor, url, "import_permitted", 45, "Permit 2026-41")
    delegate(as_, url, made, here.pk)
    record(as_(made.coordinator), url, "team_delegated", 40, "Delegation log", sites=SITES[2:])
    record(analyst, url, "team_delegated", 40, "Delegation log", sites=SITES[:2])

    # Too early: the gate names what is missing, and keeps what was typed.
    sponsor.goto(f"{url}/startup/sites/{here.pk}/")
    look(sponsor, "site")
    sponsor.goto(f"{url}/startup/sites/{here.pk}/milestones/ready_to_open/complete/")
    fill_days(sponsor, Completed_on=30)
    press(sponsor, "Complete")
    expect(sponsor.get_by_role("alert")).to_contain_text("Site initiation visit")
    look(sponsor, "gate-refused")
    record(sponsor, url, "initiation_visit", 35, "Report of the visit")
    record(sponsor, url, "ready_to_open", 30, "Message of opening")
    sponsor.goto(f"{url}/startup/studies/{made.study.pk}/")
    stands = sponsor.get_by_role("table", name="Where each site stands")
    expect(stands.get_by_text("Open", exact=True)).to_have_count(3)

    days_add_up(as_(made.investigator), url, here.pk, 90)
    figures_move(analyst, url)
