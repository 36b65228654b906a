"""Writes of submissions; the door for other rooms."""

from tembusu.coordination.submissions.actions.deciding import (
    decide_submission,
    fulfil_condition,
    lapse_submissions,
)
from tembusu.coordination.submissions.actions.desks import keep_body_desk
from tembusu.coordination.submissions.actions.letters import (
    edit_letter,
    save_template,
    send_letter,
    write_letter,
)
from tembusu.coordination.submissions.actions.meetings import (
    approve_minutes,
    ask_from_meeting,
    cancel_meeting,
    cast_vote,
    close_meeting,
    confirm_decision,
    declare_interest,
    edit_minutes,
    move_item,
    plan_meeting,
    put_off_item,
    put_on_agenda,
    record_attendance,
    seat_member,
    take_off_agenda,
)
from tembusu.coordination.submissions.actions.mirroring import record_outcome
from tembusu.coordination.submissions.actions.preparing import (
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
from tembusu.coordination.submissions.actions.routing import keep_route

__all__ = [
    "add_document",
    "answer_queries",
    "approve_minutes",
    "ask_from_meeting",
    "assign_reviewer",
    "cancel_meeting",
    "cast_vote",
    "change_package",
    "choose_review",
    "classify_amendment",
    "close_meeting",
    "confirm_decision",
    "decide_submission",
    "declare_interest",
    "edit_letter",
    "edit_minutes",
    "fulfil_condition",
    "keep_body_desk",
    "keep_route",
    "lapse_submissions",
    "move_item",
    "plan_meeting",
    "put_off_item",
    "put_on_agenda",
    "raise_queries",
    "receive_submission",
    "record_attendance",
    "record_outcome",
    "return_submission",
    "save_template",
    "seat_member",
    "send_letter",
    "set_aside_document",
    "start_submission",
    "submit_submission",
    "take_off_agenda",
    "withdraw_submission",
    "write_letter",
    "write_review",
]
