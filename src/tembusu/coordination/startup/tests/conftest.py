"""A trial at two hospitals, its people, and a short pathway: contract beside ethics, then the gate."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tembusu.coordination.registry.actions import imports
from tembusu.coordination.registry.models import Study, StudySite
from tembusu.coordination.registry.tests.conftest import trial
from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import Pathway, PathwayVersion
from tembusu.coordination.startup.rules import plans
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.terms import DatedName, NameKind, OrganisationKind, Role

BEGAN = datetime(2025, 12, 1, 1, tzinfo=UTC)
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 on 1 June where the house stands
SELECTED = date(2026, 1, 5)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret


def step(key, stage, party, *needs, **more):
    label = more.pop("label", key.replace("_", " ").capitalize())
    return {"key": key, "label": label, "stage": stage, "party": party, "needs": list(needs)} | more


SHORT = {
    "key": "short",
    "title": "Short pathway",
    "parties": {"pharmacy": "Trial pharmacy"},
    "milestones": [
        step("confirmed", "feasibility", "sponsor"),
        step(
            "signed", "contract", "institution", "confirmed", is_evidence_required=True,
            evidence="Number of the agreement",
            target={"value": 20, "unit": "working", "counted_from": "ready"},
        ),
        step("submitted", "ethics", "site", "confirmed", sent_to="ethics_board"),
        step("approved", "ethics", "ethics_board", "submitted", decided_by="ethics_board"),
        step("authorised", "regulator", "regulator", "confirmed", obligations=["CTA"],
             decided_by="regulator"),
        step("trained", "initiation", "site", "signed", may_precede=True),
        step("ready", "open", "sponsor", "signed", "approved", "authorised", "trained",
             label="Ready to open", is_gate=True),
        step("first", "first_participant", "site", "ready", label="First participant"),
    ],
    "reasons": [
        {"key": "legal", "label": "Legal review", "party": "institution"},
        {"key": "answer", "label": "Waits for an answer", "party": "sponsor"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def bodies(db):
    def body(kind, name, parent=None, names=()):
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Singapore", parent=parent,
            other_names=names, by=None, at=BEGAN,
        )  # fmt: skip

    kinds = OrganisationKind
    cluster = body(kinds.CLUSTER, "Meranti Health")
    acronym = [DatedName("RTGH", NameKind.ACRONYM)]
    return SimpleNamespace(
        office=body(kinds.COORDINATING_BODY, "Banyan Clinical Trials Office"),
        cluster=cluster,
        raintree=body(kinds.INSTITUTION, "Rain Tree General Hospital", cluster, acronym),
        kempas=body(kinds.INSTITUTION, "Kempas Medical Centre"),
        sena=body(kinds.SPONSOR, "Sena Biologics"),
        damar=body(kinds.SPONSOR, "Damar Therapeutics"),
    )


@pytest.fixture
def bring(db, tmp_path):
    """Import trials: ``bring(trial(1), trial(2))`` returns the newest study."""

    def make(*trials):
        file = tmp_path / f"records-{len(list(tmp_path.iterdir()))}.json"
        file.write_text(json.dumps(list(trials)))
        imports.import_studies(paths=[file], by=None, at=BEGAN)
        return Study.objects.latest("pk")

    return make


@pytest.fixture
def study(bring, bodies):
    """A published trial of Sena Biologics."""
    study = bring(trial(1, "Dengue vaccine", sponsor="Sena Biologics", locations=[]))
    people.move_scope(scope=study.scope, parent=bodies.sena.scope)
    study.sponsor = bodies.sena
    study.save()
    return study


@pytest.fixture
def version(db):
    pathway = Pathway.objects.create(key="short", made_at=BEGAN)
    plan = plans.as_json(plans.read_plan(SHORT))
    return PathwayVersion.objects.create(
        pathway=pathway, number=1, plan=plan, digest=plans.digest(plan), state="in_force",
        made_at=BEGAN,
    )  # fmt: skip


@pytest.fixture
def select(study, version):
    """Select a site: ``select(bodies.kempas)`` returns its pathway."""

    def go(organisation, day=SELECTED, **more):
        return actions.select_site(
            study=study, organisation=organisation, selected_date=day, version=version,
            by=None, at=AT, **more,
        )  # fmt: skip

    return go


@pytest.fixture
def path(select, bodies):
    """The trial at Rain Tree, selected on 5 January; nothing has happened since."""
    return select(bodies.raintree)


@pytest.fixture
def cast(bodies, study, path):
    """One person for each stance towards the study-site."""

    def join(name, role=None, scope=None):
        person = people.register_person(
            email=f"{name.lower()}@hospital.example",
            full_name=name,
            password=PASSWORD,
            by=None,
            at=BEGAN,
        )
        if role is not None:
            people.grant_role(person=person, role=role, scope=scope, by=None, at=BEGAN)
        sign_in.enrol(person, secret=SECRET)
        return person

    site = StudySite.objects.get(pk=path.study_site_id).scope
    return SimpleNamespace(
        investigator=join("Farah", Role.PRINCIPAL_INVESTIGATOR, site),
        coordinator=join("Siti", Role.SITE_COORDINATOR, site),
        representative=join("Lakshmi", Role.INSTITUTION_REPRESENTATIVE, bodies.raintree.scope),
        neighbour=join("Hafiz", Role.INSTITUTION_REPRESENTATIVE, bodies.kempas.scope),
        cluster=join("Nurul", Role.CLUSTER_RESEARCH_OFFICE, bodies.cluster.scope),
        sponsor=join("Junhao", Role.SPONSOR_MANAGER, bodies.sena.scope),
        rival=join("Ines", Role.SPONSOR_MANAGER, bodies.damar.scope),
        monitor=join("Daniel", Role.MONITOR, study.scope),
        analyst=join("Nadia", Role.COORDINATING_ANALYST, bodies.office.scope),
        lead=join("Weiling", Role.COORDINATING_LEAD, bodies.office.scope),
        administrator=join("Salmah", Role.PLATFORM_ADMINISTRATOR, people.platform_scope()),
        nobody=join("Outsider"),
    )


@pytest.fixture
def go_on(path):
    """Complete milestones at once: ``go_on(confirmed=date(…), signed=date(…))``."""

    def go(by=None, **days):
        for key, day in days.items():
            actions.complete_milestone(path=path, key=key, day=day, evidence="No. 1", by=by, at=AT)
        path.refresh_from_db()

    return go


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
