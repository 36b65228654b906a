"""Pathways as data: those of the release can be gone along, and faulty ones are refused by name."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.rules.plans import CircularPathway, PlanFault

FOLDER = Path(plans.__file__).parent.parent / "pathways"
FILES = sorted(path for path in FOLDER.glob("*.toml") if path.name[0].isdigit())


def milestone(key, *needs, **more):
    given = {"key": key, "label": key.capitalize(), "stage": "contract", "party": "sponsor"}
    return given | {"needs": list(needs)} | more


def data(*milestones, **more):
    return {"key": "short", "title": "Short", "milestones": list(milestones)} | more


def gate(*needs):
    return milestone("gate", *needs, is_gate=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_pathway_of_the_release_can_be_gone_along(path):
    plan = plans.read_plan(tomllib.loads(path.read_text()))
    assert len(plan.milestones) >= 8
    assert plans.read_plan(plans.as_json(plan)) == plan


@pytest.mark.parametrize(
    ("given_data", "says"),
    [
        (data(milestone("a", "b"), milestone("b", "a"), gate("a")), "goes in a circle: A needs B"),
        (data(milestone("a", "a"), gate("a")), "A needs A"),
        (data(milestone("a", "x"), gate("a")), "a needs x, which the pathway does not have"),
        (data(milestone("a"), milestone("a"), gate("a")), "two milestones are called a"),
        (data(milestone("a")), "found none"),
        (data(gate(), milestone("b", "gate", is_gate=True)), "found gate, b"),
        (data(milestone("a"), gate()), "a neither leads to gate nor comes after it"),
        (data(milestone("a", party="tailor"), gate("a")), "tailor is no party"),
        (data(milestone("a", stage="lunch"), gate("a")), "lunch is no stage"),
        (data(milestone("a", colour="red"), gate("a")), "colour is not known here"),
        (data(milestone("a b"), gate()), "'a b' is no key"),
        (data(gate(), applies={"weather": ["fine"]}), "not asked for weather"),
        (data(milestone("a", target={"value": 0, "unit": "working"}), gate("a")), "not 0"),
        (data(milestone("a", target={"value": 5, "unit": "lunar"}), gate("a")), "not lunar"),
        (
            data(
                milestone("a", target={"value": 5, "unit": "working", "counted_from": "z"}),
                gate("a"),
            ),
            "counted from z",
        ),
        ({"key": "bare", "title": "Bare"}, "it has no milestones"),
        ({"title": "Nameless", "milestones": [gate()]}, "key is missing"),
    ],
)
def test_a_pathway_that_nobody_could_go_along_is_refused(given_data, says):
    with pytest.raises(PlanFault, match=says):
        plans.read_plan(given_data)


def test_a_pathway_may_name_more_parties():
    plan = plans.read_plan(data(gate(), parties={"pharmacy": "Trial pharmacy"}))
    assert plan.party("pharmacy") == "Trial pharmacy"
    assert plan.party("sponsor") == "Sponsor"


@settings(deadline=None)
@given(st.integers(2, 30), st.randoms())
def test_needs_that_point_backwards_never_make_a_circle(n, dice):
    needs = {
        str(one): tuple(str(dice.randrange(one)) for _ in range(dice.randrange(3)) if one)
        for one in range(n)
    }
    assert plans.find_circle(needs) == ()


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, unique=True))
def test_a_ring_is_always_found_whole(ring):
    keys = [str(one) for one in ring]
    needs = {key: (keys[(place + 1) % len(keys)],) for place, key in enumerate(keys)}
    assert sorted(plans.find_circle(needs)) == sorted(keys)


def test_circles_are_refused_as_such():
    with pytest.raises(CircularPathway):
        plans.read_plan(data(milestone("a", "b"), milestone("b", "a"), gate("b")))


def test_milestones_are_put_after_what_they_need():
    plan = plans.read_plan(data(gate("b"), milestone("b", "a"), milestone("a")))
    assert [one.key for one in plans.in_order(plan)] == ["a", "b", "gate"]
