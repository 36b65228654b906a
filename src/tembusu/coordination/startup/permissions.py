"""Who may do what in start-up. The acts below are this room's part of the matrix."""

from typing import Any

from tembusu.coordination.startup.models import SitePathway
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role, ScopeKind, register_act

KEEPS_STARTUP = frozenset({Role.COORDINATING_ANALYST, Role.COORDINATING_LEAD})
LEADS = frozenset({Role.COORDINATING_LEAD})
AT_SITE = frozenset({Role.SITE_COORDINATOR, Role.PRINCIPAL_INVESTIGATOR})
FOR_INSTITUTION = frozenset({Role.INSTITUTION_REPRESENTATIVE, Role.CLUSTER_RESEARCH_OFFICE})
FOR_SPONSOR = frozenset({Role.SPONSOR_MANAGER, Role.CRO_MANAGER})

SEE_PATHWAY = Act(
    "startup",
    "see_site_pathway",
    AT_SITE | FOR_INSTITUTION | FOR_SPONSOR | {Role.MONITOR},
    ScopeKind.STUDY_SITE,
    "see how a study-site's start-up stands",
    everywhere=KEEPS_STARTUP,
)
SELECT_SITE = Act(
    "startup",
    "select_site",
    FOR_INSTITUTION | FOR_SPONSOR,
    ScopeKind.STUDY_SITE,
    "select a site and begin its start-up",
    everywhere=KEEPS_STARTUP,
)
RECORD_MILESTONE = Act(
    "startup",
    "record_milestone",
    AT_SITE | FOR_INSTITUTION | FOR_SPONSOR,
    ScopeKind.STUDY_SITE,
    "record milestones of a study-site",
    everywhere=KEEPS_STARTUP,
)
END_PATHWAY = Act(
    "startup",
    "end_site_pathway",
    frozenset({Role.PRINCIPAL_INVESTIGATOR}) | FOR_INSTITUTION | FOR_SPONSOR,
    ScopeKind.STUDY_SITE,
    "withdraw a site, stop its start-up or take that back",
    everywhere=KEEPS_STARTUP,
)
DELEGATE = Act(
    "startup",
    "record_delegation",
    AT_SITE,
    ScopeKind.STUDY_SITE,
    "enter somebody in a study-site's delegation log",
)
SIGN_DELEGATION = Act(
    "startup",
    "sign_delegation",
    frozenset({Role.PRINCIPAL_INVESTIGATOR}),
    ScopeKind.STUDY_SITE,
    "sign a study-site's delegation log",
)
ESCALATE = Act(
    "startup",
    "escalate_site_pathway",
    frozenset(),
    ScopeKind.STUDY_SITE,
    "put a stuck study-site before a named person",
    everywhere=KEEPS_STARTUP,
)
EDIT_PATHWAY = Act("startup", "edit_pathway", LEADS, None, "decide on pathways and move a site")
TAKE_HISTORY = Act("startup", "take_history", KEEPS_STARTUP, None, "bring in past years' start-up")


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in (
        SEE_PATHWAY,
        SELECT_SITE,
        RECORD_MILESTONE,
        END_PATHWAY,
        DELEGATE,
        SIGN_DELEGATION,
        ESCALATE,
        EDIT_PATHWAY,
        TAKE_HISTORY,
    ):
        register_act(act)


def sees_every_pathway(user: Any) -> bool:
    """Say whether the user sees every study-site's start-up."""
    return people.holds_anywhere(user, SEE_PATHWAY.everywhere)


def scopes_seen(user: Any) -> set[int]:
    """Return the ids of the scopes whose study-sites' start-up the user sees."""
    return people.scopes_of(user, SEE_PATHWAY.roles)


def may(user: Any, act: Act, pathway: SitePathway) -> bool:
    """Say whether the user may do this for the study-site: by its study, or by its institution."""
    site = pathway.study_site
    return people.may(user, act, site.scope_id) or people.may(user, act, site.organisation.scope_id)


def check(user: Any, act: Act, pathway: SitePathway) -> None:
    """Refuse whoever may not do this for the study-site.

    :raises PermissionDenied: saying which roles may
    """
    if not may(user, act, pathway):
        people.check(user, act, pathway.study_site.scope_id)
