"""WHO ICTRP's export, as its field list says; records and people here are made up."""

import pytest

from trialformats import ctgov_json, ictrp_xml
from trialformats.errors import FormatError
from trialformats.records import Contact, EthicsReview, Outcome, Party, SecondaryId

FULL = """<Trial>
<Internal_Number>1</Internal_Number><TrialID>ChiCTR2000000001</TrialID>
<Last_Refreshed_on>4 March 2024</Last_Refreshed_on>
<Public_title>Tea for colds</Public_title>
<Scientific_title>A trial of tea &amp;amp; honey</Scientific_title>
<Acronym>TEA</Acronym><Primary_sponsor>Alpha Hospital</Primary_sponsor>
<Date_registration>2020-02-03 00:00:00</Date_registration>
<Date_registration3>20200203</Date_registration3>
<Source_Register>ChiCTR</Source_Register><web_address>https://example.org/1</web_address>
<Recruitment_Status>Not Recruiting</Recruitment_Status>
<Inclusion_agemin>18</Inclusion_agemin><Inclusion_agemax>N/A</Inclusion_agemax>
<Inclusion_gender>Both</Inclusion_gender><Date_enrollement>03/02/2020</Date_enrollement>
<Target_size>Tea group:30;Water group:31;</Target_size><Study_type>Interventional study</Study_type>
<Study_design>Parallel</Study_design><Phase>Phase II/III</Phase>
<Countries>Singapore;Malaysia</Countries>
<Contact_Firstname>Mei</Contact_Firstname><Contact_Lastname>Lim</Contact_Lastname>
<Contact_Address>1 Road</Contact_Address><Contact_Email>m@example.org</Contact_Email>
<Contact_Tel>1</Contact_Tel><Contact_Affiliation>Alpha Hospital</Contact_Affiliation>
<Inclusion_Criteria>Inclusion criteria: 1. A cold&lt;br&gt;2. Adult</Inclusion_Criteria>
<Exclusion_Criteria>Fever</Exclusion_Criteria><Condition>Cold&lt;br&gt;Cough</Condition>
<Intervention>Drug: Tea;Water</Intervention><Primary_outcome>Days ill;Cough;</Primary_outcome>
<Secondary_outcome>Sleep</Secondary_outcome><Secondary_ID>NCT00000009;U1111-1234-5678</Secondary_ID>
<Source_Support>Beta Fund</Source_Support><Secondary_Sponsor>Gamma University</Secondary_Sponsor>
<Ethics_Status>Approved</Ethics_Status><Ethics_Approval_Date>01/02/2020</Ethics_Approval_Date>
<Ethics_Contact_Name>Board A</Ethics_Contact_Name>
<results_yes_no>Yes</results_yes_no><results_date_completed>2021-05</results_date_completed>
<results_IPD_plan>No</results_IPD_plan><Bridging_flag_truefalse>false</Bridging_flag_truefalse>
</Trial>"""


def trial(inside):
    return ictrp_xml.read(f"<Trial><TrialID>ISRCTN00000001</TrialID>{inside}</Trial>".encode())


