"""The pages of pathways: who reads, who decides, and what a site that moves keeps."""

import pytest
from django.urls import reverse

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import PathwayVersion
from tembusu.coordination.startup.terms import VersionState
from tembusu.coordination.startup.tests.conftest import AT, SHORT

READERS = [
    ("lead", True),
    ("analyst", True),
    ("sponsor", True),
    ("coordinator", True),
    ("monitor", True),
    ("administrator", False),
    ("nobody", False),
]


def url(page, *args):
    return reverse(f"startup:{page}", args=args)


def text(answer):
    return " ".join(answer.content.decode().split())


def with_target(days):
    target = {"value": days, "unit": "working", "counted_from": "ready"}
    return SHORT | {
        "milestones": [
            one | {"target": target} if one["key"] == "signed" else one
            for one in SHORT["milestones"]
        ]
    }


@pytest.fixture
def proposed(path, cast):
    return actions.propose_version(
        plan=with_target(10), reason="Contracts are quicker", by=cast.lead, at=AT
    )


@pytest.mark.parametrize(("who", "sees"), READERS)
def test_pathways_are_read_by_those_who_see_start_up(proposed, cast, enter, who, sees):
    client = enter(getattr(cast, who))
    for page in (url("pathways"), url("pathway", "short"), url("version", "short", 2)):
        assert client.get(page).status_code == (200 if sees else 404), page
    assert ("Pathways" in text(client.get("/people/account/"))) is sees


@pytest.mark.parametrize("page", [("pathway", "long"), ("version", "short", 9)])
def test_a_pathway_or_version_that_there_is_not_is_not_found(path, cast, enter, page):
    assert enter(cast.lead).get(url(*page)).status_code == 404


def test_a_pathway_shows_its_milestones_picture_versions_and_what_waits(proposed, cast, enter):
    said = text(enter(cast.analyst).get(url("pathway", "short")))
    assert "20 working days from when what it needs is settled" in said
    assert 'aria-label="Milestones from left to right' in said
    assert "Number of the agreement" in said
    assert "A version waits to be decided on" in said
    assert "Contracts are quicker" in said
    assert "The coordinating body&#x27;s lead decides on pathways." in said
    assert "Decide on it" not in text(enter(cast.analyst).get(url("version", "short", 2)))
    assert "Decide on it" in text(enter(cast.lead).get(url("version", "short", 2)))


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("analyst", 403), ("sponsor", 403), ("investigator", 403), ("nobody", 404)],
)
def test_only_the_lead_decides(proposed, cast, enter, who, status):
    client = enter(getattr(cast, who))
    page = url("decide", "short", 2)
    assert client.get(page).status_code == status
    if status != 200:
        assert client.post(page, {"to": "in_force", "reason": "x"}).status_code == status
        assert PathwayVersion.objects.get(pk=proposed.pk).state == "proposed"


def test_the_lead_sees_what_changes_and_puts_it_in_force(proposed, cast, enter, path):
    client, page = enter(cast.lead), url("decide", "short", 2)
    said = text(client.get(page))
    assert "Signed: target" in said
    assert "One site under way keeps the version it has" in said
    empty = client.post(page, {"to": "in_force"})
    assert empty.status_code == 422
    assert client.post(page, {"to": "in_force", "reason": "Agreed"}).status_code == 302
    rows = PathwayVersion.objects.filter(pathway__key="short")
    states = dict(rows.values_list("number", "state"))
    assert states == {1: "replaced", 2: "in_force"}
    path.refresh_from_db()
    assert path.version.number == 1
    assert "Nothing is left to decide" in text(client.get(page))
    assert client.post(page, {"to": "declined", "reason": "Late"}).status_code == 422


def test_a_declined_version_stays_to_be_read(proposed, cast, enter):
    client = enter(cast.lead)
    client.post(url("decide", "short", 2), {"to": "declined", "reason": "Too short"})
    assert "Declined" in text(client.get(url("version", "short", 2)))
    assert PathwayVersion.objects.get(pathway__key="short", number=1).state == "in_force"


@pytest.mark.parametrize(
    ("who", "status"), [("lead", 200), ("analyst", 403), ("sponsor", 403), ("rival", 404)]
)
def test_only_the_lead_moves_a_site_to_another_version(path, cast, enter, who, status):
    assert enter(getattr(cast, who)).get(url("change_version", path.pk)).status_code == status


def test_a_site_goes_on_along_another_version_with_a_reason(proposed, cast, enter, path):
    client, page = enter(cast.lead), url("change_version", path.pk)
    unknown = client.post(page, {"version": str(proposed.pk), "reason": "Mine"})
    assert unknown.status_code == 422
    actions.decide_version(version=proposed, to=VersionState.IN_FORCE, by=cast.lead, at=AT)
    without = client.post(page, {"version": str(proposed.pk), "reason": ""})
    assert without.status_code == 422
    assert client.post(page, {"version": str(proposed.pk), "reason": "Mine"}).status_code == 302
    path.refresh_from_db()
    assert path.version_id == proposed.pk
