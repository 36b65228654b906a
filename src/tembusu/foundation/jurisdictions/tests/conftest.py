"""The cast: the coordinating body's lead and analyst, a board's secretary, somebody without a role."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tembusu.foundation.jurisdictions.tests.third import THIRD
from tembusu.foundation.people import actions, sign_in
from tembusu.foundation.people.terms import OrganisationKind, Role

AT = datetime(2026, 6, 15, 2, tzinfo=UTC)  # 10:00 of that day in the deployment's zone
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed


@pytest.fixture
def bodies(db):
    def body(kind, name):
        return actions.register_organisation(
            kind=kind, name=name, country="SG", city="Bandar", by=None, at=AT
        )

    kinds = OrganisationKind
    return SimpleNamespace(
        office=body(kinds.COORDINATING_BODY, "Banyan Clinical Trials Office"),
        regulator=body(kinds.REGULATOR, "Medicines and Devices Authority"),
        board=body(kinds.ETHICS_BOARD, "Meranti Ethics Board"),
        sponsor=body(kinds.SPONSOR, "Damar Therapeutics"),
    )


@pytest.fixture
def cast(bodies):
    def join(name, role=None, scope=None):
        person = actions.register_person(
            email=f"{name.lower().replace(' ', '.')}@office.example",
            full_name=name,
            password="seven green tembusu trees",  # pragma: allowlist secret
            by=None,
            at=AT,
        )
        if role is not None:
            actions.grant_role(person=person, role=role, scope=scope, by=None, at=AT)
        return person

    return SimpleNamespace(
        lead=join("Tan Wei Ling", Role.COORDINATING_LEAD, bodies.office.scope),
        analyst=join("Arjun Pillai", Role.COORDINATING_ANALYST, bodies.office.scope),
        secretary=join("Chitra Raman", Role.BOARD_SECRETARY, bodies.board.scope),
        sponsor=join("Ines Duarte", Role.SPONSOR_MANAGER, bodies.sponsor.scope),
        nobody=join("Outsider"),
    )


@pytest.fixture
def third(settings, tmp_path):
    """Use the invented country; the value writes its file anew: ``third(old, new)``."""

    def write(*pairs):
        text = THIRD
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        n_files = len(list(tmp_path.glob("third*.toml")))
        path = tmp_path / f"third{n_files}.toml"
        path.write_text(text)
        settings.TEMBUSU_JURISDICTION = str(path)

    write()
    return write


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
