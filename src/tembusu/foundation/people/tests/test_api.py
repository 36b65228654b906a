from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone
from ninja.errors import HttpError

from tembusu.foundation.people import actions
from tembusu.foundation.people.api import TokenAuth
from tembusu.foundation.people.models import ApiToken, Person
from tembusu.foundation.people.terms import TokenScope

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
