"""The cast: two clusters with their hospitals, a sponsor with a study at two sites, and people."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tembusu.foundation.people import actions, sign_in
from tembusu.foundation.people.terms import OrganisationKind, Role, ScopeKind

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASSWORD = "seven green tembusu trees"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.TEMBUSU_SYNTHETIC = False
    settings.PRODUCTION = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed


@pytest.fixture
def bodies(db):
    def body(kind, name, parent=None):
        return actions.register_organisation(
            kind=kind, name=name, country="SG", city="Bandar", parent=parent, by=None, at=AT
        )

    kinds = OrganisationKind
    meranti = body(kinds.CLUSTER, "Meranti Health")
    angsana = body(kinds.CLUSTER, "Angsana Health")
    return SimpleNamespace(
        meranti=meranti,
        angsana=angsana,
        raintree=body(kinds.INSTITUTION, "Rain Tree General Hospital", meranti),
        kempas=body(kinds.INSTITUTION, "Kempas Medical Centre", meranti),
        jelutong=body(kinds.INSTITUTION, "Jelutong Heart Centre", angsana),
        damar=body(kinds.SPONSOR, "Damar Therapeutics"),
        sena=body(kinds.SPONSOR, "Sena Biologics"),
        board=body(kinds.ETHICS_BOARD, "Meranti Ethics Board", meranti),
        office=body(kinds.COORDINATING_BODY, "Banyan Clinical Trials Office"),
        university=body(kinds.UNIVERSITY, "Angsana University"),
    )


@pytest.fixture
def study(bodies):
    """A study of Damar with two sites, as scopes."""
    scope = actions.make_scope(kind=ScopeKind.STUDY, parent=bodies.damar.scope)
    sites = actions.make_scopes(kind=ScopeKind.STUDY_SITE, parents=[scope, scope])
    return SimpleNamespace(scope=scope, site=sites[0], other_site=sites[1])


@pytest.fixture
def join(db):
    """Make a person with a role: ``join('Lakshmi', Role.X, scope)``."""

    def make(name, role=None, scope=None, *, factor=False):
        person = actions.register_person(
            email=f"{name.lower().replace(' ', '.')}@hospital.example",
            full_name=name,
            password=PASSWORD,
            by=None,
            at=AT,
        )
        if role is not None:
            actions.grant_role(person=person, role=role, scope=scope, by=None, at=AT)
        if factor:
            sign_in.enrol(person, secret=SECRET)
        return person

    return make


@pytest.fixture
def cast(bodies, study, join):
    role = Role
    return SimpleNamespace(
        administrator=join("Salmah", role.PLATFORM_ADMINISTRATOR, actions.platform_scope()),
        lead=join("Wei Ling", role.COORDINATING_LEAD, bodies.office.scope),
        cluster_office=join("Nurul", role.CLUSTER_RESEARCH_OFFICE, bodies.meranti.scope),
        representative=join("Lakshmi", role.INSTITUTION_REPRESENTATIVE, bodies.raintree.scope),
        sponsor=join("Ines", role.SPONSOR_MANAGER, bodies.damar.scope),
        rival=join("Jun Hao", role.SPONSOR_MANAGER, bodies.sena.scope),
        investigator=join("Farah", role.PRINCIPAL_INVESTIGATOR, study.site),
        coordinator=join("Siti", role.SITE_COORDINATOR, study.site),
        monitor=join("Daniel", role.MONITOR, study.scope),
        statistician=join("Hana", role.STATISTICIAN, study.scope),
        secretary=join("Chitra", role.BOARD_SECRETARY, bodies.board.scope),
        learner=join("Aisyah", role.LEARNER, bodies.university.scope),
        nobody=join("Outsider"),
    )


@pytest.fixture
def signed_in(client):
    """A client that is signed in with password and second factor just now."""

    def enter(person):
        if not sign_in.has_second_factor(person):
            sign_in.enrol(person, secret=SECRET)
        client.force_login(person)
        session = client.session
        now = timezone.now().timestamp()
        session[sign_in.BEGAN] = session[sign_in.SEEN] = now
        session["account_authentication_methods"] = [{"method": "password", "at": now}]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
        return client

    return enter
