"""At the door: password, second factor, lock-out, time-outs, and what nobody may learn there."""

import base64
import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from tembusu.config.environment import Environment
from tembusu.foundation.core import vault
from tembusu.foundation.core.models import AuditEvent, Notification
from tembusu.foundation.people import sessions, sign_in, tasks
from tembusu.foundation.people.models import Person
from tembusu.foundation.people.terms import Role

from .conftest import PASSWORD, SECRET

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _fresh_cache(db):
    cache.clear()


def give_password(client, email, password=PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def code_now(secret=SECRET, step=0):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + step))


def events():
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def shown(response):
    """A page's text without what differs by nature: the form's protection token."""
    text = response.content.decode()
    token = response.context["csrf_token"] if response.context else ""
    return text.replace(str(token), "")


# -- the way in ---------------------------------------------------------------------------------


def test_a_learner_signs_in_with_the_password_alone(client, cast):
    response = give_password(client, cast.learner.email)
    assert response.status_code == 302
    assert client.get("/people/account/").status_code == 200
    assert events()[-1] == "people.session.began"


def test_staff_give_password_then_code(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    response = give_password(client, cast.sponsor.email)
    assert response.url == reverse("mfa_authenticate")
    assert client.get("/people/account/").status_code == 302
    assert events()[-1] != "people.session.began"
    page = client.get(response.url)
    assert b"six digits" in page.content
    assert client.post(response.url, {"code": code_now()}).status_code == 302
    assert client.get("/people/account/").status_code == 200


def test_a_wrong_code_is_refused_and_noted(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    response = give_password(client, cast.sponsor.email)
    wrong = str((int(code_now()) + 1) % 1_000_000).zfill(6)
    page = client.post(response.url, {"code": wrong})
    assert page.status_code == 200
    assert "people.second_factor.refused" in events()
    assert client.get("/people/account/").status_code == 302


def test_a_code_opens_once(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    code = code_now()
    response = give_password(client, cast.sponsor.email)
    client.post(response.url, {"code": code})
    client.post("/account/logout/")
    response = give_password(client, cast.sponsor.email)
    assert client.post(response.url, {"code": code}).status_code == 200
    assert client.get("/people/account/").status_code == 302


def test_a_recovery_code_opens_once(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    with sign_in.acting_for(cast.sponsor):
        code = RecoveryCodes.activate(cast.sponsor).get_unused_codes()[0]
    for expected in (302, 200):
        response = give_password(client, cast.sponsor.email)
        assert client.post(response.url, {"code": code}).status_code == expected
        client.post("/account/logout/")


def test_many_wrong_codes_lock_the_second_factor(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    response = give_password(client, cast.sponsor.email)
    for _ in range(5):
        client.post(response.url, {"code": "000000"})
    assert client.post(response.url, {"code": code_now()}).status_code == 200
    assert client.get("/people/account/").status_code == 302


def test_staff_without_a_second_factor_set_it_up_before_anything_else(client, cast):
    assert give_password(client, cast.sponsor.email).status_code == 302
    set_up = reverse("mfa_activate_totp")
    for path in ("/people/account/", "/people/organisations/", "/people/account/tokens/issue/"):
        response = client.get(path)
        assert (response.status_code, response.url) == (302, set_up)
    assert client.post("/people/account/name/", {"full_name": "X"}).url == set_up
    page = client.get(set_up)
    secret = page.context["form"].secret
    text = page.content.decode()
    assert "data:image/svg+xml;base64," in text
    assert " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)) in text
    assert "style=" not in text
    response = client.post(set_up, {"code": code_now(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    codes = client.get(response.url).context["unused_codes"]
    assert len(codes) == 10
    assert client.get("/people/account/").status_code == 200
    assert not cast.sponsor.check_password(secret)


def test_the_stored_second_factor_is_sealed_with_its_persons_key(cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    row = Authenticator.objects.get(user=cast.sponsor)
    sealed = row.data["secret"]
    assert SECRET not in sealed
    assert SECRET.encode() not in base64.b64decode(sealed)
    with sign_in.acting_for(cast.sponsor):
        assert sign_in.MfaAdapter().decrypt(sealed) == SECRET
    with sign_in.acting_for(cast.rival), pytest.raises(vault.WrongKey):
        sign_in.MfaAdapter().decrypt(sealed)


def test_a_second_factor_moved_to_another_person_opens_nothing(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    Authenticator.objects.filter(user=cast.sponsor).update(user=cast.rival)
    response = give_password(client, cast.rival.email)
    page = client.post(response.url, {"code": code_now()})
    assert page.status_code == 503
    assert client.get("/people/account/").status_code == 302


@pytest.mark.parametrize("is_missing", [True, False], ids=["missing", "another"])
def test_a_key_file_that_does_not_fit_is_told_plainly(client, cast, settings, caplog, is_missing):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    keys = Path(settings.FIELD_KEYS_FILE)
    keys.unlink()
    vault.field_keys.cache_clear()
    if not is_missing:
        vault.make_field_keys(keys)
    response = give_password(client, cast.sponsor.email)
    page = client.post(response.url, {"code": code_now()})
    assert page.status_code == 503
    assert "You did nothing wrong" in page.content.decode()
    assert "tembusu doctor" in caplog.text
    assert keys.exists() is not is_missing
    assert list(vault.strange_wrappings().values()) == [Person.objects.count()]


def test_outside_a_sign_in_no_second_factor_is_opened():
    with pytest.raises(LookupError):
        sign_in.MfaAdapter().encrypt("x")


def test_staff_cannot_turn_their_second_factor_off(signed_in, cast):
    client = signed_in(cast.sponsor)
    client.post(reverse("mfa_deactivate_totp"))
    assert sign_in.has_second_factor(cast.sponsor)
    client = signed_in(cast.learner)
    client.post(reverse("mfa_deactivate_totp"))
    assert not sign_in.has_second_factor(cast.learner)


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/x", "javascript:x"])
def test_sign_in_leads_nowhere_else(client, cast, wanted):
    response = client.post(
        f"{LOGIN}?next={wanted}", {"login": cast.learner.email, "password": PASSWORD}
    )
    assert "evil" not in response.url
    assert "javascript" not in response.url


# -- what nobody may learn ----------------------------------------------------------------------


def test_a_refusal_looks_the_same_for_known_and_unknown_addresses(client, cast):
    known = give_password(client, cast.sponsor.email, "wrong password here")
    unknown = give_password(client, "zzzz@hospital.example", "wrong password here")
    assert known.status_code == unknown.status_code == 200
    assert shown(known).replace(cast.sponsor.email, "") == shown(unknown).replace(
        "zzzz@hospital.example", ""
    )


def test_a_lock_out_looks_the_same_and_holds_against_the_right_password(client, cast):
    pages = {}
    for email in (cast.learner.email, "zzzz@hospital.example"):
        cache.clear()
        for _ in range(5):
            give_password(client, email, "wrong password here")
        page = give_password(client, email, PASSWORD)
        pages[email] = (page.status_code, shown(page).replace(email, ""))
        assert "Too many attempts" in pages[email][1]
    assert len(set(pages.values())) == 1
    assert client.get("/people/account/").status_code == 302


def test_the_same_hashing_is_done_for_known_and_unknown_addresses(client, cast, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    done = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    counts = []
    for email in (cast.sponsor.email, "zzzz@hospital.example"):
        done.clear()
        give_password(client, email, "wrong password here")
        counts.append(len(done))
    assert counts[0] == counts[1] == 1


def test_failures_are_noted_without_the_typed_text_of_unknown_addresses(client, cast):
    give_password(client, cast.sponsor.email, "wrong password here")
    give_password(client, "my-secret-password@oops.example", "wrong password here")
    refused = AuditEvent.objects.filter(event="people.session.refused").order_by("id")
    assert [event.records[0].split(":")[0] for event in refused] == [
        "people.Person",
        "people.Address",
    ]
    assert "my-secret-password" not in str(list(refused.values()))


def test_a_lock_out_is_noted(client, cast):
    for _ in range(6):
        give_password(client, cast.sponsor.email, "wrong password here")
    assert events().count("people.session.refused") == 5
    assert events().count("people.session.locked_out") == 1


def test_a_closed_account_does_not_sign_in(client, cast):
    Person.objects.filter(pk=cast.learner.pk).update(is_active=False)
    give_password(client, cast.learner.email)
    assert client.get("/people/account/").status_code == 302


def test_asking_for_a_new_password_tells_nothing_about_accounts(client, cast):
    answers = [
        client.post("/account/password/reset/", {"email": email})
        for email in (cast.sponsor.email, "zzzz@hospital.example")
    ]
    assert len({(answer.status_code, answer.url) for answer in answers}) == 1
    assert not mail.outbox


def test_a_new_password_is_set_by_the_mailed_link_once(client, cast):
    tasks.mail_password_reset(cast.sponsor.pk)
    (message,) = mail.outbox
    assert message.to == [cast.sponsor.email]
    link = next(line for line in message.body.splitlines() if "/password/reset/key/" in line)
    path = client.get(link.replace("http://127.0.0.1:8000", "")).url
    new = {"password1": "a wholly new password", "password2": "a wholly new password"}
    assert client.post(path, new).status_code == 302
    cast.sponsor.refresh_from_db()
    assert cast.sponsor.check_password("a wholly new password")
    assert "people.password.reset" in events()
    assert Notification.objects.filter(person=cast.sponsor).exists()
    again = client.get(link.replace("http://127.0.0.1:8000", ""), follow=True)
    assert b"can&#x27;t be used" in again.content or b"can't be used" in again.content


def test_no_job_for_an_unknown_or_closed_account_sends_mail(cast):
    Person.objects.filter(pk=cast.sponsor.pk).update(is_active=False)
    tasks.mail_password_reset(cast.sponsor.pk)
    tasks.mail_password_reset(0)
    assert not mail.outbox


@pytest.mark.parametrize(
    "path",
    [
        "/account/signup/",
        "/account/confirm-email/",
        "/account/confirm-email/abc/",
        "/account/password/set/",
    ],
)
def test_pages_for_accounts_that_people_make_themselves_are_not_there(client, cast, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "a@b.example"}).status_code == 404


def test_old_account_pages_lead_to_ones_own_account(signed_in, cast):
    client = signed_in(cast.learner)
    for path in ("/account/email/", "/account/2fa/"):
        assert client.get(path).url == "/people/account/"


# -- how long a session lasts -------------------------------------------------------------------


def at_time(monkeypatch, seconds):
    monkeypatch.setattr(sessions.time, "time", lambda: seconds)


@pytest.mark.parametrize(("minutes", "is_in"), [(29, True), (31, False)])
def test_an_idle_session_ends(signed_in, cast, monkeypatch, settings, minutes, is_in):
    settings.SESSION_IDLE = timedelta(minutes=30)
    client = signed_in(cast.learner)
    at_time(monkeypatch, time.time() + minutes * 60)
    response = client.get("/people/account/?x=1")
    assert (response.status_code == 200) is is_in
    if not is_in:
        assert response.url == "/account/login/?next=%2Fpeople%2Faccount%2F%3Fx%3D1"
        assert "signed out" in str(next(iter(get_messages(response.wsgi_request))))
        assert events()[-1] == "people.session.timed_out"
        monkeypatch.undo()
        assert client.get("/people/account/").status_code == 302


def test_use_keeps_a_session_and_its_greatest_age_ends_it(signed_in, cast, monkeypatch, settings):
    settings.SESSION_IDLE = timedelta(minutes=30)
    settings.SESSION_COOKIE_AGE = 2 * 3600
    client, start = signed_in(cast.learner), time.time()
    for minutes in (20, 40, 60, 80, 100, 119):
        at_time(monkeypatch, start + minutes * 60)
        assert client.get("/people/account/").status_code == 200
    at_time(monkeypatch, start + 121 * 60)
    assert client.get("/people/account/").status_code == 302


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(
    signed_in, cast, monkeypatch, settings
):
    settings.SESSION_IDLE = timedelta(minutes=30)
    client, start = signed_in(cast.learner), time.time()
    for minutes in (10, 20, 29):
        at_time(monkeypatch, start + minutes * 60)
        client.get("/people/account/", headers={"HX-Request": "true"})
    at_time(monkeypatch, start + 31 * 60)
    response = client.get("/people/account/", headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"
    assert client.get("/people/account/").status_code == 302


def test_signing_out_is_noted_and_needs_a_post(signed_in, cast):
    client = signed_in(cast.learner)
    assert client.get("/account/logout/").status_code == 200
    client.post("/account/logout/")
    assert events()[-1] == "people.session.ended"
    assert client.get("/people/account/").status_code == 302


# -- proving it again ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["grant", "invite"])
def test_granting_needs_a_fresh_proof(signed_in, cast, bodies, name):
    client = signed_in(cast.cluster_office)
    path = reverse(f"people:{name}", args=[bodies.raintree.scope_id])
    assert client.get(path).status_code == 200
    session = client.session
    old = time.time() - 301
    session["account_authentication_methods"] = [{"method": "password", "at": old}]
    session.save()
    assert client.post(path, {}).url.startswith("/account/reauthenticate/")
    assert client.get(path).url.startswith("/account/reauthenticate/")
    session = client.session
    del session["account_reauthentication_state"]  # the posted form, which would be sent again
    session.save()
    again = client.post(f"/account/reauthenticate/?next={path}", {"password": PASSWORD})
    assert again.url == path
    assert client.get(path).status_code == 200


def test_issuing_a_token_needs_a_fresh_proof(client, cast):
    client.force_login(cast.learner)
    response = client.get("/people/account/tokens/issue/")
    assert response.url.startswith("/account/reauthenticate/")
    page = client.post("/account/reauthenticate/", {"password": "not the password"})
    assert page.status_code == 200


# -- demonstration ------------------------------------------------------------------------------


@pytest.fixture
def demo_person(db, join):
    person = join("Demo")
    Person.objects.filter(pk=person.pk).update(email=f"demo{sign_in.DEMO_DOMAIN}")
    person.refresh_from_db()
    sign_in.enrol(person, secret=SECRET)
    return person


def test_a_newcomer_reads_the_demonstration_code_and_gets_in(client, demo_person, settings):
    settings.TEMBUSU_SYNTHETIC = True
    response = give_password(client, demo_person.email)
    text = client.get(response.url).content.decode()
    code = sign_in.demonstration_code(demo_person)
    assert "Demonstration: your code is" in text
    assert code in text
    assert client.post(response.url, {"code": code}).status_code == 302
    assert client.get("/people/account/").status_code == 200


def test_the_shown_code_is_one_that_still_opens(client, demo_person, settings):
    settings.TEMBUSU_SYNTHETIC = True
    settings.MFA_TOTP_TOLERANCE = 1
    for _ in range(2):
        response = give_password(client, demo_person.email)
        code = sign_in.demonstration_code(demo_person)
        assert client.post(response.url, {"code": code}).status_code == 302
        client.post("/account/logout/")


@pytest.mark.parametrize(
    ("synthetic", "production", "domain"),
    [
        (True, True, sign_in.DEMO_DOMAIN),
        (False, True, sign_in.DEMO_DOMAIN),
        (False, False, sign_in.DEMO_DOMAIN),
        (True, False, "@hospital.example"),
        (True, False, ".tembusu.example@evil.example"),
    ],
)
def test_no_code_is_ever_shown_otherwise(
    client, demo_person, settings, synthetic, production, domain
):
    settings.TEMBUSU_SYNTHETIC, settings.PRODUCTION = synthetic, production
    Person.objects.filter(pk=demo_person.pk).update(email=f"demo{domain}")
    demo_person.refresh_from_db()
    assert sign_in.demonstration_code(demo_person) == ""
    response = give_password(client, demo_person.email)
    assert b"Demonstration" not in client.get(response.url).content


def test_production_refuses_to_start_with_synthetic_data(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql:///x")
    facts = {"production": True, "secret_key": "x" * 40}
    assert Environment(**facts).production
    with pytest.raises(ValueError, match="demonstrations only"):
        Environment(**facts, synthetic=True)


def test_somebody_without_second_factor_has_no_demonstration_code(cast, settings):
    settings.TEMBUSU_SYNTHETIC = True
    Person.objects.filter(pk=cast.nobody.pk).update(email=f"x{sign_in.DEMO_DOMAIN}")
    cast.nobody.refresh_from_db()
    assert sign_in.demonstration_code(cast.nobody) == ""
    assert Role.LEARNER not in sign_in.selectors.roles_anywhere(cast.nobody)
