"""Registering by hand: what a draft keeps, what publishing writes, and how imports meet it."""

import pytest
from django.core.exceptions import PermissionDenied

from tembusu.coordination.registry.actions import drafts
from tembusu.coordination.registry.models import (
    CrossReference,
    Registration,
    RegistrationVersion,
    Study,
    StudyDraft,
    StudyIndex,
    StudyLocation,
)
from tembusu.coordination.registry.terms import StudyState, Timeliness
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.coordination.registry.tests.draft_answers import WHOLE
from tembusu.foundation.core.models import AuditEvent
from tembusu.foundation.core.states import IllegalMove

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast, bodies):
    return drafts.start_registration(
        title="Night  light", on_behalf_of=bodies.damar, by=cast.sponsor, at=AT
    )


@pytest.fixture
def whole(draft, cast):
    return save(draft, cast.sponsor, WHOLE)


def save(draft, by, answers, revision=None):
    revision = draft.revision if revision is None else revision
    return drafts.save_draft(draft=draft, answers=answers, revision=revision, by=by, at=AT)


def test_a_draft_belongs_to_the_organisation_and_is_not_public(draft, bodies):
    study = draft.study
    assert (study.state, study.sponsor) == (StudyState.DRAFT, bodies.damar)
    assert study.scope.parent == bodies.damar.scope
    assert draft.answers["brief_title"] == "Night light"
    assert StudyIndex.objects.get(study=study).is_public is False


def test_answers_are_kept_and_a_blank_one_is_dropped(draft, cast):
    saved = save(draft, cast.sponsor, {"conditions": ["Insomnia"], "acronym": "NIGHT"})
    saved = save(saved, cast.sponsor, {"acronym": ""})
    assert saved.answers["conditions"] == ["Insomnia"]
    assert "acronym" not in saved.answers
    assert saved.revision == 2
    assert save(saved, cast.sponsor, {"conditions": ["Insomnia"]}).revision == 2


def test_the_second_of_two_is_told_and_overwrites_nothing(draft, cast):
    save(draft, cast.sponsor, {"acronym": "FIRST"})
    with pytest.raises(drafts.StaleDraft, match="Ines"):
        save(draft, cast.lead, {"acronym": "SECOND"}, revision=0)
    assert StudyDraft.objects.get().answers["acronym"] == "FIRST"


def test_an_answer_to_no_question_is_refused(draft, cast):
    with pytest.raises(drafts.DraftRefused):
        save(draft, cast.sponsor, {"registry_no": "NCT00000001"})


def test_what_is_not_answered_yet_is_named_and_nothing_is_published(draft, cast):
    with pytest.raises(drafts.DraftRefused, match="Still to be answered"):
        drafts.publish_study(draft=draft, by=cast.sponsor, at=AT)
    assert not Registration.objects.exists()
    assert Study.objects.get().state == StudyState.DRAFT


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2100-01-01", Timeliness.PROSPECTIVE),
        ("2001-01-01", Timeliness.RETROSPECTIVE),
        ("2026", Timeliness.UNKNOWN),
    ],
)
def test_publishing_says_whether_registration_came_in_time(whole, cast, start, said):
    whole = save(whole, cast.sponsor, {"start_dtc": start})
    assert drafts.publish_study(draft=whole, by=cast.sponsor, at=AT) is said
    event = AuditEvent.objects.get(event="registry.study.published")
    assert event.change == {"version": 1, "registration": said.value}


def test_doubts_are_published_only_when_checked(whole, cast):
    whole = save(whole, cast.sponsor, {"overall_status": "RECRUITING"})
    with pytest.raises(drafts.DoubtsUnchecked, match="a second look"):
        drafts.publish_study(draft=whole, by=cast.sponsor, at=AT)
    assert not Registration.objects.exists()
    drafts.publish_study(draft=whole, by=cast.sponsor, at=AT, doubts_checked=True)
    assert Registration.objects.exists()


