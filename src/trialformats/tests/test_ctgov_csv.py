"""The downloaded CSV: what it can say, and what it cannot."""

import pytest
from tests.support.shared import shared_path

from trialformats import ctgov_csv, ctgov_json
from trialformats.errors import FormatError
from trialformats.records import Intervention, Location, Party, SecondaryId
from trialformats.sources import read_paths
from trialformats.tests.making import CSV_HEADER


def read(**cells):
    header = tuple(name.replace("_", " ") for name in cells)
    quoted = ",".join('"' + text.replace('"', '""') + '"' for text in cells.values())
    return ctgov_csv.read(header, quoted)


def test_every_real_row_is_read_and_comes_back_from_api_v2_as_itself():
    readings = list(read_paths([shared_path("data/ctgov/ctg_1000.csv")]))
    assert [reading.reason for reading in readings] == [""] * 1000
    assert len({reading.registry_no for reading in readings}) == 1000
    for reading in readings:
        assert ctgov_json.read(ctgov_json.write(reading.record)) == reading.record
        assert not reading.record.extra


@pytest.mark.parametrize(
    ("column", "cell", "field", "expected"),
    [
        ("Study Status", "NOT_YET_RECRUITING", "overall_status", "NOT_YET_RECRUITING"),
        ("Status", "Active, not recruiting", "overall_status", "ACTIVE_NOT_RECRUITING"),
        ("Study Results", "YES", "has_results", True),
        ("Study Results", "No Results Available", "has_results", False),
        ("Conditions", "Alzheimer&#39;s Disease|Dementia", "conditions",
         ("Alzheimer's Disease", "Dementia")),
        ("Interventions", "DRUG: A: b|Walking", "interventions",
         (Intervention("A: b", "DRUG"), Intervention("Walking"))),
        ("Phases", "PHASE1|PHASE2", "phases", ("PHASE1", "PHASE2")),
        ("Age", "CHILD, ADULT, OLDER_ADULT", "standard_ages", ("CHILD", "ADULT", "OLDER_ADULT")),
        ("Age", "18 Years and older   (Adult, Older Adult)", "standard_ages",
         ("ADULT", "OLDER_ADULT")),
        ("Other IDs", "A-1|ISRCTN12345678", "secondary_ids", (SecondaryId("ISRCTN12345678"),)),
        ("Collaborators", "X|Y", "collaborators", (Party("X"), Party("Y"))),
        ("Start Date", "2024-03", "start_dtc", "2024-03"),
        ("Start Date", "March 4, 2021", "start_dtc", "2021-03-04"),
        ("Study Design", "Observational Model: |Time Perspective: p", "time_perspective", ""),
        ("Study Design", "Masking: DOUBLE (PARTICIPANT, INVESTIGATOR)", "who_masked",
         ("PARTICIPANT", "INVESTIGATOR")),
        ("Locations", "Ward, Leuven, 3000, Belgium", "locations",
         (Location("Ward", "Leuven", "", "3000", "Belgium"),)),
        ("Locations", "House, Mérida, Yucatán, Mexico", "locations",
         (Location("House", "Mérida", "Yucatán", "", "Mexico"),)),
        ("Locations", "Alpha Hospital, Department of Two, Singapore, Singapore", "locations",
         (Location("Alpha Hospital, Department of Two", "Singapore", "", "", "Singapore"),)),
        ("Locations", "Cairo, Egypt", "locations", (Location("", "Cairo", "", "", "Egypt"),)),
        ("Favourite", "blue", "extra", {"csv:Favourite": "blue"}),
    ],
)  # fmt: skip
def test_a_cell_becomes_its_field(column, cell, field, expected):
    record = read(**{"NCT Number": "NCT00000001", column: cell})
    assert getattr(record, field) == expected


def test_sponsor_and_its_kind_meet_whatever_the_order_of_columns():
    one = read(**{"NCT Number": "NCT00000001", "Sponsor": "X", "Funder Type": "NIH"})
    two = read(**{"Funder Type": "NIH", "Sponsor": "X", "NCT Number": "NCT00000001"})
    assert one == two
    assert one.lead_sponsor == Party("X", "NIH")


def test_a_file_answers_only_the_fields_of_its_columns():
    fields = ctgov_csv.fields_of(CSV_HEADER)
    assert {"registry_no", "brief_title", "start_dtc"} <= fields
    assert not {"eligibility_text", "locations", "lead_sponsor"} & fields


@pytest.mark.parametrize(
    ("cells", "field", "said"),
    [
        ({"NCT Number": "", "Study Title": "x"}, "NCT Number", "no NCT number"),
        ({"NCT Number": "NCT1"}, "NCT Number", "8 digits"),
        ({"NCT Number": "NCT00000001", "Start Date": "2023-02-30"}, "Start Date", "not exist"),
        ({"NCT Number": "NCT00000001", "Enrollment": "many"}, "Enrollment", "whole number"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_column(cells, field, said):
    with pytest.raises(FormatError, match=said) as refused:
        read(**cells)
    assert refused.value.field == field


def test_a_row_with_a_cell_too_many_is_refused():
    with pytest.raises(FormatError, match="3 cells and the header 2"):
        ctgov_csv.read(("NCT Number", "Study Title"), "NCT00000001,one,two")
