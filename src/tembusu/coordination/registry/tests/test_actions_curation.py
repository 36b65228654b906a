"""Staff's own words over what registries say."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.actions import curation
from tembusu.coordination.registry.models import (
    CuratedField,
    Study,
    StudyIndex,
    StudyLocation,
    StudySite,
)
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.foundation.core.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(bring):
    bring(trial(1, "Imported"))
    return Study.objects.get()


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
def test_who_does_not_keep_the_register_curates_nothing(study, cast, who):
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        curate(study, by)
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


# -- a value and what is said of it -----------------------------------------------------------------


def with_kind(study, by, value, kind, **more):
    return curation.curate_field(
        study=study,
        field="start_dtc",
        value=value,
        beside={"start_kind": kind},
        by=by,
        at=AT,
        reason="Read",
        **more,
    )


def start(study):
    values = studies.effective_record(study).values
    return values.get("start_dtc"), values.get("start_kind")


def test_a_date_is_curated_and_dropped_with_its_kind(study, cast, bring):
    assert start(study) == ("2026-05", "ESTIMATED")
    curated = with_kind(study, cast.lead, "2026-02", "ACTUAL")
    assert start(study) == ("2026-02", "ACTUAL")
    event = AuditEvent.objects.get(event="registry.study.curated")
    assert event.change == {
        "start_dtc": ["2026-05", "2026-02"],
        "start_kind": ["ESTIMATED", "ACTUAL"],
    }
    curation.accept_import(curated=curated, by=cast.lead, at=AT)
    assert start(study) == ("2026-05", "ESTIMATED")
    assert not CuratedField.objects.exists()


def test_a_curated_date_never_has_a_registry_s_kind(study, cast):
    curate(study, cast.lead, "start_dtc", "2026-02")
    assert start(study) == ("2026-02", None)


def test_the_kind_alone_may_be_what_is_curated(study, cast):
    with_kind(study, cast.lead, "2026-05", None)
    assert start(study) == ("2026-05", None)
    with pytest.raises(curation.CurationRefused, match="what the registry says"):
        with_kind(study, cast.lead, "2026-05", "ESTIMATED")
    with pytest.raises(curation.CurationRefused, match="the curated value already"):
        with_kind(study, cast.lead, "2026-05", None)


def test_a_new_kind_at_the_registry_flags_the_date_once(study, cast, bring):
    curated = with_kind(study, cast.lead, "2026-05", None)
    bring(trial(1, "Imported", updated="2026-02-09", start="2026-06"))
    assert list(CuratedField.objects.filter(differs_since=AT)) == [curated]
    curation.keep_curated(curated=curated, by=cast.lead, at=AT)
    assert not CuratedField.objects.filter(differs_since__isnull=False).exists()
    assert start(study) == ("2026-05", None)


@pytest.mark.parametrize(
    ("field", "beside"), [("start_kind", {}), ("start_dtc", {"completion_kind": "ACTUAL"})]
)
def test_what_is_said_of_another_field_is_curated_with_that(field, beside, study, cast):
    with pytest.raises(curation.CurationRefused):
        curation.curate_field(
            study=study, field=field, value="2026", beside=beside, by=cast.lead, at=AT, reason="x"
        )
    assert not CuratedField.objects.exists()


def test_an_actual_date_ahead_holds_only_when_somebody_looked(study, cast):
    with pytest.raises(curation.DoubtsUnchecked, match="called actual"):
        with_kind(study, cast.lead, "2027-03", "ACTUAL")
    with_kind(study, cast.lead, "2027-03", "ACTUAL", doubts_checked=True)
    assert start(study) == ("2027-03", "ACTUAL")
