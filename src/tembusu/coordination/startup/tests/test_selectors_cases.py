"""Cases as figures read them."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from tembusu.coordination.registry.models import Study, StudySite
from tembusu.coordination.startup.models import (
    Hold,
    Pathway,
    PathwayVersion,
    SiteMilestone,
    SitePathway,
)
from tembusu.coordination.startup.selectors import cases
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import OrganisationKind, ScopeKind

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLAN = {
    "key": "short",
    "title": "Short",
    "milestones": [
        {"key": "signed", "label": "Signed", "stage": "contract", "party": "institution"},
        {
            "key": "gate",
            "label": "Ready to open",
            "stage": "open",
            "party": "sponsor",
            "needs": ["signed"],
            "is_gate": True,
        },
    ],
}


@pytest.fixture
def path(db):
    cluster = people.register_organisation(
        kind=OrganisationKind.CLUSTER, name="Meranti Health", country="SG", city="S", parent=None,
        by=None, at=AT,
    )  # fmt: skip
    body = people.register_organisation(
        kind=OrganisationKind.INSTITUTION, name="Rain Tree", country="SG", city="S",
        parent=cluster, by=None, at=AT,
    )  # fmt: skip
    scope = people.make_scope(kind=ScopeKind.STUDY)
    study = Study.objects.create(number="TB-000001", scope=scope, made_at=AT)
    at_site = people.make_scope(kind=ScopeKind.STUDY_SITE, parent=scope)
    site = StudySite.objects.create(study=study, organisation=body, scope=at_site, made_at=AT)
    pathway = Pathway.objects.create(key="short", made_at=AT)
    version = PathwayVersion.objects.create(
        pathway=pathway, number=1, plan=PLAN, digest="d", state="in_force", made_at=AT
    )
    path = SitePathway.objects.create(
        study_site=site,
        version=version,
        selected_date=date(2026, 1, 5),
        sponsor_kind="industry",
        phase="PHASE3",
        made_at=AT,
        changed_at=AT,
    )
    for key, stage, party in (("gate", "open", "sponsor"), ("signed", "contract", "institution")):
        SiteMilestone.objects.create(site_pathway=path, key=key, stage=stage, party=party)
    return path


def test_a_case_has_its_milestones_in_the_pathways_order_with_their_turns(path):
    signed = path.milestones.get(key="signed")
    Hold.objects.create(
        milestone=signed, waiting_on="sponsor", reason_code="sponsor_answer",
        start_date=date(2026, 1, 10), end_date=date(2026, 1, 20), recorded_at=AT,
    )  # fmt: skip
    (case,) = cases.read_cases()
    assert [one.key for one in case.milestones] == ["signed", "gate"]
    assert case.milestones[1].needs == ("signed",)
    assert case.milestones[0].turns[0].party == "sponsor"
    assert (case.number, case.sponsor_kind, case.end_kind) == ("TB-000001", "industry", None)
    assert case.cluster_id == path.study_site.organisation.parent_id
    assert case.gate == "gate"


@pytest.mark.parametrize(
    ("columns", "end"),
    [
        ({}, (None, None, None)),
        ({"state": "open", "opened_date": date(2026, 2, 1)}, ("opened", date(2026, 2, 1), None)),
        (
            {"state": "withdrawn", "left_date": date(2026, 2, 1)},
            ("withdrawn", date(2026, 2, 1), "withdrawn"),
        ),
        (
            {"state": "stopped", "opened_date": date(2026, 2, 1), "left_date": date(2026, 3, 1)},
            ("opened", date(2026, 2, 1), "stopped"),
        ),
    ],
)
def test_a_case_ends_as_its_start_up_ended_first(path, columns, end):
    SitePathway.objects.update(**columns)
    (case,) = cases.read_cases([path.pk])
    assert (case.end_kind, case.end_date, case.left_kind) == end


def test_cases_are_read_in_batches_of_few_queries(path, django_assert_num_queries):
    with django_assert_num_queries(5):
        assert len(list(cases.read_cases())) == 1
    assert list(cases.read_cases([])) == []


def test_the_database_refuses_two_holds_at_once(path):
    signed = path.milestones.get(key="signed")
    given = {"milestone": signed, "waiting_on": "sponsor", "reason_code": "other"}
    first = {"start_date": date(2026, 1, 10), "end_date": date(2026, 1, 20)}
    Hold.objects.create(**given, **first, recorded_at=AT)
    Hold.objects.create(**given, start_date=date(2026, 1, 20), recorded_at=AT)
    with pytest.raises(IntegrityError, match="held_once"), transaction.atomic():
        Hold.objects.create(**given, start_date=date(2026, 1, 25), recorded_at=AT)
