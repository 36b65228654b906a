"""Who may do what to people and bodies. The acts below are this room's part of the matrix."""

from typing import TYPE_CHECKING

from tembusu.foundation.people import rules
from tembusu.foundation.people.terms import Act, Role, ScopeKind, register_act

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from tembusu.foundation.people.models import Person

# Reference data of the country is kept by its coordinating body; accounts by the administrator.
KEEPS_BODIES = frozenset(
    {Role.PLATFORM_ADMINISTRATOR, Role.COORDINATING_LEAD, Role.COORDINATING_ANALYST}
)
SEES_EVERY_BODY = KEEPS_BODIES
SEES_EVERY_PERSON = frozenset({Role.PLATFORM_ADMINISTRATOR})
SPEAKS_FOR_BODY = frozenset({Role.CLUSTER_RESEARCH_OFFICE, Role.INSTITUTION_REPRESENTATIVE})

PARENT_KINDS = frozenset(kind for kinds in rules.PARENTS.values() for kind in kinds)

REGISTER_ORGANISATION = Act(
    "people", "register_organisation", KEEPS_BODIES, None, "register an organisation"
)
SEE_ORGANISATION = Act(
    "people",
    "see_organisation",
    rules.HELD_AT_BODIES,
    ScopeKind.ORGANISATION,
    "see an organisation",
    everywhere=SEES_EVERY_BODY,
)
SEE_MEMBERS = Act(
    "people",
    "see_members",
    rules.HELD_AT_BODIES,
    ScopeKind.ORGANISATION,
    "see who holds roles at an organisation",
    everywhere=SEES_EVERY_PERSON,
)
PLACE_ORGANISATION = Act(
    "people", "place_organisation", KEEPS_BODIES, None, "change what an organisation belongs to"
)
RENAME_ORGANISATION = Act(
    "people",
    "rename_organisation",
    SPEAKS_FOR_BODY,
    ScopeKind.ORGANISATION,
    "rename an organisation",
    everywhere=KEEPS_BODIES,
)
ADD_ALIAS = Act(
    "people",
    "add_alias",
    SPEAKS_FOR_BODY,
    ScopeKind.ORGANISATION,
    "add another name to an organisation",
    everywhere=KEEPS_BODIES,
)
REGISTER_PERSON = Act(
    "people",
    "register_person",
    frozenset({Role.PLATFORM_ADMINISTRATOR}),
    None,
    "register a person without an invitation",
)

RESET_SECOND_FACTOR = Act(
    "people",
    "reset_second_factor",
    frozenset({Role.PLATFORM_ADMINISTRATOR}),
    None,
    "take away somebody's lost second factor",
)
CLOSE_ACCOUNT = Act(
    "people",
    "close_account",
    frozenset({Role.PLATFORM_ADMINISTRATOR}),
    None,
    "close an account or open it again",
)
SEE_ACCOUNTS = Act(
    "people", "see_accounts", SEES_EVERY_PERSON, None, "see every account, open or closed"
)


def grant_act(role: Role) -> Act:
    """Return the act of granting one role: also of inviting to it and of ending it."""
    givers = rules.granters_of(role)
    seat = rules.SEATS[role]
    kind = min(seat.scopes, key=lambda one: one is not ScopeKind.ORGANISATION)
    return Act(
        "people",
        f"grant_{role.value}",
        givers - rules.GRANTS_EVERYWHERE,
        kind,
        f"grant, offer or end the role {role.label}",
        everywhere=givers & rules.GRANTS_EVERYWHERE,
    )


GRANT = {role: grant_act(role) for role in Role}


def register() -> None:
    """Enter this room's acts in the permission matrix."""
    for act in (
        REGISTER_ORGANISATION,
        PLACE_ORGANISATION,
        SEE_ORGANISATION,
        SEE_MEMBERS,
        RENAME_ORGANISATION,
        ADD_ALIAS,
        REGISTER_PERSON,
        RESET_SECOND_FACTOR,
        CLOSE_ACCOUNT,
        SEE_ACCOUNTS,
        *GRANT.values(),
    ):
        register_act(act)


def check_can_grant(user: "Person | AnonymousUser", role: Role, scope_id: int) -> None:
    """Refuse whoever holds no role that gives this one here.

    :raises PermissionDenied: naming the roles that may
    """
    from tembusu.foundation.people import selectors

    selectors.check(user, GRANT[role], scope_id)


def grantable(user: "Person | AnonymousUser", scope_id: int) -> frozenset[Role]:
    """Return the roles that the user may grant on this scope, wherever they may be held."""
    from tembusu.foundation.people import selectors

    held = selectors.roles_on(user, scope_id)
    held |= selectors.roles_anywhere(user) & rules.GRANTS_EVERYWHERE
    return frozenset(role for giver in held for role in rules.GRANTS[giver])
