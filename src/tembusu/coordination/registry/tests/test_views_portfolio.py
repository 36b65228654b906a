"""The list of studies: who sees what, what an address means, and the same rows as a file."""

import csv
import io
import json
import re

import pytest
from django.db import OperationalError
from django.http import QueryDict
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.selectors.search import Filters
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.coordination.registry.views import columns, filters, portfolio
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import Role
from tembusu.foundation.ui import downloads

LIST = "/studies/"
ALL = "/studies/?whose=all"


def titles(response):
    return [line.row.title for line in response.context["lines"]]


def text_of(response):
    return b"".join(response.streaming_content).decode()


def rows_of(response):
    text = text_of(response)
    assert text.count(downloads.BOM) == 1
    return list(csv.DictReader(io.StringIO(text.removeprefix(downloads.BOM))))


PUBLIC = {
    "VN-118 in Nasopharyngeal Carcinoma",
    "Dengue vaccine booster",
    "Asthma plans in four languages",
}
SECRET = "Secret plans of Damar"  # pragma: allowlist secret


@pytest.mark.parametrize(
    ("who", "sees_draft"),
    [
        ("analyst", True),
        ("sponsor", True),
        ("representative", True),
        ("rival", False),
        ("administrator", False),
        ("nobody", False),
    ],
)
def test_a_list_holds_what_its_reader_may_see_and_counts_nothing_else(
    enter, cast, register, who, sees_draft
):
    response = enter(getattr(cast, who)).get(ALL)
    expected = PUBLIC | ({SECRET} if sees_draft else set())
    assert set(titles(response)) == expected
    assert response.context["found"].count.n == len(expected)
    assert (SECRET in response.content.decode()) is sees_draft


def test_the_anonymous_are_sent_to_sign_in(client, db):
    for url in (LIST, "/studies/export.csv", "/studies/views/", "/studies/compare/?a=1&b=2"):
        response = client.get(url)
        assert response.status_code == 302
        assert "/account/login/" in response["Location"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=RECRUITING", {"VN-118 in Nasopharyngeal Carcinoma"}),
        ("status=RECRUITING&status=TERMINATED", PUBLIC - {"Dengue vaccine booster"}),
        ("phase=PHASE2", {"Dengue vaccine booster"}),
        ("country=France", {"Asthma plans in four languages"}),
        ("n_from=50&n_to=100", {"Dengue vaccine booster"}),
        ("updated_since=2026-02-01", PUBLIC - {"Asthma plans in four languages"}),
        ("year_to=2025", {"Asthma plans in four languages"}),
        ("q=NCT09990002", {"Dengue vaccine booster"}),
        ("q=asthma", {"Asthma plans in four languages"}),
        ("q=nasopharingeal+carcinoma", {"VN-118 in Nasopharyngeal Carcinoma"}),
        ("q=nothing+bears+these+words+zzz&status=SUSPENDED", set()),
    ],
)
def test_an_address_narrows_the_list(enter, cast, register, query, expected):
    assert set(titles(enter(cast.nobody).get(f"{LIST}?{query}"))) == expected


def test_a_mended_typo_is_told_and_can_be_searched_as_typed(enter, cast, register):
    page = enter(cast.nobody).get(f"{LIST}?q=nasopharingeal+carcinoma").content.decode()
    assert "Showing results for" in page
    assert "nasopharyngeal carcinoma" in page
    assert "as_typed=1" in page


def test_a_commoner_word_is_offered_as_a_link_with_its_count(enter, cast, register, bring):
    rare = trial(50, "Follow-up plan", conditions=["Nasopharingeal cancer"], summary="")
    bring(*(trial(no, f"Nasopharyngeal swab {no}") for no in range(51, 57)), rare)
    response = enter(cast.nobody).get(f"{LIST}?q=nasopharingeal&status=RECRUITING&sort=title")
    page = response.content.decode()
    assert titles(response) == ["Follow-up plan"]
    assert "Did you mean" in page
    assert "<b>nasopharyngeal</b> (7)</a>?" in page
    link = response.context["suggestion_url"]
    assert QueryDict(link.removeprefix("?").removesuffix("#found")).dict() == {
        "q": "nasopharyngeal",
        "status": "RECRUITING",
        "sort": "title",
    }
    assert len(titles(enter(cast.nobody).get(f"{LIST}{link}"))) == 7


