"""Programs read study-sites and move their milestones, as their person and with the page's refusals."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tembusu.coordination.startup.models import Hold, SiteMilestone
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import TokenScope

SITES = "/api/v1/startup/sites"
READ, WRITE = TokenScope.STARTUP_READ, TokenScope.STARTUP_WRITE


@pytest.fixture
def token():
    """Give somebody a token: ``token(cast.sponsor)``."""

    def give(person, *scopes):
        now = timezone.now()
        _, secret = people.issue_token(
            name="system",
            scopes=scopes or (READ, WRITE),
            expires_at=now + timedelta(days=1),
            by=person,
            at=now,
        )
        return {"Authorization": f"Bearer {secret}"}

    return give


@pytest.fixture
def post(client, token, path, cast):
    """Move a milestone: ``post('confirmed/complete', {'day': …}, by=cast.sponsor)``."""

    def send(move, said, by=None, headers=None, pk=None):
        return client.post(
            f"{SITES}/{pk or path.pk}/milestones/{move}",
            said,
            content_type="application/json",
            headers=headers or token(by or cast.sponsor),
        )

    return send


def refused(answer, status):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    return answer.json()["detail"]


def row(path, key):
    return SiteMilestone.objects.get(site_pathway=path, key=key)


# -- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees", "moves"),
    [
        ("sponsor", 200, 200),
        ("coordinator", 200, 200),
        ("representative", 200, 200),
        ("analyst", 200, 200),
        ("monitor", 200, 403),
        ("rival", 404, 404),
        ("neighbour", 404, 404),
        ("nobody", 404, 404),
    ],
)
def test_a_token_does_what_its_person_may(client, token, post, path, cast, who, sees, moves):
    headers = token(getattr(cast, who))
    assert client.get(f"{SITES}/{path.pk}", headers=headers).status_code == sees
    listed = client.get(SITES, headers=headers).json()
    assert listed["count"] == len(listed["sites"]) == (1 if sees == 200 else 0)
    answer = post("confirmed/complete", {"day": "2026-01-10"}, headers=headers)
    assert answer.status_code == moves
    assert row(path, "confirmed").state == ("completed" if moves == 200 else "not_started")


def test_no_token_is_401_and_the_wrong_scope_403(client, token, post, path, cast):
    assert client.get(SITES).status_code == 401
    reading, writing = token(cast.sponsor, READ), token(cast.sponsor, WRITE)
    said = {"day": "2026-01-10"}
    assert "startup:write" in refused(post("confirmed/start", said, headers=reading), 403)
    assert "startup:read" in refused(client.get(SITES, headers=writing), 403)
    assert post("confirmed/start", said, headers=writing).status_code == 200


# -- reading --------------------------------------------------------------------------------------


def test_a_study_site_is_told_with_its_milestones(client, token, path, cast, go_on):
    go_on(confirmed=date(2026, 1, 10))
    told = client.get(f"{SITES}/{path.pk}", headers=token(cast.sponsor)).json()
    assert told["study"]["number"] == path.study_site.study.number
    assert told["organisation"]["name"] == "Rain Tree General Hospital"
    assert (told["state"], told["selected"]) == ("under_way", "2026-01-05")
    assert told["pathway"] == {"key": "short", "title": "Short pathway", "version": 1}
    first, second = told["milestones"][:2]
    assert (first["key"], first["state"], first["completed"]) == (
        "confirmed", "completed", "2026-01-10",
    )  # fmt: skip
    assert (second["needs"], second["state"]) == (["confirmed"], "not_started")
    assert told["parties"]["pharmacy"] == "Trial pharmacy"
    assert told["reasons"]["legal"] == "Legal review"


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("", 2),
        ("?study=nct09990001", 2),
        ("?study=NCT0", 0),
        ("?state=under_way", 2),
        ("?state=open", 0),
        ("?waits_on=sponsor", 2),
        ("?stage=budget", 0),
        ("?changed_since=2026-05-31T00:00:00Z", 2),
        ("?changed_since=2026-07-01T00:00:00Z", 0),
        ("?limit=1&sort=-selected", 1),
    ],
)
def test_study_sites_are_narrowed(client, token, path, select, bodies, cast, query, n):
    select(bodies.kempas)
    told = client.get(SITES + query, headers=token(cast.sponsor)).json()
    assert len(told["sites"]) == n


def test_pages_follow_each_other(client, token, path, select, bodies, cast):
    other, headers = select(bodies.kempas), token(cast.sponsor)
    first = client.get(f"{SITES}?limit=1", headers=headers).json()
    second = client.get(f"{SITES}?limit=1&cursor={first['next']}", headers=headers).json()
    found = [one["id"] for page in (first, second) for one in page["sites"]]
    assert (sorted(found), first["count"]) == ([path.pk, other.pk], 2)
    here = client.get(f"{SITES}?organisation={bodies.kempas.pk}", headers=headers).json()
    assert [one["id"] for one in here["sites"]] == [other.pk]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?stat=open", 422),
        ("?state=odd", 422),
        ("?study=%00", 422),
        ("?changed_since=2026-07-01T00:00:00", 422),
        ("?cursor=zz", 400),
        ("?limit=0", 422),
    ],
)
def test_what_cannot_be_meant_is_refused(client, token, path, cast, query, status):
    refused(client.get(SITES + query, headers=token(cast.sponsor)), status)


# -- moving ---------------------------------------------------------------------------------------


def test_each_move_is_done_as_on_the_page(post, path):
    for move, said, state in (
        ("confirmed/start", {"day": "2026-01-06"}, "started"),
        ("confirmed/complete", {"day": "2026-01-10"}, "completed"),
        (
            "signed/hold",
            {"waits_on": "institution", "reason": "legal", "start": "2026-01-12", "note": "Annex"},
            "on_hold",
        ),
        ("signed/resume", {"day": "2026-02-02"}, "not_started"),
        ("signed/complete", {"day": "2026-02-10", "evidence": "No. 7"}, "completed"),
        ("signed/reopen", {"reason": "The wrong agreement"}, "not_started"),
        ("trained/drop", {"reason": "Trained for another study"}, "not_applicable"),
    ):
        answer = post(move, said)
        assert (answer.status_code, answer.json()["is_done"]) == (200, True), answer.content
        assert answer.json()["milestone"]["state"] == state
        assert row(path, move.split("/")[0]).state == state
    hold = Hold.objects.get()
    assert (hold.waiting_on, hold.end_date, hold.note) == ("institution", date(2026, 2, 2), "Annex")


def test_a_move_sent_again_does_nothing_twice(post, path):
    hold = {
        "waits_on": "institution", "reason": "legal", "start": "2026-01-12", "until": "2026-01-20",
    }  # fmt: skip
    moves = (
        ("confirmed/complete", {"day": "2026-01-10"}),
        ("signed/hold", hold),
        ("trained/drop", {"reason": "Trained before"}),
    )
    assert [post(*one).json()["is_done"] for one in moves] == [True] * 3
    told = AuditEvent.objects.filter(event__startswith="startup.milestone.")
    assert told.count() == 3
    assert [post(*one).json()["is_done"] for one in moves] == [False] * 3
    assert told.count() == 3


@pytest.mark.parametrize(
    ("move", "said", "status", "says"),
    [
        ("approved/complete", {"day": "2026-02-01"}, 400, "Submitted"),
        ("confirmed/complete", {"day": "2026-01-01"}, 400, "selected on 5 Jan 2026"),
        ("confirmed/complete", {"day": "2090-01-01"}, 400, "Record it when it has happened"),
        ("confirmed/complete", {"day": "2026-02-30"}, 422, "day"),
        ("confirmed/complete", {"day": "2026-02-01", "started": "2026-02-03"}, 400, "3 Feb 2026"),
        ("confirmed/complete", {}, 422, "day"),
        ("lunch/complete", {"day": "2026-02-01"}, 400, "confirmed, signed"),
        ("confirmed/resume", {"day": "2026-02-01"}, 400, "not on hold"),
        ("ready/complete", {"day": "2026-02-01"}, 400, "can't open yet"),
        (
            "confirmed/hold",
            {"waits_on": "moon", "reason": "legal", "start": "2026-02-01"},
            400,
            "sponsor",
        ),
        (
            "confirmed/hold",
            {"waits_on": "sponsor", "reason": "odd", "start": "2026-02-01"},
            400,
            "legal, answer",
        ),
        ("confirmed/drop", {"reason": " "}, 400, "Say why"),
        ("confirmed/drop", {"reason": "a\0b"}, 422, "NUL"),
        ("ready/drop", {"reason": "No need"}, 400, "always applies"),
    ],
)
def test_a_refusal_says_what_to_do_and_changes_nothing(post, path, move, said, status, says):
    assert says in refused(post(move, said), status)
    assert set(path.milestones.values_list("state", flat=True)) == {"not_started"}
    assert not Hold.objects.exists()


def test_another_completion_is_told_who_and_when(post, path, cast, go_on):
    go_on(by=cast.coordinator, confirmed=date(2026, 1, 10))
    says = refused(post("confirmed/complete", {"day": "2026-01-12"}), 400)
    assert "Siti" in says
    assert row(path, "confirmed").completed_date == date(2026, 1, 10)
