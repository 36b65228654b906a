import pytest
from django.db import connection

from tembusu.foundation.core import audit, rowchanges, trail
from tembusu.foundation.core.terms import FieldChange, TrailEntry, TrailKind
from tembusu.foundation.core.tests.cast import AT, person
from tembusu.foundation.people.models import Person

SPARE = ("id", "vault_id", "registered_at", "is_superuser", "is_active")
pytestmark = pytest.mark.django_db


@audit.act
def rename(*, who, by, at, name, reason=""):
    who.full_name = name
    who.save(update_fields=["full_name"])
    audit.record("core.test.renamed", on=who, by=by, at=at, reason=reason)


def told(who):
    source = trail.RowSource(
        Person,
        {"pgh_obj": who.pk},
        "",
        dict.fromkeys(SPARE, "Nobody asks."),
        {"full_name": "Name"},
    )
    return trail.entries([audit.ref(who)], [source], titles={"core.test.renamed": "Renamed"})


def test_an_act_stands_with_the_fields_it_changed():
    mei, amara = person(), person("Amara Osman")
    rename(who=mei, by=amara, at=AT, name="Mei Lim", reason="Married")
    entry = next(e for e in told(mei) if e.kind is TrailKind.ACT)
    assert (entry.title, entry.by, entry.reason) == ("Renamed", "Amara Osman", "Married")
    assert entry.changes == (FieldChange("Name", "Mei Tan", "Mei Lim"),)


def test_a_change_outside_any_act_stands_for_itself_under_the_databases_role():
    mei = person()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET full_name = 'X' WHERE id = %s", [mei.pk])
    newest = max(told(mei), key=lambda e: e.at)
    changes = [c for e in told(mei) for c in e.changes]
    assert newest.kind is TrailKind.CHANGE
    assert newest.by == "database role tembusu_app"
    assert FieldChange("Name", "Mei Tan", "X") in changes


def test_a_page_leaves_out_what_means_nothing_to_people_and_the_export_has_it():
    mei = person()
    found = told(mei)
    assert not any("vault" in c.field for e in found for c in e.shown)
    rows = list(trail.csv_rows(found))
    assert ["vault id", "", str(mei.vault_id)] in [row[6:] for row in rows]
    assert trail.select(found, words=str(mei.vault_id)) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET is_superuser = true WHERE id = %s", [mei.pk])
    [update] = [e for e in told(mei) if e.event == "row.update"]
    assert update.is_spare
    assert [c.field for c in update.changes] == ["is superuser"]


def entry(**facts):
    given = {
        "at": AT,
        "kind": TrailKind.ACT,
        "event": "e",
        "title": "Renamed",
        "by": "Mei",
        **facts,
    }
    return TrailEntry(**given)


@pytest.mark.parametrize(
    ("asked", "n_found"),
    [
        ({}, 2),
        ({"kind": "act"}, 1),
        ({"kind": "import"}, 1),
        ({"words": "married"}, 1),
        ({"words": "MARRIED lim"}, 1),
        ({"words": "married nowhere"}, 0),
        ({"by": "mei"}, 1),
        ({"by": "mei", "kind": "import"}, 0),
    ],
)
def test_a_trail_is_filtered_by_kind_person_and_words(asked, n_found):
    found = [
        entry(reason="Married", changes=(FieldChange("name", "Mei Tan", "Mei Lim"),)),
        entry(kind=TrailKind.IMPORT, by="System", title="Imported"),
    ]
    assert len(trail.select(found, **asked)) == n_found


def test_the_export_has_a_row_for_each_changed_field():
    found = [entry(changes=(FieldChange("a", "1", "2"), FieldChange("b", "", "3"))), entry()]
    rows = list(trail.csv_rows(found))
    assert [row[6:] for row in rows] == [
        ["a", "1", "2"],
        ["b", "", "3"],
        ["", "", ""],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ([], ""),
        (True, "yes"),
        (0, "0"),
        (["a", None, "b"], "a; ; b"),
        ({"a": 1}, "a: 1"),
    ],
)
def test_values_are_told_as_people_read_them(value, text):
    assert rowchanges.text_of(value) == text