def test_all_24_items_are_found_where_the_export_has_them():
    record = ictrp_xml.read(FULL.encode())
    assert (record.registry, record.registry_no) == ("chictr", "ChiCTR2000000001")
    assert (record.registered_dtc, record.start_dtc, record.completion_dtc) == (
        "2020-02-03",
        "2020-02-03",
        "2021-05",
    )
    assert record.secondary_ids == (SecondaryId("NCT00000009"), SecondaryId("U1111-1234-5678"))
    assert [one.registry for one in record.cross_ids] == ["ctgov", "utn"]
    assert record.support_sources == ("Beta Fund",)
    assert record.lead_sponsor == Party("Alpha Hospital")
    assert record.collaborators == (Party("Gamma University"),)
    assert record.public_contacts == (
        Contact("Mei Lim", "", "1", "", "m@example.org", "Alpha Hospital", "1 Road"),
    )
    assert (record.brief_title, record.official_title, record.acronym) == (
        "Tea for colds",
        "A trial of tea & honey",
        "TEA",
    )
    assert record.recruitment_countries == ("Singapore", "Malaysia")
    assert record.conditions == ("Cold", "Cough")
    assert [(one.kind, one.name) for one in record.interventions] == [
        ("DRUG", "Tea"),
        ("", "Water"),
    ]
    assert record.eligibility_text == (
        "Inclusion criteria: 1. A cold\n2. Adult\n\nExclusion Criteria:\n\nFever"
    )
    assert (record.study_type, record.phases) == ("INTERVENTIONAL", ("PHASE2", "PHASE3"))
    assert (record.sex, record.minimum_age, record.maximum_age) == ("ALL", "18", "")
    assert (record.enrolment_count, record.overall_status) == (61, "ACTIVE_NOT_RECRUITING")
    assert "added up" in record.notes[0]
    assert record.primary_outcomes == (Outcome("Days ill"), Outcome("Cough"))
    assert record.secondary_outcomes == (Outcome("Sleep"),)
    assert record.ethics_reviews == (EthicsReview("Approved", "2020-02-01", "Board A"),)
    assert (record.has_results, record.ipd_sharing) == (True, "NO")
    assert record.extra == {"ictrp:bridging_flag_truefalse": "false"}
    assert ctgov_json.read(ctgov_json.write(record)) == record


@pytest.mark.parametrize(
    ("inside", "field", "expected"),
    [
        ("<Phase>2</Phase>", "phases", ("PHASE2",)),
        ("<Phase>Phase 1/Phase 2</Phase>", "phases", ("PHASE1", "PHASE2")),
        ("<Phase>Not applicable</Phase>", "phases", ("NA",)),
        ("<Phase>Human pharmacology (Phase I): no\nTherapeutic exploratory (Phase II): yes\n"
         "Therapeutic confirmatory - (Phase III): yes\nTherapeutic use (Phase IV): no</Phase>",
         "phases", ("PHASE2", "PHASE3")),
        ("<Inclusion_gender>Female: yes\nMale: yes</Inclusion_gender>", "sex", "ALL"),
        ("<Inclusion_gender>Female: yes Male: no</Inclusion_gender>", "sex", "FEMALE"),
        ("<Inclusion_gender>M</Inclusion_gender>", "sex", "MALE"),
        ("<Target_size>120</Target_size>", "enrolment_count", 120),
        ("<Target_size>1,200</Target_size>", "enrolment_count", 1200),
        ("<Date_enrollement>N/A</Date_enrollement>", "start_dtc", ""),
        ("<DATE_ENROLLMENT>2024-05</DATE_ENROLLMENT>", "start_dtc", "2024-05"),
        ("<Study_type>Observational study</Study_type>", "study_type", "OBSERVATIONAL"),
        ("<Ethics_review_status>Pending</Ethics_review_status>", "ethics_reviews",
         (EthicsReview("Pending"),)),
        ("<New_name>x</New_name>", "extra", {"ictrp:new_name": "x"}),
    ],
)  # fmt: skip
def test_the_habits_of_many_registers_are_read(inside, field, expected):
    assert getattr(trial(inside), field) == expected


def test_a_register_we_do_not_know_is_kept_under_other():
    record = ictrp_xml.read(
        b"<Trial><TrialID>XYZ-12</TrialID><Source_Register>XYZ</Source_Register></Trial>"
    )
    assert (record.registry, record.registry_no) == ("other", "XYZ-12")
    assert record.extra == {"ictrp:source_register": "XYZ"}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("<Trial></Trial>", "TrialID"),
        ("<Trial><TrialID>XYZ</TrialID></Trial>", "TrialID"),
        ("<Trial><TrialID>NCT00000001</TrialID><Date_registration>31/02/2020</Date_registration>"
         "</Trial>", "date_registration"),
        ("<Trial><TrialID>NCT00000001</TrialID><Target_size>many</Target_size></Trial>",
         "Target_size"),
    ],
)  # fmt: skip
def test_a_trial_that_cannot_be_right_is_refused_with_its_element(text, field):
    with pytest.raises(FormatError) as refused:
        ictrp_xml.read(text.encode())
    assert refused.value.field == field
