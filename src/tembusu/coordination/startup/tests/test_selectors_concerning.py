"""Of which site pathways a desk tells that something happened to them."""

import pytest

from tembusu.coordination.startup.selectors.concerning import concerning


@pytest.mark.parametrize(
    ("who", "is_told"),
    [
        ("investigator", True),
        ("coordinator", True),
        ("representative", True),
        ("cluster", True),
        ("sponsor", True),
        ("monitor", True),
        ("lead", True),
        ("neighbour", False),
        ("rival", False),
        ("nobody", False),
    ],
)
def test_those_who_may_see_a_site_pathway_are_told_and_no_others(cast, path, who, is_told):
    told = concerning(getattr(cast, who), [path.pk])
    assert [one.name for one in told.values()] == (
        [f"{path.study_site.study.number} at Rain Tree General Hospital"] if is_told else []
    )
