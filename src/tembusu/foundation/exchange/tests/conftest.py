"""People who send extracts and people who may not, and files as they send them."""

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace

import openpyxl
import pytest
from django.utils import timezone

from tembusu.foundation.core import jobs
from tembusu.foundation.exchange import actions, terms
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.selectors import layouts
from tembusu.foundation.exchange.terms.columns import _PURPOSES
from tembusu.foundation.exchange.tests.cast import PURPOSE
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.terms import OrganisationKind, Role

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret
HEADER = ("Organisation", "Other name", "Since")


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def purpose():
    terms.register_purpose(PURPOSE)
    yield PURPOSE
    del _PURPOSES[PURPOSE.key]


@pytest.fixture
def bodies(db):
    return make_bodies()


def make_bodies():
    def body(kind, name):
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Bandar Raya", by=None, at=AT
        )

    kinds = OrganisationKind
    return SimpleNamespace(
        office=body(kinds.COORDINATING_BODY, "Banyan Clinical Trials Office"),
        raintree=body(kinds.INSTITUTION, "Rain Tree General Hospital"),
        kempas=body(kinds.INSTITUTION, "Kempas Medical Centre"),
        damar=body(kinds.SPONSOR, "Damar Therapeutics"),
        sena=body(kinds.SPONSOR, "Sena Biologics"),
    )


@pytest.fixture
def cast(bodies):
    return make_cast(bodies)


def make_cast(bodies):
    """One person for each stance towards extracts and webhooks."""

    def join(name, role=None, scope=None):
        person = people.register_person(
            email=f"{name.lower()}@hospital.example",
            full_name=name,
            password=PASSWORD,
            by=None,
            at=AT,
        )
        if role is not None:
            people.grant_role(person=person, role=role, scope=scope, by=None, at=AT)
        sign_in.enrol(person, secret=SECRET)
        return person

    return SimpleNamespace(
        analyst=join("Nadia", Role.COORDINATING_ANALYST, bodies.office.scope),
        colleague=join("Nadiah", Role.COORDINATING_ANALYST, bodies.office.scope),
        sponsor=join("Ines", Role.SPONSOR_MANAGER, bodies.damar.scope),
        rival=join("Junhao", Role.SPONSOR_MANAGER, bodies.sena.scope),
        administrator=join("Salmah", Role.PLATFORM_ADMINISTRATOR, people.platform_scope()),
        nobody=join("Outsider"),
    )


@pytest.fixture
def signed_in(client):
    """A client that is signed in with password and second factor just now."""

    def enter(person):
        client.force_login(person)
        session = client.session
        now = timezone.now().timestamp()
        session[sign_in.BEGAN] = session[sign_in.SEEN] = now
        session["account_authentication_methods"] = [{"method": "password", "at": now}]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
        return client

    return enter


def csv_file(*rows, header=HEADER, delimiter=",", encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return io.BytesIO(text.getvalue().encode(encoding))


def workbook(*rows, header=HEADER, title="Sheet"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in (header, *rows):
        sheet.append(row)
    into = io.BytesIO()
    book.save(into)
    into.seek(0)
    return into


def run_job(extract):
    """Run an extract's queued job, as a worker would, and return the extract as it is then."""
    jobs.run(extract.job_id)
    extract.refresh_from_db()
    return extract


@pytest.fixture
def send(cast):
    """Send a file of rows: ``send(csv_file(...))``."""

    def make(file, name="names.csv", by=None, organisation_id=None):
        return actions.send_extract(
            purpose=PURPOSE,
            source=file,
            name=name,
            organisation_id=organisation_id,
            by=by or cast.analyst,
            at=AT,
        )

    return make


def checked(extract, order=terms.DateOrder.DAY_FIRST):
    """Map an extract as proposed, and check its rows."""
    _, headers = layouts.headers_of(extract, selectors.manner_of(extract))
    found = layouts.proposals_of(extract, headers, PURPOSE)
    places = {key: one.place for key, one in found.items()}
    mapped = actions.map_extract(
        extract=extract, places=places, date_order=order, by=extract.sent_by, at=AT
    )
    return run_job(mapped)


@pytest.fixture
def check(send):
    """Send a file, map it as proposed and check its rows."""

    def make(file, order=terms.DateOrder.DAY_FIRST, **more):
        return checked(send(file, **more), order)

    return make


@pytest.fixture
def take(check):
    """Send, check and take a file."""

    def make(file, *, takes_changes=True, **more):
        extract = check(file, **more)
        return run_job(
            actions.take_extract(
                extract=extract, takes_changes=takes_changes, by=extract.sent_by, at=AT
            )
        )

    return make
