"""Words for people: roles, kinds of bodies and scopes, and the acts that rooms let roles do."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tembusu.foundation.core.states import State


class Role(State):
    """What a person is there for. A role is always held on a scope, by a membership."""

    SITE_COORDINATOR = "site_coordinator"
    PRINCIPAL_INVESTIGATOR = "principal_investigator"
    INSTITUTION_REPRESENTATIVE = "institution_representative"
    CLUSTER_RESEARCH_OFFICE = "cluster_research_office"
    SPONSOR_MANAGER = "sponsor_manager"
    CRO_MANAGER = "cro_manager"
    MONITOR = "monitor"
    STATISTICIAN = "statistician"
    UNBLINDED_STATISTICIAN = "unblinded_statistician"
    DATA_MANAGER = "data_manager"
    BOARD_SECRETARY = "board_secretary"
    BOARD_CHAIR = "board_chair"
    BOARD_MEMBER = "board_member"
    REGULATOR_REVIEWER = "regulator_reviewer"
    FUNDER_OFFICER = "funder_officer"
    NETWORK_SECRETARIAT = "network_secretariat"
    COORDINATING_ANALYST = "coordinating_analyst"
    COORDINATING_LEAD = "coordinating_lead"
    ACADEMY_MANAGER = "academy_manager"
    EDUCATOR = "educator"
    LEARNER = "learner"
    SUPERVISOR = "supervisor"
    COMMUNICATIONS_EDITOR = "communications_editor"
    COMMUNICATIONS_PUBLISHER = "communications_publisher"
    PLATFORM_ADMINISTRATOR = "platform_administrator"

    @property
    def label(self) -> str:
        return "CRO manager" if self.value == "cro_manager" else super().label


class OrganisationKind(State):
    SPONSOR = "sponsor"
    CRO = "cro"
    INSTITUTION = "institution"
    CLUSTER = "cluster"
    REGULATOR = "regulator"
    ETHICS_BOARD = "ethics_board"
    FUNDER = "funder"
    UNIVERSITY = "university"
    AGENCY = "agency"
    RESEARCH_NETWORK = "research_network"
    COORDINATING_BODY = "coordinating_body"

    @property
    def label(self) -> str:
        return "CRO" if self.value == "cro" else super().label


class ScopeKind(State):
    """What kind of record a scope stands for. There is one platform scope, with no children."""

    ORGANISATION = "organisation"
    STUDY = "study"
    STUDY_SITE = "study_site"
    PLATFORM = "platform"


class NameKind(State):
    """``official`` is the present name (one per body); ``former`` was official until a date."""

    OFFICIAL = "official"
    ALIAS = "alias"
    ACRONYM = "acronym"
    FORMER = "former"


class InvitationState(State):
    """Derived from an invitation's dates, so it can't disagree with them."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


class TokenScope(State):
    """What an API token may be used for; its person's own rights limit it further."""

    STUDIES_READ = "studies:read"
    IMPORTS_WRITE = "imports:write"
    IMPORTS_READ = "imports:read"
    ORGANISATIONS_READ = "organisations:read"
    EXTRACTS_WRITE = "extracts:write"
    STARTUP_READ = "startup:read"
    STARTUP_WRITE = "startup:write"

    @property
    def label(self) -> str:
        what, how = self.value.split(":")
        return f"{how} {what}".capitalize()


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a role may be held: on which kinds of scope and, for bodies, of which kinds."""

    scopes: frozenset[ScopeKind]
    organisations: frozenset[OrganisationKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Act:
    """Something a room lets roles do; the permission matrix is made of these.

    :param roles: may do it on records in their scope
    :param kind: the kind of scope the record belongs to; None where the act concerns no one record
    :param says: the act as a verb phrase, for matrix and refusals: "register an organisation"
    :param everywhere: may do it on any record, whatever their scope
    """

    room: str
    name: str
    roles: frozenset[Role]
    kind: ScopeKind | None
    says: str
    everywhere: frozenset[Role] = field(default_factory=frozenset)

    @property
    def key(self) -> str:
        return f"{self.room}.{self.name}"

    def allows(self, role: Role, *, in_scope: bool) -> bool:
        """Say whether this role, held on the record's scope or elsewhere, may do the act."""
        return role in self.everywhere or (role in self.roles and (in_scope or self.kind is None))


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One cell pair of the permission matrix; both may be refused."""

    room: str
    act: str
    says: str
    role: Role
    in_scope: bool
    out_of_scope: bool


@dataclass(frozen=True, slots=True)
class NamedBody:
    """What an organisation is called, for finding it from a text. Reference data, no secrets."""

    organisation_id: int
    scope_id: int
    kind: OrganisationKind
    name: str
    aliases: Sequence[str]
    acronyms: Sequence[str]
    city: str
    country: str
    ror_id: str | None


@dataclass(frozen=True, slots=True)
class DatedName:
    """A further name given while registering a body; dates None where not known."""

    name: str
    kind: NameKind = NameKind.ALIAS
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ScopeName:
    """How the record behind a scope is called on screen, with its page or ''."""

    name: str
    url: str = ""


ScopeNames = Callable[[Collection[int]], Mapping[int, ScopeName]]

_ACTS: dict[str, Act] = {}
_SCOPE_NAMES: dict[ScopeKind, ScopeNames] = {}


def register_act(act: Act) -> Act:
    """Enter an act in the permission matrix, once; rooms do so from their ``apps.py``.

    :raises ValueError: if another act has its name
    """
    present = _ACTS.setdefault(act.key, act)
    if present != act:
        raise ValueError(f"Two acts are called {act.key}.")
    return act


def acts() -> Mapping[str, Act]:
    """Return every registered act by its key, such as ``people.register_organisation``."""
    return dict(sorted(_ACTS.items()))


def register_scope_names(kind: ScopeKind, names: ScopeNames) -> None:
    """Say how the records behind scopes of this kind are called; rooms do so from ``apps.py``."""
    _SCOPE_NAMES[kind] = names


def scope_names(kind: ScopeKind) -> ScopeNames | None:
    """Return what names the records of this kind, if their room is there."""
    return _SCOPE_NAMES.get(kind)


def phrase(roles: Collection[Role]) -> str:
    """Return roles as people read them: 'Data manager, Monitor or Statistician'."""
    names = sorted(role.label for role in roles)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"
