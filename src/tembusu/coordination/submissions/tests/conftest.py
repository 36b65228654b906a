"""A study of Damar at two hospitals, a board that works here, a regulator with its own system."""

import io
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tembusu.coordination.registry.models import Study, StudySite
from tembusu.coordination.submissions import actions
from tembusu.coordination.submissions.models import BoardSeat, BodyDesk
from tembusu.coordination.submissions.terms import Answer, AskedFor, Package, SubmissionKind
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.terms import OrganisationKind, Role, ScopeKind

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday, 10:00 in Singapore
DAY = date(2026, 3, 2)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n"
CHECKLIST = (
    AskedFor("protocol", "Protocol", True, "https://example.org/list"),
    AskedFor("consent", "Consent form", True),
    AskedFor("advert", "Recruitment material", False),
)


def later(days, hours=0):
    """Return the moment so many days after the story's beginning."""
    return AT + timedelta(days=days, hours=hours)


def on(days):
    return DAY + timedelta(days=days)


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def bodies(db):
    def body(kind, name, parent=None):
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Bandar Raya", parent=parent, by=None, at=AT
        )

    kinds = OrganisationKind
    meranti = body(kinds.CLUSTER, "Meranti Health")
    made = SimpleNamespace(
        meranti=meranti,
        office=body(kinds.COORDINATING_BODY, "Banyan Clinical Trials Office"),
        raintree=body(kinds.INSTITUTION, "Rain Tree General Hospital", meranti),
        kempas=body(kinds.INSTITUTION, "Kempas Medical Centre", meranti),
        damar=body(kinds.SPONSOR, "Damar Therapeutics"),
        sena=body(kinds.SPONSOR, "Sena Biologics"),
        board=body(kinds.ETHICS_BOARD, "Meranti Ethics Board", meranti),
        other_board=body(kinds.ETHICS_BOARD, "Angsana Ethics Board"),
        regulator=body(kinds.REGULATOR, "Medicines and Devices Authority"),
    )
    BodyDesk.objects.create(body=made.board, works_here=True, approval_months=12)
    BodyDesk.objects.create(body=made.regulator, works_here=False, system="the authority’s portal")
    return made


@pytest.fixture
def join(db):
    def make(name, role=None, scope=None):
        person = people.register_person(
            email=f"{name.lower().replace(' ', '.')}@hospital.example",
            full_name=name,
            password=PASSWORD,
            by=None,
            at=AT,
        )
        if role is not None:
            people.grant_role(person=person, role=role, scope=scope, by=None, at=AT)
        sign_in.enrol(person, secret=SECRET)
        return person

    return make


@pytest.fixture
def study(bodies):
    """A study of Damar with sites at Rain Tree and Kempas."""
    scope = people.make_scope(kind=ScopeKind.STUDY, parent=bodies.damar.scope)
    study = Study.objects.create(number="TMB-000001", scope=scope, sponsor=bodies.damar, made_at=AT)
    scopes = people.make_scopes(kind=ScopeKind.STUDY_SITE, parents=[scope, scope])
    study.raintree, study.kempas = (
        StudySite.objects.create(study=study, organisation=body, scope=one, made_at=AT)
        for body, one in zip((bodies.raintree, bodies.kempas), scopes, strict=True)
    )
    return study


@pytest.fixture
def cast(bodies, study, join):
    role = Role
    return SimpleNamespace(
        sponsor=join("Ines", role.SPONSOR_MANAGER, bodies.damar.scope),
        rival=join("Jun Hao", role.SPONSOR_MANAGER, bodies.sena.scope),
        investigator=join("Farah", role.PRINCIPAL_INVESTIGATOR, study.raintree.scope),
        coordinator=join("Siti", role.SITE_COORDINATOR, study.raintree.scope),
        representative=join("Lakshmi", role.INSTITUTION_REPRESENTATIVE, bodies.kempas.scope),
        secretary=join("Chitra", role.BOARD_SECRETARY, bodies.board.scope),
        chair=join("Adaeze", role.BOARD_CHAIR, bodies.board.scope),
        member=join("Boon Keng", role.BOARD_MEMBER, bodies.board.scope),
        stranger=join("Otherboard", role.BOARD_SECRETARY, bodies.other_board.scope),
        reviewer=join("Yusof", role.REGULATOR_REVIEWER, bodies.regulator.scope),
        analyst=join("Arjun", role.COORDINATING_ANALYST, bodies.office.scope),
        nobody=join("Outsider"),
    )


