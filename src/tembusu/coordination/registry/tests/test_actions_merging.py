"""Two studies that become one, and two again when they turn out not to be."""

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.actions import curation, imports, merging
from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    Study,
    StudyIndex,
    StudyLocation,
    StudySite,
)
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.terms import StudyState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.states import IllegalMove
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import Role, ScopeKind

pytestmark = pytest.mark.django_db

WHO = """<Trials_downloaded_from_ICTRP><Trial><TrialID>ISRCTN00000001</TrialID>
<Public_title>From elsewhere</Public_title></Trial></Trials_downloaded_from_ICTRP>"""


@pytest.fixture
def study(bring):
    bring(trial(1, "Imported"))
    return Study.objects.get()


@pytest.fixture
def other(study, tmp_path):
    """The same study's entry in another registry, which names nobody."""
    file = tmp_path / "who.xml"
    file.write_text(WHO)
    imports.import_studies(paths=[file], by=None, at=AT)
    return Study.objects.exclude(pk=study.pk).get()


def curate(study, by, field, value, at=AT):
    return curation.curate_field(study=study, field=field, value=value, by=by, at=at, reason="Read")


def merge(study, into, by, **more):
    merging.merge_studies(study=study, into=into, by=by, at=AT, reason="Same protocol", **more)


def part(study, by, reason="Two protocols"):
    study.refresh_from_db()
    return merging.part_studies(study=study, by=by, at=AT, reason=reason)


def title(study):
    return StudyIndex.objects.get(study=study).title


def test_two_studies_become_one_with_everything_they_had(study, other, cast, bodies):
    curate(other, cast.lead, "acronym", "TEA")
    merging.merge_studies(study=other, into=study, by=cast.lead, at=AT, reason="Same protocol")
    other.refresh_from_db()
    assert (other.state, other.merged_into) == (StudyState.MERGED, study)
    assert set(study.registrations.values_list("registry", flat=True)) == {"ctgov", "isrctn"}
    row = StudyIndex.objects.get()
    assert (row.study, row.acronym) == (study, "TEA")
    assert StudyLocation.objects.get().study == study
    with pytest.raises((IllegalMove, curation.CurationRefused)):
        merging.merge_studies(study=other, into=study, by=cast.lead, at=AT, reason="Again")


def test_an_import_goes_on_with_the_study_that_is_left(study, other, cast, bring, tmp_path):
    merging.merge_studies(study=study, into=other, by=cast.lead, at=AT, reason="One")
    bring(trial(1, "Changed", updated="2026-02-09"))
    assert StudyIndex.objects.get().study == other
    assert title(other) == "Changed"
    assert Registration.objects.get(registry="ctgov").version_no == 2
    assert StudyLocation.objects.get().study == other


def test_two_numbers_of_one_registry_are_not_merged(study, bring, cast):
    bring(trial(2))
    second = Study.objects.exclude(pk=study.pk).get()
    with pytest.raises(curation.CurationRefused, match="ctgov"):
        merging.merge_studies(study=second, into=study, by=cast.lead, at=AT, reason="One")
    with pytest.raises(curation.CurationRefused):
        merging.merge_studies(study=study, into=study, by=cast.lead, at=AT, reason="One")
    assert Study.objects.filter(state=StudyState.PUBLISHED).count() == 2


@pytest.mark.parametrize("who", ["analyst", "sponsor", "rival", "representative", "nobody"])
def test_who_does_not_lead_merges_and_parts_nothing(who, study, other, cast):
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        merge(other, study, by)
    merge(other, study, cast.lead)
    with pytest.raises(PermissionDenied):
        part(other, by)
    other.refresh_from_db()
    assert other.state == StudyState.MERGED


# -- studies that have nothing in common ------------------------------------------------------------

STRANGE = """<Trials_downloaded_from_ICTRP><Trial><TrialID>ISRCTN00000002</TrialID>
<Public_title>From elsewhere</Public_title><Primary_sponsor>Sena Biologics</Primary_sponsor>
<Condition>Asthma</Condition><Intervention>Drug: Steam</Intervention></Trial>
</Trials_downloaded_from_ICTRP>"""


def test_two_that_have_nothing_in_common_are_merged_only_when_somebody_says_so(
    study, cast, tmp_path
):
    file = tmp_path / "strange.xml"
    file.write_text(STRANGE)
    imports.import_studies(paths=[file], by=None, at=AT)
    strange = Study.objects.exclude(pk=study.pk).get()
    with pytest.raises(merging.LooksUnrelated, match="sponsor, conditions and interventions"):
        merge(strange, study, cast.lead)
    assert Study.objects.filter(state=StudyState.PUBLISHED).count() == 2
    merge(strange, study, cast.lead, unlike_checked=True)
    assert Study.objects.get(state=StudyState.MERGED) == strange


