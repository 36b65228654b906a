"""The seam between the desk and the rooms, and what the ledger tells of what changed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tembusu.foundation.core import audit, selectors, trail, worklist
from tembusu.foundation.core.worklist import Subject, WorkItem, WorkKind

AT = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_rooms(monkeypatch):
    monkeypatch.setattr(worklist, "_providers", {})
    monkeypatch.setattr(worklist, "_finders", {})


def test_rooms_are_asked_in_the_order_of_their_names_and_once_each():
    def second(user, at):
        return [
            WorkItem("a:1", WorkKind.LAPSES, "Renew", "R", "/", "Renew", "me", date(2026, 1, 1))
        ]

    worklist.register("submissions", lambda user, at: [])
    worklist.register("registry", lambda user, at: [])
    worklist.register("registry", second)
    assert list(worklist.providers()) == ["registry", "submissions"]
    assert worklist.providers()["registry"](None, AT)[0].key == "a:1"


def test_who_is_given_the_rooms_cannot_add_one():
    worklist.providers()["odd"] = lambda user, at: []
    worklist.finders()["odd.Odd"] = lambda user, keys: {}
    assert not worklist.providers()
    assert not worklist.finders()


def test_a_room_says_which_of_its_records_concern_whom():
    subject = Subject("TMB-1", "/studies/1/", "TMB-1")
    worklist.register_subjects("registry.Study", lambda user, keys: dict.fromkeys(keys, subject))
    assert worklist.finders()["registry.Study"](None, [1]) == {1: subject}


def test_an_event_is_called_as_the_story_that_knows_it_calls_it():
    assert trail.title_of("registry.study.merged") == "Merged with another study"
    assert trail.title_of("odd.thing.was_done") == "Thing was done"


@pytest.mark.django_db
def test_the_ledger_tells_what_others_did_in_a_time_newest_first():
    for hours, event in ((1, "a.import_done"), (2, "a.first"), (3, "a.second"), (30, "a.old")):
        audit.record(event, on=["a.A:1"], by=None, at=AT - timedelta(hours=hours))

    def told(*, imported, limit=10):
        rows = selectors.list_told(
            since=AT - timedelta(days=1), until=AT, but_by=7, imported=imported, limit=limit
        )
        return [row.event for row in rows]

    assert told(imported=False) == ["a.first", "a.second"]
    assert told(imported=False, limit=1) == ["a.first"]
    assert told(imported=True) == ["a.import_done"]
