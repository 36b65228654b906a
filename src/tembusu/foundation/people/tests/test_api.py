from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone
from ninja.errors import HttpError

from tembusu.foundation.people import actions
from tembusu.foundation.people.api import TokenAuth
from tembusu.foundation.people.models import ApiToken, Person
from tembusu.foundation.people.terms import TokenScope

from .conftest import AT

pytestmark = pytest.mark.django_db
NEEDED = TokenScope.STUDIES_READ


@pytest.fixture
def issued(cast):
    now = timezone.now()
    return actions.issue_token(
        name="nightly",
        scopes=[TokenScope.STUDIES_READ],
        expires_at=now + timedelta(days=30),
        by=cast.sponsor,
        at=now,
    )


def enter(header, scope=NEEDED):
    request = RequestFactory().get("/api/v1/studies", headers={"Authorization": header})
    return request, TokenAuth(scope)(request)


def test_a_token_acts_as_its_person_and_notes_its_use(issued, cast):
    token, secret = issued
    request, found = enter(f"Bearer {secret}")
    assert found == token
    assert request.user == cast.sponsor
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    enter(f"Bearer {secret}")
    token.refresh_from_db()
    assert token.last_used_at == first


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"issued_at": timezone.now() - timedelta(2), "expires_at": timezone.now() - timedelta(1)},
    ],
)
def test_a_revoked_or_expired_token_opens_nothing(issued, change):
    token, secret = issued
    ApiToken.objects.filter(pk=token.pk).update(**change)
    assert enter(f"Bearer {secret}")[1] is None


def test_a_token_of_a_closed_account_opens_nothing(issued, cast):
    Person.objects.filter(pk=cast.sponsor.pk).update(is_active=False)
    assert enter(f"Bearer {issued[1]}")[1] is None


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic {}", "Bearer {}x"])
def test_anything_else_opens_nothing(issued, header):
    token, secret = issued
    assert not enter(header.format(secret))[1]
    assert not enter(f"Bearer {token.token_sha256}")[1]


def test_a_token_without_the_scope_is_told_which_it_lacks(issued):
    with pytest.raises(HttpError, match="imports:write"):
        enter(f"Bearer {issued[1]}", TokenScope.IMPORTS_WRITE)


# -- organisations --------------------------------------------------------------------------------

BODIES = "/api/v1/organisations"


@pytest.fixture
def header():
    cache.clear()

    def issue(person, scopes=(TokenScope.ORGANISATIONS_READ,)):
        now = timezone.now()
        _, secret = actions.issue_token(
            name="program", scopes=scopes, expires_at=now + timedelta(days=9), by=person, at=now
        )
        return {"Authorization": f"Bearer {secret}"}

    return issue


def names(response):
    assert response.status_code == 200, response.content
    return [body["name"] for body in response.json()["organisations"]]


@pytest.mark.parametrize(
    ("who", "n"), [("lead", 10), ("cluster_office", 4), ("sponsor", 1), ("nobody", 0)]
)
def test_a_program_finds_the_organisations_that_its_person_may_see(client, header, cast, who, n):
    response = client.get(BODIES, headers=header(getattr(cast, who)))
    assert len(names(response)) == response.json()["count"] == n


@pytest.mark.parametrize(
    ("query", "found", "is_guess"),
    [
        ("q=rain+tree", ["Rain Tree General Hospital"], False),
        ("q=Rain+Tre+Hosptal", ["Rain Tree General Hospital"], True),
        ("kind=cluster&sort=-name", ["Meranti Health", "Angsana Health"], False),
        ("kind=cluster&kind=university&q=angsana", ["Angsana Health", "Angsana University"], False),
        ("country=CH", [], False),
        ("q=zebra", [], True),
        ("q=%00", None, False),
    ],
)
def test_filters_and_slips_are_those_of_the_list(client, header, cast, query, found, is_guess):
    response = client.get(f"{BODIES}?{query}", headers=header(cast.lead))
    assert response.json()["is_guess"] is is_guess
    assert found is None or names(response) == found


def test_the_pages_of_organisations_follow_each_other_without_loss(client, header, cast):
    carried, seen, cursor = header(cast.lead), [], ""
    while True:
        query = {"limit": 3, "sort": "-name", "cursor": cursor}
        response = client.get(BODIES, query, headers=carried)
        seen += names(response)
        cursor = response.json()["next"]
        if not cursor:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 10


def test_an_organisation_is_read_with_its_names(client, header, cast, bodies):
    actions.rename_organisation(
        organisation=bodies.raintree,
        name="Rain Tree Hospital",
        on=date(2026, 2, 1),
        by=cast.lead,
        at=AT,
    )
    body = client.get(f"{BODIES}/{bodies.raintree.pk}", headers=header(cast.lead)).json()
    assert (body["name"], body["parent"]) == ("Rain Tree Hospital", bodies.meranti.pk)
    assert [(one["name"], one["kind"], one["valid_to"]) for one in body["names"]] == [
        ("Rain Tree Hospital", "official", None),
        ("Rain Tree General Hospital", "former", "2026-02-01"),
    ]


@pytest.mark.parametrize(
    ("path", "who", "scopes", "status"),
    [
        (BODIES, "lead", (TokenScope.STUDIES_READ,), 403),
        (f"{BODIES}?colour=red", "lead", None, 422),
        (f"{BODIES}?kind=castle", "lead", None, 422),
        (f"{BODIES}?limit=201", "lead", None, 422),
        (f"{BODIES}?cursor=garbage", "lead", None, 400),
        (f"{BODIES}/0", "lead", None, 422),
        (f"{BODIES}/999999999", "lead", None, 404),
        ("damar", "rival", None, 404),
        (BODIES, None, None, 401),
    ],
)
def test_a_refused_call_is_a_problem_that_says_why(
    client, header, cast, bodies, path, who, scopes, status
):
    path = f"{BODIES}/{bodies.damar.pk}" if path == "damar" else path
    carried = {}
    if who:
        carried = header(getattr(cast, who), scopes or (TokenScope.ORGANISATIONS_READ,))
    response = client.get(path, headers=carried)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]
