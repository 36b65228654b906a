"""Fictitious bodies and people for demonstrations, made through this room's own actions.

Three clusters of hospitals, a coordinating body, sponsors, and one account for each role that a
body or the platform gives; the registry's demo grants the roles that are held on studies.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from tembusu.foundation.people import actions, selectors, sign_in
from tembusu.foundation.people.models import Membership, Organisation, Person, Scope
from tembusu.foundation.people.terms import DatedName, NameKind, OrganisationKind, Role

DEMO_PASSWORD = "under the rain tree"  # noqa: S105 printed on screen, for synthetic data only
AGE = timedelta(days=400)  # how long ago the bodies were registered and the roles granted
HOME = ""  # stands for the deployment's own country


@dataclass(frozen=True, slots=True)
class Body:
    """A body to register; ``names`` are written 'acronym:RTGH', 'alias:...' or 'former:...'."""

    key: str
    kind: OrganisationKind
    name: str
    city: str
    parent: str = ""
    names: tuple[str, ...] = ()
    country: str = HOME


@dataclass(frozen=True, slots=True)
class Player:
    """An account: where its role is held ('' for a study, by the registry's demo), what it sees."""

    name: str
    role: Role
    place: str
    sees: str

    @property
    def email(self) -> str:
        first, *_, last = self.name.lower().replace("dr ", "").replace("'", "").split()
        return f"{first}.{last}{sign_in.DEMO_DOMAIN}"


_K = OrganisationKind
BODIES = (
    Body("office", _K.COORDINATING_BODY, "Banyan Clinical Trials Office", "Bandar Raya",
         names=("acronym:BCTO", "former:Joint Trials Desk")),
    Body("agency", _K.AGENCY, "Straits Health Research Agency", "Bandar Raya",
         names=("acronym:SHRA",)),
    Body("meranti", _K.CLUSTER, "Meranti Health", "Bandar Raya",
         names=("alias:Meranti Health Group",)),
    Body("angsana", _K.CLUSTER, "Angsana Health", "Tanjung Timur"),
    Body("pulai", _K.CLUSTER, "Pulai Health", "Pulai Hilir"),
    Body("raintree", _K.INSTITUTION, "Rain Tree General Hospital", "Bandar Raya", "meranti",
         ("acronym:RTGH", "alias:Rain Tree Gen Hosp", "former:Meranti General Hospital")),
    Body("kempas", _K.INSTITUTION, "Kempas Medical Centre", "Bandar Raya", "meranti",
         ("acronym:KMC",)),
    Body("keruing", _K.INSTITUTION, "Keruing General Hospital", "Bukit Keruing", "meranti",
         ("acronym:KGH",)),
    Body("meranti-institute", _K.INSTITUTION, "Meranti Institute of Clinical Research",
         "Bandar Raya", "meranti", ("acronym:MICR", "alias:Meranti Institute")),
    Body("angsana-hospital", _K.INSTITUTION, "Angsana University Hospital", "Tanjung Timur",
         "angsana", ("acronym:AUH",)),
    Body("jelutong", _K.INSTITUTION, "Jelutong Heart Centre", "Tanjung Timur", "angsana",
         ("acronym:JHC", "alias:Jelutong Heart Center")),
    Body("cengal", _K.INSTITUTION, "Cengal Children's Hospital", "Tanjung Timur", "angsana",
         ("acronym:CCH",)),
    Body("pulai-cancer", _K.INSTITUTION, "Pulai National Cancer Institute", "Pulai Hilir", "pulai",
         ("acronym:PNCI", "alias:Pulai Cancer Institute")),
    Body("nyatoh", _K.INSTITUTION, "Nyatoh Community Hospital", "Pulai Hulu", "pulai"),
    Body("university", _K.UNIVERSITY, "Angsana University", "Tanjung Timur",
         names=("acronym:AU", "alias:Universiti Angsana")),
    Body("board", _K.ETHICS_BOARD, "Meranti Ethics Board", "Bandar Raya", "meranti",
         ("acronym:MEB",)),
    Body("regulator", _K.REGULATOR, "Medicines and Devices Authority", "Bandar Raya", "agency",
         ("acronym:MDA",)),
    Body("funder", _K.FUNDER, "Gelam Research Fund", "Bandar Raya", "agency",
         ("acronym:GRF",)),
    Body("network", _K.RESEARCH_NETWORK, "Straits Oncology Network", "Pulai Hilir", "office",
         ("acronym:SON",)),
    Body("damar", _K.SPONSOR, "Damar Therapeutics", "Basel", country="CH"),
    Body("sena", _K.SPONSOR, "Sena Biologics", "Seberang Kota"),
    Body("tualang", _K.SPONSOR, "Tualang Vaccines", "Hilversum", country="NL"),
    Body("merbau", _K.CRO, "Merbau Clinical Operations", "Bandar Raya", names=("acronym:MCO",)),
)  # fmt: skip

PEOPLE = (
    Player("Salmah Idris", Role.PLATFORM_ADMINISTRATOR, "platform",
           "accounts, organisations and roles; of studies only the published ones"),
    Player("Tan Wei Ling", Role.COORDINATING_LEAD, "office", "the national portfolio"),
    Player("Arjun Pillai", Role.COORDINATING_ANALYST, "office",
           "the national portfolio and the review queue of places"),
    Player("Nurul Hidayah", Role.CLUSTER_RESEARCH_OFFICE, "meranti",
           "the institutions of Meranti Health and their studies"),
    Player("Goh Mei Xuan", Role.CLUSTER_RESEARCH_OFFICE, "angsana",
           "the institutions of Angsana Health and their studies"),
    Player("Lakshmi Devan", Role.INSTITUTION_REPRESENTATIVE, "raintree",
           "Rain Tree General Hospital and its studies"),
    Player("Hafiz Rahman", Role.INSTITUTION_REPRESENTATIVE, "pulai-cancer",
           "Pulai National Cancer Institute and its studies"),
    Player("Ines Duarte", Role.SPONSOR_MANAGER, "damar", "the studies of Damar Therapeutics"),
    Player("Koh Jun Hao", Role.SPONSOR_MANAGER, "sena", "the studies of Sena Biologics"),
    Player("Marta Silveira", Role.CRO_MANAGER, "merbau", "Merbau Clinical Operations"),
    Player("Dr Adaeze Nwosu", Role.BOARD_CHAIR, "board", "what is submitted to the board"),
    Player("Chitra Raman", Role.BOARD_SECRETARY, "board", "what is submitted to the board"),
    Player("Ong Boon Keng", Role.BOARD_MEMBER, "board", "what is submitted to the board"),
    Player("Dr Foo Mei Lin", Role.BOARD_MEMBER, "board", "what is submitted to the board"),
    Player("Ravi Subramaniam", Role.BOARD_MEMBER, "board", "what is submitted to the board"),
    Player("Quek Hui Min", Role.BOARD_MEMBER, "board", "what is submitted to the board"),
    Player("Nora Abdullah", Role.BOARD_MEMBER, "board", "what is submitted to the board"),
    Player("Yusof Kamal", Role.REGULATOR_REVIEWER, "regulator", "what is submitted to it"),
    Player("Rachel Sim", Role.FUNDER_OFFICER, "funder", "the grants of the fund"),
    Player("Devi Krishnan", Role.NETWORK_SECRETARIAT, "network", "the network and its sites"),
    Player("Lim Siew Hoon", Role.ACADEMY_MANAGER, "university", "intakes and certificates"),
    Player("Pavel Novotny", Role.EDUCATOR, "university", "intakes and assessments"),
    Player("Aisyah Zainal", Role.LEARNER, "university", "own applications"),
    Player("Dr Kevin Teo", Role.SUPERVISOR, "university", "applications that wait on him"),
    Player("Joyce Fernandez", Role.COMMUNICATIONS_EDITOR, "meranti-institute", "site pages"),
    Player("Amir Shah", Role.COMMUNICATIONS_PUBLISHER, "meranti-institute", "site pages"),
    Player("Dr Farah Osman", Role.PRINCIPAL_INVESTIGATOR, "", "her studies at their site"),
    Player("Siti Maisarah", Role.SITE_COORDINATOR, "", "the studies at her site"),
    Player("Daniel Okafor", Role.MONITOR, "", "the studies that he monitors"),
    Player("Hana Suzuki", Role.STATISTICIAN, "", "her studies, blind to the allocation"),
    Player("Bilal Aziz", Role.UNBLINDED_STATISTICIAN, "", "his studies, allocation included"),
    Player("Grace Lau", Role.DATA_MANAGER, "", "the data of her studies"),
)  # fmt: skip


def load(at: datetime) -> None:
    """Register the bodies and people that are not there yet. Runs again without changing anything.

    :raises RuntimeError: where the deployment holds real people's data
    """
    if not sign_in.shows_codes():
        raise RuntimeError("The demo is for synthetic data only: set TEMBUSU_SYNTHETIC.")
    then = at - AGE
    bodies: dict[str, Organisation] = {}
    for body in BODIES:
        bodies[body.key] = _register(body, bodies.get(body.parent), then)
    for player in PEOPLE:
        person = _person(player, then)
        if player.place:
            grant(person, player.role, _scope(player.place, bodies), then)


def _register(body: Body, parent: Organisation | None, at: datetime) -> Organisation:
    country = body.country or settings.TEMBUSU_HOME_COUNTRY
    found = selectors.find_by_name(None, body.name, country=country)
    if found:
        return found[0]
    return actions.register_organisation(
        kind=body.kind,
        name=body.name,
        country=country,
        city=body.city,
        parent=parent,
        other_names=_names(body.names),
        by=None,
        at=at,
    )


def _names(written: Sequence[str]) -> list[DatedName]:
    pairs = (one.split(":", 1) for one in written)
    return [DatedName(name, NameKind(kind)) for kind, name in pairs]


def _scope(place: str, bodies: dict[str, Organisation]) -> Scope:
    return actions.platform_scope() if place == "platform" else bodies[place].scope


def _person(player: Player, at: datetime) -> Person:
    person = selectors.person_by_email(player.email)
    if person is None:
        person = actions.register_person(
            email=player.email, full_name=player.name, password=DEMO_PASSWORD, by=None, at=at
        )
        sign_in.enrol(person, secret=_secret(player.email))
    return person


def _secret(email: str) -> str:
    """Return a TOTP key that is the same on each load: an app set up once goes on working."""
    return base64.b32encode(hashlib.sha256(email.encode()).digest()[:20]).decode()


def grant(person: Person, role: Role, scope: Scope, at: datetime) -> None:
    """Grant a role unless the person holds it, or once held it here and somebody ended it."""
    if not Membership.objects.filter(person=person, role=role, scope=scope).exists():
        actions.grant_role(person=person, role=role, scope=scope, by=None, at=at)


def person_as(role: Role) -> Person:
    """Return the first demonstration account with this role; for the demos of other rooms."""
    player = next(one for one in PEOPLE if one.role is role)
    return Person.objects.get(email=player.email)


def demo_accounts() -> list[tuple[str, str, str]]:
    """Return (e-mail address, role, what the account sees) of every demonstration account."""
    return [(one.email, one.role.label, one.sees) for one in PEOPLE]
