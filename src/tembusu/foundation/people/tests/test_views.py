"""Screens as each role meets them: 200, 302, 403 and 404, and what they say."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from tembusu.foundation.core.models import Notification
from tembusu.foundation.people import actions, sign_in
from tembusu.foundation.people.models import ApiToken, Invitation, Membership, Organisation, Person
from tembusu.foundation.people.terms import NameKind, OrganisationKind, Role

from .conftest import AT, PASSWORD, SECRET

pytestmark = pytest.mark.django_db


def paths(bodies, study, cast):
    raintree, damar = bodies.raintree, bodies.damar
    return {
        "list": "/people/organisations/",
        "register": "/people/organisations/register/",
        "body": reverse("people:organisation", args=[raintree.pk]),
        "rename": reverse("people:organisation_rename", args=[raintree.pk]),
        "add name": reverse("people:organisation_add_name", args=[raintree.pk]),
        "place": reverse("people:organisation_place", args=[raintree.pk]),
        "members": reverse("people:members", args=[raintree.scope_id]),
        "grant": reverse("people:grant", args=[raintree.scope_id]),
        "invite": reverse("people:invite", args=[raintree.scope_id]),
        "sponsor": reverse("people:organisation", args=[damar.pk]),
        "study grant": reverse("people:grant", args=[study.scope.pk]),
        "end": reverse("people:end_role", args=[cast.representative.memberships.get().pk]),
        "administrators": "/people/administrators/",
        "account": "/people/account/",
        "trail": reverse("core:trail", args=["organisation", raintree.pk]),
        "own trail": reverse("core:trail", args=["person", cast.representative.pk]),
        "person": reverse("people:person", args=[cast.coordinator.pk]),
        "factor": reverse("people:second_factor_reset", args=[cast.coordinator.pk]),
        "accounts": reverse("people:persons"),
        "accounts as a file": reverse("people:persons_export"),
        "close": reverse("people:person_close", args=[cast.coordinator.pk]),
        "reopen": reverse("people:person_reopen", args=[cast.coordinator.pk]),
        "address": reverse("people:account_address"),
        "foreign address link": reverse("people:account_address_confirm", args=["x"]),
    }


CELLS = {
    "administrator": {
        "list": 200,
        "register": 200,
        "body": 200,
        "rename": 200,
        "add name": 200,
        "place": 200,
        "members": 200,
        "grant": 200,
        "invite": 200,
        "sponsor": 200,
        "study grant": 404,
        "end": 200,
        "administrators": 200,
        "account": 200,
        "trail": 200,
        "own trail": 200,
        "person": 200,
        "factor": 200,
        "accounts": 200,
        "accounts as a file": 200,
        "close": 200,
        "reopen": 200,
        "address": 200,
        "foreign address link": 302,
    },
    "lead": {
        "list": 200,
        "register": 200,
        "body": 200,
        "rename": 200,
        "add name": 200,
        "place": 200,
        "members": 404,
        "grant": 404,
        "invite": 404,
        "sponsor": 200,
        "study grant": 404,
        "end": 404,
        "administrators": 403,
        "account": 200,
        "trail": 200,
        "own trail": 404,
        "person": 404,
        "factor": 404,
        "accounts": 403,
        "accounts as a file": 403,
        "close": 404,
        "reopen": 404,
        "address": 200,
        "foreign address link": 302,
    },
    "cluster_office": {
        "list": 200,
        "register": 403,
        "body": 200,
        "rename": 200,
        "add name": 200,
        "place": 403,
        "members": 200,
        "grant": 200,
        "invite": 200,
        "sponsor": 404,
        "study grant": 404,
        "end": 200,
        "administrators": 403,
        "account": 200,
        "trail": 200,
        "own trail": 404,
        "person": 404,
        "factor": 404,
        "accounts": 403,
        "accounts as a file": 403,
        "close": 404,
        "reopen": 404,
        "address": 200,
        "foreign address link": 302,
    },
    "representative": {
        "list": 200,
        "register": 403,
        "body": 200,
        "rename": 200,
        "add name": 200,
        "place": 403,
        "members": 200,
        "grant": 200,
        "invite": 200,
        "sponsor": 404,
        "study grant": 404,
        "end": 200,
        "administrators": 403,
        "account": 200,
        "trail": 200,
        "own trail": 200,
        "person": 404,
        "factor": 404,
        "accounts": 403,
        "accounts as a file": 403,
        "close": 404,
        "reopen": 404,
        "address": 200,
        "foreign address link": 302,
    },
    "sponsor": {
        "list": 200,
        "register": 403,
        "body": 404,
        "rename": 404,
        "add name": 404,
        "place": 404,
        "members": 404,
        "grant": 404,
        "invite": 404,
        "sponsor": 200,
        "study grant": 200,
        "end": 404,
        "administrators": 403,
        "account": 200,
        "trail": 404,
        "own trail": 404,
        "person": 404,
        "factor": 404,
        "accounts": 403,
        "accounts as a file": 403,
        "close": 404,
        "reopen": 404,
        "address": 200,
        "foreign address link": 302,
    },
    "monitor": {
        "list": 200,
        "register": 403,
        "body": 404,
        "rename": 404,
        "add name": 404,
        "place": 404,
        "members": 404,
        "grant": 404,
        "invite": 404,
        "sponsor": 404,
        "study grant": 403,
        "end": 404,
        "administrators": 403,
        "account": 200,
        "trail": 404,
        "own trail": 404,
        "person": 404,
        "factor": 404,
        "accounts": 403,
        "accounts as a file": 403,
        "close": 404,
        "reopen": 404,
        "address": 200,
        "foreign address link": 302,
    },
    "nobody": {
        "list": 200,
        "register": 403,
        "body": 404,
        "rename": 404,
        "add name": 404,
        "place": 404,
        "members": 404,
        "grant": 404,
        "invite": 404,
        "sponsor": 404,
        "study grant": 404,
        "end": 404,
        "administrators": 403,
        "account": 200,
        "trail": 404,
        "own trail": 404,
        "person": 404,
        "factor": 404,
        "accounts": 403,
        "accounts as a file": 403,
        "close": 404,
        "reopen": 404,
        "address": 200,
        "foreign address link": 302,
    },
}


@pytest.mark.parametrize("who", list(CELLS))
def test_each_page_answers_each_role_as_the_table_says(signed_in, cast, bodies, study, who):
    client = signed_in(getattr(cast, who))
    found = {
        name: client.get(path).status_code for name, path in paths(bodies, study, cast).items()
    }
    assert found == CELLS[who]


def test_every_page_sends_the_anonymous_to_sign_in(client, cast, bodies, study):
    for name, path in paths(bodies, study, cast).items():
        response = client.get(path)
        assert response.status_code == 302, name
        assert response.url.startswith("/account/"), name


def test_the_list_counts_and_shows_only_what_is_visible(signed_in, cast, bodies):
    page = signed_in(cast.cluster_office).get("/people/organisations/").content.decode()
    assert "Rain Tree General Hospital" in page
    assert "4 results" in " ".join(page.split())
    assert "Damar" not in page
    assert "Angsana" not in page


def test_the_list_says_what_would_be_here(signed_in, cast):
    page = signed_in(cast.nobody).get("/people/organisations/").content.decode()
    assert "No organisations yet" in page
    assert "It needs the role" in page


def test_search_filters_and_sort_live_in_the_address(signed_in, cast, bodies):
    client = signed_in(cast.lead)
    response = client.get("/people/organisations/?q=meranti&kind=cluster&sort=-name")
    assert [row[0].text for row in response.context["rows"]] == ["Meranti Health"]
    assert [chip.value for chip in response.context["filters"]] == ["meranti", "Cluster"]
    page = client.get("/people/organisations/?q=zebra").content.decode()
    assert "No organisation matches this search" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?after=garbage", 404),
        ("?sort=password", 200),
        ("?kind=nonsense", 200),
        ("?q=%00", 200),
        ("?q=" + "x" * 500, 200),
        ("?country=%27%3B--", 200),
        ("?q=%27%22%3Cscript%3E", 200),
    ],
)
def test_odd_addresses_do_no_harm(signed_in, cast, bodies, query, status):
    response = signed_in(cast.lead).get(f"/people/organisations/{query}")
    assert response.status_code == status
    assert b"<script>" not in response.content.split(b"</head>")[-1]


def test_pages_follow_each_other_without_loss(signed_in, cast, bodies):
    for n in range(60):
        actions.register_organisation(
            kind=OrganisationKind.SPONSOR, name=f"Sponsor {n:03}", country="CH", by=None, at=AT
        )
    client, seen, query = signed_in(cast.lead), [], "?kind=sponsor&sort=-country"
    while True:
        page = client.get(f"/people/organisations/{query}").context["page"]
        seen += [row.pk for row in page.rows]
        if not page.next:
            break
        query = f"?kind=sponsor&sort=-country&after={page.next}"
    expected = Organisation.objects.filter(kind="sponsor").values_list("pk", flat=True)
    assert sorted(seen) == sorted(expected)
    assert len(seen) == len(set(seen))


def test_the_export_is_exactly_the_list(signed_in, cast, bodies):
    actions.register_organisation(
        kind=OrganisationKind.SPONSOR, name="=cmd|calc", country="CH", by=None, at=AT
    )
    client = signed_in(cast.lead)
    response = client.get("/people/organisations/export/?kind=sponsor&sort=name")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["'=cmd|calc", "Damar Therapeutics", "Sena Biologics"]
    other = signed_in(cast.rival).get("/people/organisations/export/")
    assert "Damar" not in other.getvalue().decode()


def test_a_body_is_registered_from_the_screen(signed_in, cast, bodies):
    client = signed_in(cast.lead)
    facts = {"name": "Nyatoh Hospital", "kind": "institution", "country": "sg", "acronym": "NH"}
    response = client.post("/people/organisations/register/", {**facts, "parent": "angsana health"})
    body = Organisation.objects.get(name="Nyatoh Hospital")
    assert response.url == reverse("people:organisation", args=[body.pk])
    assert body.parent == bodies.angsana
    assert body.names.filter(kind=NameKind.ACRONYM, name="NH").exists()
    page = client.post("/people/organisations/register/", facts).content.decode()
    assert "is registered already" in page
    assert 'value="Nyatoh Hospital"' in page


@pytest.mark.parametrize(
    ("typed", "chosen", "becomes"),
    [
        ("Angsana Health", "", "angsana"),
        ("", "", None),
        ("meranti", "meranti", "meranti"),
        ("Meranti Helth", "meranti", "meranti"),
    ],
)
def test_what_a_body_belongs_to_is_found_by_its_name(
    signed_in, cast, bodies, typed, chosen, becomes
):
    client = signed_in(cast.lead)
    url = reverse("people:organisation_place", args=[bodies.kempas.pk])
    assert 'value="Meranti Health"' in client.get(url).content.decode()
    facts = {"parent": typed, "reason": "Moved"}
    if chosen:
        page = client.post(url, facts)
        assert page.status_code == 200
        text = page.content.decode()
        assert "Choose one of these" in text
        assert "Meranti Health (Cluster, Bandar, Singapore)" in text
        assert f'value="{typed}"' in text
        facts["parent_choice"] = str(getattr(bodies, chosen).pk)
    assert client.post(url, facts).status_code == 302
    bodies.kempas.refresh_from_db()
    assert bodies.kempas.parent == (getattr(bodies, becomes) if becomes else None)


@pytest.mark.parametrize(
    ("typed", "chosen", "told"),
    [
        ("zebra", "", "No organisation that others belong to is called so"),
        ("Damar Therapeutics", "", "belongs below"),
        ("meranti", "999999", "Select a valid choice"),
    ],
)
def test_a_wrong_place_keeps_what_was_typed(signed_in, cast, bodies, typed, chosen, told):
    url = reverse("people:organisation_place", args=[bodies.kempas.pk])
    page = signed_in(cast.lead).post(url, {"parent": typed, "parent_choice": chosen})
    assert page.status_code == 200
    assert told in page.content.decode()
    assert f'value="{typed}"' in page.content.decode()
    bodies.kempas.refresh_from_db()
    assert bodies.kempas.parent == bodies.meranti


def test_a_search_that_guesses_says_so(signed_in, cast, bodies):
    client = signed_in(cast.lead)
    response = client.get("/people/organisations/?q=Rain Tre Hosptal")
    assert [row[0].text for row in response.context["rows"]] == ["Rain Tree General Hospital"]
    assert [chip.label for chip in response.context["filters"]] == ["Name is like"]


def test_the_record_shows_names_with_dates_and_what_is_not_possible(signed_in, cast, bodies):
    client = signed_in(cast.representative)
    client.post(
        reverse("people:organisation_rename", args=[bodies.raintree.pk]),
        {"name": "Rain Tree University Hospital", "on": "2026-02-01", "reason": "Merged"},
    )
    page = client.get(reverse("people:organisation", args=[bodies.raintree.pk])).content.decode()
    assert "Rain Tree University Hospital" in page
    assert "Rain Tree General Hospital" in page
    assert "1 Feb 2026" in page
    assert "It needs the role" in page
    assert reverse("people:organisation", args=[bodies.meranti.pk]) not in page


def test_the_trail_of_a_body_tells_its_acts(signed_in, cast, bodies):
    client = signed_in(cast.representative)
    client.post(
        reverse("people:organisation_add_name", args=[bodies.raintree.pk]),
        {"name": "RTGH", "kind": "acronym"},
    )
    page = client.get(reverse("core:trail", args=["organisation", bodies.raintree.pk]))
    text = page.content.decode()
    assert "Further name added" in text
    assert "Organisation registered" in text
    assert "Lakshmi" in text


def test_a_role_is_granted_and_ended_from_the_screen(signed_in, cast, bodies, join):
    colleague = join("Hafiz", Role.INSTITUTION_REPRESENTATIVE, bodies.kempas.scope)
    client = signed_in(cast.cluster_office)
    path = reverse("people:grant", args=[bodies.raintree.scope_id])
    client.post(path, {"email": "HAFIZ@hospital.example", "role": "institution_representative"})
    row = Membership.objects.get(person=colleague, scope=bodies.raintree.scope)
    members = client.get(reverse("people:members", args=[bodies.raintree.scope_id]))
    assert "Hafiz" in members.content.decode()
    end = reverse("people:end_role", args=[row.pk])
    assert "Say why" not in client.get(end).content.decode()
    assert client.post(end, {"reason": "  "}).status_code == 200
    assert client.post(end, {"reason": "Moved on"}).status_code == 302
    row.refresh_from_db()
    assert row.reason == "Moved on"


@pytest.mark.parametrize("email", ["ines@hospital.example", "zzzz@hospital.example"])
def test_granting_by_address_tells_nothing_about_people_one_cannot_see(
    signed_in, cast, bodies, email
):
    path = reverse("people:grant", args=[bodies.raintree.scope_id])
    client = signed_in(cast.representative)
    page = client.post(path, {"email": email, "role": "institution_representative"})
    assert "Nobody whom you can see has this address" in page.content.decode()


def test_a_role_that_one_may_not_grant_is_not_offered_nor_taken(signed_in, cast, bodies):
    path = reverse("people:grant", args=[bodies.raintree.scope_id])
    client = signed_in(cast.representative)
    assert "Cluster research office" not in client.get(path).content.decode()
    before = Membership.objects.count()
    page = client.post(path, {"email": cast.cluster_office.email, "role": "platform_administrator"})
    assert page.status_code == 200
    assert Membership.objects.count() == before


def test_somebody_is_invited_and_the_invitation_withdrawn(signed_in, cast, bodies):
    client = signed_in(cast.cluster_office)
    path = reverse("people:invite", args=[bodies.raintree.scope_id])
    client.post(
        path,
        {"email": "n@h.example", "full_name": "Noor", "role": "institution_representative"},
    )
    invitation = Invitation.objects.get()
    members = client.get(reverse("people:members", args=[bodies.raintree.scope_id]))
    assert "Noor" in members.content.decode()
    revoke = reverse("people:invitation_revoke", args=[invitation.pk])
    assert client.get(revoke).status_code == 200
    client.post(revoke, {"reason": "Wrong address"})
    invitation.refresh_from_db()
    assert invitation.revoked_by == cast.cluster_office
    assert signed_in(cast.rival).get(revoke).status_code == 404


@pytest.fixture
def offered(cast, bodies):
    def make(email="new@hospital.example"):
        return actions.invite_person(
            email=email,
            full_name="New Person",
            role=Role.INSTITUTION_REPRESENTATIVE,
            scope=bodies.raintree.scope,
            by=cast.cluster_office,
            at=timezone.now(),
        )

    return make


def test_the_invited_make_their_account_and_sign_in(client, offered):
    _, secret = offered()
    path = reverse("people:accept", args=[secret])
    page = client.get(path).content.decode()
    assert "Rain Tree General Hospital" in page
    assert "second factor" in page
    wrong = {"full_name": "Noor", "password": PASSWORD, "again": "something else"}
    assert "passwords differ" in client.post(path, wrong).content.decode()
    weak = {"full_name": "Noor", "password": "password1234", "again": "password1234"}
    assert "too common" in client.post(path, weak).content.decode()
    assert not Person.objects.filter(email="new@hospital.example").exists()
    good = {"full_name": "Noor", "password": PASSWORD, "again": PASSWORD}
    assert client.post(path, good).url == "/account/login/"
    assert Person.objects.get(email="new@hospital.example").full_name == "Noor"
    assert client.get(path).status_code == 410
    assert client.post(path, good).status_code == 410
    response = client.post(
        "/account/login/", {"login": "new@hospital.example", "password": PASSWORD}
    )
    assert response.status_code == 302


def test_an_altered_link_is_not_found(client, offered):
    _, secret = offered()
    assert client.get(reverse("people:accept", args=[secret[:-1] + "x"])).status_code == 404
    assert client.get(reverse("people:accept", args=["x"])).status_code == 404


def test_who_has_an_account_accepts_after_signing_in(client, signed_in, offered, cast):
    _, secret = offered(cast.nobody.email)
    path = reverse("people:accept", args=[secret])
    page = client.get(path).content.decode()
    assert f"/account/login/?next={path}" in page
    client.post(path, {"full_name": "x", "password": PASSWORD, "again": PASSWORD})
    assert Membership.objects.filter(person=cast.nobody).count() == 0
    client = signed_in(cast.rival)
    assert "another address" in client.post(path).content.decode()
    client = signed_in(cast.nobody)
    assert client.post(path).url == "/people/account/"
    assert Membership.objects.filter(person=cast.nobody).count() == 1


def test_ones_own_account_shows_roles_session_and_tokens(signed_in, cast, study):
    page = signed_in(cast.representative).get("/people/account/").content.decode()
    for words in ("Institution representative", "Rain Tree", "30 minutes", "Second factor"):
        assert words in page


def test_a_token_is_shown_once_and_revoked(signed_in, cast):
    client = signed_in(cast.sponsor)
    path = "/people/account/tokens/issue/"
    assert "at least one" not in client.get(path).content.decode()
    assert client.post(path, {"name": "x", "days": "90"}).status_code == 200
    assert not ApiToken.objects.exists()
    forever = {"name": "x", "days": "9999", "scopes": ["studies:read"]}
    assert client.post(path, forever).status_code == 200
    assert not ApiToken.objects.exists()
    response = client.post(path, {"name": "nightly", "days": "90", "scopes": ["studies:read"]})
    secret = response.context["secret"]
    assert secret.startswith("tmb_")
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert secret not in client.get("/people/account/").content.decode()
    token = ApiToken.objects.get()
    revoke = reverse("people:token_revoke", args=[token.pk])
    assert client.get(revoke).status_code == 405
    assert signed_in(cast.rival).post(revoke).status_code == 404
    signed_in(cast.sponsor).post(revoke)
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_lost_second_factor_is_taken_away_and_its_person_told(signed_in, cast):
    sign_in.enrol(cast.coordinator, secret=SECRET)
    client = signed_in(cast.administrator)
    path = reverse("people:second_factor_reset", args=[cast.coordinator.pk])
    assert client.post(path, {"reason": " "}).status_code == 200
    assert sign_in.has_second_factor(cast.coordinator)
    assert client.post(path, {"reason": "Phone stolen; she came in person"}).status_code == 302
    assert not sign_in.has_second_factor(cast.coordinator)
    assert "taken away" in Notification.objects.get(person=cast.coordinator).text
    assert "no second factor" in client.get(path).content.decode()
    own = reverse("people:second_factor_reset", args=[cast.administrator.pk])
    assert "nobody weakens" in client.post(own, {"reason": "Mine"}).content.decode()


def test_a_name_is_changed(signed_in, cast):
    client = signed_in(cast.sponsor)
    assert client.post("/people/account/name/", {"full_name": "Ines Duarte"}).status_code == 302
    page = client.post("/people/account/name/", {"full_name": "Ines Duarte"})
    assert "your name already" in page.content.decode()


def test_the_last_administrator_reads_the_remedy(signed_in, cast):
    client = signed_in(cast.administrator)
    row = cast.administrator.memberships.get()
    page = client.post(reverse("people:end_role", args=[row.pk]), {"reason": "Tired"})
    assert "Grant it to another person first" in page.content.decode()


def test_no_page_holds_inline_styles_or_scripts(signed_in, cast, bodies, study):
    client = signed_in(cast.administrator)
    for name, path in paths(bodies, study, cast).items():
        text = client.get(path, follow=True).getvalue().decode()
        assert " style=" not in text, name
        assert "onclick=" not in text, name
