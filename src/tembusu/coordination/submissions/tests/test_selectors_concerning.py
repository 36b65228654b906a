"""Of which submissions a desk tells that something happened to them."""

import pytest

from tembusu.coordination.submissions.selectors.concerning import concerning


@pytest.mark.parametrize(
    ("who", "is_told"),
    [
        ("sponsor", True),
        ("secretary", True),
        ("analyst", True),
        ("rival", False),
        ("stranger", False),
        ("reviewer", False),
        ("nobody", False),
    ],
)
def test_those_who_may_see_a_submission_are_told_and_no_others(cast, bodies, sent, who, is_told):
    submission = sent()
    told = concerning(getattr(cast, who), [submission.pk])
    assert [one.name for one in told.values()] == (
        [f"{submission.number} to {bodies.board.name}"] if is_told else []
    )
