"""Where ClinicalTrials.gov's API v2 keeps what a `TrialRecord` holds: one tree, read in both
directions by `ctgov_json`.

A branch is a dict keyed as the source is; a leaf names the field and how its value is written.
Names and places follow the register's published data structure
(https://clinicaltrials.gov/data-api/about-api/study-data-structure).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trialformats import records as r


@dataclass(frozen=True, slots=True)
class Slot:
    """A leaf.

    `kind`: text, date, bool, int, float, texts; `item` or `items`: `item` makes it of what `tree`
    finds.
    """

    name: str
    kind: str = "text"
    item: Callable[..., Any] = dict
    tree: dict[str, Any] = field(default_factory=dict)


Tree = dict[str, Any]


def _dated(name: str) -> Tree:
    return {"date": Slot(f"{name}_dtc", "date"), "type": Slot(f"{name}_kind")}


def _items(name: str, item: type, /, **keys: Any) -> Slot:
    return Slot(name, "items", item, {key: _slot(value) for key, value in keys.items()})


def _slot(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _slot(one) for key, one in value.items()}
    return Slot(value) if isinstance(value, str) else value


def _texts(name: str) -> Slot:
    return Slot(name, "texts")


def _bool(name: str) -> Slot:
    return Slot(name, "bool")


def _outcomes(name: str) -> Slot:
    return _items(
        name, r.Outcome, measure="measure", description="description", timeFrame="time_frame"
    )


def _mesh(name: str) -> Slot:
    return _items(name, r.MeshTerm, id="mesh_id", term="term")


_CONTACT = {
    "name": "name",
    "role": "role",
    "phone": "phone",
    "phoneExt": "phone_ext",
    "email": "email",
}

IDENTIFICATION: Tree = {
    "nctId": Slot("registry_no"),
    "nctIdAliases": _texts("former_nos"),
    "orgStudyIdInfo": {
        "id": Slot("org_study_no"),
        "type": Slot("org_study_no_kind"),
        "link": Slot("org_study_no_link"),
    },
    "secondaryIdInfos": _items(
        "secondary_ids", r.SecondaryId, id="id_text", type="kind", domain="domain", link="link"
    ),
    "organization": {"fullName": Slot("organisation_name"), "class": Slot("organisation_kind")},
    "briefTitle": Slot("brief_title"),
    "officialTitle": Slot("official_title"),
    "acronym": Slot("acronym"),
}
STATUS: Tree = {
    "statusVerifiedDate": Slot("verified_dtc", "date"),
    "overallStatus": Slot("overall_status"),
    "lastKnownStatus": Slot("last_known_status"),
    "delayedPosting": _bool("delayed_posting"),
    "whyStopped": Slot("why_stopped"),
    "expandedAccessInfo": {
        "hasExpandedAccess": _bool("has_expanded_access"),
        "nctId": Slot("expanded_access_no"),
        "statusForNctId": Slot("expanded_access_status"),
    },
    "startDateStruct": _dated("start"),
    "primaryCompletionDateStruct": _dated("primary_completion"),
    "completionDateStruct": _dated("completion"),
    "studyFirstSubmitDate": Slot("first_submitted_dtc", "date"),
    "studyFirstSubmitQcDate": Slot("first_submitted_qc_dtc", "date"),
    "studyFirstPostDateStruct": _dated("first_posted"),
    "resultsWaived": _bool("results_waived"),
    "resultsFirstSubmitDate": Slot("results_first_submitted_dtc", "date"),
    "resultsFirstSubmitQcDate": Slot("results_first_submitted_qc_dtc", "date"),
    "resultsFirstPostDateStruct": _dated("results_first_posted"),
    "dispFirstSubmitDate": Slot("certificate_first_submitted_dtc", "date"),
    "dispFirstSubmitQcDate": Slot("certificate_first_submitted_qc_dtc", "date"),
    "dispFirstPostDateStruct": _dated("certificate_first_posted"),
    "lastUpdateSubmitDate": Slot("last_update_submitted_dtc", "date"),
    "lastUpdatePostDateStruct": _dated("last_update_posted"),
}
SPONSORS: Tree = {
    "responsibleParty": Slot(
        "responsible_party",
        "item",
        r.ResponsibleParty,
        {
            "type": Slot("kind"),
            "investigatorFullName": Slot("name"),
            "investigatorTitle": Slot("title"),
            "investigatorAffiliation": Slot("affiliation"),
            "oldNameTitle": Slot("old_name_title"),
            "oldOrganization": Slot("old_organisation"),
        },
    ),
    "leadSponsor": Slot(
        "lead_sponsor", "item", r.Party, {"name": Slot("name"), "class": Slot("kind")}
    ),
    "collaborators": _items("collaborators", r.Party, **{"name": "name", "class": "kind"}),
}
OVERSIGHT: Tree = {
    "oversightHasDmc": _bool("has_dmc"),
    "isFdaRegulatedDrug": _bool("is_fda_regulated_drug"),
    "isFdaRegulatedDevice": _bool("is_fda_regulated_device"),
    "isUnapprovedDevice": _bool("is_unapproved_device"),
    "isUsExport": _bool("is_us_export"),
}
DESIGN: Tree = {
    "studyType": Slot("study_type"),
    "phases": _texts("phases"),
    "patientRegistry": _bool("is_patient_registry"),
    "targetDuration": Slot("target_duration"),
    "designInfo": {
        "allocation": Slot("allocation"),
        "interventionModel": Slot("intervention_model"),
        "interventionModelDescription": Slot("intervention_model_description"),
        "primaryPurpose": Slot("primary_purpose"),
        "observationalModel": Slot("observational_model"),
        "timePerspective": Slot("time_perspective"),
        "maskingInfo": {
            "masking": Slot("masking"),
            "maskingDescription": Slot("masking_description"),
            "whoMasked": _texts("who_masked"),
        },
    },
    "bioSpec": {
        "retention": Slot("biospecimen_retention"),
        "description": Slot("biospecimen_description"),
    },
    "enrollmentInfo": {"count": Slot("enrolment_count", "int"), "type": Slot("enrolment_kind")},
}
ARMS: Tree = {
    "armGroups": _items(
        "arms",
        r.ArmGroup,
        label="label",
        type="kind",
        description="description",
        interventionNames=_texts("intervention_names"),
    ),
    "interventions": _items(
        "interventions",
        r.Intervention,
        type="kind",
        name="name",
        description="description",
        armGroupLabels=_texts("arm_labels"),
        otherNames=_texts("other_names"),
    ),
}
OUTCOMES: Tree = {
    "primaryOutcomes": _outcomes("primary_outcomes"),
    "secondaryOutcomes": _outcomes("secondary_outcomes"),
    "otherOutcomes": _outcomes("other_outcomes"),
}
ELIGIBILITY: Tree = {
    "eligibilityCriteria": Slot("eligibility_text"),
    "healthyVolunteers": _bool("healthy_volunteers"),
    "sex": Slot("sex"),
    "genderBased": _bool("is_gender_based"),
    "genderDescription": Slot("gender_description"),
    "minimumAge": Slot("minimum_age"),
    "maximumAge": Slot("maximum_age"),
    "stdAges": _texts("standard_ages"),
    "studyPopulation": Slot("study_population"),
    "samplingMethod": Slot("sampling_method"),
}
CONTACTS: Tree = {
    "centralContacts": _items("public_contacts", r.Contact, **_CONTACT),
    "overallOfficials": _items(
        "officials", r.Official, name="name", affiliation="affiliation", role="role"
    ),
    "locations": _items(
        "locations",
        r.Location,
        facility="facility",
        status="status",
        city="city",
        state="state",
        zip="zip_code",
        country="country",
        contacts=_items("contacts", r.Contact, **_CONTACT),
        geoPoint={"lat": Slot("lat", "float"), "lon": Slot("lon", "float")},
    ),
}
REFERENCES: Tree = {
    "references": _items("references", r.Reference, pmid="pmid", type="kind", citation="citation"),
    "seeAlsoLinks": _items("links", r.Link, label="label", url="url"),
    "availIpds": _items(
        "available_data", r.AvailableData, id="data_no", type="kind", url="url", comment="comment"
    ),
}
SHARING: Tree = {
    "ipdSharing": Slot("ipd_sharing"),
    "description": Slot("ipd_description"),
    "infoTypes": _texts("ipd_info_types"),
    "timeFrame": Slot("ipd_time_frame"),
    "accessCriteria": Slot("ipd_access_criteria"),
    "url": Slot("ipd_url"),
}
DOCUMENTS: Slot = _items(
    "documents",
    r.Document,
    typeAbbrev="type_code",
    hasProtocol=_bool("has_protocol"),
    hasSap=_bool("has_sap"),
    hasIcf=_bool("has_icf"),
    label="label",
    date=Slot("document_dtc", "date"),
    uploadDate="uploaded_at",
    filename="filename",
    size=Slot("n_bytes", "int"),
)
STUDY: Tree = {
    "protocolSection": {
        "identificationModule": IDENTIFICATION,
        "statusModule": STATUS,
        "sponsorCollaboratorsModule": SPONSORS,
        "oversightModule": OVERSIGHT,
        "descriptionModule": {
            "briefSummary": Slot("brief_summary"),
            "detailedDescription": Slot("detailed_description"),
        },
        "conditionsModule": {"conditions": _texts("conditions"), "keywords": _texts("keywords")},
        "designModule": DESIGN,
        "armsInterventionsModule": ARMS,
        "outcomesModule": OUTCOMES,
        "eligibilityModule": ELIGIBILITY,
        "contactsLocationsModule": CONTACTS,
        "referencesModule": REFERENCES,
        "ipdSharingStatementModule": SHARING,
    },
    "documentSection": {"largeDocumentModule": {"largeDocs": DOCUMENTS}},
    "derivedSection": {
        "miscInfoModule": {"removedCountries": _texts("removed_countries")},
        "conditionBrowseModule": {
            "meshes": _mesh("condition_mesh"),
            "ancestors": _mesh("condition_mesh_ancestors"),
        },
        "interventionBrowseModule": {
            "meshes": _mesh("intervention_mesh"),
            "ancestors": _mesh("intervention_mesh_ancestors"),
        },
    },
    "hasResults": _bool("has_results"),
}
