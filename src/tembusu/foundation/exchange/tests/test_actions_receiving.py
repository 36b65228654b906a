"""Events in: proved, done once as their person, refused with a reason; forged ones get nothing."""

import json
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tembusu.foundation.core import audit
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange import actions, rules, terms
from tembusu.foundation.exchange.actions import receiving
from tembusu.foundation.exchange.actions.receiving import Forged, Signed
from tembusu.foundation.exchange.models import ReceivedEvent
from tembusu.foundation.exchange.terms import HookState
from tembusu.foundation.exchange.terms.webhooks import _IN
from tembusu.foundation.exchange.tests.conftest import AT
from tembusu.foundation.people import actions as people

KIND = "tests.name_given"


def name_body(event):
    """Give the sender's body another name, as its person."""
    if event.payload.get("name") == "Forbidden":
        raise Refusal("That is no name.")
    from tembusu.foundation.people import selectors

    body = selectors.get_organisation(event.by, event.organisation_id)
    people.add_alias(
        organisation=body, name=event.payload["name"], kind="alias", by=event.by, at=event.at
    )
    return {"named": event.payload["name"]}


@pytest.fixture(autouse=True)
def kind():
    terms.register_receiver(KIND, name_body, says="Gives a name.", example={"name": "RTGH"})
    yield KIND
    del _IN[KIND]


@pytest.fixture
def office(cast, bodies):
    """The coordinating body's lead, who may name bodies."""
    from tembusu.foundation.people.terms import Role

    people.grant_role(
        person=cast.analyst, role=Role.COORDINATING_LEAD, scope=bodies.office.scope, by=None, at=AT
    )
    return cast.analyst


@pytest.fixture
def sender(office, bodies):
    return make_sender(office, bodies)


def make_sender(office, bodies):
    made, secret = actions.register_sender(
        organisation=bodies.office, label="Office system", kinds=[KIND], by=office, at=AT
    )
    made.plain = secret
    return made


def call(sender, payload=None, *, at=None, event_id=None, secret=None, **more):
    """Return a call as the sender's system makes it."""
    timestamp = str(int((at or timezone.now()).timestamp()))
    event_id = event_id or str(uuid.uuid4())
    said = {"id": event_id, "kind": KIND, "payload": payload or {"name": "Banyan"}}
    body = more.get("body") or json.dumps(said).encode()
    return Signed(
        public_id=more.get("public_id", sender.public_id),
        timestamp=more.get("timestamp", timestamp),
        signature=more.get("signature") or rules.sign(secret or sender.plain, timestamp, body),
        event_id=more.get("header_id", ""),
        kind="",
        body=body,
    )


def receive(sender, made):
    now = timezone.now()
    proved = receiving.prove(made, now)
    return actions.receive_event(sender=proved, call=made, by=proved.made_by, at=now)


def n_named():
    return AuditEvent.objects.filter(event="people.organisation.alias_added").count()


def test_an_event_is_done_as_the_senders_person(sender, office):
    answer = receive(sender, call(sender))
    assert (answer.status, answer.facts) == (200, {"named": "Banyan"})
    done = AuditEvent.objects.get(event="people.organisation.alias_added")
    assert done.by_id == office.pk


def test_an_event_sent_again_is_answered_the_same_and_not_done_again(sender):
    made = call(sender, event_id="A-1")
    first, again = receive(sender, made), receive(sender, made)
    assert (again.status, again.facts, again.is_replay) == (first.status, first.facts, True)
    assert n_named() == 1


def test_a_refusal_is_told_with_its_reason_and_remembered(sender):
    made = call(sender, {"name": "Forbidden"}, event_id="A-2")
    assert [receive(sender, made).status for _ in range(2)] == [422, 422]
    assert receive(sender, made).facts == {"detail": "That is no name."}
    assert n_named() == 0


def test_another_event_under_the_same_id_is_a_conflict(sender):
    receive(sender, call(sender, event_id="A-3"))
    assert receive(sender, call(sender, {"name": "Other"}, event_id="A-3")).status == 409
    assert n_named() == 1


@pytest.mark.parametrize(
    "more",
    [
        {"secret": "tmbh_wrong"},  # pragma: allowlist secret
        {"signature": "v1=" + "0" * 64},
        {"public_id": "0" * 32},
        {"timestamp": "1772355600"},
        {"timestamp": "never"},
        {"signature": "nonsense"},
    ],
)
def test_a_forged_call_is_told_nothing_and_leaves_nothing(sender, more):
    with pytest.raises(Forged) as raised:
        receive(sender, call(sender, **more))
    assert str(raised.value) == ""
    assert n_named() == ReceivedEvent.objects.count() == 0


def test_a_genuine_call_of_yesterday_is_too_old(sender):
    from datetime import timedelta

    with pytest.raises(Forged):
        receive(sender, call(sender, at=timezone.now() - timedelta(days=1)))


@pytest.mark.parametrize("state", [HookState.PAUSED, HookState.ENDED])
def test_a_sender_that_does_not_work_is_told_nothing(sender, office, state):
    actions.set_hook_state(hook=sender, to=state, by=office, at=AT)
    with pytest.raises(Forged):
        receive(sender, call(sender))


def test_a_senders_person_who_lost_the_right_can_do_nothing(sender, office):
    from tembusu.foundation.people.models import Membership

    Membership.objects.filter(person=office).update(ended_at=timezone.now(), reason="Left")
    assert receive(sender, call(sender)).status == 422
    assert n_named() == 0


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 5000, "no JSON"),
        (b"[]", "must be an object"),
        (b'{"id":"1","kind":"tests.name_given","payload":[]}', "must be an object"),
        (b'{"id":7,"kind":"tests.name_given","payload":{}}', "`id` must be"),
        (b'{"id":"","kind":"tests.name_given","payload":{}}', "`id` must be"),
        (b'{"id":"1","kind":"other","payload":{}}', "none of these"),
        (b'{"id":"1","payload":{}}', "none of these"),
        (b'{"id":"1","kind":"tests.name_given","payload":{"name":"\\u0000"}}', "NUL"),
    ],
)
def test_a_body_that_cannot_be_meant_says_why(sender, body, says):
    answer = receive(sender, call(sender, body=body))
    assert (answer.status, says in answer.facts["detail"]) == (422, True)


def test_headers_that_differ_from_the_signed_body_are_refused(sender):
    answer = receive(sender, call(sender, header_id="another"))
    assert "must say what the body says" in answer.facts["detail"]


def test_only_those_who_speak_for_a_body_register_senders(cast, bodies):
    with pytest.raises(PermissionDenied):
        actions.register_sender(
            organisation=bodies.damar, label="x", kinds=[KIND], by=cast.rival, at=AT
        )


def test_the_ledger_tells_of_the_sender_and_what_came(sender):
    receive(sender, call(sender))
    told = AuditEvent.objects.filter(records__contains=[audit.ref(sender)]).order_by("pk")
    assert [one.event for one in told] == ["exchange.sender.made", "exchange.event.received"]
