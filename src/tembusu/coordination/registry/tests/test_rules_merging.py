"""When two studies look like two, and which of them is the known one."""

import pytest

from tembusu.coordination.registry.rules import merging

LANTERN = {
    "registry_no": "NCT09990001",
    "lead_sponsor": {"name": "Damar Therapeutics"},
    "conditions": ["Nasopharyngeal Carcinoma"],
    "interventions": [{"kind": "DRUG", "name": "VN-118"}],
}
DENGUE = {
    "registry_no": "TMB-000002",
    "lead_sponsor": {"name": "Sena Biologics"},
    "conditions": ["Dengue"],
    "interventions": [{"kind": "BIOLOGICAL", "name": "Booster"}],
}
ALL = ("sponsor", "conditions", "interventions")


@pytest.mark.parametrize(
    ("more", "apart"),
    [
        ({}, ALL),
        ({"lead_sponsor": {"name": "DAMAR Therapeutics Pte Ltd"}}, ()),
        ({"conditions": ["Carcinoma of the nasopharynx"]}, ()),
        ({"keywords": ["Carcinoma"]}, ()),
        (
            {
                "interventions": [
                    {"name": "Placebo"},
                    {"name": "Booster", "other_names": ["VN-118"]},
                ]
            },
            (),
        ),
        ({"secondary_ids": [{"id_text": "NCT09990001"}]}, ()),
        ({"interventions": []}, ("sponsor", "conditions")),
        ({"interventions": [], "conditions": []}, ()),
        ({"lead_sponsor": None}, ("conditions", "interventions")),
        ({"lead_sponsor": {"name": "National University Hospital"}}, ALL),
    ],
)
def test_two_studies_look_like_two_where_not_a_word_is_shared(more, apart):
    assert merging.unlike(LANTERN, {**DENGUE, **more}) == apart
    assert merging.unlike({**DENGUE, **more}, LANTERN) == apart


def test_words_that_many_bodies_share_make_no_two_of_them_one():
    bodies = ("National University Hospital", "National Kempas Hospital")
    one, other = (
        {**study, "lead_sponsor": {"name": name}}
        for study, name in zip((LANTERN, DENGUE), bodies, strict=True)
    )
    assert merging.unlike(one, other) == ALL


@pytest.mark.parametrize(
    ("one", "other", "side"),
    [
        (["own"], ["ctgov"], 1),
        (["ctgov", "own"], ["own"], 0),
        (["own"], ["own"], None),
        (["isrctn"], ["ctgov"], None),
        ([], [], None),
    ],
)
def test_a_number_is_chosen_only_where_one_alone_is_known_elsewhere(one, other, side):
    assert merging.known_side(one, other, own_registry="own") == side


@pytest.mark.parametrize(
    ("names", "said"),
    [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")],
)
def test_names_are_listed_as_people_say_them(names, said):
    assert merging.listed(names) == said
