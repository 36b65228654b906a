"""The template tags, in tables: what a component is given and what must stand on the page."""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from tembusu.foundation.ui import paging
from tembusu.foundation.ui.specimens import SHELLS
from tembusu.foundation.ui.terms import (
    SHAPE_OF_TONE,
    Act,
    Badge,
    Blocked,
    Cell,
    Change,
    Chip,
    Column,
    Fact,
    JobProgress,
    JobState,
    Meter,
    Shape,
    Step,
    StepState,
    Tab,
    Tone,
    TrailEntry,
    Turn,
    Work,
)

SLY = '<script>alert("1")</script>'
AT = datetime(2026, 11, 21, 1, 12, tzinfo=UTC)


def drawn(source, query="", **values):
    request = RequestFactory().get(f"/list/?{query}")
    return Template("{% load ui %}" + source).render(Context({"request": request, **values}))


CASES = [
    ('{% button "Save" kind="primary" %}', {}, ["<button", "button-primary", ">Save</button>"], []),
    (
        '{% button "Open" href="/x/" %}',
        {},
        ['<a class="button button-secondary" href="/x/"'],
        ["<button"],
    ),
    (
        '{% button "Act" name="act" value="go" form="bulk" %}',
        {},
        ['name="act"', 'value="go"', 'form="bulk"', 'type="submit"'],
        [],
    ),
    ('{% button "Ask" dialog="d" %}', {}, ['type="button"', 'data-dialog="d"'], ['type="submit"']),
    ('{% badge "Open" "ok" %}', {}, ["tone-ok", "shape-dot", ">Open<"], []),
    ('{% badge "Held" "info" "pause" %}', {}, ["tone-info", "shape-pause"], ["shape-half"]),
    ("{% badge b %}", {"b": Badge("Late", Tone.BAD)}, ["tone-bad", "shape-triangle"], []),
    ("{% act a %}", {"a": Act("Go", "/go/")}, ['href="/go/"'], ["<form"]),
    (
        "{% act a %}",
        {"a": Act("Go", "/go/", is_post=True)},
        ['method="post"', 'action="/go/"'],
        ["href"],
    ),
    (
        "{% tabs t 'Parts' %}",
        {"t": [Tab("A", "/a/", 1284, is_current=True), Tab("B", "/b/")]},
        ['aria-current="page"', "1,284", 'aria-label="Parts"'],
        [],
    ),
    (
        "{% chips c %}",
        {"c": [Chip("Phase", "3", remove_url="?q=a")]},
        ["Remove the filter", 'href="?q=a"'],
        [],
    ),
    (
        "{% chips c %}",
        {"c": [Chip("Mine", url="?mine=1", count=0)]},
        ['href="?mine=1"', ">0<"],
        ["Remove"],
    ),
    (
        "{% turn_panel t %}",
        {"t": Turn("Board’s turn", "Reads", [("Due", "1 Dec")])},
        [
            "is-elsewhere",
            "1 Dec",
            '<h2><span class="turn-label">Board’s turn<span class="away">:</span></span>'
            ' <span class="turn-headline">Reads</span></h2>',
        ],
        ["turn-acts"],
    ),
    (
        "{% turn_panel t %}",
        {"t": Turn("Your turn", "Sign", act=Act("Sign", "/s/"))},
        ["button-primary", 'href="/s/"'],
        ["is-elsewhere"],
    ),
    (
        "{% blocked b %}",
        {"b": Blocked("Open", "Unsigned.", "/s/", "Sign it")},
        ["Unsigned.", 'href="/s/"', "Sign it"],
        [],
    ),
    (
        "{% stepper s %}",
        {"s": [Step("A", StepState.DONE), Step("B", StepState.NOW)]},
        ["step-done", 'aria-current="step"', ", done"],
        [],
    ),
    (
        "{% meter m %}",
        {"m": Meter("Items", 18, 24, ("Phase",))},
        ["18 of 24", 'width="75.0%"', "1 missing", "Phase"],
        [],
    ),
    ("{% meter m %}", {"m": Meter("Items", 24, 24)}, ["is-complete"], ["missing"]),
    ("{% meter m %}", {"m": Meter("Items", 0, 0)}, ["0 of 0", 'width="0.0%"'], []),
    (
        "{% progress j %}",
        {"j": JobProgress("Import", JobState.RUNNING, 5, 10, poll_url="/p/", cancel_url="/c/")},
        ['hx-get="/p/"', "50.0%", "Cancel the job"],
        [],
    ),
    (
        "{% progress j %}",
        {
            "j": JobProgress(
                "Import", JobState.DONE, 10, 10, poll_url="/p/", cancel_url="/c/", result_url="/r/"
            )
        },
        ['href="/r/"', "100.0%"],
        ["hx-get", "Cancel"],
    ),
    (
        "{% progress j %}",
        {"j": JobProgress("Import", JobState.RUNNING, 5)},
        ["track-open", "5 records"],
        ["of"],
    ),
    (
        "{% facts f %}",
        {"f": [Fact("Phase", 0), Fact("Acronym", None), Fact("Sponsor", "")]},
        ["not given", "<dd>0</dd>"],
        [],
    ),
    (
        "{% trail t %}",
        {
            "t": [
                TrailEntry(
                    AT,
                    "Changed.",
                    "Nadia",
                    "late",
                    changes=(Change("Due", None, "1 Dec"), Change("Old", "x", None)),
                )
            ]
        },
        [
            "21 Nov 2026, 09:12",
            "<ins>1 Dec</ins>",
            "<del>x</del>",
            "removed",
            "By Nadia",
            "reason: late",
        ],
        [],
    ),
    ("{% trail t %}", {"t": []}, ["Nothing has happened yet"], []),
    ("{% diff 'early cancer' 'late cancer' %}", {}, ["<del>early</del>", "<ins>late</ins>"], []),
    (
        "{% comparison c %}",
        {"c": [Change("Title", None, "New")]},
        ["not given", "<ins>New</ins>"],
        ["<del>"],
    ),
    (
        "{% worklist w form='bulk' %}",
        {"w": [Work("7", "Sign", Badge("Due"), "Here", is_picked=True)]},
        ['value="7"', 'form="bulk"', "checked", ">Sign, Here</span>"],
        [],
    ),
    ("{% worklist w %}", {"w": [Work("7", "Sign", Badge("Due"))]}, ["Sign"], ["checkbox"]),
    (
        "{% bulk_bar form='bulk' action='/do/' %}x{% endbulk_bar %}",
        {},
        ['id="bulk"', 'action="/do/"', "csrfmiddlewaretoken"],
        [],
    ),
    ("{% empty_state 'None' 'Soon.' 'Add' '/a/' %}", {}, ["Soon.", 'href="/a/"'], []),
    ("{% empty_state 'None' %}", {}, ["None"], ["button"]),
    ("{% card 'Facts' %}<p>in</p>{% endcard %}", {}, ["<p>in</p>", ">Facts</h2>"], []),
    ("{% callout 'warn' %}Mind{% endcallout %}", {}, ["tone-warn", "shape-diamond"], []),
    (
        "{% dialog 'd' 'Sure?' %}in{% enddialog %}",
        {},
        ['<dialog class="dialog" id="d"', 'aria-labelledby="d-title"'],
        [],
    ),
    (
        "{% filter_menu 'Phase' c %}",
        {"c": [Chip("3", remove_url="?"), Chip("4", url="?p=4")]},
        ["is-held", "chosen"],
        [],
    ),
    ("{{ 'Nadia binte Rahim'|initials }}{{ ''|initials }}{{ 'Siti'|initials }}", {}, ["NRS"], []),
]


