"""Two people with roles, a signed-in browser for each, and a room that offers them work."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tembusu.foundation.core import worklist
from tembusu.foundation.core.worklist import WorkItem, WorkKind
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.terms import OrganisationKind, Role

AT = datetime(2026, 11, 20, 1, tzinfo=UTC)  # nine in the morning in Singapore
TODAY = date(2026, 11, 20)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


def item(key="startup.milestone:1", **given):
    values = {
        "key": key,
        "kind": WorkKind.WAITS_ON_ME,
        "what": "Answer 2 queries",
        "record": "TMB-000042 at Rain Tree General Hospital",
        "url": "/studies/",
        "act": "Answer",
        "holder": "Ines Duarte",
        "since": date(2026, 11, 11),
        "due": date(2026, 11, 17),
        "study": "TMB-000042",
    }
    return WorkItem(**values | given)


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ORIGIN = "https://trials.example"


@pytest.fixture
def rooms(monkeypatch):
    """The rooms that offer work: none, until a test puts items under a person's address."""
    offered = {}
    monkeypatch.setattr(worklist, "_providers", {})
    monkeypatch.setattr(worklist, "_finders", {})

    def offer(room, person, *items):
        if room not in offered:
            offered[room] = {}
            worklist.register(room, lambda user, at: offered[room].get(user.pk, []))
        offered[room][person.pk] = list(items)

    return offer


@pytest.fixture
def cast(db):
    def body(kind, name):
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Bandar", by=None, at=AT
        )

    def join(name, role, at_body):
        person = people.register_person(
            email=f"{name.split()[0].lower()}@hospital.example",
            full_name=name,
            password=PASSWORD,
            by=None,
            at=AT,
        )
        people.grant_role(person=person, role=role, scope=at_body.scope, by=None, at=AT)
        sign_in.enrol(person, secret=SECRET)
        return person

    damar = body(OrganisationKind.SPONSOR, "Damar Therapeutics")
    sena = body(OrganisationKind.SPONSOR, "Sena Biologics")
    return SimpleNamespace(
        damar=damar,
        sponsor=join("Ines Duarte", Role.SPONSOR_MANAGER, damar),
        rival=join("Koh Jun Hao", Role.SPONSOR_MANAGER, sena),
    )


@pytest.fixture
def enter(client):
    """Sign somebody in with both factors: ``enter(person)`` returns the browser."""

    def make(person):
        client.force_login(person)
        session = client.session
        session[sign_in.BEGAN] = session[sign_in.SEEN] = timezone.now().timestamp()
        session.save()
        return client

    return make
