"""How the codes of registries are said on screen: the words of the ClinicalTrials.gov API v2."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from tembusu.foundation.ui.terms import Badge, Shape, Tone

STATUSES: dict[str, Badge] = {
    "NOT_YET_RECRUITING": Badge("Not yet recruiting", Tone.QUIET, Shape.RING),
    "RECRUITING": Badge("Recruiting", Tone.OK, Shape.DOT),
    "ENROLLING_BY_INVITATION": Badge("By invitation", Tone.OK, Shape.DIAMOND),
    "ACTIVE_NOT_RECRUITING": Badge("Active, not recruiting", Tone.INFO, Shape.HALF),
    "SUSPENDED": Badge("Suspended", Tone.WARN, Shape.PAUSE),
    "TERMINATED": Badge("Terminated", Tone.BAD, Shape.TRIANGLE),
    "COMPLETED": Badge("Completed", Tone.QUIET, Shape.TICK),
    "WITHDRAWN": Badge("Withdrawn", Tone.QUIET, Shape.SQUARE),
    "UNKNOWN": Badge("Unknown, not confirmed", Tone.WARN, Shape.DIAMOND),
    "WITHHELD": Badge("Withheld", Tone.QUIET, Shape.SQUARE),
    "AVAILABLE": Badge("Available", Tone.OK, Shape.DOT),
    "NO_LONGER_AVAILABLE": Badge("No longer available", Tone.QUIET, Shape.SQUARE),
    "TEMPORARILY_NOT_AVAILABLE": Badge("Not available for now", Tone.WARN, Shape.PAUSE),
    "APPROVED_FOR_MARKETING": Badge("Approved for marketing", Tone.QUIET, Shape.TICK),
}

PHASES = ("EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4", "NA")

REGISTRIES = {
    "ctgov": "ClinicalTrials.gov",
    "isrctn": "ISRCTN",
    "anzctr": "ANZCTR",
    "chictr": "ChiCTR",
    "ctri": "CTRI",
    "euctr": "EU Clinical Trials Register",
    "ctis": "EU CTIS",
    "drks": "DRKS",
    "jrct": "jRCT",
    "umin": "UMIN-CTR",
    "tctr": "TCTR",
    "own": "This register",
}

RECORD_URLS = {
    "ctgov": "https://clinicaltrials.gov/study/{}",
    "isrctn": "https://www.isrctn.com/{}",
    "drks": "https://drks.de/search/en/trial/{}",
}

FLAGS = {
    "results": "Results posted",
    "needs_review": "Needs review",
    "may_be_one": "May be one with another",
    "doubtful": "Doubtful status or dates",
    "healthy_volunteers": "Takes healthy volunteers",
}

WORDS = {
    "EARLY_PHASE1": "Early phase 1",
    **{f"PHASE{no}": f"Phase {no}" for no in range(1, 5)},
    "INTERVENTIONAL": "Interventional",
    "OBSERVATIONAL": "Observational",
    "EXPANDED_ACCESS": "Expanded access",
    "INDUSTRY": "Industry",
    "NIH": "US NIH",
    "FED": "US federal body",
    "OTHER_GOV": "Government",
    "INDIV": "Individual",
    "NETWORK": "Network",
    "OTHER": "Other",
    "NA": "Not applicable",
    "ALL": "All",
    "FEMALE": "Women",
    "MALE": "Men",
    "CHILD": "Children",
    "ADULT": "Adults",
    "OLDER_ADULT": "Older adults",
    "RANDOMIZED": "Randomised",
    "NON_RANDOMIZED": "Not randomised",
    "SINGLE_GROUP": "Single group",
    "BEHAVIORAL": "Behavioural",
    "DIAGNOSTIC": "Diagnosis",
    "DOUBLE": "Double masked",
    "SINGLE": "Single masked",
    "TRIPLE": "Triple masked",
    "QUADRUPLE": "Quadruple masked",
    "NONE": "None (open label)",
    "BASIC_SCIENCE": "Basic science",
    "DNA": "DNA",
    "ECT": "Educational, counselling or training",
    "ACTUAL": "actual",
    "ESTIMATED": "estimated",
}

FIELDS = {
    "registry_no": "Registry number",
    "brief_title": "Public title",
    "official_title": "Scientific title",
    "org_study_no": "Sponsor’s number",
    "org_study_no_kind": "Kind of the sponsor’s number",
    "organisation_name": "Registering organisation",
    "organisation_kind": "Kind of registering organisation",
    "secondary_ids": "Other numbers",
    "former_nos": "Former numbers",
    "overall_status": "Status",
    "registered_dtc": "Registered",
    "start_dtc": "First enrolment",
    "start_kind": "First enrolment, actual or estimated",
    "primary_completion_dtc": "Primary completion",
    "primary_completion_kind": "Primary completion, actual or estimated",
    "completion_dtc": "Completion",
    "completion_kind": "Completion, actual or estimated",
    "last_update_posted_dtc": "Last update posted",
    "last_update_submitted_dtc": "Last update submitted",
    "verified_dtc": "Verified",
    "why_stopped": "Why it stopped",
    "lead_sponsor": "Sponsor",
    "support_sources": "Sources of support",
    "has_dmc": "Data monitoring committee",
    "is_fda_regulated_drug": "FDA-regulated drug",
    "is_fda_regulated_device": "FDA-regulated device",
    "is_us_export": "US export",
    "brief_summary": "Summary",
    "condition_mesh": "MeSH of the conditions",
    "condition_mesh_ancestors": "Broader MeSH of the conditions",
    "intervention_mesh": "MeSH of the interventions",
    "intervention_mesh_ancestors": "Broader MeSH of the interventions",
    "intervention_model": "Design",
    "who_masked": "Who is masked",
    "enrolment_count": "Participants",
    "enrolment_kind": "Participants, actual or estimated",
    "minimum_age": "Youngest age",
    "maximum_age": "Oldest age",
    "approval_dtc": "Approved on",
    "eligibility_text": "Eligibility criteria",
    "is_gender_based": "By gender",
    "standard_ages": "Age groups",
    "has_results": "Results posted",
    "ipd_sharing": "Sharing of participant data",
    "ipd_description": "Sharing plan",
    "ipd_info_types": "What is shared",
    "ipd_time_frame": "Shared when",
    "ipd_access_criteria": "Shared with whom",
    "ipd_url": "Sharing page",
    "extra": "Beside the fields",
}


def status(code: str) -> Badge:
    """Return the badge of a recruitment status; an unknown code is shown as it is."""
    if not code:
        return Badge("No status given", Tone.QUIET, Shape.RING)
    return STATUSES.get(code) or Badge(word(code), Tone.QUIET, Shape.RING)


def word(code: object) -> str:
    """Return a code as people read it: 'PARALLEL' is 'Parallel'."""
    text = str(code or "")
    if text in WORDS:
        return WORDS[text]
    if text.isupper() and all(sign.isalnum() or sign == "_" for sign in text):
        return text.replace("_", " ").capitalize()
    return text


def phase(codes: str | Iterable[str]) -> str:
    """Return 'Phase 2/3' for 'PHASE2/PHASE3'; '' where phases do not apply or none is given."""
    parts = codes.split("/") if isinstance(codes, str) else list(codes)
    names = [one.removeprefix("PHASE") for one in parts if one and one != "NA"]
    early = [name for name in names if name.startswith("EARLY")]
    if early:
        return "Early phase 1"
    return f"Phase {'/'.join(names)}" if names else ""


def registry(code: str) -> str:
    """Return a registry's name; this platform's own register bears the deployment's name."""
    if code == "own":
        return str(settings.TEMBUSU_BRAND["name"])
    return REGISTRIES.get(code, code.upper())


def record_url(registration: Any) -> str:
    """Return where a registry shows this entry to everybody; '' where its address is not known."""
    form = RECORD_URLS.get(registration.registry)
    return form.format(registration.registry_no) if form else ""


def field(name: str) -> str:
    """Return the label of a record's field."""
    if name in FIELDS:
        return FIELDS[name]
    plain = name.removesuffix("_dtc").removesuffix("_no").replace("_", " ")
    return plain[:1].upper() + plain[1:]


def plural(n: int, one: str, many: str = "") -> str:
    """Return '1 site' or '1,204 sites'."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