@pytest.mark.parametrize(("source", "values", "present", "absent"), CASES)
def test_a_component_shows_what_it_was_given(source, values, present, absent, settings):
    settings.TIME_ZONE = "Asia/Singapore"
    html = unescape(drawn(source, **values))
    assert [text for text in present if text not in html] == []
    assert [text for text in absent if text in html] == []


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("{% button x kind='primary' %}", {}),
        ("{% badge x 'ok' %}", {}),
        ("{% card x note=x %}{% endcard %}", {}),
        ("{% callout 'info' x %}{% endcallout %}", {}),
        ("{% empty_state x x %}", {}),
        ("{% diff x 'y' %}", {}),
        ("{% facts f %}", {"f": [Fact(SLY, SLY, SLY)]}),
        ("{% trail f %}", {"f": [TrailEntry(AT, SLY, SLY, SLY)]}),
        ("{% comparison f %}", {"f": [Change(SLY, SLY, SLY)]}),
        ("{% table x c r %}", {"c": [Column(SLY)], "r": [[Cell(SLY, SLY)]]}),
        ("{% search_box x %}", {}),
    ],
)
def test_a_component_never_lets_a_text_become_markup(source, values):
    assert "<script>" not in drawn(source, query="q=%3Cscript%3E", x=SLY, **values)


@pytest.mark.parametrize("source", ["{% button 'x' kind='loud' %}", "{% button 'x' size='huge' %}"])
def test_an_unknown_kind_of_button_is_refused(source):
    with pytest.raises(TemplateSyntaxError, match="no kind"):
        drawn(source)


