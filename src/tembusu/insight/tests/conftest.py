"""A nation of start-ups, and a person for each stance towards its figures."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from django.utils import timezone

from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.models import Organisation
from tembusu.foundation.people.terms import OrganisationKind, Role
from tembusu.insight.actions import counting
from tembusu.insight.tests.making import any_case, store

AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def nation(db):
    """Seventy study-sites selected in 2025 and 2026, counted; their ids."""
    random = np.random.default_rng(11)
    ids = store([any_case(pk, random) for pk in range(1, 71)])
    counting.recount(counting.months(), at=AT)
    return ids


@pytest.fixture
def cast(nation):
    office = people.register_organisation(
        kind=OrganisationKind.COORDINATING_BODY, name="Banyan Clinical Trials Office",
        country="SG", city="Singapore", parent=None, by=None, at=AT,
    )  # fmt: skip
    hospital = Organisation.objects.get(name="Hospital 2")

    def join(name, role, scope):
        person = people.register_person(
            email=f"{name.lower()}@hospital.example", full_name=name, password=None, by=None, at=AT
        )
        if role:
            people.grant_role(person=person, role=role, scope=scope, by=None, at=AT)
        sign_in.enrol(person, secret=SECRET)
        return person

    return SimpleNamespace(
        analyst=join("Nadia", Role.COORDINATING_ANALYST, office.scope),
        lead=join("Weiling", Role.COORDINATING_LEAD, office.scope),
        representative=join("Lakshmi", Role.INSTITUTION_REPRESENTATIVE, hospital.scope),
        administrator=join("Salmah", Role.PLATFORM_ADMINISTRATOR, people.platform_scope()),
        outsider=join("Outsider", None, None),
    )


@pytest.fixture
def enter(client):
    """Sign somebody in, with their second factor: ``enter(cast.analyst).get(…)``."""

    def signed_in(person):
        client.force_login(person)
        session = client.session
        now = timezone.now().timestamp()
        session[sign_in.BEGAN] = session[sign_in.SEEN] = now
        session.save()
        return client

    return signed_in
