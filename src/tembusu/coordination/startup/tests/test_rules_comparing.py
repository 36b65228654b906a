"""What differs between two versions of a pathway."""

from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.startup.rules import comparing, plans
from tembusu.coordination.startup.tests.conftest import SHORT, step


def plan(milestones=None, **more):
    return plans.read_plan(SHORT | {"milestones": milestones or SHORT["milestones"]} | more)


def changed(key, **more):
    return [one | more if one["key"] == key else one for one in SHORT["milestones"]]


def test_a_changed_field_is_named_with_its_milestone():
    later = plan(
        changed("signed", target={"value": 15, "unit": "calendar", "counted_from": "confirmed"})
    )
    (found,) = comparing.compare(plan(), later)
    assert found.what == "Signed: target"
    assert found.before == "20 working days from when what it needs is settled"
    assert found.after == "15 calendar days from Confirmed"


def test_another_label_is_one_difference_and_not_one_for_each_that_needs_it():
    (found,) = comparing.compare(plan(), plan(changed("confirmed", label="Feasible")))
    assert (found.what, found.before, found.after) == ("Feasible: label", "Confirmed", "Feasible")


def test_what_came_and_what_went_are_told_whole():
    there = [*SHORT["milestones"], step("closed", "first_participant", "site", "first")]
    (came,) = comparing.compare(plan(), plan(there))
    assert came.what == "Closed: added"
    assert "comes after First participant" in came.after
    (went,) = comparing.compare(plan(there), plan())
    assert (went.what, went.after) == ("Closed: left out", "")


def test_title_parties_reasons_and_order_are_compared_too():
    rows = SHORT["milestones"]
    later = plan([rows[1], rows[0], *rows[2:]], title="Other", parties={}, reasons=[])
    found = [one.what for one in comparing.compare(plan(), later)]
    assert found == ["Title", "Parties", "Delay reasons", "Order"]


@given(st.permutations(SHORT["milestones"]))
def test_a_pathway_differs_from_itself_in_nothing(rows):
    assert comparing.compare(plan(rows), plan(rows)) == []
