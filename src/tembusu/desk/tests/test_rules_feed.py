"""A desk as a calendar: what other programs read of it."""

from datetime import date

from icalendar import Calendar

from tembusu.desk.rules.feed import calendar_of, uid
from tembusu.desk.terms import Line
from tembusu.desk.tests.conftest import AT, item
from tembusu.foundation.core.worklist import WorkKind

ORIGIN = "https://trials.example:8443"


def events(*items, person_id=7):
    made = calendar_of(
        [Line("startup", one) for one in items],
        person_id=person_id,
        name="Tembusu, Ines",
        origin=ORIGIN,
        at=AT,
    )
    return list(Calendar.from_ical(made).walk("VEVENT"))


def test_a_line_with_a_due_day_is_an_event_of_that_day():
    (event,) = events(item(what="Answer; 2, queries\nnow"))
    assert event.decoded("dtstart") == date(2026, 11, 17)
    assert event.decoded("dtend") == date(2026, 11, 18)
    assert str(event["summary"]) == (
        "Answer; 2, queries\nnow (TMB-000042 at Rain Tree General Hospital)"
    )
    assert str(event["url"]) == f"{ORIGIN}/studies/"
    assert "Since 2026-11-11" in str(event["description"])


def test_a_line_without_a_due_day_is_left_out():
    assert events(item(due=None)) == []


def test_what_i_wait_for_names_on_whom():
    (event,) = events(item(kind=WorkKind.I_WAIT, holder="Meranti Ethics Board"))
    assert str(event["summary"]).startswith("Meranti Ethics Board: ")


def test_the_same_matter_keeps_its_uid_and_people_have_their_own():
    first, moved = events(item()), events(item(due=date(2026, 12, 1), what="Else"))
    assert str(first[0]["uid"]) == str(moved[0]["uid"]) == uid("startup.milestone:1", 7, ORIGIN)
    (other,) = events(item(), person_id=8)
    assert str(other["uid"]) != str(first[0]["uid"])
    assert str(other["uid"]).endswith("@trials.example")


def test_what_is_sent_keeps_to_the_standard():
    sent = calendar_of(
        [Line("startup", item(record="Ä" * 200))], person_id=1, name="N", origin=ORIGIN, at=AT
    )
    lines = sent.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert all(len(line) <= 75 for line in lines)
    assert sent.decode()
