"""A study's pages say what its registries say, and no more: dates, places, ages, who answers for it."""

import json

import pytest

from tembusu.coordination.registry.actions import imports
from tembusu.coordination.registry.models import Place, StudyIndex
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


# -- what each registry wrote -------------------------------------------------------------------


def at(facility):
    return {"facility": facility, "city": "Singapore", "country": "Singapore"}


def test_a_site_is_shown_as_its_own_registry_wrote_it(bring, enter, cast):
    written = [
        "Rain Tree General Hospital, Dept of Psychiatry",
        "RAIN TREE GENERAL HOSPITAL (RTGH)",
    ]
    bring(*(trial(no, locations=[at(name)]) for no, name in enumerate(written, start=1)))
    for row, own, other in zip(
        StudyIndex.objects.order_by("pk"), written, reversed(written), strict=True
    ):
        page = enter(cast.nobody).get(f"/studies/{row.pk}/sites/").content.decode()
        assert own in page
        assert other not in page


def test_sites_known_by_their_numbers_alone_are_places_of_their_own(bring, page_of):
    bring(trial(1, locations=[at(f"As0006 {no}") for no in (407, 408, 409)]))
    page = page_of("sites/")
    assert all(f"As0006 {no}" in page for no in (407, 408, 409))
    assert Place.objects.filter(name__startswith="As0006").count() == 3


def test_a_study_is_found_by_the_company_whose_site_it_lists(bring, enter, cast):
    bring(trial(1, "By a company", locations=[at("GSK Investigational Site")]), trial(2))
    found = enter(cast.nobody).get("/studies/?q=gsk").content.decode()
    assert "By a company" in found
    assert "A trial of VN-118" not in found


# -- what leaves the house ----------------------------------------------------------------------


def test_an_export_says_dates_and_numbers_as_precisely_as_the_registry(bring, enter, cast):
    bring(trial(1, start="2000-04", phase="NA"))
    answer = enter(cast.analyst).get("/studies/export.json")
    (row,) = json.loads(b"".join(answer.streaming_content))
    assert (row["start_date"], row["updated_date"]) == ("2000-04", "2026-02-01")
    assert (row["participants"], row["participants_kind"]) == (240, "estimated")
    assert row["phase"] == "Not applicable"


# -- who may take part, and who answers for it --------------------------------------------------


def test_a_row_that_has_sex_and_ages_alone_is_said_so(take_row, page_of):
    take_row('NCT Number,Sex,Age\nNCT09990001,FEMALE,"ADULT, OLDER_ADULT"\n')
    page = page_of("eligibility/")
    assert "Women" in page
    assert "Adults and older adults (age groups)" in page
    assert "say nothing of who may take part" not in page
    assert "No criteria in words" in page


def test_nothing_is_said_of_an_exclusion_that_has_no_heading(bring, page_of):
    one = trial(1)
    one["protocolSection"]["eligibilityModule"]["eligibilityCriteria"] = "Inclusion Criteria:\n* A"
    bring(one)
    page = page_of("eligibility/")
    assert "Inclusion" in page
    assert "Exclusion" not in page


@pytest.mark.parametrize(
    ("party", "said"),
    [
        ({"type": "SPONSOR"}, "The sponsor"),
        (
            {
                "type": "PRINCIPAL_INVESTIGATOR",
                "investigatorFullName": "A. Tan",
                "investigatorAffiliation": "Halia Clinic",
            },
            "A. Tan, Halia Clinic (principal investigator)",
        ),
        ({"oldNameTitle": "B. Lim, Director"}, "B. Lim, Director"),
    ],
)
def test_who_is_responsible_is_not_whoever_investigates(bring, page_of, party, said):
    one = trial(1, sponsor="Halia S.r.l.")
    one["protocolSection"]["sponsorCollaboratorsModule"]["responsibleParty"] = party
    one["protocolSection"]["contactsLocationsModule"]["overallOfficials"] = [
        {"name": "C. Ong", "affiliation": "Kempas Institute", "role": "STUDY_CHAIR"}
    ]
    bring(one)
    page = page_of()
    assert said in page.split("Responsible party</dt>")[1][:400]
    assert "C. Ong, Kempas Institute (study chair)" in page
    assert "by Halia S.r.l." in page
    assert "S.r.l.." not in page
