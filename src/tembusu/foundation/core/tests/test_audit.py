import pytest

from tembusu.foundation.core import audit, history
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.tests.cast import AT, person

pytestmark = pytest.mark.django_db


@audit.act
def rename(*, who, by, at, name, reason=""):
    who.full_name = name
    who.save(update_fields=["full_name"])
    audit.record("core.test.renamed", on=who, by=by, at=at, reason=reason)


@audit.act
def fail(*, who, by, at):
    rename(who=who, by=by, at=at, name="Half Done")
    raise LookupError


def told():
    """What the acts of these tests told; the house tells of its own reference data besides."""
    return AuditEvent.objects.filter(event__startswith="core.test.").order_by("id")


def rows(who):
    return list(
        type(who).pgh_event_model.objects.filter(pgh_obj=who.pk).order_by("pgh_id").values()
    )


def test_an_act_leaves_who_when_what_and_why_on_event_and_row():
    mei, amara = person(), person("Amara Osman")

    rename(who=mei, by=amara, at=AT, name="Mei Lim", reason="Married")

    event = told().get()
    assert (event.by_id, event.by, event.at, event.reason) == (
        amara.pk,
        "Amara Osman",
        AT,
        "Married",
    )
    row = rows(mei)[-1]
    assert row["full_name"] == "Mei Lim"
    assert row["pgh_context"]["user"] == amara.pk
    assert row["pgh_context"]["reason"] == "Married"
    assert row["pgh_context_id"] == event.context_id


def test_two_acts_in_one_request_are_told_apart():
    mei, amara = person(), person("Amara Osman")
    with history.context(request="r-1"):
        rename(who=mei, by=amara, at=AT, name="One")
        rename(who=mei, by=amara, at=AT, name="Two")
    first, second = told()
    assert first.context_id != second.context_id
    assert {row["pgh_context"].get("request") for row in rows(mei)[1:]} == {"r-1"}


def test_an_act_that_fails_leaves_nothing():
    mei = person()
    with pytest.raises(LookupError):
        fail(who=mei, by=mei, at=AT)
    mei.refresh_from_db()
    assert mei.full_name == "Mei Tan"
    assert not told().exists()
    assert len(rows(mei)) == 1


def test_the_system_acts_under_its_own_name():
    mei = person()
    rename(who=mei, by=None, at=AT, name="Mei Lim")
    assert told().get().by == audit.SYSTEM
