"""The demonstration: submissions in every state, a meeting with minutes, mirrors; loaded once."""

import pytest
from django.utils import timezone

from tembusu.coordination.registry import demo as registry
from tembusu.coordination.submissions import demo
from tembusu.coordination.submissions.models import Letter, Meeting, Minutes, Submission
from tembusu.coordination.submissions.selectors import clocks
from tembusu.coordination.submissions.terms import MeetingState, SubmissionState
from tembusu.foundation.jurisdictions import demo as jurisdictions
from tembusu.foundation.people import demo as people

pytestmark = pytest.mark.django_db


def test_the_demonstration_shows_each_state_once_loaded(settings):
    settings.TEMBUSU_SYNTHETIC = True
    at = timezone.now()
    people.load(at)
    jurisdictions.load(at)
    registry.load(at, settings.TEMBUSU_HOME_COUNTRY_NAME)
    demo.load(at)
    states = set(Submission.objects.values_list("state", flat=True))
    assert states >= set(SubmissionState) - {SubmissionState.LAPSED}
    assert set(Meeting.objects.values_list("state", flat=True)) == {
        MeetingState.PLANNED,
        MeetingState.MINUTED,
    }
    assert "left for this item and did not vote" in Minutes.objects.get().body
    assert Letter.objects.exclude(sent_at=None).exists()
    assert Submission.objects.exclude(system="").exclude(mirrored_at=None).exists()
    for one in Submission.objects.select_related("body", "decision"):
        if read := clocks.read(one, as_of=at.date()):
            assert read.with_body + read.with_applicant == read.reading.elapsed
    n = Submission.objects.count()
    demo.load(at)
    assert Submission.objects.count() == n >= 24
