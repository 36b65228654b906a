"""Signed events, in and out: each is done once as its sender's person, and told to whoever may hear."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import Hold, SiteMilestone
from tembusu.coordination.startup.selectors import extracts
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.coordination.startup.tests.conftest import AT
from tembusu.foundation.exchange import actions as exchange
from tembusu.foundation.exchange import rules
from tembusu.foundation.exchange.models import WebhookDelivery

JAN10 = date(2026, 1, 10)


@pytest.fixture
def sender(bodies, cast):
    kinds = [extracts.COMPLETED, extracts.MOVED]
    made, secret = exchange.register_sender(
        organisation=bodies.sena, label="Sena's system", kinds=kinds, by=cast.sponsor, at=AT
    )
    made.plain = secret
    return made


@pytest.fixture
def send(client, sender, study):
    """Send an event: ``send('confirmed', move='start', day='2026-01-10')``."""

    def go(milestone, *, kind=extracts.MOVED, event_id="e-1", **more):
        payload = {"study": study.number, "site": "RTGH", "milestone": milestone} | more
        body = json.dumps({"id": event_id, "kind": kind, "payload": payload}).encode()
        stamp = str(int(timezone.now().timestamp()))
        headers = {
            "Tembusu-Timestamp": stamp,
            "Tembusu-Signature": rules.sign(sender.plain, stamp, body),
        }
        url = f"/api/v1/hooks/{sender.public_id}/"
        return client.post(url, body, content_type="application/json", headers=headers)

    return go


def row(path, key):
    return SiteMilestone.objects.get(site_pathway=path, key=key)


def test_an_event_replayed_is_answered_alike_and_done_once(send, path, cast):
    first, again = (send("confirmed", move="complete", day="2026-01-10") for _ in range(2))
    assert first.json()["result"] == {
        "is_done": True, "state": "completed", "url": f"/startup/sites/{path.pk}/",
    }  # fmt: skip
    assert again.json() == {**first.json(), "is_replay": True}
    other = send("confirmed", move="complete", day="2026-01-10", event_id="e-2")
    assert (other.json()["is_replay"], other.json()["result"]["is_done"]) == (False, False)
    assert row(path, "confirmed").completed_by == cast.sponsor


def test_completed_as_an_extract_tells_it(send, path):
    told = {"kind": extracts.COMPLETED, "completed": "2026-02-01"}
    assert send("signed", **told).json()["result"]["outcome"] == "new"
    again = send("signed", **told, event_id="e-2")
    assert again.json()["result"]["outcome"] == "same"
    assert row(path, "signed").evidence == "Event e-1"


def test_every_move_is_done(send, path):
    for number, (key, move, more, state) in enumerate(
        (
            ("Confirmed", "start", {"day": "2026-01-06"}, "started"),
            ("confirmed", "complete", {"day": "2026-01-10"}, "completed"),
            (
                "signed",
                "hold",
                {
                    "day": "2026-01-12",
                    "waits_on": "Institution",
                    "reason": "legal",
                    "note": "Annex",
                },
                "on_hold",
            ),
            ("signed", "resume", {"day": "2026-01-20"}, "not_started"),
            (
                "signed",
                "complete",
                {"day": "2026-02-01", "started": "2026-01-12", "evidence": "No. 7"},
                "completed",
            ),
            ("signed", "reopen", {"reason": "The wrong one"}, "started"),
            ("trained", "drop", {"reason": "Trained before"}, "not_applicable"),
        )
    ):
        answer = send(key, move=move, event_id=f"e-{number}", **more)
        assert answer.status_code == 200, answer.content
        assert answer.json()["result"]["state"] == state
    hold = Hold.objects.get()
    assert (hold.waiting_on, hold.end_date, hold.note) == (
        "institution",
        date(2026, 1, 20),
        "Annex",
    )


@pytest.mark.parametrize(
    ("key", "more", "says"),
    [
        ("confirmed", {"day": "2026-01-10"}, "lacks move"),
        ("confirmed", {"move": "jump", "day": "2026-01-10"}, "is no move. Moves are start"),
        ("confirmed", {"move": "start"}, "lacks day"),
        ("confirmed", {"move": "start", "day": "soon"}, "'soon' is no day"),
        ("confirmed", {"move": "start", "day": 7}, "day must be a text"),
        ("confirmed", {"move": "start", "day": "2" * 2001}, "2,001 characters"),
        ("confirmed", {"move": "complete", "day": "2026-01-01"}, "selected on 5 Jan 2026"),
        ("confirmed", {"move": "hold", "day": "2026-01-10"}, "lacks waits_on, reason"),
        ("confirmed", {"move": "drop"}, "Say why"),
        ("approved", {"move": "complete", "day": "2026-01-10"}, "needs first: Submitted"),
        ("lunch", {"move": "start", "day": "2026-01-10"}, "no milestone of Short pathway"),
        ("confirmed", {"move": "start", "day": "2026-01-10", "site": "Nowhere"}, "not known here"),
        ("confirmed", {"move": "start", "day": "2026-01-10", "site": "Kempas Medical Centre"},
         "not on its way"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_changes_nothing(send, path, key, more, says):
    answer = send(key, **more)
    assert (answer.status_code, says in answer.json()["detail"]) == (422, True), answer.content
    assert set(path.milestones.values_list("state", flat=True)) == {"not_started"}


def test_a_rivals_system_moves_nothing(path, study, cast):
    payload = {
        "study": study.number, "site": "RTGH", "milestone": "confirmed", "move": "start",
        "day": "2026-01-10",
    }  # fmt: skip
    given = {"payload": payload, "event_id": "e-1", "at": AT}
    with pytest.raises(StartupRefused, match="not on its way, or not for you"):
        actions.take_move(by=cast.rival, **given)
    with pytest.raises(PermissionDenied, match="It needs the role"):
        actions.take_move(by=cast.monitor, **given)


@pytest.mark.parametrize(
    ("body", "who", "n"),
    [("sena", "sponsor", 1), ("raintree", "representative", 1), ("damar", "rival", 0)],
)
def test_changes_go_out_to_sponsor_and_institution_alone(path, bodies, cast, go_on, body, who, n):
    subscription, _ = exchange.subscribe(
        organisation=getattr(bodies, body),
        label="A system",
        url="https://system.example/hook",
        kinds=[extracts.CHANGED.kind],
        by=getattr(cast, who),
        at=AT - timedelta(days=1),
    )
    go_on(confirmed=JAN10)
    found = WebhookDelivery.objects.filter(subscription=subscription, kind=extracts.CHANGED.kind)
    assert found.count() == n
    if n:
        said = json.loads(found.get().body)["payload"]
        assert (said["study"], said["state"]) == (path.study_site.study.number, "under_way")
        assert set(said) == set(extracts.CHANGED.example)