@pytest.mark.parametrize(
    ("query", "is_told"),
    [
        ("q=vaccine", False),
        ("q=nasopharingeal&as_typed=1", False),
        ("q=NCT09990002", False),
        ("q=09990002", False),
        ("", False),
        ("mode=any", False),
        ("q=vaccine&mode=any", True),
        ("q=vaccine+booster", True),
        ("q=nasopharingeal", True),
        ("q=the+of", True),
        ("q=vaccine+-asthma", True),
    ],
)
def test_the_note_on_how_a_text_was_read_is_there_only_with_something_to_say(
    enter, cast, register, query, is_told
):
    page = enter(cast.nobody).get(f"{LIST}?{query}").content.decode()
    said = re.search(r'<div class="understood".*?>(.*?)</div>', page, re.DOTALL)
    assert bool(said) is is_told
    assert not said or re.sub(r"<[^>]+>", "", said[1]).strip()


def test_each_filter_that_holds_can_be_taken_off(enter, cast, register):
    response = enter(cast.nobody).get(
        f"{LIST}?status=RECRUITING&status=COMPLETED&n_from=10&q=vn-118"
    )
    chips = {(chip.label, chip.value): chip.remove_url for chip in response.context["filters"]}
    assert set(chips) == {
        ("Status", "Recruiting"),
        ("Status", "Completed"),
        ("Participants from", "10"),
    }
    left = QueryDict(chips["Status", "Recruiting"].removeprefix("?"))
    assert left.getlist("status") == ["COMPLETED"]
    assert left["n_from"] == "10"


@pytest.mark.parametrize(
    "sort",
    [
        "title",
        "-title",
        "updated",
        "-updated",
        "number",
        "-number",
        "started",
        "-started",
        "enrolment",
        "-enrolment",
        "completeness",
    ],
)
def test_csv_and_json_hold_exactly_the_list_in_its_order(enter, cast, register, sort):
    query = f"?sort={sort}&type=INTERVENTIONAL"
    client = enter(cast.sponsor)
    shown = titles(client.get(f"{LIST}{query}"))
    assert len(shown) == 4
    assert [row["title"] for row in rows_of(client.get(f"/studies/export.csv{query}"))] == shown
    said = json.loads(text_of(client.get(f"/studies/export.json{query}")))
    assert [row["title"] for row in said] == shown


@pytest.mark.parametrize(
    "query",
    [
        "q=trial&sort=best",
        "q=trial&sort=-title&status=RECRUITING",
        "q=trial+carcinoma&mode=any&n_from=1",
        "q=trail&sort=number",
        "q=trail&as_typed=1",
        "status=RECRUITING&phase=PHASE2&phase=PHASE3&sort=-enrolment",
        "sort=completeness&year_from=2020",
    ],
)
def test_an_export_holds_the_rows_of_all_pages_of_a_search_in_their_order(
    enter, cast, register, bring, monkeypatch, query
):
    bring(*(trial(no, f"Trial {no:03} of carcinoma" * (1 + no % 3)) for no in range(100, 117)))
    monkeypatch.setattr(portfolio, "PAGE", 3)
    client, cursor, shown = enter(cast.nobody), "", []
    while True:
        response = client.get(f"{LIST}?{query}" + (f"&after={cursor}" if cursor else ""))
        shown += [line.row.number for line in response.context["lines"]]
        cursor = response.context["page"].next
        if not cursor:
            break
    assert [row["number"] for row in rows_of(client.get(f"/studies/export.csv?{query}"))] == shown
    said = json.loads(text_of(client.get(f"/studies/export.json?{query}")))
    assert [row["number"] for row in said] == shown


