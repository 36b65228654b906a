"""What a register says of a trial, whichever register and whichever format.

The fields cover the WHO Trial Registration Data Set, version 1.3.1 (24 items; `WHO_DATA_SET` below
maps each to its fields), and what ClinicalTrials.gov holds beside it. Text that was not given is
'', a list that was not given is (), a number, a yes/no that was not given is None. Dates are ISO
8601 text that may stop at the year or the month (`dates.PartialDate` compares them). Codes (status,
phase, sex, kinds) are the words of the ClinicalTrials.gov API v2, whatever the source's own.

`extra` holds what a source says and no field covers, by the place it had there (a JSON pointer, RFC
6901), so that writing gives it back. Results tables are large and are not kept: `has_results` and
`results_counts` say that they exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trialformats.canonical import Json, digest_of, plain, rebuilt
from trialformats.registries import Registry, registry_of

__all__ = [
    "Registry",
    "TrialRecord",
    "digest",
    "digest_of_json",
    "from_json",
    "registry_of",
    "to_json",
]


_RELEASE_STAMP = "/derivedSection/miscInfoModule/versionHolder"


@dataclass(frozen=True, slots=True)
class SecondaryId:
    """Another number of the same trial:

    `kind` such as REGISTRY, NIH, EUDRACT_NUMBER; `domain` says whose.
    """

    id_text: str = ""
    kind: str = ""
    domain: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class CrossId:
    """The trial's number in another register."""

    registry: str
    registry_no: str