@pytest.fixture
def board(bodies, cast, join):
    """The board's members with their seats: the chair is medical, of the others two are external."""
    members = [
        cast.chair,
        cast.member,
        *(join(name, Role.BOARD_MEMBER, bodies.board.scope) for name in ("Mei", "Ravi", "Hui Min")),
    ]
    seats = (
        (("medical",), False),
        (("scientific",), True),
        (("lay",), True),
        (("medical",), False),
        (("legal",), False),
    )
    for person, (qualities, is_external) in zip(members, seats, strict=True):
        BoardSeat.objects.create(
            board=bodies.board,
            person=person,
            qualities=list(qualities),
            is_external=is_external,
            from_date=DAY,
        )
    return members


@pytest.fixture
def start(study, bodies, cast):
    """Begin a submission: ``start()`` to the board, ``start(bodies.regulator)`` to another body."""

    def make(body=None, *, by=None, at=AT, documents=CHECKLIST, earlier=None, **more):
        package = Package(
            **{
                "body_id": (body or bodies.board).pk,
                "kind": SubmissionKind.INITIAL,
                "obligation": "ethics",
                "site_ids": [study.raintree.pk, study.kempas.pk],
                "sponsor_ids": [bodies.damar.pk],
                **more,
            }
        )
        return actions.start_submission(
            study=study,
            package=package,
            documents=documents,
            earlier=earlier,
            by=by or cast.sponsor,
            at=at,
        )

    return make


@pytest.fixture
def attach(cast):
    """Add a version of a document: ``attach(submission, 'protocol')``."""

    def make(submission, key, *, content=PDF, by=None, at=AT, label="", version="1.0"):
        return actions.add_document(
            submission=submission,
            key=key,
            label=label,
            source=io.BytesIO(content),
            name=f"{key or 'more'}.pdf",
            version_label=version,
            version_date=DAY,
            note="",
            by=by or cast.sponsor,
            at=at,
        )

    return make


@pytest.fixture
def sent(start, attach, cast):
    """Return a submission that was sent to the board, or to another body."""

    def make(body=None, *, days=0, reference_no="", **more):
        submission = start(body, at=later(days), **more)
        for key in ("protocol", "consent"):
            attach(submission, key, at=later(days))
        return actions.submit_submission(
            submission=submission,
            on=on(days),
            reference_no=reference_no,
            by=cast.sponsor,
            at=later(days),
        )

    return make


@pytest.fixture
def received(sent, cast):
    def make(*, days=0, **more):
        submission = sent(days=days, **more)
        return actions.receive_submission(
            submission=submission, on=on(days + 1), by=cast.secretary, at=later(days + 1)
        )

    return make


@pytest.fixture
def in_review(received, cast):
    """Return a submission under review: ``in_review(meets=False)`` by the chair alone."""

    def make(*, days=0, meets=True, **more):
        submission = received(days=days, **more)
        return actions.choose_review(
            submission=submission,
            way="full_board" if meets else "expedited",
            needs_meeting=meets,
            reason="",
            on=on(days + 1),
            by=cast.secretary,
            at=later(days + 1),
        )

    return make


@pytest.fixture
def approved(in_review, cast):
    def make(*, days=0, **more):
        submission = in_review(days=days, meets=False)
        answer = {"outcome": "approved", "on": on(days + 5), **more}
        actions.decide_submission(
            submission=submission, answer=as_answer(**answer), by=cast.chair, at=later(days + 5)
        )
        submission.refresh_from_db()
        return submission

    return make


def as_answer(**given):
    from tembusu.coordination.submissions.terms import Outcome

    return Answer(**{**given, "outcome": Outcome(given["outcome"])})


@pytest.fixture
def enter(client):
    """Sign somebody in, with their second factor: ``enter(cast.sponsor).get(…)``."""

    def signed_in(person):
        client.force_login(person)
        session = client.session
        now = timezone.now().timestamp()
        session[sign_in.BEGAN] = session[sign_in.SEEN] = now
        session.save()
        return client

    return signed_in