def test_a_formula_in_a_record_is_text_in_the_csv(enter, cast, bring):
    bring(trial(60, '=HYPERLINK("https://example.org")', acronym="+1", sponsor="@SUM(A1)"))
    (row,) = rows_of(enter(cast.nobody).get("/studies/export.csv"))
    assert row["title"].startswith("'=")
    assert row["acronym"].startswith("'+")
    assert row["sponsor"].startswith("'@")


@pytest.mark.parametrize("n_rows", [0, 1])
def test_an_export_that_an_error_cuts_off_says_so(register, caplog, n_rows):
    def rows():
        yield from StudyIndex.objects.all()[:n_rows]
        raise OperationalError("the server went away")

    *_, last = "".join(columns.studies_csv(rows())).splitlines()
    assert last == columns.CUT_OFF
    said = json.loads("".join(columns.studies_json(rows())))
    assert len(said) == n_rows + 1
    assert said[-1] == {"error": columns.CUT_OFF}
    assert len(caplog.records) == 2


def test_an_export_of_nothing_is_a_heading_and_an_empty_array(enter, cast, register):
    client = enter(cast.nobody)
    assert rows_of(client.get("/studies/export.csv?status=SUSPENDED")) == []
    assert json.loads(text_of(client.get("/studies/export.json?status=SUSPENDED"))) == []


def test_pages_follow_each_other_without_gap_or_repeat(enter, cast, bring):
    bring(*(trial(no, f"Trial {no:03}") for no in range(100, 230)))
    client, url, seen = enter(cast.nobody), f"{LIST}?sort=title", []
    while url:
        response = client.get(url)
        seen += titles(response)
        cursor = response.context["page"].next
        url = f"{LIST}?sort=title&after={cursor}" if cursor else ""
    assert seen == [f"Trial {no:03}" for no in range(100, 230)]


MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def test_markup_in_a_record_stays_text(enter, cast, bring):
    bring(
        trial(
            7,
            f"{MARKUP} trial",
            acronym="<b>A</b>",
            sponsor="<i>Sena</i>",
            summary=MARKUP,
            conditions=[MARKUP],
            locations=[{"facility": MARKUP, "city": "<u>", "country": "France"}],
        )
    )
    client = enter(cast.analyst)
    study = StudyIndex.objects.get()
    pk = study.study_id
    pages = [
        LIST,
        f"{LIST}?q={MARKUP}",
        f"/studies/{pk}/",
        f"/studies/{pk}/sites/",
        f"/studies/{pk}/eligibility/",
        f"/studies/{pk}/versions/",
        f"/studies/{pk}/trail/",
        "/places/?state=unresolved",
    ]
    for url in pages:
        page = client.get(url).content.decode()
        assert "<script>alert" not in page, url
        assert not re.search(r"<img[^>]*onerror", page), url
        assert "<i>Sena" not in page, url
        assert "<b>A</b>" not in page, url


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("sort=nonsense", "There is no order"),
        ("after=zzz", "no longer valid"),
        ("after=%00%FF", "no longer valid"),
        ("n_from=many", "takes a whole number"),
        ("n_from=-1", "takes a whole number"),
        ("n_to=99999999999", "takes a whole number"),
        ("updated_since=2026-13-40", "takes a date"),
        ("country=%00", "no study has"),
        (f"country={'x' * 200}", "no study has"),
        ("&".join(f"country={no}" for no in range(60)), "At most 40 values"),
        (f"q={'a' * 10_000}", "at most 1,000 characters"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_with_a_reason(
    enter, cast, register, query, says
):
    client = enter(cast.analyst)
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert says in response.content.decode()
    has_page = "after" in query  # an export is of all pages, so that a cursor says nothing
    assert client.get(f"/studies/export.csv?{query}").status_code == (200 if has_page else 400)


@pytest.mark.parametrize(
    "query",
    [
        "q=%27%22%3A%26%7C%21*(",
        "q=---",
        "q=%F0%9F%98%80",
        "organisation=x",
        "flag=zzz",
        "year_to=9999",
        "mode=zzz",
        "q=%22",
    ],
)
def test_odd_but_harmless_addresses_show_a_list(enter, cast, register, query):
    assert enter(cast.analyst).get(f"{LIST}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("unknown=1", ""),
        ("&".join(f"x{no}=1" for no in range(3_000)) + "&q=dengue", "?q=dengue"),
        ("q=&status=&n_from=+&sort=title", "?sort=title"),
        ("status=COMPLETED&status=COMPLETED&type=", "?status=COMPLETED"),
        ("q=a&q=b", "?q=b"),
    ],
)
def test_what_says_nothing_is_left_out_of_an_address_and_of_every_link(
    enter, cast, register, query, left
):
    client = enter(cast.nobody)
    assert client.get(f"{LIST}?{query}")["Location"] == f"{LIST}{left}"
    page = client.get(f"{LIST}?{query}", follow=True)
    assert page.status_code == 200
    assert "x1=1" not in page.content.decode()


