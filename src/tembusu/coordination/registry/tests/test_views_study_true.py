"""A study's pages say what its registries say, and no more: dates, places, ages, who answers for it."""

import pytest

from tembusu.coordination.registry.actions import imports
from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.tests.conftest import AT, trial

ROW = (
    "NCT Number,Study Title,Start Date,First Posted,Last Update Posted,Locations,"
    "Primary Outcome Measures,Interventions\n"
    'NCT09990001,A trial of VN-118,2020-05-12,2020-05-15,2026-02-05,"Rain Tree General Hospital,'
    ' Singapore, Singapore","Survival, 5 years",DRUG: VN-118\n'
)


@pytest.fixture
def take_row(db, tmp_path):
    def take(text=ROW):
        file = tmp_path / "rows.csv"
        file.write_text(text)
        run = imports.import_studies(paths=[file], by=None, at=AT)
        assert run.counts["rejected"] == 0

    return take


@pytest.fixture
def page_of(enter, cast):
    """Return a tab of the only study as somebody without a role reads it."""

    def page(tab=""):
        address = f"/studies/{StudyIndex.objects.get().pk}/{tab}"
        return " ".join(enter(cast.nobody).get(address).content.decode().split())

    return page


# -- the day of registration --------------------------------------------------------------------


def test_a_day_of_posting_does_not_turn_a_registration_late(bring, take_row, page_of):
    bring(trial(1, registered="2020-05-10", start="2020-05-12"))
    before = page_of()
    take_row()
    after = page_of()
    for page in (before, after):
        assert "Registered at or before enrolment" in page
        assert "10 May 2020, first submitted to the registry" in page


def test_where_only_the_day_of_posting_is_known_nothing_is_decided(take_row, page_of):
    take_row()
    page = page_of()
    assert "15 May 2020, first posted by the registry" in page
    assert "Registered in time: undecided" in page
    assert "Only the day of posting is known." in page
    assert "Registered after" not in page


# -- what a poorer format leaves ----------------------------------------------------------------


def test_a_newer_row_leaves_the_time_frame_the_arms_and_the_status_of_a_site(
    bring, take_row, page_of
):
    bring(trial(1))
    take_row()
    outcomes = page_of("outcomes/")
    assert "<b>Survival</b>" in outcomes
    assert "</span>5 years" in outcomes
    assert "Recruiting" in page_of("sites/").split("<tbody>")[1]
