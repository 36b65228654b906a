"""Too many attempts: who is shut out, from where, and who is not."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from tembusu.foundation.people import sign_in
from tembusu.foundation.people.sign_in import AccountAdapter

from .conftest import PASSWORD, SECRET
from .test_sign_in import code_now

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
HERE, THERE = "192.0.2.1", "192.0.2.2"
OWNER, OTHER, NO_ONE = "owner", "other", "no-one"


@pytest.fixture(autouse=True)
def _fresh_cache(db):
    cache.clear()


@pytest.fixture
def addresses(cast):
    return {OWNER: cast.learner.email, OTHER: cast.nobody.email, NO_ONE: "zzzz@hospital.example"}


def give_password(client, email, password, origin):
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=origin)


@pytest.mark.parametrize(
    ("n_wrong", "account", "origin", "tried", "tried_from", "is_shut_out"),
    [
        (4, OWNER, HERE, OWNER, HERE, False),
        (5, OWNER, HERE, OWNER, HERE, True),
        (6, OWNER, HERE, OWNER, THERE, False),
        (6, OWNER, HERE, OTHER, HERE, False),
        (5, NO_ONE, HERE, NO_ONE, HERE, True),
        (6, NO_ONE, HERE, NO_ONE, THERE, False),
    ],
)
def test_wrong_passwords_shut_out_the_account_from_that_place_alone(
    client, addresses, n_wrong, account, origin, tried, tried_from, is_shut_out
):
    for _ in range(n_wrong):
        give_password(client, addresses[account], "wrong password here", origin)
    page = give_password(client, addresses[tried], PASSWORD, tried_from)
    shown = page.content.decode() if page.status_code == 200 else ""
    assert ("Too many attempts" in shown) is is_shut_out
    assert (page.status_code == 302) is (not is_shut_out and tried != NO_ONE)


def attempt(email, origin):
    """Count one attempt, without the time that a password's hash takes."""
    request = RequestFactory().post(LOGIN, REMOTE_ADDR=origin)
    try:
        AccountAdapter(request).pre_authenticate(request, email=email)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("n_places", "n_each", "is_open"), [(1, 200, True), (24, 4, True), (25, 4, False)]
)
@pytest.mark.parametrize("account", [OWNER, NO_ONE])
def test_an_account_takes_a_hundred_failures_from_many_places(
    addresses, account, n_places, n_each, is_open
):
    for place in range(n_places):
        for _ in range(n_each):
            attempt(addresses[account], f"198.51.100.{place}")
    assert attempt(addresses[account], HERE) is is_open


def test_one_place_has_twenty_attempts_on_an_account_in_a_day(addresses, monkeypatch):
    from allauth.core.internal import ratelimit

    start = ratelimit.time.time()
    taken = 0
    for minutes in range(0, 120, 6):
        monkeypatch.setattr(ratelimit.time, "time", lambda at=start + minutes * 60: at)
        taken += sum(attempt(addresses[OWNER], HERE) for _ in range(6))
    assert taken == 20
    assert attempt(addresses[OWNER], THERE)


def test_a_network_address_has_room_for_many_people():
    assert all(attempt(f"p{n}@hospital.example", HERE) for n in range(60))
    assert not attempt("p60@hospital.example", HERE)
    assert attempt("p60@hospital.example", THERE)


def test_right_passwords_are_not_counted(client, addresses):
    for _ in range(6):
        assert give_password(client, addresses[OWNER], PASSWORD, HERE).status_code == 302
        client.post("/account/logout/")


def test_a_new_password_by_e_mail_opens_what_was_shut(rf, addresses):
    while attempt(addresses[OWNER], HERE):
        pass
    request = rf.post(LOGIN, REMOTE_ADDR=HERE)
    AccountAdapter(request)._delete_login_attempts_cached_email(request, email=addresses[OWNER])
    assert attempt(addresses[OWNER], HERE)


def test_a_strangers_wrong_codes_do_not_shut_the_owner_out(client, cast):
    sign_in.enrol(cast.sponsor, secret=SECRET)
    path = give_password(client, cast.sponsor.email, PASSWORD, HERE).url
    for _ in range(8):
        page = client.post(path, {"code": "000000"}, REMOTE_ADDR=HERE)
    assert "Too many codes" in page.content.decode()
    assert (
        "Too many codes"
        in client.post(path, {"code": code_now()}, REMOTE_ADDR=HERE).content.decode()
    )
    client.cookies.clear()
    path = give_password(client, cast.sponsor.email, PASSWORD, THERE).url
    assert client.post(path, {"code": code_now()}, REMOTE_ADDR=THERE).status_code == 302
    assert client.get("/people/account/").status_code == 200