def test_an_unknown_tone_is_refused():
    with pytest.raises(ValueError, match="shiny"):
        drawn("{% badge 'x' 'shiny' %}")


def test_every_tone_has_a_shape_of_its_own():
    assert set(SHAPE_OF_TONE) == set(Tone)
    assert len(set(SHAPE_OF_TONE.values())) == len(Tone)
    assert set(SHAPE_OF_TONE.values()) <= set(Shape)


PAGE = paging.Page(rows=range(50), n_before=50, next="N", previous="P", count=paging.Count(1284))


@pytest.mark.parametrize(
    ("page", "query", "present", "absent"),
    [
        (
            PAGE,
            "q=a&after=old",
            ["51 to 100", "of 1,284", "?q=a&after=N#found", "?q=a&after=P#found"],
            ["old"],
        ),
        (PAGE, "", ["?after=N"], []),
        (paging.Page(rows=range(3), next="N"), "", ["1 to 3", "next"], [" of ", "prev"]),
        (
            paging.Page(rows=range(3), next="N", count=paging.Count(10_000, is_capped=True)),
            "",
            ["more than 10,000"],
            [],
        ),
        (paging.Page(rows=[1], count=paging.Count(1)), "", [], ["<nav", "rel="]),
    ],
)
def test_the_pager_keeps_the_filters_and_says_where_it_stands(page, query, present, absent):
    html = unescape(drawn("{% pager p %}", query=query, p=page))
    assert [text for text in present if text not in html] == []
    assert [text for text in absent if text in html] == []


def test_a_sorted_column_says_so_and_turns():
    html = unescape(
        drawn(
            "{% table 'T' c r sort='-title' %}",
            query="sort=-title&after=x",
            c=[Column("Title", "title"), Column("Phase")],
            r=[["A", None]],
        )
    )
    assert 'aria-sort="descending"' in html
    assert html.count('href="?sort=title#found"') == 2, "in the heading and in the menu"
    assert html.count("aria-sort") == 1
    assert "menu-sort" in html
    assert "–" in html


@pytest.mark.parametrize(("density", "is_region"), [("", False), ("tight", True)])
def test_a_table_stacks_or_scrolls_in_a_region_of_its_own(density, is_region):
    html = drawn(f"{{% table 'T' c r density='{density}' %}}", c=[Column("A")], r=[["1"]])
    assert ('role="region"' in html) is is_region
    assert ('class="stacks"' in html) is not is_region
    assert "menu-sort" not in html, "nothing to sort by"


def test_a_list_says_what_was_found():
    html = unescape(drawn("{% found p 'Studies' %}", p=PAGE))
    assert 'id="found" tabindex="-1"' in html
    assert "51 to 100 of 1,284" in html
    assert "No results" in drawn("{% found p 'Studies' %}", p=paging.Page(rows=[]))
    alone = paging.Page(rows=range(3), count=paging.Count(3))
    assert "3 results" in drawn("{% found p 'Studies' %}", p=alone)


@pytest.mark.parametrize(
    ("source", "present"),
    [
        ("{% export_menu csv_url='/x.csv' %}", ["/x.csv"]),
        ("{% export_menu csv_url='/x.csv' json_url='/x.json' %}", ["/x.csv", "/x.json"]),
        ("{% export_menu %}", []),
    ],
)
def test_the_export_menu_offers_what_there_is(source, present):
    html = drawn(source)
    assert html.count("href=") == len(present)
    assert all(url in html for url in present)


@pytest.mark.parametrize(("option", "takes"), [("", True), ("takes_focus=False", False)])
def test_messages_take_the_focus_and_are_named_by_their_words(option, takes):
    said = [Message(constants.SUCCESS, "Saved."), Message(constants.WARNING, "Two wait.")]
    html = drawn(f"{{% messages m {option} %}}", m=said)
    assert 'aria-labelledby="notice-1 notice-2 "' in html
    assert '<p id="notice-1">Saved.</p>' in html
    assert ("autofocus" in html) is takes


def test_without_messages_there_is_nothing_to_go_to():
    assert drawn("{% messages m %}", m=[]).strip() == ""


def test_a_table_with_a_row_too_short_is_refused():
    with pytest.raises(ValueError, match="zip"):
        drawn("{% table 'T' c r %}", c=[Column("A"), Column("B")], r=[["only one"]])


def test_a_search_keeps_filters_and_sort_but_not_the_page():
    html = drawn("{% search_box 'Search' %}", query="q=old&phase=1&phase=2&after=x")
    assert html.count('name="phase"') == 2
    assert 'value="old"' in html
    assert "after" not in html


def test_every_shell_has_its_place_in_the_gallery():
    assert set(SHELLS) == {"list", "record", "form", "decision", "report", "plain"}
