"""The same thing twice at the same moment, each in a transaction of its own."""

import threading

import pytest
from django.db import connection

from tembusu.foundation.core import jobs
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.exchange import actions, terms
from tembusu.foundation.exchange.terms.webhooks import _IN
from tembusu.foundation.exchange.tests.cast import PURPOSE
from tembusu.foundation.exchange.tests.conftest import (
    AT,
    checked,
    csv_file,
    make_bodies,
    make_cast,
)
from tembusu.foundation.exchange.tests.test_actions_receiving import (
    KIND,
    call,
    make_sender,
    name_body,
    receive,
)
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.models import OrganisationName
from tembusu.foundation.people.terms import NameKind, Role


def at_once(*calls):
    """Run the calls in threads that start together; return what each returned."""
    gate, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(n, one):
        gate.wait()
        try:
            outcomes[n] = one()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def received():
    terms.register_receiver(KIND, name_body)
    yield
    del _IN[KIND]


def test_an_event_that_comes_four_times_at_once_is_done_once(fresh_database, received):
    bodies = make_bodies()
    analyst = make_cast(bodies).analyst
    people.grant_role(
        person=analyst, role=Role.COORDINATING_LEAD, scope=bodies.office.scope, by=None, at=AT
    )
    sender = make_sender(analyst, bodies)
    made = call(sender, event_id="A-4")
    answers = at_once(*[lambda: receive(sender, made)] * 4)
    assert [one.status for one in answers] == [200] * 4
    assert sum(not one.is_replay for one in answers) == 1
    assert AuditEvent.objects.filter(event="people.organisation.alias_added").count() == 1


def test_two_people_who_take_the_same_file_at_once_take_each_row_once(fresh_database):
    cast = make_cast(make_bodies())
    rows = [("Rain Tree General Hospital", f"Name {no}", "14/03/2019") for no in range(600)]
    taken = []
    for person in (cast.analyst, cast.colleague):
        sent = actions.send_extract(
            purpose=PURPOSE,
            source=csv_file(*rows),
            name="names.csv",
            organisation_id=None,
            by=person,
            at=AT,
        )
        extract = checked(sent)
        taken.append(actions.take_extract(extract=extract, takes_changes=True, by=person, at=AT))
    at_once(*[lambda one=one: jobs.run(one.job_id) for one in taken])
    for one in taken:
        one.refresh_from_db()
    counts = [one.counts for one in taken]
    assert [one.state for one in taken] == ["done", "done"]
    assert sum(one.get("taken.new", 0) for one in counts) == len(rows)
    assert sum(one.get("taken.same", 0) for one in counts) == len(rows)
    assert OrganisationName.objects.filter(kind=NameKind.ALIAS).count() == len(rows)
