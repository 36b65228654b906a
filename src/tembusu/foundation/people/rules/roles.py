"""Where roles are held, who grants which, and how they end."""

from collections.abc import Collection, Mapping

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people.terms import OrganisationKind, Role, ScopeKind, Seat


class RoleRefused(Refusal):
    """A role that may not be granted, or not be ended, here and now."""


# -- where roles are held -------------------------------------------------------------------------

_O = OrganisationKind


def _at(*kinds: OrganisationKind) -> Seat:
    return Seat(frozenset({ScopeKind.ORGANISATION}), frozenset(kinds))


_ON_SITE = Seat(frozenset({ScopeKind.STUDY_SITE}))
_ON_STUDY = Seat(frozenset({ScopeKind.STUDY}))
_ACADEMY = _at(_O.UNIVERSITY, _O.COORDINATING_BODY, _O.CLUSTER, _O.INSTITUTION)

SEATS: Mapping[Role, Seat] = {
    Role.SITE_COORDINATOR: _ON_SITE,
    Role.PRINCIPAL_INVESTIGATOR: _ON_SITE,
    Role.INSTITUTION_REPRESENTATIVE: _at(_O.INSTITUTION, _O.UNIVERSITY),
    Role.CLUSTER_RESEARCH_OFFICE: _at(_O.CLUSTER),
    # Investigator-initiated trials are sponsored by the bodies that care for patients and teach.
    Role.SPONSOR_MANAGER: _at(
        _O.SPONSOR, _O.INSTITUTION, _O.CLUSTER, _O.UNIVERSITY, _O.AGENCY, _O.RESEARCH_NETWORK
    ),
    Role.CRO_MANAGER: Seat(
        frozenset({ScopeKind.ORGANISATION, ScopeKind.STUDY}), frozenset({_O.CRO})
    ),
    Role.MONITOR: _ON_STUDY,
    Role.STATISTICIAN: _ON_STUDY,
    Role.UNBLINDED_STATISTICIAN: _ON_STUDY,
    Role.DATA_MANAGER: _ON_STUDY,
    Role.BOARD_SECRETARY: _at(_O.ETHICS_BOARD),
    Role.BOARD_CHAIR: _at(_O.ETHICS_BOARD),
    Role.BOARD_MEMBER: _at(_O.ETHICS_BOARD),
    Role.REGULATOR_REVIEWER: _at(_O.REGULATOR),
    Role.FUNDER_OFFICER: _at(_O.FUNDER, _O.AGENCY),
    Role.NETWORK_SECRETARIAT: _at(_O.RESEARCH_NETWORK),
    Role.COORDINATING_ANALYST: _at(_O.COORDINATING_BODY),
    Role.COORDINATING_LEAD: _at(_O.COORDINATING_BODY),
    Role.ACADEMY_MANAGER: _ACADEMY,
    Role.EDUCATOR: _ACADEMY,
    Role.LEARNER: _ACADEMY,
    Role.SUPERVISOR: _ACADEMY,
    Role.COMMUNICATIONS_EDITOR: _ACADEMY,
    Role.COMMUNICATIONS_PUBLISHER: _ACADEMY,
    Role.PLATFORM_ADMINISTRATOR: Seat(frozenset({ScopeKind.PLATFORM})),
}

# Learners and their supervisors see only their own applications; everybody else works on records of
# others and needs a second factor.
NEEDS_SECOND_FACTOR = frozenset(Role) - {Role.LEARNER, Role.SUPERVISOR}


def check_seat(role: Role, *, scope: ScopeKind, organisation: OrganisationKind | None) -> None:
    """Refuse a role on a scope where it means nothing.

    :param organisation: the body's kind, where the scope stands for a body
    :raises RoleRefused: saying where the role is held
    """
    seat = SEATS[role]
    if scope not in seat.scopes:
        places = " or ".join(sorted(kind.label.lower() for kind in seat.scopes))
        raise RoleRefused(f"{role.label} is held on a {places}, not on a {scope.label.lower()}.")
    if scope is ScopeKind.ORGANISATION and organisation not in seat.organisations:
        kinds = ", ".join(sorted(kind.label for kind in seat.organisations))
        raise RoleRefused(f"{role.label} can't be held here; it belongs to: {kinds}.")


def roles_at(scope: ScopeKind, organisation: OrganisationKind | None) -> frozenset[Role]:
    """Return the roles that can be held on such a scope."""
    return frozenset(
        role
        for role, seat in SEATS.items()
        if scope in seat.scopes
        and (scope is not ScopeKind.ORGANISATION or organisation in seat.organisations)
    )


# -- who grants what ------------------------------------------------------------------------------

