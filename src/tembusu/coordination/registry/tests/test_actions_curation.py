"""Staff's own words over what registries say, and two studies that are one."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.actions import curation, imports
from tembusu.coordination.registry.models import (
    CuratedField,
    Registration,
    Study,
    StudyIndex,
    StudyLocation,
    StudySite,
)
from tembusu.coordination.registry.terms import StudyState
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.states import IllegalMove

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


def curate(study, by, field="brief_title", value="Curated", reason="As in the protocol"):
    return curation.curate_field(study=study, field=field, value=value, by=by, at=AT, reason=reason)


def title(study):
    return StudyIndex.objects.get(study=study).title


def test_a_curated_value_holds_until_it_is_dropped(study, cast):
    curated = curate(study, cast.lead)
    assert title(study) == "Curated"
    curation.accept_import(curated=curated, by=cast.lead, at=AT, reason="They were right")
    assert title(study) == "Imported"
    with pytest.raises(curation.CurationRefused):
        curation.accept_import(curated=curated, by=cast.lead, at=AT)


def test_a_difference_is_kept_once_and_the_flag_goes_down(study, cast, bring):
    curated = curate(study, cast.lead)
    with pytest.raises(curation.CurationRefused):
        curation.keep_curated(curated=curated, by=cast.lead, at=AT)
    bring(trial(1, "Changed", updated="2026-02-09"))
    curation.keep_curated(curated=curated, by=cast.lead, at=AT)
    row = StudyIndex.objects.get(study=study)
    assert (row.title, row.needs_review) == ("Curated", False)
    bring(trial(1, "Changed", updated="2026-02-10", status="COMPLETED"))
    assert CuratedField.objects.get().differs_since is None
    bring(trial(1, "Changed again", updated="2026-02-11"))
    assert CuratedField.objects.get().differs_since == AT


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("brief_title", "Curated", " "),
        ("brief_title", "Imported", "No change"),
        ("registry_no", "NCT00000001", "It names an entry"),
        ("colour", "red", "No such field"),
        ("enrolment_count", "many", "No number"),
        ("start_dtc", "2026-02-30", "No day"),
    ],
)
def test_what_no_record_could_hold_or_nobody_could_judge_is_refused(
    study, cast, field, value, reason
):
    with pytest.raises(curation.CurationRefused):
        curate(study, cast.lead, field, value, reason)
    assert not CuratedField.objects.exists()
    assert not AuditEvent.objects.filter(event="registry.study.curated").exists()


@pytest.mark.parametrize("who", ["sponsor", "rival", "representative", "nobody"])
def test_who_does_not_keep_the_register_curates_and_merges_nothing(study, other, cast, who):
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        curate(study, by)
    with pytest.raises(PermissionDenied):
        curation.merge_studies(study=other, into=study, by=by, at=AT, reason="One")
    curated = curate(study, cast.lead)
    with pytest.raises(PermissionDenied):
        curation.accept_import(curated=curated, by=by, at=AT)
    with pytest.raises(PermissionDenied):
        curation.keep_curated(curated=curated, by=by, at=AT)
    assert title(study) == "Curated"


def test_a_curated_value_leaves_both_values_who_and_why(study, cast):
    curate(study, cast.lead)
    event = AuditEvent.objects.get(event="registry.study.curated")
    assert event.change == {"brief_title": ["Imported", "Curated"]}
    assert (event.by_id, event.reason) == (cast.lead.pk, "As in the protocol")


def test_two_studies_become_one_with_everything_they_had(study, other, cast, bodies):
    curate(other, cast.lead, "acronym", "TEA")
    curation.merge_studies(study=other, into=study, by=cast.lead, at=AT, reason="Same protocol")
    other.refresh_from_db()
    assert (other.state, other.merged_into) == (StudyState.MERGED, study)
    assert set(study.registrations.values_list("registry", flat=True)) == {"ctgov", "isrctn"}
    row = StudyIndex.objects.get()
    assert (row.study, row.acronym) == (study, "TEA")
    assert StudyLocation.objects.get().study == study
    with pytest.raises((IllegalMove, curation.CurationRefused)):
        curation.merge_studies(study=other, into=study, by=cast.lead, at=AT, reason="Again")


def test_an_import_goes_on_with_the_study_that_is_left(study, other, cast, bring, tmp_path):
    curation.merge_studies(study=study, into=other, by=cast.lead, at=AT, reason="One")
    bring(trial(1, "Changed", updated="2026-02-09"))
    assert StudyIndex.objects.get().study == other
    assert title(other) == "Changed"
    assert Registration.objects.get(registry="ctgov").version_no == 2
    assert StudyLocation.objects.get().study == other


def test_two_numbers_of_one_registry_are_not_merged(study, bring, cast):
    bring(trial(2))
    second = Study.objects.exclude(pk=study.pk).get()
    with pytest.raises(curation.CurationRefused, match="ctgov"):
        curation.merge_studies(study=second, into=study, by=cast.lead, at=AT, reason="One")
    with pytest.raises(curation.CurationRefused):
        curation.merge_studies(study=study, into=study, by=cast.lead, at=AT, reason="One")
    assert Study.objects.filter(state=StudyState.PUBLISHED).count() == 2


def test_locations_that_staff_corrected_hold_at_once_and_at_the_next_import(
    study, cast, bodies, bring
):
    places = [{"facility": "Kempas Medical Centre", "city": "Singapore", "country": "Singapore"}]
    curated = curate(study, cast.lead, "locations", places)
    assert [one.place.name for one in StudyLocation.objects.all()] == ["Kempas Medical Centre"]
    curation.accept_import(curated=curated, by=cast.lead, at=AT)
    assert [one.place.name for one in StudyLocation.objects.all()] == ["Rain Tree General Hospital"]
    curate(study, cast.lead, "locations", places)
    bring(trial(1, "Changed", updated="2026-02-09"))
    assert [one.place.name for one in StudyLocation.objects.all()] == ["Kempas Medical Centre"]
    assert {site.organisation for site in StudySite.objects.all()} == {bodies.kempas}
    assert json.loads(json.dumps(CuratedField.objects.get().value)) == places
