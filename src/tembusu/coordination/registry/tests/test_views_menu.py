"""The shell around the registry's pages: what the menu marks, and what went wrong."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.coordination.registry.actions import drafts
from tembusu.foundation.core import notices


def marked(response):
    """Return the entries of the menu that the page is said to belong to."""
    rooms = response.content.decode().split('id="rooms"')[1].split("</nav>")[0]
    return re.findall(r'aria-current="(?:page|true)">([^<]+)', rooms)


def test_a_draft_belongs_to_the_drafts_wherever_it_lies(enter, cast, bodies):
    draft = drafts.start_registration(
        title="Night light", on_behalf_of=bodies.damar, by=cast.sponsor, at=timezone.now()
    )
    client = enter(cast.sponsor)
    for name in ("draft_check", "draft_discard"):
        page = client.get(reverse(f"registry:{name}", args=[draft.study_id]))
        assert marked(page) == ["My drafts"]
    assert marked(client.get(reverse("registry:register"))) == ["My drafts"]
    assert marked(client.get(f"/studies/{draft.study_id}/")) == ["Studies"]


def test_the_administrators_and_the_members_of_a_body_have_their_entries(enter, cast, bodies):
    client = enter(cast.administrator)
    assert marked(client.get("/people/administrators/")) == ["Administrators"]
    members = client.get(reverse("people:members", args=[bodies.damar.scope_id]))
    assert marked(members) == ["Organisations"]


@pytest.mark.parametrize(
    ("path", "code", "says"),
    [
        ("/studies/99999/", 404, "This page is not here"),
        (
            "/people/administrators/",
            403,
            "You can’t register a person without an invitation. It needs the role",
        ),
    ],
)
def test_whoever_is_signed_in_keeps_the_menu_where_something_goes_wrong(
    enter, cast, client, path, code, says
):
    response = enter(cast.nobody).get(path)
    page = response.content.decode().replace("&#x27;", "’")
    assert response.status_code == code
    assert says in page
    assert "too long" not in page
    assert 'id="rooms"' in page
    assert "<title>Error: " in page


def test_a_stranger_sees_no_menu_where_something_goes_wrong(client, db):
    page = client.get("/nowhere/").content.decode()
    assert "This page is not here" in page
    assert 'id="rooms"' not in page


def test_what_is_new_is_counted_on_the_menu_of_the_person(enter, cast):
    client = enter(cast.nobody)
    assert "Notifications: </span>" not in client.get("/studies/").content.decode()
    notices.notify(person=cast.nobody, text="Look", url="/", at=timezone.now())
    summary = (
        client.get("/studies/").content.decode().split("menu-person")[1].split("</summary>")[0]
    )
    assert re.search(r'Notifications: </span>1<span class="away"> new', summary)
