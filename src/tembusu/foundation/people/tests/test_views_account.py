"""One's own account: recovery codes, names, and the page that asks who is there."""

import time

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tembusu.foundation.people import actions, rules
from tembusu.foundation.people.terms import Role

from .conftest import AT

pytestmark = pytest.mark.django_db


def test_somebody_without_recovery_codes_is_led_to_make_them(signed_in, cast):
    client = signed_in(cast.learner)
    assert "Make recovery codes" in client.get("/people/account/").content.decode()
    make = reverse("mfa_generate_recovery_codes")
    for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        assert client.get(reverse(name)).url == make
    page = client.get(make).content.decode()
    assert "Make recovery codes" in page
    assert "stop working" not in page
    codes = client.post(make, follow=True)
    assert len(codes.context["unused_codes"]) == 10
    assert "Make new codes" in client.get("/people/account/").content.decode()
    assert "The 10 codes that are left stop working." in client.get(make).content.decode()


def test_recovery_codes_come_after_the_second_factor(signed_in, cast):
    client = signed_in(cast.learner)
    Authenticator.objects.filter(user=cast.learner).delete()
    assert client.get(reverse("mfa_view_recovery_codes")).url == reverse("mfa_activate_totp")


@pytest.mark.parametrize("query", ["country=%00", "kind=%00", "q=%00", "sort=%00"])
@pytest.mark.parametrize(
    "page", ["organisations", "organisations_export", "persons", "persons_export"]
)
def test_a_list_reads_an_address_with_an_unprintable_sign(signed_in, cast, page, query):
    client = signed_in(cast.administrator)
    answer = client.get(f"{reverse(f'people:{page}')}?{query}")
    assert answer.status_code == 200
    assert b"".join(answer) is not None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Lim  Bee Hoon", "Lim Bee Hoon"),
        (" Lim Bee Hoon\n", "Lim Bee Hoon"),
        ("Lim\nBee", None),
        ("Lim\r\nBcc: x@y.example", None),
        ("Lim\u2028Bee", None),
        ("Lim\x07Bee", None),
        ("", None),
    ],
)
def test_a_persons_name_stands_on_one_line(text, kept):
    if kept is None:
        with pytest.raises(rules.NameRefused):
            rules.person_name(text)
    else:
        assert rules.person_name(text) == kept


def test_no_invitation_and_no_account_has_a_name_of_two_lines(cast, bodies):
    with pytest.raises(rules.NameRefused):
        actions.invite_person(
            email="new@hospital.example",
            full_name="New\r\nBcc: x@y.example",
            role=Role.INSTITUTION_REPRESENTATIVE,
            scope=bodies.raintree.scope,
            by=cast.cluster_office,
            at=AT,
        )
    with pytest.raises(rules.NameRefused):
        actions.rename_person(full_name="New\nName", by=cast.learner, at=AT)


def asked_again(signed_in, person, path):
    client = signed_in(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 301}]
    session.save()
    return client.get(path, follow=True).content.decode()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("people:token_issue", "Issuing an API token needs your password again."),
        ("people:account_address", "Changing your e-mail address needs your password again."),
        ("mfa_generate_recovery_codes", "Making recovery codes needs your password again."),
    ],
)
def test_the_proof_names_what_waits_and_can_be_cancelled(signed_in, cast, name, says):
    page = asked_again(signed_in, cast.learner, reverse(name))
    assert says in page
    assert 'href="/people/account/"' in page


def test_cancelling_a_grant_leads_back_to_the_members(signed_in, cast, bodies):
    scope = bodies.raintree.scope_id
    page = asked_again(signed_in, cast.cluster_office, reverse("people:grant", args=[scope]))
    assert "Granting a role needs your password again." in page
    assert f'href="{reverse("people:members", args=[scope])}"' in page


@pytest.mark.parametrize("wanted", ["", "?next=/nowhere/", "?next=https://evil.example/people/"])
def test_a_proof_for_nothing_we_know_leads_to_the_account(signed_in, cast, wanted):
    page = signed_in(cast.learner).get(f"/account/reauthenticate/{wanted}").content.decode()
    assert "What comes next needs your password again." in page
    assert 'href="/people/account/"' in page
