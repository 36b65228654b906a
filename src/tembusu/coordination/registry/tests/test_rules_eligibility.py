"""Eligibility texts in their parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules.eligibility import part, points

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