_STUDY_TEAM = frozenset(
    {
        Role.MONITOR,
        Role.STATISTICIAN,
        Role.UNBLINDED_STATISTICIAN,
        Role.DATA_MANAGER,
        Role.PRINCIPAL_INVESTIGATOR,
        Role.SITE_COORDINATOR,
    }
)
HELD_AT_BODIES = frozenset(
    role for role, seat in SEATS.items() if ScopeKind.ORGANISATION in seat.scopes
)

# A role grants these on its own scope and below. A role is never granted by one that lacks what it
# gives: nobody outside a study's sponsor and its sites opens a study, the administrator included.
GRANTS: Mapping[Role, frozenset[Role]] = {
    **{role: frozenset() for role in Role},
    Role.PLATFORM_ADMINISTRATOR: HELD_AT_BODIES | {Role.PLATFORM_ADMINISTRATOR},
    Role.SPONSOR_MANAGER: _STUDY_TEAM | {Role.SPONSOR_MANAGER, Role.CRO_MANAGER},
    Role.CRO_MANAGER: frozenset({Role.CRO_MANAGER, Role.MONITOR, Role.DATA_MANAGER}),
    Role.PRINCIPAL_INVESTIGATOR: frozenset({Role.SITE_COORDINATOR}),
    Role.CLUSTER_RESEARCH_OFFICE: frozenset(
        {Role.CLUSTER_RESEARCH_OFFICE, Role.INSTITUTION_REPRESENTATIVE}
    ),
    Role.INSTITUTION_REPRESENTATIVE: frozenset({Role.INSTITUTION_REPRESENTATIVE}),
    Role.BOARD_CHAIR: frozenset({Role.BOARD_CHAIR, Role.BOARD_SECRETARY, Role.BOARD_MEMBER}),
    Role.BOARD_SECRETARY: frozenset({Role.BOARD_MEMBER}),
    Role.FUNDER_OFFICER: frozenset({Role.FUNDER_OFFICER}),
    Role.NETWORK_SECRETARIAT: frozenset({Role.NETWORK_SECRETARIAT}),
    Role.COORDINATING_LEAD: frozenset({Role.COORDINATING_LEAD, Role.COORDINATING_ANALYST}),
    Role.ACADEMY_MANAGER: frozenset(
        {Role.ACADEMY_MANAGER, Role.EDUCATOR, Role.LEARNER, Role.SUPERVISOR}
    ),
    Role.COMMUNICATIONS_PUBLISHER: frozenset(
        {Role.COMMUNICATIONS_PUBLISHER, Role.COMMUNICATIONS_EDITOR}
    ),
}

# Roles whose grants reach every body: the platform stands beside the tree of scopes, not above it.
GRANTS_EVERYWHERE = frozenset({Role.PLATFORM_ADMINISTRATOR})

# Who knows the allocation may not also hold a role on the same study that must stay blind
# (ICH E6(R3) 4.1.3, ICH E9 2.3.1).
_BLIND = _STUDY_TEAM - {Role.UNBLINDED_STATISTICIAN}
INCOMPATIBLE: Mapping[Role, frozenset[Role]] = {
    Role.UNBLINDED_STATISTICIAN: _BLIND,
    **{role: frozenset({Role.UNBLINDED_STATISTICIAN}) for role in _BLIND},
}


def granters_of(role: Role) -> frozenset[Role]:
    """Return the roles that may grant this one."""
    return frozenset(giver for giver, given in GRANTS.items() if role in given)


def check_compatible(role: Role, *, held: Collection[Role]) -> None:
    """Refuse a role beside one that it would unblind.

    :param held: the roles that the person holds on the same study or its sites
    :raises RoleRefused: naming the role that stands against it
    """
    against = INCOMPATIBLE.get(role, frozenset()) & frozenset(held)
    if against:
        other = min(against).label
        raise RoleRefused(
            f"{role.label} and {other} can't be held by one person on one study: one must stay "
            f"blind to the allocation. End the other role first, or choose another person."
        )


def check_not_own(*, person_id: int | None, by_id: int | None) -> None:
    """Refuse that somebody grants a role to themselves.

    :raises RoleRefused: always saying whom to ask
    """
    if person_id is not None and person_id == by_id:
        raise RoleRefused(
            "Nobody grants a role to themselves. Ask another person who may grant it."
        )


def check_end(*, role: Role, n_others: int) -> None:
    """Refuse to end the last platform administrator.

    :param n_others: other people who hold the role now
    :raises RoleRefused: with the remedy
    """
    if role is Role.PLATFORM_ADMINISTRATOR and n_others == 0:
        raise RoleRefused(
            "This is the last platform administrator, and nobody could grant the role again. "
            "Grant it to another person first, then end this one."
        )


def check_reason(text: str) -> str:
    """Return the reason without blanks around it.

    :raises RoleRefused: if there is none
    """
    reason = text.strip()
    if not reason:
        raise RoleRefused("Say why the role ends; the person and the trail will show it.")
    return reason
