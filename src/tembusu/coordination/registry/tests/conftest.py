"""A small register: trials as registries send them, institutions, a person for each stance."""

import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tembusu.coordination.registry.actions import imports, uploads
from tembusu.coordination.registry.models import Place, Study, StudyIndex
from tembusu.coordination.registry.terms import StudyState
from tembusu.foundation.core import jobs
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import sign_in
from tembusu.foundation.people.terms import OrganisationKind, Role

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PASSWORD = "seven green tembusu trees"  # pragma: allowlist secret
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # pragma: allowlist secret
ELIGIBLE = (
    "Inclusion Criteria:\n\n* Adults\n* Able to consent\n\nExclusion Criteria:\n\n1. Pregnancy"
)


def trial(no, title="A trial of VN-118", **more):
    """Return a trial as the ClinicalTrials.gov API v2 writes it."""
    status = more.get("status", "RECRUITING")
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": f"NCT0999{no:04}",
                "briefTitle": title,
                "acronym": more.get("acronym", ""),
                "orgStudyIdInfo": {"id": f"DT-{no}"},
            },
            "statusModule": {
                "overallStatus": status,
                "startDateStruct": {"date": more.get("start", "2026-05"), "type": "ESTIMATED"},
                "studyFirstSubmitDate": more.get("registered", "2026-01-10"),
                "lastUpdatePostDateStruct": {"date": more.get("updated", "2026-02-01")},
            },
            "sponsorCollaboratorsModule": {
                "leadSponsor": {
                    "name": more.get("sponsor", "Damar Therapeutics"),
                    "class": "INDUSTRY",
                }
            },
            "descriptionModule": {
                "briefSummary": more.get("summary", "It looks at whether it helps.")
            },
            "conditionsModule": {
                "conditions": more.get("conditions", ["Nasopharyngeal Carcinoma"])
            },
            "designModule": {
                "studyType": "INTERVENTIONAL",
                "phases": [more.get("phase", "PHASE3")],
                "enrollmentInfo": {"count": more.get("n", 240), "type": "ESTIMATED"},
            },
            "armsInterventionsModule": {
                "armGroups": [{"label": "VN-118", "type": "EXPERIMENTAL"}],
                "interventions": [{"type": "DRUG", "name": "VN-118"}],
            },
            "outcomesModule": {
                "primaryOutcomes": [{"measure": "Survival", "timeFrame": "5 years"}]
            },
            "eligibilityModule": {
                "eligibilityCriteria": ELIGIBLE,
                "sex": "ALL",
                "minimumAge": "18 Years",
            },
            "contactsLocationsModule": {
                "locations": more.get(
                    "locations",
                    [
                        {
                            "facility": "Rain Tree General Hospital",
                            "city": "Singapore",
                            "country": "Singapore",
                            "status": "RECRUITING",
                        }
                    ],
                )
            },
        }
    }


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field.keys"
    settings.FILES_ROOT = tmp_path / "files"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for speed
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture
def bring(db, tmp_path):
    """Import trials: ``bring(trial(1), trial(2))`` returns the run."""

    def make(*trials, at=AT, by=None):
        file = tmp_path / f"records-{len(list(tmp_path.iterdir()))}.json"
        file.write_text(json.dumps(list(trials)))
        run = imports.import_studies(paths=[file], by=by, at=at)
        assert run.counts["rejected"] == 0, [str(one) for one in run.refused.all()]
        return run

    return make


@pytest.fixture
def bodies(db):
    def body(kind, name, parent=None):
        return people.register_organisation(
            kind=kind, name=name, country="SG", city="Singapore", parent=parent, by=None, at=AT
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
    """One person for each stance towards the register."""

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
        lead=join("Weiling", Role.COORDINATING_LEAD, bodies.office.scope),
        sponsor=join("Ines", Role.SPONSOR_MANAGER, bodies.damar.scope),
        rival=join("Junhao", Role.SPONSOR_MANAGER, bodies.sena.scope),
        representative=join("Lakshmi", Role.INSTITUTION_REPRESENTATIVE, bodies.raintree.scope),
        administrator=join("Salmah", Role.PLATFORM_ADMINISTRATOR, people.platform_scope()),
        nobody=join("Outsider"),
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


@pytest.fixture
def register(bring, bodies):
    """Three published trials and a draft of Damar's that runs at Rain Tree."""
    bring(
        trial(1, "VN-118 in Nasopharyngeal Carcinoma", acronym="LANTERN"),
        trial(
            2,
            "Dengue vaccine booster",
            status="COMPLETED",
            phase="PHASE2",
            conditions=["Dengue"],
            sponsor="Sena Biologics",
            updated="2026-02-20",
            n=80,
            locations=[],
        ),
        trial(
            3,
            "Asthma plans in four languages",
            status="TERMINATED",
            conditions=["Asthma"],
            updated="2025-12-24",
            start="2025-01",
            n=40,
            locations=[{"facility": "Research Site", "city": "Lyon", "country": "France"}],
        ),
    )
    published = list(Study.objects.order_by("pk"))
    draft = as_draft(bring, bodies)
    return SimpleNamespace(
        lantern=published[0], dengue=published[1], asthma=published[2], draft=draft
    )


def as_draft(bring, bodies):
    """Return a study that is not published yet, held by Damar."""
    bring(trial(4, "Secret plans of Damar"))
    study = Study.objects.latest("pk")
    people.move_scope(scope=study.scope, parent=bodies.damar.scope)
    study.state = StudyState.DRAFT
    study.save()
    StudyIndex.objects.filter(study=study).update(is_public=False)
    return study


@pytest.fixture
def send(cast):
    """Send files as the analyst does and run the job: ``send(('a.json', b'…'))``."""

    def go(*files, is_run=True):
        sent = [(io.BytesIO(content), name) for name, content in files]
        run = uploads.start_import(sent=sent, by=cast.analyst, at=timezone.now())
        if is_run:
            jobs.run(run.job_id)
            run.refresh_from_db()
        return run

    return go


@pytest.fixture
def unclear(bring, cast):
    """A name that no organisation bears, in two studies and three locations."""
    where = {"facility": "Halia Clinic West", "city": "Singapore", "country": "Singapore"}
    bring(trial(11, locations=[where, where]), trial(12, locations=[where]))
    return Place.objects.get(name="Halia Clinic West")
