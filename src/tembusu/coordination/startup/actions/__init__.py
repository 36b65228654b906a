"""Writes of start-up, split by record. Other rooms import from here.

``by`` is the person who acts; None is the system itself (a load, an event of another room).
"""

from tembusu.coordination.startup.actions.delegations import (
    change_delegation,
    record_delegation,
    record_qualification,
    sign_delegation,
)
from tembusu.coordination.startup.actions.ending import leave_path, reinstate_path
from tembusu.coordination.startup.actions.escalations import (
    close_escalation,
    escalate,
    reply_escalation,
)
from tembusu.coordination.startup.actions.following import follow_studies, follow_submissions
from tembusu.coordination.startup.actions.hearing import take_event, take_move
from tembusu.coordination.startup.actions.history import take_history
from tembusu.coordination.startup.actions.milestones import (
    complete_milestone,
    drop_milestone,
    hold_milestone,
    reopen_milestone,
    resume_milestone,
    start_milestone,
)
from tembusu.coordination.startup.actions.pathways import (
    decide_version,
    propose_version,
    seed_pathways,
)
from tembusu.coordination.startup.actions.selecting import move_to_version, select_site

__all__ = [
    "change_delegation",
    "close_escalation",
    "complete_milestone",
    "decide_version",
    "drop_milestone",
    "escalate",
    "follow_studies",
    "follow_submissions",
    "hold_milestone",
    "leave_path",
    "move_to_version",
    "propose_version",
    "record_delegation",
    "record_qualification",
    "reinstate_path",
    "reopen_milestone",
    "reply_escalation",
    "resume_milestone",
    "seed_pathways",
    "select_site",
    "sign_delegation",
    "start_milestone",
    "take_event",
    "take_history",
    "take_move",
]