# -- parting them again -----------------------------------------------------------------------------


def seen(study):
    """Return what of a study has to be the same after a merge was undone."""
    study = Study.objects.get(pk=study.pk)
    curated = CuratedField.objects.filter(study=study).order_by("field")
    sites = StudySite.objects.filter(study=study)
    return {
        "state": (study.state, study.merged_into_id, study.sponsor_id, study.scope.parent_id),
        "values": studies.effective_record(study).values,
        "registrations": list(Registration.objects.filter(study=study).order_by("pk")),
        "curated": list(
            curated.values("field", "value", "reason", "imported_value", "differs_since")
        ),
        "sites": {(site.organisation_id, site.scope.parent_id) for site in sites},
        "locations": [one.place_id for one in StudyLocation.objects.filter(study=study)],
        "index": StudyIndex.objects.defer("document").get(study=study).facets,
    }


@pytest.mark.parametrize("is_other_kept", [True, False])
def test_a_merge_is_undone_and_both_are_as_they_were(is_other_kept, study, other, cast, bodies):
    curate(other, cast.lead, "acronym", "TEA")
    curate(other, cast.lead, "brief_title", "Theirs")
    curate(study, cast.lead, "brief_title", "Ours")
    goes, stays = (study, other) if is_other_kept else (other, study)
    before = seen(study), seen(other)
    merge(goes, stays, cast.lead)
    assert part(goes, cast.lead) == stays
    assert (seen(study), seen(other)) == before
    event = AuditEvent.objects.get(event="registry.study.parted")
    assert (event.by_id, event.reason) == (cast.lead.pk, "Two protocols")


def test_what_came_after_the_merge_stays_where_it_belongs(study, other, cast, bring):
    curate(other, cast.lead, "acronym", "TEA")
    merge(other, study, cast.lead)
    curate(study, cast.lead, "acronym", "COFFEE", at=AT.replace(day=2))
    curate(study, cast.lead, "sex", "FEMALE", at=AT.replace(day=2))
    bring(trial(1, "Changed", updated="2026-02-09"))
    part(other, cast.lead)
    held = {(one.study, one.field): one.value for one in CuratedField.objects.all()}
    assert held == {
        (other, "acronym"): "TEA",
        (study, "acronym"): "COFFEE",
        (study, "sex"): "FEMALE",
    }
    assert title(study) == "Changed"


def test_who_had_a_role_at_a_site_has_it_in_their_own_study_again(bodies, study, other, cast):
    scope = people.make_scope(kind=ScopeKind.STUDY_SITE, parent=other.scope)
    StudySite.objects.create(study=other, organisation=bodies.raintree, scope=scope, made_at=AT)
    people.grant_role(
        person=cast.nobody, role=Role.PRINCIPAL_INVESTIGATOR, scope=scope, by=None, at=AT
    )
    twin = StudySite.objects.get(study=study, organisation=bodies.raintree)
    merge(other, study, cast.lead)
    people_selectors.forget(cast.nobody)
    assert twin.scope_id in people_selectors.scopes_of(cast.nobody)
    part(other, cast.lead)
    people_selectors.forget(cast.nobody)
    assert twin.scope_id not in people_selectors.scopes_of(cast.nobody)
    assert scope.pk in people_selectors.scopes_of(cast.nobody)


def test_of_two_merges_the_last_is_undone_first(study, other, cast, tmp_path):
    file = tmp_path / "third.xml"
    file.write_text(WHO.replace("ISRCTN00000001", "DRKS00000001"))
    imports.import_studies(paths=[file], by=None, at=AT)
    third = Study.objects.latest("pk")
    merge(other, study, cast.lead)
    merge(third, study, cast.lead)
    with pytest.raises(curation.CurationRefused, match=f"Part {third.number} first"):
        part(other, cast.lead)
    part(third, cast.lead)
    part(other, cast.lead)
    assert Study.objects.filter(state=StudyState.PUBLISHED).count() == 3


@pytest.mark.parametrize("is_merged", [True, False])
def test_nothing_is_parted_without_a_merge_or_a_reason(is_merged, study, other, cast):
    if is_merged:
        merge(other, study, cast.lead)
    with pytest.raises(curation.CurationRefused, match="Say how" if is_merged else "not merged"):
        part(other, cast.lead, reason=" " if is_merged else "Two")