def test_filters_are_ticked_together_and_applied_at_once(enter, cast, register):
    client = enter(cast.nobody)
    response = client.get(f"{LIST}?status=RECRUITING&q=vn-118&sex=ALL&after=")
    page = client.get(response["Location"]).content.decode()
    assert re.search(r'name="status"\s+value="RECRUITING"\s+checked', page)
    assert re.search(r'name="status"\s+value="COMPLETED"', page)
    form = re.search(r'<form class="filters".*?</form>', page, re.DOTALL)[0]
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert kept == {"q": "vn-118", "sex": "ALL"}


@given(st.dictionaries(st.sampled_from(sorted(filters.KNOWN)), st.text(max_size=30), max_size=6))
def test_any_address_is_read_or_refused(given_values):
    params = QueryDict(mutable=True)
    params.update(given_values)
    try:
        asked = filters.read(params)
    except filters.AddressRefused:
        return
    again = filters.read(QueryDict(filters.canonical(params)))
    assert (again.text, again.filters, again.mode) == (asked.text, asked.filters, asked.mode)
    assert asked.is_narrowed == bool(asked.text or asked.filters != Filters())


def test_ticked_studies_are_exported_in_the_order_of_the_ticks(enter, cast, register):
    client = enter(cast.nobody)
    ids = [register.asthma.pk, register.lantern.pk, register.draft.pk]
    rows = rows_of(client.post("/studies/ticked/", {"row": ids, "act": "csv"}))
    assert [row["number"] for row in rows] == [register.asthma.number, register.lantern.number]


@pytest.mark.parametrize("ids", [[], ["x"], ["99999999999999999999999"], ["-1"]])
def test_nothing_useful_ticked_leads_back_with_a_word(enter, cast, register, ids):
    response = enter(cast.nobody).post(
        "/studies/ticked/", {"row": ids, "act": "csv", "query": "status=RECRUITING&x=%0d%0aA:b"}
    )
    assert response["Location"] == f"{LIST}?status=RECRUITING"


def test_two_ticked_studies_are_compared_and_one_is_not(enter, cast, register):
    client = enter(cast.nobody)
    pair = [register.lantern.pk, register.dengue.pk]
    response = client.post("/studies/ticked/", {"row": pair, "act": "compare"}, follow=True)
    assert {change.field for change in response.context["changes"]} >= {"Status", "Sponsor"}
    response = client.post("/studies/ticked/", {"row": pair[:1], "act": "compare"}, follow=True)
    assert "one is ticked" in response.content.decode()
    hidden = client.get(f"/studies/compare/?a={pair[0]}&b={register.draft.pk}")
    assert hidden.status_code == 404


