"""Definitions: seeded from the file, changed by the lead alone, counted again where needed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.foundation.core import audit
from tembusu.foundation.core.models import Job
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import OrganisationKind, Role
from tembusu.insight.actions import define_measure, seed_definitions
from tembusu.insight.models import DefinitionVersion
from tembusu.insight.rules import definitions as rules
from tembusu.insight.selectors import definitions
from tembusu.insight.terms import CountsFrom

AT = datetime(2026, 9, 1, 9, tzinfo=UTC)


@pytest.fixture
def office(db):
    return people.register_organisation(
        kind=OrganisationKind.COORDINATING_BODY, name="Banyan Clinical Trials Office",
        country="SG", city="Singapore", parent=None, by=None, at=AT,
    )  # fmt: skip


@pytest.fixture
def lead(office):
    return join("Weiling", Role.COORDINATING_LEAD, office)


@pytest.fixture
def analyst(office):
    return join("Nadia", Role.COORDINATING_ANALYST, office)


def join(name, role, body):
    person = people.register_person(
        email=f"{name.lower()}@hospital.example", full_name=name, password=None, by=None, at=AT
    )
    people.grant_role(person=person, role=role, scope=body.scope, by=None, at=AT)
    return person


def change(by, *, key="SU-01", seen=1, reason="Decided by the committee", **what):
    present = definitions.get_in_force(key).text
    return define_measure(
        key=key, text=replace(present, **what), seen_version=seen, by=by, at=AT, reason=reason
    )


def test_the_definitions_of_the_release_stand_where_there_are_none(db):
    assert definitions.get_in_force("SU-01").quoted == "SU-01 v1"
    assert DefinitionVersion.objects.count() == 0


def test_seeding_takes_each_definition_once(db):
    n = len(rules.from_file())
    assert seed_definitions(by=None, at=AT) == n
    assert seed_definitions(by=None, at=AT) == 0
    assert DefinitionVersion.objects.count() == n


def test_no_target_is_set_by_the_release():
    assert {one.text.target_days for one in rules.from_file()} == {None}


def test_the_lead_sets_a_target_with_its_source_and_reason(lead):
    version = change(lead, target_days=120, target_source="Committee, 12 May 2026")
    assert definitions.get_in_force("SU-01").quoted == "SU-01 v2"
    told = audit.last_event(audit.ref(version))
    assert told.event == "insight.definition.changed"
    assert told.change["target_days"] == [None, 120]
    assert Job.objects.count() == 0  # a target is applied when figures are read


def test_a_change_of_what_is_counted_counts_again(lead):
    change(lead, key="SU-08", counts_from=CountsFrom.STARTED)
    assert Job.objects.get().kind == "insight.recount"


def test_only_the_lead_changes_a_definition(analyst):
    with pytest.raises(PermissionDenied, match="Coordinating lead"):
        change(analyst, target_days=120, target_source="Somewhere")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"target_days": 120}, "where the target is laid down"),
        ({"target_source": "A page"}, "a source and no target"),
        ({"target_days": 0, "target_source": "A page"}, "1 to 3,650"),
        ({"target_days": 9999, "target_source": "A page"}, "1 to 3,650"),
        ({"label": " "}, "needs a name"),
        ({"says": ""}, "needs a name"),
        ({}, "Nothing has changed"),
        ({"label": "Other", "reason": "  "}, "Say why"),
        ({"label": "Other", "seen": 3}, "version 1 stands"),
    ],
)
def test_a_definition_that_cannot_stand_is_refused(lead, what, said):
    with pytest.raises(rules.DefinitionRefused, match=said):
        change(lead, **what)
    assert definitions.get_in_force("SU-01").version_no == 1


def test_what_a_newer_file_says_is_a_proposal(lead, monkeypatch):
    seed_definitions(by=None, at=AT)
    newer = [
        replace(one, text=replace(one.text, label="Chosen to open")) if one.key == "SU-01" else one
        for one in rules.from_file()
    ]
    assert definitions.proposal("SU-01") is None
    monkeypatch.setattr(rules, "from_file", lambda: tuple(newer))
    assert definitions.proposal("SU-01").label == "Chosen to open"
    assert definitions.get_in_force("SU-01").text.label == "Selected to open"
    change(lead, label="Chosen to open")
    assert definitions.proposal("SU-01") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[definition", "no TOML"),
        ('[[definition]]\nkey = "A"\nmeasure = "m"', "A: label is missing"),
        ('[[definition]]\nkey = "A"\ntarget = 3', "target is no part"),
        (
            '[[definition]]\nkey="A"\nmeasure="m"\nlabel="l"\nsays="s"\ncounts_from="birth"',
            "A: 'birth' is not a valid",
        ),
        (
            '[[definition]]\nkey="A"\nmeasure="m"\nlabel="l"\nsays="s"\ncounts_from="ready"\n' * 2,
            "Two definitions have the key A",
        ),
    ],
)
def test_a_wrong_file_is_told_precisely(text, said):
    with pytest.raises(rules.DefinitionFault, match=said):
        rules.parse(text)
