"""Sites that people plan stay, whatever the registries' locations say."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry import actions
from tembusu.coordination.registry.models import StudyIndex, StudySite
from tembusu.coordination.registry.selectors import kinds
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.states import Refusal

LATER = AT + timedelta(days=9)


def test_a_kept_site_outlives_the_location_that_gave_it(register, bring, bodies, cast):
    site = StudySite.objects.get(study=register.lantern, organisation=bodies.raintree)
    kept = actions.keep_site(
        study=register.lantern, organisation=bodies.raintree, by=cast.analyst, at=AT
    )
    assert kept.pk == site.pk
    bring(trial(1, updated="2026-02-09", locations=[]), at=LATER)
    assert StudySite.objects.filter(pk=site.pk).exists()


def test_a_site_may_be_planned_that_no_registry_names(register, bodies, cast):
    site = actions.keep_site(
        study=register.dengue, organisation=bodies.kempas, by=cast.analyst, at=AT
    )
    scopes = StudyIndex.objects.get(study=register.dengue).site_scope_ids
    assert {site.scope_id, bodies.kempas.scope_id} <= set(scopes)
    again = actions.keep_sites(
        pairs=[(register.dengue.pk, bodies.kempas.pk), (register.asthma.pk, bodies.kempas.pk)],
        by=None, at=AT,
    )  # fmt: skip
    assert again[register.dengue.pk, bodies.kempas.pk] == site.pk
    assert len(again) == 2


def test_only_an_institution_is_a_site(register, bodies, cast):
    with pytest.raises(Refusal, match="Sena Biologics is no active institution"):
        actions.keep_site(study=register.dengue, organisation=bodies.sena, by=cast.lead, at=AT)


@pytest.mark.parametrize("who", ["sponsor", "rival", "nobody", "administrator"])
def test_others_plan_no_sites(register, bodies, cast, who):
    with pytest.raises(PermissionDenied):
        actions.keep_site(
            study=register.dengue, organisation=bodies.kempas, by=getattr(cast, who), at=AT
        )


def test_an_institution_makes_itself_a_site_of_what_it_may_see(register, bodies, cast):
    given = {"organisation": bodies.raintree, "by": cast.representative, "at": AT}
    actions.keep_site(study=register.dengue, **given)
    with pytest.raises(PermissionDenied):
        actions.keep_site(study=register.dengue, **{**given, "organisation": bodies.kempas})


def test_kinds_tell_by_what_a_study_is_counted(register):
    (kind,) = kinds.kinds_of([register.lantern.pk])
    assert (kind.study_type, kind.phase, kind.sponsor_class) == (
        "INTERVENTIONAL", "PHASE3", "INDUSTRY",
    )  # fmt: skip
    assert kind.interventions == ["DRUG"]
