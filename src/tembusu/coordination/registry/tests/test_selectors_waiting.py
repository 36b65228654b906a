"""What of the registry stands on whose desk."""

from datetime import date, timedelta

import pytest

from tembusu.coordination.registry.actions import curation as curating
from tembusu.coordination.registry.actions import drafts
from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.selectors import waiting
from tembusu.coordination.registry.tests.conftest import AT, trial

LATER = AT + timedelta(days=3)


def offered(user):
    return {item.key.split(":")[0]: item for item in waiting.offer(user, LATER)}


def test_a_draft_stands_on_the_desk_of_who_wrote_it(cast, bodies):
    draft = drafts.start_registration(
        title="VN-300 in asthma", on_behalf_of=bodies.damar, by=cast.sponsor, at=AT
    )
    item = offered(cast.sponsor)["registry.draft"]
    assert item.what == "Publish the registration"
    assert item.record == f"{draft.study.number}, VN-300 in asthma"
    assert item.url == f"/studies/{draft.study_id}/draft/"
    assert item.since == date(2026, 3, 1)
    assert "registry.draft" not in offered(cast.rival)
    assert "registry.draft" not in offered(cast.analyst)


def test_places_are_one_line_for_those_who_settle_them(cast, bring):
    bring(
        trial(
            1,
            locations=[
                {"facility": name, "city": "Singapore", "country": "Singapore"}
                for name in ("Rain Tree Gen. Hosp. Outpatients", "Unknown Clinic")
            ],
        )
    )
    item = offered(cast.analyst)["registry.places"]
    assert item.record == "2 places as registries write them"
    assert item.url == "/places/"
    assert "registry.places" not in offered(cast.sponsor)


def test_differing_values_wait_for_those_who_review(cast, bring):
    bring(trial(1, "First title"))
    study = Study.objects.get()
    curating.curate_field(
        study=study, field="brief_title", value="Ours", reason="clearer", by=cast.lead, at=AT
    )
    bring(trial(1, "Second title", updated="2026-02-20"), at=LATER)
    item = offered(cast.lead)["registry.review"]
    assert (item.what, item.study) == ("Decide on 1 curated value", study.number)
    assert item.since == LATER.date()
    assert "registry.review" not in offered(cast.sponsor)


def test_a_long_queue_of_reviews_is_one_line(cast, bring, monkeypatch):
    monkeypatch.setattr(waiting, "SHOWN_ONE_BY_ONE", 1)
    bring(trial(1, "First"), trial(2, "First"))
    for study in Study.objects.all():
        curating.curate_field(
            study=study, field="brief_title", value="Ours", reason="clearer", by=cast.lead, at=AT
        )
    bring(
        trial(1, "Second", updated="2026-02-20"), trial(2, "Second", updated="2026-02-20"), at=LATER
    )
    item = offered(cast.lead)["registry.review"]
    assert item.record == "2 studies in the review queue"
    assert item.url == "/studies/review/"


@pytest.mark.django_db
def test_nobody_in_particular_has_nothing(cast):
    assert waiting.offer(cast.rival, AT) == []


def test_changes_concern_those_who_work_with_a_study(cast, bodies):
    draft = drafts.start_registration(
        title="VN-300 in asthma", on_behalf_of=bodies.damar, by=cast.sponsor, at=AT
    )
    study = draft.study
    told = waiting.concerning(cast.sponsor, [study.pk])
    assert told[study.pk].url == f"/studies/{study.pk}/"
    assert waiting.concerning(cast.rival, [study.pk]) == {}
