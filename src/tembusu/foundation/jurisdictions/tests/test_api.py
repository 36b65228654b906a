"""The reference data for programs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tembusu.foundation.people import actions
from tembusu.foundation.people.terms import TokenScope

pytestmark = pytest.mark.django_db
URL = "/api/v1/jurisdiction/items"


@pytest.fixture
def ask(client):
    def get(person, query="", scope=TokenScope.STUDIES_READ):
        at = timezone.now()
        _, secret = actions.issue_token(
            name="reader", scopes=[scope], expires_at=at + timedelta(days=1), by=person, at=at
        )
        return client.get(URL + query, HTTP_AUTHORIZATION=f"Bearer {secret}")

    return get


def test_the_rules_are_read_for_a_day(cast, ask) -> None:
    found = ask(cast.sponsor, "?theme=clocks&q=CTA.phase_1&on=2026-06-01").json()
    (item,) = found["items"]
    assert (found["jurisdiction"], found["on"]) == ("sg", "2026-06-01")
    assert (item["key"], item["value"], item["unit"]) == ("CTA.phase_1", 15, "working days")
    assert item["is_held"]
    earlier = ask(cast.sponsor, "?theme=clocks&q=CTA.phase_1&on=2016-10-31").json()
    assert not earlier["items"][0]["is_held"]


@pytest.mark.parametrize("query", ["?theme=odd", "?on=2026-02-30", "?standing=odd"])
def test_a_filter_that_cannot_be_is_refused(cast, ask, query) -> None:
    assert ask(cast.sponsor, query).status_code == 422


def test_who_may_not_read_gets_nothing(cast, ask, client) -> None:
    assert client.get(URL).status_code == 401
    assert ask(cast.sponsor, scope=TokenScope.ORGANISATIONS_READ).status_code == 403
    assert ask(cast.nobody).status_code == 404
