"""Writes of submissions; the door for other rooms."""

from tembusu.coordination.submissions.actions.deciding import (
    Answer,
    Asked,
    decide_submission,
    fulfil_condition,
    lapse_submissions,
)
from tembusu.coordination.submissions.actions.mirroring import record_outcome
from tembusu.coordination.submissions.actions.preparing import (
    AskedFor,
    Package,
    add_document,
    change_package,
    classify_amendment,
    set_aside_document,
    start_submission,
    submit_submission,
    withdraw_submission,
)
from tembusu.coordination.submissions.actions.reviewing import (
    answer_queries,
    assign_reviewer,
    choose_review,
    raise_queries,
    receive_submission,
    return_submission,
    write_review,
)

__all__ = [
    "Answer",
    "Asked",
    "AskedFor",
    "Package",
    "add_document",
    "answer_queries",
    "assign_reviewer",
    "change_package",
    "choose_review",
    "classify_amendment",
    "decide_submission",
    "fulfil_condition",
    "lapse_submissions",
    "raise_queries",
    "receive_submission",
    "record_outcome",
    "return_submission",
    "set_aside_document",
    "start_submission",
    "submit_submission",
    "withdraw_submission",
    "write_review",
]
