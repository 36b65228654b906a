"""Accounts on screen: the list, closing and reopening, and a new e-mail address."""

import csv
import io

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tembusu.foundation.people import actions
from tembusu.foundation.people.models import ApiToken, Membership, Person
from tembusu.foundation.people.terms import TokenScope

from .conftest import AT, PASSWORD
from .test_sign_in import code_now, give_password

pytestmark = pytest.mark.django_db
ACCOUNTS = "/people/persons/"


def test_the_list_of_accounts_is_searched_filtered_and_exported_as_shown(signed_in, cast):
    actions.close_account(person=cast.nobody, reason="Left", by=cast.administrator, at=AT)
    client = signed_in(cast.administrator)
    shown = client.get(ACCOUNTS, {"state": "closed"}).context["rows"]
    assert [row[0].text for row in shown] == ["Outsider"]
    shown = client.get(ACCOUNTS, {"q": "jun"}).context["rows"]
    assert [row[0].text for row in shown] == ["Jun Hao"]
    answer = client.get(f"{ACCOUNTS}export/", {"state": "open", "sort": "-name"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    names = Person.objects.filter(is_active=True).order_by("-full_name")
    assert [row[0] for row in rows[1:]] == list(names.values_list("full_name", flat=True))
    assert b"No account matches" in client.get(ACCOUNTS, {"q": "zebra"}).content
    assert client.get(ACCOUNTS, {"after": "garbage"}).status_code == 404


def test_a_closed_account_loses_roles_tokens_and_sessions_at_once(signed_in, cast):
    own = Client()
    give_password(own, cast.learner.email)
    assert own.get("/people/account/").status_code == 200
    now = timezone.now()
    _, secret = actions.issue_token(
        name="n",
        scopes=[TokenScope.STUDIES_READ],
        expires_at=now + timezone.timedelta(days=1),
        by=cast.learner,
        at=now,
    )
    client = signed_in(cast.administrator)
    page = client.get(reverse("people:person_close", args=[cast.learner.pk])).content.decode()
    assert "Angsana University" in page

    url = reverse("people:person_close", args=[cast.learner.pk])
    done = client.post(url, {"reason": "Left the university"}, follow=True).content.decode()
    assert "The account of Aisyah is closed." in done
    assert "Open it again" in done
    assert own.get("/people/account/").status_code == 302
    assert actions.tokens.use_token(secret=secret, at=now) is None
    ended = Membership.objects.get(person=cast.learner)
    assert (ended.ended_by, ended.reason) == (cast.administrator, "The account was closed.")
    give_password(own, cast.learner.email)
    assert own.get("/people/account/").status_code == 302


def test_an_account_opened_again_signs_in_without_roles_tokens_or_old_sessions(signed_in, cast):
    own = Client()
    give_password(own, cast.learner.email)
    actions.close_account(person=cast.learner, reason="Left", by=cast.administrator, at=AT)
    client = signed_in(cast.administrator)
    url = reverse("people:person_reopen", args=[cast.learner.pk])
    done = client.post(url, {"reason": "Came back"}, follow=True).content.decode()
    assert "is open again" in done
    assert own.get("/people/account/").status_code == 302
    give_password(own, cast.learner.email)
    assert own.get("/people/account/").status_code == 200
    assert not Membership.objects.active().filter(person=cast.learner).exists()
    assert not ApiToken.objects.filter(person=cast.learner, revoked_at=None).exists()
    trail = client.get(reverse("core:trail", args=["person", cast.learner.pk])).content.decode()
    for told in ("Account closed", "Account opened again", "Came back"):
        assert told in trail


def test_an_account_does_not_tell_the_administrator_which_studies_it_is_about(signed_in, cast):
    client = signed_in(cast.administrator)
    for page in ("people:person", "people:person_close"):
        (row,) = client.get(reverse(page, args=[cast.monitor.pk])).context["roles"]
        assert (row[0], row[1].text, row[1].url) == ("Monitor", "A study", "")


@pytest.mark.parametrize(
    ("who", "reason", "told"),
    [("administrator", "Tired", "Ask another administrator"), ("learner", "", "required")],
)
def test_a_refused_closing_says_why_and_changes_nothing(signed_in, cast, who, reason, told):
    client = signed_in(cast.administrator)
    person = getattr(cast, who)
    page = client.post(reverse("people:person_close", args=[person.pk]), {"reason": reason})
    assert told in page.content.decode()
    assert Person.objects.get(pk=person.pk).is_active


def test_the_last_administrator_is_closed_by_nobody(cast):
    with pytest.raises(actions.closing.rules.PersonRefused, match="last platform administrator"):
        actions.close_account(person=cast.administrator, reason="Left", by=None, at=AT)


# -- another e-mail address -----------------------------------------------------------------------


def ask(client, email, commits):
    with commits(execute=True):
        return client.post(reverse("people:account_address"), {"email": email}, follow=True)


def link_in(message):
    return next(line for line in message.body.splitlines() if "/confirm/" in line).split("8000")[1]


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def test_a_new_address_holds_once_its_link_is_opened_and_the_old_one_is_told(
    signed_in, cast, commits
):
    old = cast.sponsor.email
    client = signed_in(cast.sponsor)
    page = ask(client, "Ines.New@Damar.example", commits).content.decode()
    assert "on its way to" in page
    (message,) = mail.outbox
    assert message.to == ["ines.new@damar.example"]
    assert Person.objects.get(pk=cast.sponsor.pk).email == old
    assert "ines.new" not in link_in(message)

    assert "ines.new@damar.example" in client.get(link_in(message)).content.decode()
    with commits(execute=True):
        done = client.post(link_in(message), follow=True).content.decode()
    assert "You sign in with ines.new@damar.example from now on." in done
    assert mail.outbox[1].to == [old]
    again = client.post(link_in(message), follow=True).content.decode()
    assert "used before" in again

    own = Client()
    assert give_password(own, old).status_code == 200
    response = give_password(own, "ines.new@damar.example", PASSWORD)
    own.post(response.url, {"code": code_now()})
    assert own.get("/people/account/").status_code == 200


def test_a_link_opens_for_its_person_alone(signed_in, cast, commits):
    ask(signed_in(cast.sponsor), "new@damar.example", commits)
    client = signed_in(cast.rival)
    page = client.post(link_in(mail.outbox[0]), follow=True).content.decode()
    assert "not for your account" in page
    assert not Person.objects.filter(email="new@damar.example").exists()


def test_whether_an_address_is_taken_is_told_to_its_reader_alone(signed_in, cast, commits):
    client = signed_in(cast.sponsor)
    pages = [
        ask(client, email, commits).content.decode().replace(email, "")
        for email in (cast.rival.email, "free@damar.example")
    ]
    assert all("on its way to" in page for page in pages)
    page = client.post(link_in(mail.outbox[0]), follow=True).content.decode()
    assert "belongs to another account" in page
    assert Person.objects.get(pk=cast.sponsor.pk).email == cast.sponsor.email


@pytest.mark.parametrize("email", ["", "no address", "ines@hospital.example"])
def test_an_address_that_cannot_be_keeps_what_was_typed(signed_in, cast, email):
    page = signed_in(cast.sponsor).post(reverse("people:account_address"), {"email": email})
    assert page.status_code == 200
    assert page.context["form"].errors
    assert email in page.content.decode()
    assert not mail.outbox


def test_both_steps_need_a_fresh_proof(client, cast):
    client.force_login(cast.learner)
    for path in ("/people/account/address/", "/people/account/address/x/confirm/"):
        assert client.get(path).url.startswith("/account/reauthenticate/")
