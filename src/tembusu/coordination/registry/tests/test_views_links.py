"""Addresses that registries send: followed where they lead to the web, read as text where they don't."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tembusu.coordination.registry.actions import imports
from tembusu.coordination.registry.models import Registration
from tembusu.coordination.registry.rules.answers import is_web_address
from tembusu.coordination.registry.tests.conftest import AT

RECORD = """<Trials_downloaded_from_ICTRP><Trial><TrialID>ISRCTN00000001</TrialID>
<Public_title>From elsewhere</Public_title><web_address>{record}</web_address>
<results_url_link>{results}</results_url_link></Trial></Trials_downloaded_from_ICTRP>"""
SCRIPTS = [
    "javascript:alert(1)//https://a.example",
    "JavaScript:alert(1)",
    "data:text/html,hello",
    "vbscript:x",
    "//evil.example/x",
    "/studies/drafts/",
]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://results.example/204", True),
        ("HTTP://results.example", True),
        (" https://results.example ", True),
        ("https://", False),
        ("https://a b.example", False),
        ('https://a.example"onclick="x', False),
        ("ftp://files.example/x", False),
        ("", False),
        *((one, False) for one in SCRIPTS),
    ],
)
def test_only_what_leads_to_the_web_is_an_address(text, is_one):
    assert is_web_address(text) is is_one


def imported(folder, record, results):
    file = folder / "who.xml"
    file.write_text(RECORD.format(record=record, results=results))
    run = imports.import_studies(paths=[file], by=None, at=AT)
    assert run.counts["rejected"] == 0
    return Registration.objects.get()


def pages(client, registration):
    pk = registration.study_id
    names = ["study", "study_outcomes", "study_versions", "study_trail", "curate"]
    urls = [reverse(f"registry:{name}", args=[pk]) for name in names]
    urls += [
        reverse("registry:curate_field", args=[pk, "results_url"]),
        reverse("registry:studies"),
    ]
    return [client.get(url).content.decode() for url in urls]


@pytest.mark.parametrize("address", SCRIPTS)
def test_what_is_no_web_address_is_kept_and_shown_and_never_a_link(address, enter, cast, tmp_path):
    registration = imported(tmp_path, address, address)
    record = registration.versions.get().record
    assert record["results_url"] == address
    client = enter(cast.analyst)
    shown = pages(client, registration)
    assert address in unescape(shown[0])
    for page in shown:
        links = [unescape(one) for one in re.findall(r'\s(?:href|src|action)="([^"]+)"', page)]
        assert [one for one in links if not one.startswith(("/", "#", "?", "https://"))] == []
        assert f'<a href="{address}" rel' not in unescape(page)


def test_the_address_of_results_is_followed(enter, cast, tmp_path):
    registration = imported(tmp_path, "https://records.example/1", "https://results.example/204")
    overview = pages(enter(cast.nobody), registration)[0]
    assert '<a href="https://results.example/204" rel="noreferrer">' in overview
    assert 'href="https://records.example/1"' in overview
