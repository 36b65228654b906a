"""An announced event reaches its subscribers at least once, whatever dies on the way."""

import pytest
from django.db import transaction

from tembusu.foundation.core import outbox
from tembusu.foundation.core.models import OutboxEvent
from tembusu.foundation.core.terms import EventKind
from tembusu.foundation.core.tests.cast import AT

pytestmark = pytest.mark.django_db
GROWN = EventKind("core.test_grown", "A test tree grew.", {"height": "in metres"})


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setattr(outbox, "_kinds", {})
    monkeypatch.setattr(outbox, "_subscribers", outbox.defaultdict(list))
    monkeypatch.setattr(outbox, "_wake", lambda: None)
    outbox.declare(GROWN)
    got = []
    outbox.subscribe(GROWN.name, lambda payload: got.append(payload["height"]))
    return got


def test_an_event_is_delivered_once_when_nothing_fails(heard):
    outbox.write(GROWN, {"height": 3}, at=AT)
    assert outbox.deliver(at=AT) == 1
    assert outbox.deliver(at=AT) == 0
    assert heard == [3]


def test_an_event_of_an_act_that_was_undone_is_never_heard(heard):
    with transaction.atomic():
        outbox.write(GROWN, {"height": 3}, at=AT)
        transaction.set_rollback(True)
    assert outbox.deliver(at=AT) == 0
    assert heard == []


def test_a_worker_killed_before_delivery_loses_nothing(heard):
    outbox.write(GROWN, {"height": 4}, at=AT)
    # Nobody was woken: the sweep of a later worker finds the row.
    assert OutboxEvent.objects.get().delivered_at is None
    assert outbox.deliver(at=AT) == 1
    assert heard == [4]


def test_a_failing_subscriber_keeps_its_event_and_stops_no_other(heard):
    def refuse(payload):
        if payload["height"] == 1:
            raise ValueError("too small")

    outbox.subscribe(GROWN.name, refuse)
    outbox.write(GROWN, {"height": 1}, at=AT)
    outbox.write(GROWN, {"height": 9}, at=AT)
    assert outbox.deliver(at=AT) == 1
    waiting = OutboxEvent.objects.get(delivered_at=None)
    assert (waiting.payload, waiting.n_attempts) == ({"height": 1}, 1)
    assert waiting.last_error == "ValueError: too small"


def test_a_payload_that_differs_from_its_declaration_is_refused(heard):
    with pytest.raises(ValueError, match="width"):
        outbox.write(GROWN, {"width": 1}, at=AT)


def test_nobody_subscribes_to_what_no_room_declared(heard):
    with pytest.raises(KeyError):
        outbox.subscribe("core.unknown", print)
