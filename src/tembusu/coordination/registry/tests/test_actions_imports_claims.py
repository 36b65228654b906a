"""Typing another's number is not enough to take its record."""

from datetime import timedelta

import pytest

from tembusu.coordination.registry.actions import drafts
from tembusu.coordination.registry.models import Registration, StudyIndex
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.tests.conftest import AT, trial
from tembusu.coordination.registry.tests.draft_answers import WHOLE


@pytest.mark.parametrize(
    ("held", "claimed_for", "sponsor", "is_sound"),
    [
        ({"own"}, "Damar Therapeutics", "Damar Therapeutics", True),
        ({"own"}, "Damar Therapeutics", "DAMAR THERAPEUTICS", True),
        ({"own"}, "Damar Therapeutics", "Sena Biologics", False),
        ({"own"}, "Damar Therapeutics", "", False),
        ({"own"}, "", "", False),
        ({"isrctn"}, "", "Sena Biologics", True),
        ({"own", "isrctn"}, "Damar Therapeutics", "Sena Biologics", True),
    ],
)
def test_a_claim_is_sound_if_a_registry_makes_it_or_the_sponsor_agrees(
    held, claimed_for, sponsor, is_sound
):
    found = records.is_sound_claim(
        held, own_registry="own", claimed_for=claimed_for, sponsor=sponsor
    )
    assert found is is_sound


@pytest.fixture
def claimed(cast, bodies):
    """A study that Damar registered by hand and that names NCT09990001."""
    draft = drafts.start_registration(
        title=WHOLE["brief_title"], on_behalf_of=bodies.damar, by=cast.sponsor, at=AT
    )
    draft = drafts.save_draft(
        draft=draft, answers=WHOLE, revision=draft.revision, by=cast.sponsor, at=AT
    )
    drafts.publish_study(draft=draft, by=cast.sponsor, at=AT)
    return draft.study


def of_sponsor(name):
    made = trial(1)
    made["protocolSection"]["sponsorCollaboratorsModule"] = {"leadSponsor": {"name": name}}
    return made


def test_the_own_record_joins_the_study_that_was_registered_before_it(claimed, bring):
    bring(of_sponsor("Damar Therapeutics"), at=AT + timedelta(days=1))
    assert Registration.objects.get(registry_no="NCT09990001").study == claimed


def test_anothers_record_stands_alone_and_both_are_shown_to_the_keepers(claimed, bring):
    bring(of_sponsor("Sena Biologics"), at=AT + timedelta(days=1))
    taken = Registration.objects.get(registry_no="NCT09990001").study
    assert taken != claimed
    flagged = StudyIndex.objects.filter(facets__contains=["flag:may_be_one"])
    assert {one.study_id for one in flagged} == {taken.pk, claimed.pk}