def test_whoever_ticked_one_comes_back_to_the_same_page_with_the_tick(enter, cast, bring):
    bring(*(trial(no, f"Trial {no:03}") for no in range(100, 160)))
    client = enter(cast.nobody)
    first = client.get(f"{LIST}?sort=title")
    second = client.get(f"{LIST}?sort=title&after={first.context['page'].next}")
    one = second.context["lines"][3].row.pk
    query = second.context["query"]
    sent = {"row": [one], "act": "compare", "query": query + "&x=1"}
    back = client.post("/studies/ticked/", sent, follow=True)
    assert titles(back) == titles(second)
    assert back.context["ticked"] == [one]
    assert re.findall(
        r'value="(\d+)"\s+form="bulk"\s+data-pick\s+checked', back.content.decode()
    ) == [str(one)]


@pytest.fixture
def investigator(cast, register):
    """The principal investigator of LANTERN at Rain Tree."""
    site = register.lantern.sites.get()
    people.grant_role(
        person=cast.nobody, role=Role.PRINCIPAL_INVESTIGATOR, scope=site.scope, by=None, at=AT
    )
    return cast.nobody


LANTERN = "VN-118 in Nasopharyngeal Carcinoma"


@pytest.mark.parametrize(
    ("who", "mine"),
    [
        ("investigator", {LANTERN}),
        ("representative", {LANTERN, SECRET}),
        ("sponsor", {SECRET}),
    ],
)
def test_whoever_has_a_part_in_studies_starts_with_those(
    enter, cast, register, investigator, who, mine
):
    client = enter(investigator if who == "investigator" else getattr(cast, who))
    assert client.get(LIST)["Location"] == "/studies/?whose=mine"
    response = client.get(LIST, follow=True)
    assert set(titles(response)) == mine
    every = titles(client.get(ALL))
    assert [(tab.label, tab.count, tab.is_current) for tab in response.context["tabs"]] == [
        ("My studies", len(mine), True),
        ("All studies", len(every), False),
    ]


@pytest.mark.parametrize("who", ["analyst", "lead", "rival", "administrator", "nobody"])
def test_whoever_has_no_part_or_keeps_all_of_them_starts_with_all(enter, cast, register, who):
    client = enter(getattr(cast, who))
    response = client.get(LIST)
    assert response.status_code == 200
    assert response.context["tabs"] == []
    assert client.get(f"{LIST}?whose=mine").status_code == 200


@pytest.mark.parametrize(
    ("query", "n_mine", "n_all"),
    [
        ("status=COMPLETED", 0, 1),
        ("q=carcinoma", 1, 1),
        ("q=asthma", 0, 1),
        ("q=dengue&mode=any&type=INTERVENTIONAL", 0, 1),
    ],
)
def test_the_tabs_keep_the_filters_and_count_what_matches_in_each(
    enter, investigator, query, n_mine, n_all
):
    client = enter(investigator)
    for whose, n in (("mine", n_mine), ("all", n_all)):
        response = client.get(f"{LIST}?{query}&whose={whose}")
        assert response.context["found"].count.n == n
        assert [tab.count for tab in response.context["tabs"]] == [n_mine, n_all]
        exported = client.get(f"/studies/export.csv?{query}&whose={whose}")
        assert len(rows_of(exported)) == n
    assert client.get(f"{LIST}?{query}").context["found"].count.n == n_all


def test_the_line_that_counts_says_the_order(enter, cast, register):
    client = enter(cast.nobody)
    assert "· by title, A to Z" in client.get(f"{LIST}?sort=title").content.decode()
    assert "· best match first" in client.get(f"{LIST}?q=dengue").content.decode()


def test_the_list_asks_the_database_a_bounded_number_of_times(
    enter, cast, bring, django_assert_max_num_queries
):
    bring(*(trial(no, f"Trial {no:03}") for no in range(100, 160)))
    client = enter(cast.analyst)
    with django_assert_max_num_queries(44):
        client.get(LIST)
    with django_assert_max_num_queries(58):
        client.get(f"{LIST}?q=trial+carcinoma&status=RECRUITING")


def test_an_empty_register_says_how_to_fill_it(enter, cast):
    assert reverse("registry:import_new") in enter(cast.analyst).get(LIST).content.decode()
    assert "No studies yet" in enter(cast.nobody).get(LIST).content.decode()
