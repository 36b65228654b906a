"""Two people at the same moment, each in a transaction of their own."""

import threading

from django.db import connection

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions
from tembusu.foundation.people.models import Membership, Person
from tembusu.foundation.people.terms import Role

from .conftest import AT, PASSWORD


def at_once(*calls):
    """Run the calls in threads that start together; return what each raised or None."""
    gate, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(n, call):
        gate.wait()
        try:
            call()
        except Refusal as refusal:
            outcomes[n] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def administrator(name):
    person = actions.register_person(
        email=f"{name}@hospital.example", full_name=name, by=None, at=AT
    )
    return actions.grant_role(
        person=person,
        role=Role.PLATFORM_ADMINISTRATOR,
        scope=actions.platform_scope(),
        by=None,
        at=AT,
    )


def test_two_administrators_cannot_close_each_other(fresh_database):
    rows = [administrator(name) for name in ("salmah", "noor")]
    people = [Person.objects.get(pk=row.person_id) for row in rows]

    def close(person, by):
        return lambda: actions.close_account(person=person, reason="Left", by=by, at=AT)

    outcomes = at_once(close(people[0], people[1]), close(people[1], people[0]))
    assert sum(outcome is None for outcome in outcomes) == 1
    assert Person.objects.filter(is_active=True).count() == 1


def test_two_administrators_cannot_both_leave_as_the_last(fresh_database):
    rows = [administrator(name) for name in ("salmah", "noor")]

    def leave(row):
        return lambda: actions.end_role(
            membership=row, reason="Tired", by=Person.objects.get(pk=row.person_id), at=AT
        )

    outcomes = at_once(*[leave(row) for row in rows])
    assert sum(outcome is None for outcome in outcomes) == 1
    assert Membership.objects.filter(ended_at=None).count() == 1


def test_an_invitation_pressed_twice_makes_one_account(fresh_database):
    _, secret = actions.invite_first_administrator(
        email="first@hospital.example", full_name="First", at=AT
    )

    def accept():
        actions.accept_invitation(secret=secret, password=PASSWORD, at=AT)

    outcomes = at_once(accept, accept)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert Person.objects.count() == Membership.objects.count() == 1
