"""Eligibility texts in their parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules.eligibility import ages, part, points

CASES = [
    ("Inclusion Criteria:\n\n* A\n* B\n\nExclusion Criteria:\n\n* C", [], ["A", "B"], ["C"]),
    ("INCLUSION CRITERIA\nAdults\n\nEXCLUSION CRITERIA\nChildren", [], ["Adults"], ["Children"]),
    ("For all:\n\nKey Inclusion Criteria:\n1. A\n2. B", ["For all:"], ["A", "B"], []),
    ("Exclusion criteria\n- A\n\nInclusion criteria\n- B", [], ["B"], ["A"]),
    ("Inclusion criteria for part 2:\n* A", [], ["for part 2:", "A"], []),
    (
        "Adults who can consent.\n\nNo pregnancy.",
        ["Adults who can consent.", "No pregnancy."],
        [],
        [],
    ),
    (
        "The inclusion of minors is not planned.",
        ["The inclusion of minors is not planned."],
        [],
        [],
    ),
    ("* A that goes\n  on here\n* B", ["A that goes on here", "B"], [], []),
    ("Inclusion Criteria:\n* Age \\>= 18\n* ECOG \\<2", [], ["Age >= 18", "ECOG <2"], []),
    ("", [], [], []),
]


@pytest.mark.parametrize(("text", "before", "inclusion", "exclusion"), CASES)
def test_a_text_is_parted_by_its_headings(text, before, inclusion, exclusion):
    found = part(text)
    assert [one.text for one in found.before] == before
    assert [one.text for one in found.inclusion] == inclusion
    assert [one.text for one in found.exclusion] == exclusion


def test_points_below_points_know_their_depth():
    found = points("* A\n    * B\n        * C\n    * D\n* E")
    assert [(one.text, one.depth) for one in found] == [
        ("A", 0),
        ("B", 1),
        ("C", 2),
        ("D", 1),
        ("E", 0),
    ]


@given(st.text(alphabet=st.sampled_from("ab \n*-1:"), max_size=200))
def test_no_letter_is_lost_but_a_bullets_own(text):
    found = part(text)
    kept = "".join(one.text for one in (*found.before, *found.inclusion, *found.exclusion))
    assert {sign: kept.count(sign) for sign in "b"} == {sign: text.count(sign) for sign in "b"}


def test_a_bullet_with_nothing_behind_it_is_a_text():
    assert [one.text for one in part("b. ").before] == ["b."]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("Inclusion Criteria:\n* A", {"inclusion"}),
        ("Inclusion Criteria:\n* A\n\nExclusion Criteria:", {"inclusion", "exclusion"}),
        ("Key exclusion criteria\n* A", {"exclusion"}),
        ("Adults", set()),
    ],
)
def test_only_headings_of_the_text_are_known(text, headings):
    assert part(text).headings == headings


EVERYBODY = ["CHILD", "ADULT", "OLDER_ADULT"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"minimum_age": "18 Years", "maximum_age": "75 Years"}, "18 years to 75 years"),
        ({"minimum_age": "18 Years", "maximum_age": "N/A"}, "18 years and over"),
        ({"minimum_age": "18 Years", "standard_ages": ["ADULT"]}, "18 years and over"),
        ({"minimum_age": "N/A", "maximum_age": "6 Months"}, "up to 6 months"),
        ({"minimum_age": "N/A", "maximum_age": "N/A"}, "No age limit"),
        ({"standard_ages": EVERYBODY, "eligibility_text": "All"}, "No age limit"),
        ({"standard_ages": EVERYBODY}, "Children, adults and older adults (age groups)"),
        ({"standard_ages": ["ADULT", "OLDER_ADULT"]}, "Adults and older adults (age groups)"),
        ({"standard_ages": ["ADULT"], "eligibility_text": "All"}, "Adults (age group)"),
        ({"minimum_age": None, "maximum_age": ""}, ""),
        ({}, ""),
    ],
)
def test_ages_are_said_as_far_as_they_are_known(values, said):
    assert ages(values) == said
