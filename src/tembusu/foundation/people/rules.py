"""Decisions about roles, names, invitations and tokens, taken on plain values."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people.terms import (
    InvitationState,
    OrganisationKind,
    Role,
    ScopeKind,
    Seat,
    TokenScope,
)

INVITATION_LIFE = timedelta(days=14)
TOKEN_LIFE = timedelta(days=365)
TOKENS_AT_MOST = 20  # active tokens of one person
NAME_MAX = 300


class RoleRefused(Refusal):
    """A role that may not be granted, or not be ended, here and now."""


class NameRefused(Refusal):
    """A name that a body can't have."""


class ParentRefused(Refusal):
    """A parent that a body can't have."""


class RorRefused(Refusal):
    """A text that is no ROR id."""


class InvitationRefused(Refusal):
    """An invitation that can't be made, accepted or revoked now."""


class TokenRefused(Refusal):
    """An API token that can't be issued or used."""


class PersonRefused(Refusal):
    """A person who can't be registered as given."""


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


# -- bodies ---------------------------------------------------------------------------------------

_CARE = frozenset({_O.CLUSTER, _O.UNIVERSITY, _O.INSTITUTION, _O.AGENCY})
PARENTS: Mapping[OrganisationKind, frozenset[OrganisationKind]] = {
    _O.SPONSOR: frozenset({_O.SPONSOR, _O.AGENCY}),
    _O.CRO: frozenset({_O.CRO, _O.AGENCY}),
    _O.INSTITUTION: _CARE,
    _O.CLUSTER: frozenset({_O.AGENCY}),
    _O.REGULATOR: frozenset({_O.AGENCY}),
    _O.ETHICS_BOARD: _CARE,
    _O.FUNDER: frozenset({_O.AGENCY}),
    _O.UNIVERSITY: frozenset({_O.AGENCY, _O.UNIVERSITY}),
    _O.AGENCY: frozenset({_O.AGENCY}),
    _O.RESEARCH_NETWORK: _CARE | {_O.COORDINATING_BODY},
    _O.COORDINATING_BODY: frozenset({_O.AGENCY}),
}


def check_parent(
    kind: OrganisationKind, *, parent: OrganisationKind, ancestors: Collection[int], own: int | None
) -> None:
    """Refuse a parent of the wrong kind, or one that stands below the body itself.

    :param ancestors: ids of the parent and all above it
    :param own: the body's own id; None when it is being registered
    :raises ParentRefused: saying what would be right
    """
    if parent not in PARENTS[kind]:
        right = ", ".join(sorted(one.label for one in PARENTS[kind]))
        raise ParentRefused(f"A body of kind {kind.label} belongs below: {right}.")
    if own is not None and own in ancestors:
        raise ParentRefused("A body can't belong to itself, nor to one below it.")


def check_name(text: str) -> str:
    """Return a body's or a person's name with blanks made single.

    :raises NameRefused: if nothing is left, it is too long, or holds unprintable characters
    """
    name = " ".join(text.split())
    if not name:
        raise NameRefused("Give a name.")
    if len(name) > NAME_MAX:
        raise NameRefused(f"The name has {len(name)} characters; at most {NAME_MAX} are kept.")
    if not name.isprintable():
        raise NameRefused("The name holds characters that can't be printed. Type it again.")
    return name


def check_rename(*, present: str, new: str, since: date | None, on: date, today: date) -> None:
    """Refuse a new name that changes nothing, or a date that can't be.

    :param since: when the present name began, if known
    :param on: the first day of the new name
    :raises NameRefused: saying what is wrong
    """
    if new == present:
        raise NameRefused("This is its name already.")
    if on > today:
        raise NameRefused("A new name is recorded from the day it holds, not before.")
    if since is not None and on <= since:
        raise NameRefused(
            f"The present name holds since {since:%d %b %Y}; the new one must begin later."
        )


_COUNTRY = re.compile(r"[A-Z]{2}")


def check_country(text: str) -> str:
    """Return an ISO 3166-1 alpha-2 code in capitals.

    :raises NameRefused: if it isn't two letters
    """
    code = text.strip().upper()
    if not _COUNTRY.fullmatch(code):
        raise NameRefused("Give the country as two letters of ISO 3166, such as SG.")
    return code


_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR = re.compile(r"(?:https?://)?(?:ror\.org/)?(0[0-9a-hjkmnp-tv-z]{6}\d{2})")


def ror_id(text: str) -> str | None:
    """Return the nine characters of a ROR id given bare or as an address; None for nothing.

    The last two digits are a checksum, ISO/IEC 7064 mod 97-10 over the six base-32 characters
    (ROR documentation, "ROR identifier pattern").

    :raises RorRefused: if it is another text, or was mistyped
    """
    given = text.strip().lower().rstrip("/")
    if not given:
        return None
    found = _ROR.fullmatch(given)
    if not found:
        raise RorRefused(
            "A ROR id has nine characters and begins with 0, as in https://ror.org/036j6sg82."
        )
    short = found[1]
    number = 0
    for character in short[1:7]:
        number = number * 32 + _CROCKFORD.index(character)
    if 98 - (number * 100) % 97 != int(short[7:]):
        raise RorRefused("This ROR id has a wrong checksum: a character was mistyped.")
    return short


# -- persons --------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def email_address(text: str) -> str:
    """Return an e-mail address as we keep it: small letters, no blanks around it.

    :raises PersonRefused: if it is none
    """
    address = text.strip().lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise PersonRefused("Give an e-mail address such as name@hospital.example.")
    return address


def check_reset(*, person_id: int, by_id: int | None, reason: str, has_factor: bool) -> str:
    """Return the reason for taking away a second factor, without blanks around it.

    :raises PersonRefused: for oneself, where there is none, or without a reason
    """
    if person_id == by_id:
        raise PersonRefused("Ask another administrator; nobody weakens their own account.")
    if not has_factor:
        raise PersonRefused("This account has no second factor.")
    if not reason.strip():
        raise PersonRefused("Say why, and how you know that the person asked.")
    return reason.strip()


# -- invitations and tokens -----------------------------------------------------------------------


def invitation_state(
    *,
    accepted_at: datetime | None,
    revoked_at: datetime | None,
    expires_at: datetime,
    now: datetime,
) -> InvitationState:
    """Return where an invitation stands; one that was answered never expires afterwards."""
    if accepted_at is not None:
        return InvitationState.ACCEPTED
    if revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.EXPIRED if now >= expires_at else InvitationState.OPEN


def check_open(state: InvitationState) -> None:
    """Refuse an invitation that is no longer open.

    :raises InvitationRefused: with what to do instead
    """
    says = {
        InvitationState.ACCEPTED: "This invitation was accepted before. Sign in instead.",
        InvitationState.REVOKED: "This invitation was withdrawn. Ask for a new one.",
        InvitationState.EXPIRED: "This invitation has expired. Ask for a new one.",
    }
    if state in says:
        raise InvitationRefused(says[state])


def check_token(
    *, scopes: Collection[TokenScope], expires_at: datetime, now: datetime, n_active: int
) -> None:
    """Refuse a token without scope, without a near end, or one too many.

    :raises TokenRefused: saying the limit
    """
    if not scopes:
        raise TokenRefused("Choose at least one thing that the token may be used for.")
    if expires_at <= now:
        raise TokenRefused("A token must end in the future.")
    if expires_at > now + TOKEN_LIFE:
        raise TokenRefused("A token lives for at most one year. Choose an earlier end.")
    if n_active >= TOKENS_AT_MOST:
        raise TokenRefused(f"You have {n_active} active tokens. Revoke one that is not used.")
