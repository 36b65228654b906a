"""One set of codes for what registers say in many words: the enumerations of the ClinicalTrials.gov
API v2.

Most legacy words become their code by rule (capitals, underscores). The table holds those that do
not, from the register's own list of old and new values
(https://clinicaltrials.gov/data-api/about-api/api-migration).
"""

import re
from functools import lru_cache

_NOT_CODE = re.compile(r"[^A-Z0-9]+")
_IRREGULAR = {
    "anticipated": "ESTIMATED",
    "estimate": "ESTIMATED",
    "unknown status": "UNKNOWN",
    "n/a": "NA",
    "not applicable": "NA",
    "u.s. fed": "FED",
    "ambiguous": "AMBIG",
    "individual": "INDIV",
    "none (open label)": "NONE",
    "open label": "NONE",
    "single group assignment": "SINGLE_GROUP",
    "parallel assignment": "PARALLEL",
    "crossover assignment": "CROSSOVER",
    "cross-over assignment": "CROSSOVER",
    "factorial assignment": "FACTORIAL",
    "sequential assignment": "SEQUENTIAL",
    "educational/counseling/training": "ECT",
    "statistical analysis plan (sap)": "SAP",
    "informed consent form (icf)": "ICF",
    "clinical study report (csr)": "CSR",
    "both": "ALL",
    "phase1": "PHASE1",
    "phase 1": "PHASE1",
    "phase 2": "PHASE2",
    "phase 3": "PHASE3",
    "phase 4": "PHASE4",
    "early phase 1": "EARLY_PHASE1",
    "phase 0": "EARLY_PHASE1",
}
_YES_NO = {"yes": True, "no": False, "true": True, "false": False, "y": True, "n": False}


@lru_cache(maxsize=4096)
def code(words: str) -> str:
    """Return the code of words: 'Active, not recruiting' is ACTIVE_NOT_RECRUITING."""
    plain = " ".join(words.split())
    return _IRREGULAR.get(plain.lower()) or _NOT_CODE.sub("_", plain.upper()).strip("_")


@lru_cache(maxsize=512)
def phase_codes(words: str) -> tuple[str, ...]:
    """Return the phases of 'Phase 1/Phase 2' or 'PHASE1|PHASE2'; of '' none."""
    return tuple(code(part) for part in re.split(r"(?<!N)[/|]", words) if part.strip())


@lru_cache(maxsize=512)
def masking_codes(words: str) -> tuple[str, tuple[str, ...]]:
    """Return the masking and who is masked: 'Double (Participant, Investigator)'."""
    if code(words) == "NONE":
        return "NONE", ()
    head, _, who = words.partition("(")
    return code(head), tuple(code(one) for one in who.rstrip(") ").split(",") if one.strip())


def yes_no(words: str) -> bool | None:
    """Return True for yes, False for no, None for anything else."""
    return _YES_NO.get(words.strip().lower())


def is_for_healthy(words: str) -> bool | None:
    """Return whether healthy volunteers may take part: 'Accepts Healthy Volunteers' or yes, no."""
    return True if words.strip().lower().startswith("accepts") else yes_no(words)
