"""The gallery without a browser: everyone may open it, nothing of it is kept."""

import re

import pytest

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
]
ERRORS = [400, 403, 404, 500]


@pytest.mark.parametrize("address", PAGES)
def test_everyone_may_open_the_gallery(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert len(response.content) < 100_000
    assert b"<h1" in response.content


@pytest.mark.parametrize("address", PAGES)
def test_an_id_stands_once_on_a_page(client, address):
    ids = re.findall(r'\sid="([^"]+)"', client.get(address).content.decode())
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_to_do(client, code):
    response = client.get(f"/ui/error/{code}/")
    assert response.status_code == code
    assert "Go to the first page" in response.content.decode()


def test_the_title_of_a_page_with_faults_begins_with_them(client):
    for address, begins in {
        "/ui/form/?wrong=1": "<title>Error: ",
        "/ui/error/404/": "<title>Error: This page is not here",
        "/ui/form/": "<title>",
    }.items():
        page = client.get(address).content.decode()
        assert begins in page
        assert ("<title>Error: " in page) is ("Error" in begins), address


@pytest.mark.parametrize("address", ["/ui/nothing/", "/ui/error/418/"])
def test_what_is_not_there_is_not_found(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "This page is not here" in response.content.decode()


def test_a_form_with_faults_comes_back_with_them(client):
    response = client.post("/ui/form/", {"title": ""})
    assert "are to be put right" in response.content.decode()


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("0", "0 of 4,000"),
        ("4", "1,600 of 4,000"),
        ("10", "Open the result"),
        ("999", "Open the result"),
        ("x", "0 of 4,000"),
        ("", "0 of 4,000"),
        ("-1", "0 of 4,000"),
    ],
)
def test_the_job_of_the_gallery_goes_on(client, step, words):
    assert words in client.get("/ui/progress/", {"step": step}).content.decode()


@pytest.mark.parametrize(
    ("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("", ""), ("pink", "")]
)
def test_the_theme_is_kept_in_a_cookie(client, chosen, kept):
    response = client.post("/ui/theme/", {"theme": chosen, "next": "/ui/list/?q=a"})
    assert response["Location"] == "/ui/list/?q=a"
    assert client.cookies["theme"].value == kept
    page = client.get("/ui/").content.decode()
    assert (f'<html lang="en-gb" data-theme="{kept}">' in page) is bool(kept)


@pytest.mark.parametrize(
    "wanted", ["https://example.org/", "//example.org/", "javascript:go()", ""]
)
def test_the_theme_switch_never_leads_away(client, wanted):
    assert client.post("/ui/theme/", {"theme": "dark", "next": wanted})["Location"] == "/"


def test_the_theme_is_not_switched_by_a_link(client):
    assert client.get("/ui/theme/").status_code == 405


@pytest.mark.parametrize(("asked", "shown"), [("dark", True), ("pink", False)])
def test_the_address_may_ask_for_a_theme(client, asked, shown):
    assert (b'data-theme="dark">\n  <head>' in client.get(f"/ui/?theme={asked}").content) is shown


@pytest.mark.parametrize("address", PAGES)
def test_the_content_policy_is_strict(client, address):
    policy = client.get(address)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