def test_a_save_from_before_publishing_is_stale(whole, cast):
    drafts.publish_study(draft=whole, by=cast.sponsor, at=AT)
    with pytest.raises(drafts.PublishedMeanwhile, match="open a change"):
        save(whole, cast.sponsor, {"acronym": "LATE"}, revision=whole.revision)
    assert "acronym" not in StudyDraft.objects.get().answers


def test_ones_own_save_elsewhere_is_told_as_ones_own(whole, cast):
    with pytest.raises(drafts.StaleOwnDraft, match="You saved this draft in another window"):
        save(whole, cast.sponsor, {"acronym": "LATE"}, revision=0)


def test_a_published_draft_is_a_version_and_a_change_is_another(whole, cast):
    drafts.publish_study(draft=whole, by=cast.sponsor, at=AT)
    with pytest.raises(drafts.DraftRefused, match="Nothing has changed"):
        drafts.publish_study(draft=whole, by=cast.sponsor, at=AT)
    changed = save(StudyDraft.objects.get(), cast.sponsor, {"acronym": "NIGHT"})
    drafts.publish_study(draft=changed, by=cast.sponsor, at=AT)
    registration = Registration.objects.get()
    assert (registration.registry_no, registration.version_no) == (whole.study.number, 2)
    versions = RegistrationVersion.objects.order_by("version_no")
    assert [one.record.get("acronym") for one in versions] == [None, "NIGHT"]
    assert CrossReference.objects.get().registry_no == "NCT09990001"


def test_an_imported_entry_joins_the_study_that_named_it(whole, cast, bring):
    drafts.publish_study(draft=whole, by=cast.sponsor, at=AT)
    bring(trial(1, "As the registry has it"))
    study = Study.objects.get()
    assert set(study.registrations.values_list("registry", flat=True)) == {"own", "ctgov"}
    row = StudyIndex.objects.get()
    # Our own register is heard first; what it leaves open comes from the other.
    assert (row.title, row.n_locations) == ("Night light and sleep in hospital", 1)
    changed = save(StudyDraft.objects.get(), cast.sponsor, {"acronym": "NIGHT"})
    drafts.publish_study(draft=changed, by=cast.sponsor, at=AT)
    assert StudyLocation.objects.count() == 1


def test_a_draft_is_not_found_by_an_import_before_it_is_published(whole, bring):
    bring(trial(1))
    assert Study.objects.filter(state=StudyState.PUBLISHED).count() == 1
    assert Study.objects.count() == 2


@pytest.mark.parametrize(
    ("who", "may"), [("lead", True), ("sponsor", True), ("rival", False), ("nobody", False)]
)
def test_only_who_stands_behind_a_study_works_on_its_draft(whole, cast, who, may):
    by = getattr(cast, who)
    if may:
        assert save(whole, by, {"acronym": "NIGHT"}).saved_by == by
        return
    for act in (
        lambda: save(whole, by, {"acronym": "NIGHT"}),
        lambda: drafts.publish_study(draft=whole, by=by, at=AT),
        lambda: drafts.discard_draft(draft=whole, by=by, at=AT, reason="no"),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_draft_is_given_up_with_its_reason_and_a_published_study_never(whole, cast, bodies):
    with pytest.raises(drafts.DraftRefused):
        drafts.discard_draft(draft=whole, by=cast.sponsor, at=AT, reason=" ")
    drafts.discard_draft(draft=whole, by=cast.sponsor, at=AT, reason="No money")
    assert Study.objects.get().state == StudyState.DISCARDED
    assert not StudyIndex.objects.exists()
    with pytest.raises(drafts.DraftRefused):
        save(whole, cast.sponsor, {"acronym": "LATE"})
    second = drafts.start_registration(
        title="Another", on_behalf_of=bodies.damar, by=cast.sponsor, at=AT
    )
    second = save(second, cast.sponsor, WHOLE)
    drafts.publish_study(draft=second, by=cast.sponsor, at=AT)
    with pytest.raises(IllegalMove):
        drafts.discard_draft(draft=second, by=cast.sponsor, at=AT, reason="Too late")
