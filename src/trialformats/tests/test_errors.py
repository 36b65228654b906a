"""Every fault of a record is named at once, in words of the field."""

import json

import pytest

from trialformats.errors import Fault, FormatError, label_of, together
from trialformats.sources import read_paths
from trialformats.tests.making import csv_bytes, csv_row, legacy, saved, study

STATUS = "protocolSection.statusModule"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{STATUS}.startDateStruct.date", "Start date"),
        (f"{STATUS}.studyFirstSubmitDate", "Study first submit date"),
        ("protocolSection.identificationModule.nctId", "NCT number"),
        ("protocolSection.designModule.enrollmentInfo.count", "Number of participants"),
        ("protocolSection.contactsLocationsModule.locations.3.geoPoint.lat", "Latitude"),
        ("protocolSection.sponsorCollaboratorsModule.leadSponsor.class", "Lead sponsor class"),
        ("id_info.nct_id", "NCT number"),
        ("primary_completion_date", "Primary completion date"),
        ("Target_size", "Number of participants"),
        ("NCT Number", "NCT Number"),
        ("", ""),
    ],
)
def test_a_place_is_said_in_words(path, words):
    assert label_of(path) == words


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("it is wrong"), "it is wrong"),
        (Fault("it is wrong", "Start Date"), "Start Date: it is wrong"),
        (Fault("it is wrong", "start_date"), "Start date: it is wrong (start_date)"),
    ],
)
def test_a_fault_says_the_field_then_the_place(fault, said):
    assert str(fault) == said


def test_of_very_many_faults_the_first_are_named():
    error = together(FormatError(f"fault {no}") for no in range(50))
    assert len(error.faults) == 21
    assert error.faults[-1].reason == "and 30 more faults"


def wrong_json():
    made = study(1)
    protocol = made["protocolSection"]
    protocol["identificationModule"]["nctId"] = "NCT1"
    protocol["statusModule"]["startDateStruct"]["date"] = "Febtember 2020"
    protocol["designModule"] = {"enrollmentInfo": {"count": "many"}}
    places = [{"city": 1}, {"city": "Singapore"}, {"geoPoint": {"lat": "north"}}]
    protocol["contactsLocationsModule"] = {"locations": places}
    return json.dumps(made)


XML = legacy(
    inside="<start_date>May 32, 2020</start_date><completion_date>soon</completion_date>"
    "<enrollment>many</enrollment>"
).replace("NCT00000001", "x")
ICTRP = (
    "<Trial><TrialID></TrialID><Date_registration>soon</Date_registration>"
    "<Date_enrollement>2020-13</Date_enrollement><Target_size>many</Target_size></Trial>"
)
CSV = csv_bytes(csv_row(1, Start_Date="soon", Enrollment="many") | {"NCT Number": "x"})


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        (
            "a.json",
            wrong_json(),
            ["Start date", "Number of participants", "City", "Latitude", "NCT number"],
        ),
        (
            "a.xml",
            XML,
            ["NCT number", "Start date", "Completion date", "Number of participants"],
        ),
        (
            "who.xml",
            ICTRP,
            [
                "Trial number",
                "Date of registration",
                "Date of first enrolment",
                "Number of participants",
            ],
        ),
        ("a.csv", CSV, ["NCT Number", "Start Date", "Number of participants"]),
    ],
)
def test_all_faults_of_a_record_are_named_at_once(tmp_path, name, content, fields):
    (reading,) = read_paths([saved(tmp_path, name, content)])
    assert [fault.field for fault in reading.faults] == fields
    assert reading.reason.splitlines() == [str(fault) for fault in reading.faults]


def test_a_record_that_is_whole_has_no_fault(tmp_path):
    (reading,) = read_paths([saved(tmp_path, "a.json", json.dumps(study(1)))])
    assert (reading.faults, reading.reason) == ((), "")
