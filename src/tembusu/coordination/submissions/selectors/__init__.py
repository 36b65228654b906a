"""Reads of submissions, always scoped to a user; the door for other rooms."""

from tembusu.coordination.submissions.selectors.packages import (
    board_and_regulator_turns,
    get_submission,
    list_for_study,
    list_submissions,
)

__all__ = [
    "board_and_regulator_turns",
    "get_submission",
    "list_for_study",
    "list_submissions",
]
