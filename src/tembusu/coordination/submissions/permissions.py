"""Who may do what in submissions. The acts below are this room's part of the matrix."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied

from tembusu.coordination.submissions.models import Submission
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role, ScopeKind, phrase, register_act

KEEPERS = frozenset({Role.COORDINATING_ANALYST, Role.COORDINATING_LEAD})
SPONSORS = frozenset({Role.SPONSOR_MANAGER, Role.CRO_MANAGER})
AT_SITES = frozenset(
    {
        Role.PRINCIPAL_INVESTIGATOR,
        Role.SITE_COORDINATOR,
        Role.INSTITUTION_REPRESENTATIVE,
        Role.CLUSTER_RESEARCH_OFFICE,
    }
)
APPLICANTS = SPONSORS | AT_SITES
BOARD = frozenset({Role.BOARD_SECRETARY, Role.BOARD_CHAIR, Role.BOARD_MEMBER})
BODIES = BOARD | {Role.REGULATOR_REVIEWER}
STAFF = frozenset(Role) - {Role.LEARNER, Role.SUPERVISOR}

ASK_ROUTE = Act("submissions", "ask_route", STAFF, None, "ask which route a study needs")
KEEP_ROUTE = Act(
    "submissions",
    "keep_route",
    SPONSORS | {Role.PRINCIPAL_INVESTIGATOR, Role.SITE_COORDINATOR},
    ScopeKind.STUDY,
    "keep the answers about a study's route",
    everywhere=KEEPERS,
)
SEE_SENT = Act(
    "submissions",
    "see_submission",
    APPLICANTS | {Role.MONITOR},
    ScopeKind.STUDY,
    "see a study's submissions",
    everywhere=KEEPERS,
)
SEE_RECEIVED = Act(
    "submissions",
    "see_received",
    BODIES,
    ScopeKind.ORGANISATION,
    "see what was submitted to a body",
)
PREPARE = Act(
    "submissions",
    "prepare_submission",
    SPONSORS | {Role.PRINCIPAL_INVESTIGATOR, Role.SITE_COORDINATOR},
    ScopeKind.STUDY,
    "prepare a submission and answer its queries",
)
SUBMIT = Act(
    "submissions",
    "submit_submission",
    SPONSORS | {Role.PRINCIPAL_INVESTIGATOR},
    ScopeKind.STUDY,
    "send a submission to a body, or withdraw it",
)
RECORD_OUTCOME = Act(
    "submissions",
    "record_outcome",
    SPONSORS | {Role.PRINCIPAL_INVESTIGATOR},
    ScopeKind.STUDY,
    "record what a body with its own system answered",
    everywhere=KEEPERS,
)
IMPORT_OUTCOMES = Act(
    "submissions",
    "import_outcomes",
    KEEPERS | {Role.REGULATOR_REVIEWER, Role.BOARD_SECRETARY},
    None,
    "take in a body's extract of outcomes",
)
SCREEN = Act(
    "submissions",
    "screen_submission",
    frozenset({Role.BOARD_SECRETARY, Role.REGULATOR_REVIEWER}),
    ScopeKind.ORGANISATION,
    "receive, query and prepare for review what was submitted",
)
DECIDE = Act(
    "submissions",
    "decide_submission",
    frozenset({Role.BOARD_CHAIR, Role.REGULATOR_REVIEWER}),
    ScopeKind.ORGANISATION,
    "decide on a submission",
)
REVIEW = Act(
    "submissions",
    "review_submission",
    frozenset({Role.BOARD_CHAIR, Role.BOARD_MEMBER}),
    ScopeKind.ORGANISATION,
    "review a submission, declare an interest and vote",
)
RUN_MEETING = Act(
    "submissions",
    "run_meeting",
    frozenset({Role.BOARD_SECRETARY}),
    ScopeKind.ORGANISATION,
    "plan a meeting, build its agenda and write its minutes",
)
CHAIR_MEETING = Act(
    "submissions",
    "chair_meeting",
    frozenset({Role.BOARD_CHAIR}),
    ScopeKind.ORGANISATION,
    "confirm a meeting's decisions and approve its minutes",
)
WRITE_LETTERS = Act(
    "submissions",
    "write_letters",
    frozenset({Role.BOARD_SECRETARY}),
    ScopeKind.ORGANISATION,
    "write and send a board's letters and edit their templates",
)

KEEP_DESKS = Act(
    "submissions",
    "keep_body_desk",
    frozenset({Role.COORDINATING_LEAD}),
    None,
    "say whether a board or regulator works here or in a system of its own",
)

ACTS = (
    KEEP_DESKS,
    ASK_ROUTE,
    KEEP_ROUTE,
    SEE_SENT,
    SEE_RECEIVED,
    PREPARE,
    SUBMIT,
    RECORD_OUTCOME,
    IMPORT_OUTCOMES,
    SCREEN,
    DECIDE,
    REVIEW,
    RUN_MEETING,
    CHAIR_MEETING,
    WRITE_LETTERS,
)


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in ACTS:
        register_act(act)


def sees_every_submission(user: Any) -> bool:
    return people.holds_anywhere(user, SEE_SENT.everywhere)


def body_scopes(user: Any) -> set[int]:
    """Return the scopes of the bodies for which the user reads what is submitted."""
    return people.scopes_of(user, BODIES)


def board_scopes(user: Any) -> set[int]:
    """Return the scopes of the boards on which the user sits or for which the user writes."""
    return people.scopes_of(user, BOARD)


def applicant_scopes(user: Any) -> set[int]:
    """Return the scopes of the studies and sites at which the user stands on the applicant's side."""
    return people.scopes_of(user, SEE_SENT.roles)


def sponsor_scopes(user: Any) -> set[int]:
    return people.scopes_of(user, frozenset({Role.SPONSOR_MANAGER}))


def may_for(user: Any, act: Act, scope_ids: Collection[int]) -> bool:
    """Say whether the user may do the act on any of these scopes: a study, its sites, its sponsors."""
    if people.holds_anywhere(user, act.everywhere):
        return True
    return any(people.may(user, act, one) for one in scope_ids)


def check_for(user: Any, act: Act, scope_ids: Collection[int]) -> None:
    """Refuse whoever may not do the act on any of these scopes.

    :raises PermissionDenied: saying which roles may
    """
    if not may_for(user, act, scope_ids):
        raise PermissionDenied(why_not_for(act))


def why_not_for(act: Act) -> str:
    """Return who may do an act, as a refusal says it."""
    return f"You can't {act.says} here. It needs the role {phrase(act.roles | act.everywhere)}."


def scopes_of_submission(submission: Submission) -> list[int]:
    """Return the scopes on which an applicant may act for it: the study's, its sponsors', its sites'."""
    scopes = [submission.study.scope_id]
    scopes += submission.sponsors.values_list("organisation__scope_id", flat=True)
    scopes += submission.sites.values_list("study_site__scope_id", flat=True)
    return scopes


def may_applicant(user: Any, act: Act, submission: Submission) -> bool:
    return may_for(user, act, scopes_of_submission(submission))


def check_applicant(user: Any, act: Act, submission: Submission) -> None:
    check_for(user, act, scopes_of_submission(submission))


def may_body(user: Any, act: Act, submission: Submission) -> bool:
    return people.may(user, act, submission.body.scope_id)


def check_body(user: Any, act: Act, submission: Submission) -> None:
    people.check(user, act, submission.body.scope_id)
