"""What a poorer format changes of a fuller record, and what it leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tembusu.coordination.registry.rules.overlay import lay_over
from trialformats import ctgov_csv
from trialformats.records import to_json

TEXTS = st.dictionaries(st.sampled_from("abcdef"), st.text(min_size=1), max_size=6)
RAIN = {
    "facility": "Rain Tree Hospital, Ward 3",
    "city": "Meranti",
    "zip_code": "1234",
    "country": "Singapore",
    "status": "RECRUITING",
    "contacts": [{"name": "A. Tan"}],
}
PAIN = {"measure": "Pain, at rest", "description": "On a scale, 0 to 10", "time_frame": "12 weeks"}
FULL = {
    "registry": "ctgov",
    "registry_no": "NCT09990001",
    "registered_dtc": "2020-05-10",
    "first_submitted_dtc": "2020-05-10",
    "first_posted_dtc": "2020-05-14",
    "start_dtc": "2020-05-12",
    "start_kind": "ESTIMATED",
    "enrolment_count": 240,
    "enrolment_kind": "ESTIMATED",
    "observational_model": "COHORT",
    "time_perspective": "PROSPECTIVE",
    "masking": "DOUBLE",
    "who_masked": ["PARTICIPANT"],
    "lead_sponsor": {"name": "Damar Therapeutics", "kind": "INDUSTRY"},
    "collaborators": [{"name": "Kempas Institute", "kind": "OTHER_GOV"}],
    "primary_outcomes": [PAIN, {"measure": "Sleep", "time_frame": "1 week"}],
    "interventions": [
        {"name": "VN-118", "kind": "DRUG", "description": "Daily", "arm_labels": ["A"]},
        {"name": "Walking", "kind": "OTHER"},
    ],
    "locations": [RAIN],
    "secondary_ids": [{"id_text": "X-1", "kind": "NIH", "domain": "Meranti Fund"}],
    "documents": [{"label": "Study Protocol", "type_code": "Prot", "n_bytes": 9}],
}


def after(**cells):
    """Return the full record with a CSV's row laid over it."""
    header = ("NCT Number", *(name.replace("_", " ") for name in cells))
    row = ",".join('"' + text.replace('"', '""') + '"' for text in ("NCT09990001", *cells.values()))
    record = to_json(ctgov_csv.read(header, row))
    return lay_over(FULL, record, ctgov_csv.fields_of(header))


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        (
            "Primary Outcome Measures",
            "Pain, at rest, On a scale, 0 to 10, 12 weeks|Sleep, 1 week",
            "primary_outcomes",
        ),
        ("Interventions", "DRUG: VN-118|OTHER: Walking", "interventions"),
        ("Locations", "Rain Tree Hospital, Ward 3, Meranti, 1234, Singapore", "locations"),
        ("Collaborators", "Kempas Institute", "collaborators"),
        ("Sponsor", "Damar Therapeutics", "lead_sponsor"),
        ("Funder Type", "INDUSTRY", "lead_sponsor"),
        ("Other IDs", "D-1|X-1", "secondary_ids"),
        ("Start Date", "2020-05-12", "start_kind"),
        ("Enrollment", "240", "enrolment_kind"),
        ("First Posted", "2020-05-15", "registered_dtc"),
        ("First Posted", "2020-05-15", "first_submitted_dtc"),
        ("Study Design", "Observational Model: |Time Perspective: p", "observational_model"),
        ("Study Design", "Observational Model: |Time Perspective: p", "time_perspective"),
        ("Study Design", "Masking: DOUBLE", "who_masked"),
    ],
)
def test_a_row_takes_away_nothing_that_it_has_no_place_for(column, cell, field):
    assert after(**{column: cell})[field] == FULL[field]