@dataclass(frozen=True, slots=True)
class Party:
    """A body behind the trial; `kind` such as INDUSTRY, NIH, OTHER_GOV."""

    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ResponsibleParty:
    """Who answers for the record."""

    kind: str = ""
    name: str = ""
    title: str = ""
    affiliation: str = ""
    old_name_title: str = ""
    old_organisation: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask. `role` as given: CONTACT, PRINCIPAL_INVESTIGATOR, ... in a location."""

    name: str = ""
    role: str = ""
    phone: str = ""
    phone_ext: str = ""
    email: str = ""
    affiliation: str = ""
    address: str = ""
    city: str = ""
    zip_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Official:
    """A person who answers for the trial as a whole."""

    name: str = ""
    affiliation: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where people take part.

    `lat`, `lon` in degrees (WGS 84), of the city rather than of the house.
    """

    facility: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    country: str = ""
    status: str = ""
    lat: float | None = None
    lon: float | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class ArmGroup:
    """An arm or a cohort; `intervention_names` as written there ('Drug: X')."""

    label: str = ""
    kind: str = ""
    description: str = ""
    intervention_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is done; `kind` such as DRUG, DEVICE, BEHAVIORAL."""

    name: str = ""
    kind: str = ""
    description: str = ""
    arm_labels: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured, how and when."""

    measure: str = ""
    description: str = ""
    time_frame: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication; `kind` BACKGROUND, RESULT or DERIVED."""

    citation: str = ""
    pmid: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A page that says more."""

    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class AvailableData:
    """Data or documents kept elsewhere."""

    data_no: str = ""
    kind: str = ""
    url: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A protocol, analysis plan or consent form that the register holds. `n_bytes` is its size."""

    label: str = ""
    type_code: str = ""
    has_protocol: bool | None = None
    has_sap: bool | None = None
    has_icf: bool | None = None
    document_dtc: str = ""
    uploaded_at: str = ""
    filename: str = ""
    n_bytes: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class MeshTerm:
    """A MeSH heading the register assigned; the id is '' where the source gives the words alone."""

    term: str = ""
    mesh_id: str = ""


@dataclass(frozen=True, slots=True)
class EthicsReview:
    """An ethics committee's review (WHO item 21)."""

    status: str = ""
    approval_dtc: str = ""
    committee: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ResultsCounts:
    """How much the posted results hold; the tables themselves are not kept."""

    n_outcome_measures: int | None = None
    n_baseline_measures: int | None = None
    n_flow_groups: int | None = None
    n_serious_events: int | None = None
    n_other_events: int | None = None


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One register's record of one trial.

    `registry` is a `Registry` code, `registry_no` the number as the register writes it.

    `registered_dtc` is the day the trial came to the register: for ClinicalTrials.gov the day it
    was first submitted, which its CSV does not say (the day it was posted is another,
    `first_posted_dtc`). `*_kind` beside a date or the
    enrolment is ACTUAL or ESTIMATED. `notes` says what the reader had to mend; it is not part of
    the digest.
    """

    registry: str
    registry_no: str
    # names and numbers
    brief_title: str = ""
    official_title: str = ""
    acronym: str = ""
    org_study_no: str = ""
    org_study_no_kind: str = ""
    org_study_no_link: str = ""
    organisation_name: str = ""
    organisation_kind: str = ""
    secondary_ids: tuple[SecondaryId, ...] = ()
    former_nos: tuple[str, ...] = ()
    record_url: str = ""
    # where it stands
    overall_status: str = ""
    last_known_status: str = ""
    why_stopped: str = ""
    delayed_posting: bool | None = None
    verified_dtc: str = ""
    registered_dtc: str = ""
    start_dtc: str = ""
    start_kind: str = ""
    primary_completion_dtc: str = ""
    primary_completion_kind: str = ""
    completion_dtc: str = ""
    completion_kind: str = ""
    first_submitted_dtc: str = ""
    first_submitted_qc_dtc: str = ""
    first_posted_dtc: str = ""
    first_posted_kind: str = ""
    results_waived: bool | None = None
    results_first_submitted_dtc: str = ""
    results_first_submitted_qc_dtc: str = ""
    results_first_posted_dtc: str = ""
    results_first_posted_kind: str = ""
    certificate_first_submitted_dtc: str = ""
    certificate_first_submitted_qc_dtc: str = ""
    certificate_first_posted_dtc: str = ""
    certificate_first_posted_kind: str = ""
    last_update_submitted_dtc: str = ""
    last_update_posted_dtc: str = ""
    last_update_posted_kind: str = ""
    has_expanded_access: bool | None = None
    expanded_access_no: str = ""
    expanded_access_status: str = ""
    # who
    responsible_party: ResponsibleParty | None = None
    lead_sponsor: Party | None = None
    collaborators: tuple[Party, ...] = ()
    support_sources: tuple[str, ...] = ()
    officials: tuple[Official, ...] = ()
    public_contacts: tuple[Contact, ...] = ()
    scientific_contacts: tuple[Contact, ...] = ()
    # oversight
    has_dmc: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None
    is_unapproved_device: bool | None = None
    is_us_export: bool | None = None
    ethics_reviews: tuple[EthicsReview, ...] = ()
    # what and why
    brief_summary: str = ""
    detailed_description: str = ""
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    condition_mesh: tuple[MeshTerm, ...] = ()
    condition_mesh_ancestors: tuple[MeshTerm, ...] = ()
    intervention_mesh: tuple[MeshTerm, ...] = ()
    intervention_mesh_ancestors: tuple[MeshTerm, ...] = ()
    # design
    study_type: str = ""
    phases: tuple[str, ...] = ()
    allocation: str = ""
    intervention_model: str = ""
    intervention_model_description: str = ""
    observational_model: str = ""
    time_perspective: str = ""
    primary_purpose: str = ""
    masking: str = ""
    masking_description: str = ""
    who_masked: tuple[str, ...] = ()
    design_text: str = ""
    is_patient_registry: bool | None = None
    target_duration: str = ""
    biospecimen_retention: str = ""
    biospecimen_description: str = ""
    enrolment_count: int | None = None
    enrolment_kind: str = ""
    arms: tuple[ArmGroup, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    primary_outcomes: tuple[Outcome, ...] = ()
    secondary_outcomes: tuple[Outcome, ...] = ()
    other_outcomes: tuple[Outcome, ...] = ()
    # who may take part
    eligibility_text: str = ""
    healthy_volunteers: bool | None = None
    sex: str = ""
    is_gender_based: bool | None = None
    gender_description: str = ""
    minimum_age: str = ""
    maximum_age: str = ""
    standard_ages: tuple[str, ...] = ()
    study_population: str = ""
    sampling_method: str = ""
    # where
    locations: tuple[Location, ...] = ()
    countries: tuple[str, ...] = ()
    removed_countries: tuple[str, ...] = ()
    # what comes out
    has_results: bool | None = None
    results_counts: ResultsCounts | None = None
    results_url: str = ""
    references: tuple[Reference, ...] = ()
    links: tuple[Link, ...] = ()
    available_data: tuple[AvailableData, ...] = ()
    documents: tuple[Document, ...] = ()
    ipd_sharing: str = ""
    ipd_description: str = ""
    ipd_info_types: tuple[str, ...] = ()
    ipd_time_frame: str = ""
    ipd_access_criteria: str = ""
    ipd_url: str = ""
    # beside the fields
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()

    @property
    def cross_ids(self) -> tuple[CrossId, ...]:
        """The trial's numbers in other registers, and its former ones here, in the order given,
        each once.
        """
        found: dict[CrossId, None] = {}
        for text in (
            *self.former_nos,
            self.org_study_no,
            *(one.id_text for one in self.secondary_ids),
        ):
            known = registry_of(text)
            if known and known != (self.registry, self.registry_no):
                found[CrossId(str(known[0]), known[1])] = None
        return tuple(found)

    @property
    def recruitment_countries(self) -> tuple[str, ...]:
        """The countries the source lists, or those of its locations in the order they come."""
        return self.countries or tuple(
            dict.fromkeys(place.country for place in self.locations if place.country)
        )


class DataSetItem(NamedTuple):
    """One item of the WHO data set and the fields that answer it (any of them does)."""

    no: int
    name: str
    fields: tuple[str, ...]


# WHO Trial Registration Data Set 1.3.1, https://www.who.int/tools/clinical-trials-registry-platform/network/who-data-set
WHO_DATA_SET: tuple[DataSetItem, ...] = (
    DataSetItem(1, "Primary registry and trial identifying number", ("registry_no",)),
    DataSetItem(
        2, "Date of registration in primary registry", ("registered_dtc", "first_posted_dtc")
    ),
    DataSetItem(3, "Secondary identifying numbers", ("secondary_ids", "org_study_no")),
    DataSetItem(
        4, "Source(s) of monetary or material support", ("support_sources", "lead_sponsor")
    ),
    DataSetItem(5, "Primary sponsor", ("lead_sponsor",)),
    DataSetItem(6, "Secondary sponsor(s)", ("collaborators",)),
    DataSetItem(7, "Contact for public queries", ("public_contacts",)),
    DataSetItem(8, "Contact for scientific queries", ("scientific_contacts", "officials")),
    DataSetItem(9, "Public title", ("brief_title",)),
    DataSetItem(10, "Scientific title", ("official_title",)),
    DataSetItem(11, "Countries of recruitment", ("recruitment_countries",)),
    DataSetItem(12, "Health condition(s) or problem(s) studied", ("conditions",)),
    DataSetItem(13, "Intervention(s)", ("interventions",)),
    DataSetItem(14, "Key inclusion and exclusion criteria", ("eligibility_text",)),
    DataSetItem(15, "Study type", ("study_type",)),
    DataSetItem(16, "Date of first enrolment", ("start_dtc",)),
    DataSetItem(17, "Sample size", ("enrolment_count",)),
    DataSetItem(18, "Recruitment status", ("overall_status",)),
    DataSetItem(19, "Primary outcome(s)", ("primary_outcomes",)),
    DataSetItem(20, "Key secondary outcomes", ("secondary_outcomes",)),
    DataSetItem(21, "Ethics review", ("ethics_reviews",)),
    DataSetItem(22, "Completion date", ("completion_dtc",)),
    DataSetItem(23, "Summary results", ("has_results", "results_url")),
    DataSetItem(24, "IPD sharing statement", ("ipd_sharing",)),
)


def to_json(record: TrialRecord) -> Json:
    """Return the record as a JSON object with our field names; what is not given is left out."""
    return plain(record)


def from_json(data: Mapping[str, Any]) -> TrialRecord:
    """Return the record `to_json` showed. Raises FormatError naming the field that does not fit."""
    return rebuilt(TrialRecord, data)


def digest(record: TrialRecord) -> str:
    """Return the SHA-256 of what the record says, the same in whatever order it was said.

    `notes` and the register's own stamp of the data release stay out: they change while the trial
    does not.
    """
    return digest_of_json(plain(record))


def digest_of_json(data: Mapping[str, Any]) -> str:
    """Return the `digest` of the record that `to_json` shows as `data`."""
    said = {name: value for name, value in data.items() if name not in ("notes", "extra")}
    extra = data.get("extra") or {}
    content = {key: value for key, value in extra.items() if key != _RELEASE_STAMP}
    return digest_of(said | ({"extra": content} if content else {}))
