"""Submissions for programs: what the token's person may see, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tembusu.coordination.submissions.tests.conftest import on
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import TokenScope

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    """Call the API as somebody: ``ask(cast.sponsor, '/submissions')``."""

    def make(person, path):
        token, secret = people.issue_token(
            name="program",
            scopes=[TokenScope.STUDIES_READ],
            expires_at=timezone.now() + timedelta(days=30),
            by=person,
            at=timezone.now(),
        )
        assert token.pk
        return client.get(f"/api/v1{path}", headers={"authorization": f"Bearer {secret}"})

    return make


def test_a_list_holds_what_the_person_may_see(approved, sent, ask, cast):
    made, other = approved(valid_to=on(300), valid_from=on(5)), sent(days=9)
    told = ask(cast.sponsor, "/submissions?limit=1").json()
    assert told["count"] == 2
    assert [one["number"] for one in told["submissions"]] == [other.number]
    more = ask(cast.sponsor, f"/submissions?limit=1&cursor={told['next']}").json()
    assert [one["number"] for one in more["submissions"]] == [made.number]
    assert ask(cast.sponsor, "/submissions?state=decided").json()["count"] == 1
    assert ask(cast.rival, "/submissions").json()["count"] == 0
    assert ask(cast.sponsor, "/submissions?state=nonsense").status_code == 422


def test_one_is_read_with_its_decision(approved, ask, cast):
    made = approved(valid_to=on(300), valid_from=on(5))
    told = ask(cast.sponsor, f"/submissions/{made.pk}").json()
    assert told["decision"]["decided_date"] == on(5).isoformat()
    assert len(told["site_ids"]) == 2
    assert not told["is_mirror"]
    assert ask(cast.rival, f"/submissions/{made.pk}").status_code == 404
