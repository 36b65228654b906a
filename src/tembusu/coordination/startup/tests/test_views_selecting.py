"""The select screen says which pathway the sites will go along, and takes the study's kept route."""

import pytest
from django.apps import apps
from django.urls import reverse

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import PathwayVersion
from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.tests.conftest import AT, BEGAN, SELECTED


@pytest.fixture
def keep(study, cast):
    """Keep a route: ``keep(("CTN", "All products are registered."))``."""

    def go(*owed):
        rows = [{"kind": kind, "label": f"{kind} label", "reason": why} for kind, why in owed]
        # Through the registry of models: rows of another room, as that room keeps them.
        model = apps.get_model("submissions", "RouteAnswer")
        return model.objects.create(
            study=study, version_no=model.objects.count() + 1, jurisdiction="sg",
            asked_on=BEGAN.date(), answers={}, obligations=rows, answered_by=cast.sponsor,
            answered_at=BEGAN,
        )  # fmt: skip

    return go


def state_of(path):
    row = path.milestones.get(key="authorised")
    return row.state, row.reason


@pytest.mark.parametrize(
    ("owed", "state", "reason"),
    [
        ([("CTA", "A product is not registered.")], "not_started", ""),
        ([("CTN", "All are registered.")], "not_applicable", "All are registered."),
        ([("none", "No product is tested.")], "not_applicable", "No product is tested."),
        ([("CTA", "One is new."), ("none", "One is food.")], "not_started", ""),
    ],
)
def test_a_site_takes_the_obligations_of_the_kept_route(select, bodies, keep, owed, state, reason):
    keep(*owed)
    assert state_of(select(bodies.kempas)) == (state, reason)


def test_the_newest_route_counts_and_one_that_says_nothing_leaves_all(select, bodies, keep):
    keep(("CTN", "Registered."))
    keep(("CTA", "Not registered after all."))
    assert state_of(select(bodies.kempas)) == ("not_started", "")


def test_an_empty_route_leaves_every_milestone(select, bodies, keep):
    keep()
    assert state_of(select(bodies.kempas)) == ("not_started", "")


def test_the_screen_says_pathway_reason_and_what_is_left_out(study, cast, enter, keep):
    actions.seed_pathways(at=AT)
    client, url = enter(cast.sponsor), reverse("startup:select", args=[study.pk])
    said = client.get(url).content.decode()
    assert "The study is interventional; its sponsor is industry." in said
    assert "Not kept yet" in said
    assert reverse("submissions:route_of", args=[study.pk]) in said
    keep(("none", "No product is tested."))
    said = client.get(url).content.decode()
    assert "No application to a regulator" in said
    assert "No product is tested." in said


def test_where_no_pathway_fits_one_must_be_chosen(study, bodies, cast, enter, version):
    PathwayVersion.objects.update(state="replaced")
    plan = version.plan | {"applies": {"study_type": ["OBSERVATIONAL"]}}
    other = PathwayVersion.objects.create(
        pathway=version.pathway, number=2, plan=plan, digest=plans.digest(plan), state="in_force",
        made_at=BEGAN,
    )  # fmt: skip
    client, url = enter(cast.sponsor), reverse("startup:select", args=[study.pk])
    assert "None fits" in client.get(url).content.decode()
    given = {"organisations": [bodies.kempas.pk], "day": SELECTED.isoformat(), "version": ""}
    refused = client.post(url, given)
    assert refused.status_code == 422
    assert "No pathway fits this study by itself: choose one." in refused.content.decode()
    assert client.post(url, given | {"version": other.pk}).status_code == 302