@pytest.mark.parametrize(
    ("column", "cell", "field", "becomes"),
    [
        # The description is another, the time frame the same: both are still told apart.
        (
            "Primary Outcome Measures",
            "Pain, at rest, On a new scale, 12 weeks",
            "primary_outcomes",
            [PAIN | {"description": "On a new scale"}],
        ),
        # Nothing tells where the description ends: all that follows the measure is shown there.
        (
            "Primary Outcome Measures",
            "Pain, at rest, On a scale, 6 weeks",
            "primary_outcomes",
            [{"measure": "Pain, at rest", "description": "On a scale, 6 weeks"}],
        ),
        ("Primary Outcome Measures", "Sleep", "primary_outcomes", [{"measure": "Sleep"}]),
        (
            "Primary Outcome Measures",
            "Sleeplessness, 1 week",
            "primary_outcomes",
            [{"measure": "Sleeplessness, 1 week"}],
        ),
        (
            "Interventions",
            "DEVICE: VN-118",
            "interventions",
            [FULL["interventions"][0] | {"kind": "DEVICE"}],
        ),
        ("Interventions", "DRUG: VN-119", "interventions", [{"name": "VN-119", "kind": "DRUG"}]),
        (
            "Locations",
            "Rain Tree Hospital, Ward 3, Meranti, 9999, Singapore|Halia Clinic, Meranti, Singapore",
            "locations",
            [
                RAIN | {"zip_code": "9999"},
                {"facility": "Halia Clinic", "city": "Meranti", "country": "Singapore"},
            ],
        ),
        ("Sponsor", "Halia Foundation", "lead_sponsor", {"name": "Halia Foundation"}),
        ("Collaborators", "", "collaborators", None),
        ("Start Date", "2020-06", "start_kind", None),
        ("Enrollment", "231", "enrolment_kind", None),
        ("Study Design", "Masking: NONE", "who_masked", None),
        ("Study Design", "Masking: SINGLE (INVESTIGATOR)", "who_masked", ["INVESTIGATOR"]),
        (
            "Study Documents",
            "Study Protocol, https://example.org/1.pdf",
            "documents",
            [FULL["documents"][0] | {"url": "https://example.org/1.pdf"}],
        ),
    ],
)
def test_what_a_row_says_otherwise_holds_and_its_old_detail_goes(column, cell, field, becomes):
    assert after(**{column: cell}).get(field) == becomes


def test_a_bar_within_a_text_does_not_tear_it_apart():
    held = {"primary_outcomes": [{"measure": "Rate (n|N)", "time_frame": "1 day"}, PAIN]}
    cell = "Rate (n|N), 1 day|Pain, at rest, On a scale, 0 to 10, 12 weeks"
    said = {"primary_outcomes": [{"measure": part} for part in cell.split("|")]}
    assert lay_over(held, said, frozenset(said)) == held


def test_two_items_of_one_name_keep_a_detail_each():
    held = {"collaborators": [{"name": "A", "kind": "NIH"}, {"name": "A", "kind": "FED"}]}
    said = {"collaborators": [{"name": "A"}, {"name": "A"}, {"name": "A"}]}
    laid = lay_over(held, said, frozenset(said))
    assert laid["collaborators"] == [*held["collaborators"], {"name": "A"}]


def test_a_source_that_cannot_answer_a_field_leaves_it_as_it_is():
    held = {"brief_title": "Old", "acronym": "TEA", "eligibility_text": "Adults"}
    incoming = {"brief_title": "New"}
    laid = lay_over(held, incoming, frozenset({"brief_title", "acronym"}))
    assert laid == {"brief_title": "New", "eligibility_text": "Adults"}
    assert lay_over(held, incoming, frozenset()) == incoming


@given(TEXTS, TEXTS, st.frozensets(st.sampled_from("abcdef"), min_size=1))
def test_an_overlay_never_takes_away_what_its_source_cannot_answer(held, incoming, answered):
    incoming = {name: value for name, value in incoming.items() if name in answered}
    laid = lay_over(held, incoming, answered)
    assert laid == {n: v for n, v in held.items() if n not in answered} | incoming
