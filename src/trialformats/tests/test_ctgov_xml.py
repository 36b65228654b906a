"""Legacy XML: every real record, and the words it is written in."""

import tarfile
from collections import Counter

import pytest
from tests.support.shared import shared_path

from trialformats import ctgov_xml
from trialformats.errors import FormatError
from trialformats.records import Contact, Location
from trialformats.tests.making import legacy


def real_pieces():
    """Return (name, bytes) of every real XML record."""
    with tarfile.open(shared_path("data/ctgov/legacy_xml_4000.tar.gz"), "r|gz") as archive:
        for member in archive:
            yield member.name, archive.extractfile(member).read()


def read(text):
    return ctgov_xml.read(text.encode())


def test_every_real_record_leaves_almost_nothing_beside_the_fields():
    kept_aside = Counter()
    for name, piece in real_pieces():
        record = ctgov_xml.read(piece)
        assert record.registry_no == name.removesuffix(".xml")
        assert record.registered_dtc == record.first_submitted_dtc != ""
        kept_aside.update(record.extra.keys())
    assert kept_aside == {"xml:pending_results": 18}


def test_a_real_record_says_what_its_page_says():
    piece = dict(zip(range(1), real_pieces(), strict=False))[0][1]
    record = ctgov_xml.read(piece)
    assert (record.registry_no, record.org_study_no) == ("NCT00000105", "2002LS032")
    assert (record.overall_status, record.why_stopped) == (
        "TERMINATED",
        "Replaced by another study.",
    )
    assert (record.start_dtc, record.completion_dtc, record.completion_kind) == (
        "2002-07",
        "2012-03",
        "ACTUAL",
    )
    assert (record.study_type, record.sex, record.minimum_age, record.maximum_age) == (
        "OBSERVATIONAL",
        "ALL",
        "18 Years",
        "",
    )
    assert (record.enrolment_count, record.healthy_volunteers, record.has_results) == (
        112,
        True,
        False,
    )
    assert [arm.label[:5] for arm in record.arms] == ["Arm A", "Arm B", "Arm C"]
    assert "to learn how the immune system works in response to vaccines. We will give" in (
        record.brief_summary
    )
    assert record.recruitment_countries == ("United States",)


def test_text_wrapped_by_the_register_is_unwrapped_and_breaks_that_people_made_stay():
    wrapped = (
        "\n      " + "word " * 18 + "end&#xD;\n      longestword and more&#xD;\n&#xD;\n"
        "        -  short item&#xD;\n        -  another&#xD;\n    "
    )
    record = read(legacy(inside=f"<brief_summary><textblock>{wrapped}</textblock></brief_summary>"))
    first = "word " * 18 + "end longestword and more"
    assert record.brief_summary == f"{first}\n\n  -  short item\n  -  another"


def test_a_location_keeps_its_status_and_everyone_to_ask():
    inside = (
        "<location><facility><name>Ward 1</name><address><city>Town</city><zip>1</zip>"
        "<country>Singapore</country></address></facility><status>Active, not recruiting</status>"
        "<contact><last_name>A Lim</last_name><phone>1</phone></contact>"
        "<contact_backup><last_name>B Tan</last_name></contact_backup>"
        "<investigator><first_name>C</first_name><last_name>Ng</last_name><degrees>MD</degrees>"
        "<role>Principal Investigator</role></investigator></location>"
    )
    place = read(legacy(inside=inside)).locations
    assert place == (
        Location(
            facility="Ward 1",
            city="Town",
            zip_code="1",
            country="Singapore",
            status="ACTIVE_NOT_RECRUITING",
            contacts=(
                Contact("A Lim", "CONTACT", "1"),
                Contact("B Tan", "CONTACT"),
                Contact("C Ng, MD", "PRINCIPAL_INVESTIGATOR"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("inside", "name", "expected"),
    [
        ("<phase>Phase 1/Phase 2</phase>", "phases", ("PHASE1", "PHASE2")),
        ("<phase>N/A</phase>", "phases", ("NA",)),
        ("<study_type>Observational [Patient Registry]</study_type>", "study_type",
         "OBSERVATIONAL"),
        ("<study_type>Observational [Patient Registry]</study_type>", "is_patient_registry", True),
        ("<start_date type='Anticipated'>May 2031</start_date>", "start_kind", "ESTIMATED"),
        ("<start_date>May 3, 2031</start_date>", "start_dtc", "2031-05-03"),
        ("<enrollment>0</enrollment>", "enrolment_count", 0),
        ("<enrollment/>", "enrolment_count", None),
        ("<sponsors><lead_sponsor><agency>X</agency><agency_class>U.S. Fed</agency_class>"
         "</lead_sponsor></sponsors>", "lead_sponsor.kind", "FED"),
        ("<eligibility><gender>Both</gender></eligibility>", "sex", "ALL"),
        ("<eligibility><maximum_age>N/A</maximum_age></eligibility>", "maximum_age", ""),
        ("<eligibility><maximum_age>N/A</maximum_age></eligibility>", "standard_ages", ()),
        ("<eligibility><minimum_age>N/A</minimum_age><maximum_age>N/A</maximum_age></eligibility>",
         "standard_ages", ("CHILD", "ADULT", "OLDER_ADULT")),
        ("<study_design_info><masking>Double (Participant, Investigator)</masking>"
         "</study_design_info>", "who_masked", ("PARTICIPANT", "INVESTIGATOR")),
        ("<study_design_info><masking>None (Open Label)</masking></study_design_info>",
         "masking", "NONE"),
        ("<new_tag a='1'>x</new_tag>", "extra", {"xml:new_tag": [{"@a": "1", "#text": "x"}]}),
        ("<id_info><new>x</new></id_info>", "extra", {"xml:id_info/new": ["x"]}),
    ],
)  # fmt: skip
def test_legacy_words_become_the_codes_of_today(inside, name, expected):
    value = read(legacy(inside=inside))
    for part in name.split("."):
        value = getattr(value, part)
    assert value == expected


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("<clinical_study></clinical_study>", "id_info.nct_id", "no NCT number"),
        (legacy().replace("NCT00000001", "NCT1"), "id_info.nct_id", "8 digits"),
        (legacy(inside="<start_date>February 30, 2020</start_date>"), "start_date",
         "does not exist"),
        (legacy(inside="<verification_date>never</verification_date>"), "verification_date",
         "not a date"),
        (legacy(inside="<provided_document_section><provided_document><document_date>x"
                "</document_date></provided_document></provided_document_section>"),
         "provided_document_section.provided_document.document_date", "not a date"),
        (legacy(inside="<enrollment>about 30</enrollment>"), "enrollment", "whole number"),
        (legacy()[:-5], "", "broken"),
        (legacy(inside="<a>&xxe;</a>"), "", "&xxe"),
        (legacy(inside="<a>R&D</a>"), "", "&D"),
        (legacy(inside="<!ENTITY a 'b'>"), "", "declares"),
        (legacy(inside="<a>" * 300 + "</a>" * 300), "", "broken"),
        ("<other/>", "", "wanted a clinical_study"),
    ],
)  # fmt: skip
def test_xml_that_cannot_be_right_is_refused_with_its_place(text, field, said):
    with pytest.raises(FormatError, match=said) as refused:
        read(text)
    assert refused.value.field == field
