"""What start-up puts on each desk."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import localdate

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.selectors import waiting
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.coordination.startup.tests.conftest import AT

JAN10 = date(2026, 1, 10)


def lines(person):
    return {(one.kind.value, one.what) for one in waiting.offer(person, AT)}


def test_each_side_sees_its_own_turn_and_for_whom_it_waits(path, cast, go_on):
    go_on(confirmed=JAN10)
    assert ("waits_on_me", "Signed") in lines(cast.representative)
    assert ("i_wait", "Signed") in lines(cast.sponsor)
    assert ("waits_on_me", "Submitted") in lines(cast.investigator)
    assert lines(cast.rival) == lines(cast.nobody) == set()


def test_an_escalation_waits_on_the_person_who_was_asked(path, cast):
    given = {
        "path": path, "question": "When is it signed?", "by": cast.analyst, "at": AT,
        "reply_by": date(2026, 6, 9),
    }  # fmt: skip
    with pytest.raises(StartupRefused, match="may not see this study-site"):
        actions.escalate(to_person=cast.rival, **given)
    with pytest.raises(StartupRefused, match="today is 1 Jun 2026"):
        actions.escalate(to_person=cast.representative, **given | {"reply_by": date(2026, 6, 1)})
    with pytest.raises(PermissionDenied):
        actions.escalate(to_person=cast.representative, **given | {"by": cast.sponsor})
    asked = actions.escalate(to_person=cast.representative, **given)
    assert ("waits_on_me", "Answer an escalation") in lines(cast.representative)
    with pytest.raises(PermissionDenied, match="asked of Lakshmi"):
        actions.reply_escalation(escalation=asked, reply="Soon", by=cast.sponsor, at=AT)
    actions.reply_escalation(escalation=asked, reply="By Friday", by=cast.representative, at=AT)
    assert ("waits_on_me", "Answer an escalation") not in lines(cast.representative)
    with pytest.raises(StartupRefused, match="answered already"):
        actions.close_escalation(escalation=asked, by=cast.analyst, at=AT, reason="Done")


def test_a_training_that_lapses_is_told_before(path, cast):
    today = localdate(AT)
    entry = actions.record_delegation(
        path=path, person=cast.coordinator, tasks=["consent"], start_date=today,
        by=cast.coordinator, at=AT,
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        actions.sign_delegation(delegation=entry, by=cast.coordinator, at=AT)
    with pytest.raises(StartupRefused, match="no certificate"):
        actions.sign_delegation(delegation=entry, by=cast.investigator, at=AT)
    signed = actions.sign_delegation(
        delegation=entry, by=cast.investigator, at=AT, override="Trained on site"
    )
    actions.record_qualification(
        person=cast.coordinator, training="GCP", completed_date=JAN10, path=path,
        expires_date=today + timedelta(days=20), by=cast.coordinator, at=AT,
    )  # fmt: skip
    assert any(kind == "lapses" for kind, _ in lines(cast.coordinator))
    from tembusu.coordination.startup.selectors import delegations

    assert delegations.state_of(signed, today) == "signed"
    changed = actions.change_delegation(
        delegation=signed, tasks=["consent", "randomisation"], end_date=None, reason="More",
        by=cast.coordinator, at=AT,
    )  # fmt: skip
    assert delegations.state_of(changed, today) == "changed"


def test_an_unsigned_entry_waits_on_the_investigator_until_it_is_signed(path, cast):
    entry = actions.record_delegation(
        path=path, person=cast.coordinator, tasks=["essential_records"], start_date=JAN10,
        by=cast.coordinator, at=AT,
    )  # fmt: skip
    waits = ("waits_on_me", "Sign the delegation log, 1 entry")
    assert waits in lines(cast.investigator)
    assert not any(what.startswith("Sign") for _, what in lines(cast.coordinator))
    actions.sign_delegation(delegation=entry, override="Supervised", by=cast.investigator, at=AT)
    assert waits not in lines(cast.investigator)
    actions.change_delegation(
        delegation=entry, tasks=["consent"], end_date=None, reason="Consents now",
        by=cast.coordinator, at=AT,
    )  # fmt: skip
    assert waits in lines(cast.investigator)
