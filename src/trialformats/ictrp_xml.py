"""WHO ICTRP XML: the search portal's export (`<Trials_downloaded_from_ICTRP><Trial>...`).

Built to WHO's field list (the 24 items of the Trial Registration Data Set 1.3.1 and the export's
own names for them); no file from the portal itself was at hand to try it on. The older and the
newer spelling of a name are both read, in any case, and a name nobody knows is kept in `extra`
under `ictrp:<name>`.

The portal joins several values with ';' or a line break and mixes registers' habits, so: a list is
split at ';', '|' and `<br>`; '03/02/2023' is the 3rd of February; text that is no known status or
sex is kept as a code of its own words; a target size that is a sentence keeps its first number and
is noted.
"""

import html
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from trialformats import records as r
from trialformats.dates import DateError, iso_text
from trialformats.errors import FormatError, together
from trialformats.words import code, phase_codes, yes_no
from trialformats.xml_safely import parsed

Values = dict[str, Any]
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_TAG = re.compile(r"</?(?:p|i|b|u|em|sup|sub|strong|li|ul|ol|span|div)\b[^<>]*>", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:[;|\n]|<br\s*/?>)\s*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_NO_DATE = {"", "na", "n/a", "none", "null", "not applicable", "not available", "nil"}

# Our field, or a group and its part, for each name in the export (lower case).
_TEXTS = {
    "public_title": "brief_title",
    "scientific_title": "official_title",
    "acronym": "acronym",
    "scientific_acronym": "acronym",
    "web_address": "record_url",
    "url": "record_url",
    "study_design": "design_text",
    "results_url_link": "results_url",
}
_DATES = {
    "date_registration": "registered_dtc",
    "date_registration3": "registered_dtc",
    "date_enrollement": "start_dtc",
    "date_enrollment": "start_dtc",
    "date_enrolment": "start_dtc",
    "results_date_completed": "completion_dtc",
    "results_date_posted": "results_first_posted_dtc",
    "last_refreshed_on": "last_update_posted_dtc",
}
_LISTS = {
    "countries": "countries",
    "condition": "conditions",
    "conditions": "conditions",
    "source_support": "support_sources",
}
_ETHICS = {"status": "status", "approval_date": "approval_dtc", "contact_name": "committee"}
_ETHICS |= {"contact_address": "address", "contact_phone": "phone", "contact_email": "email"}
_CONTACT = {
    "firstname": "first",
    "lastname": "last",
    "address": "address",
    "email": "email",
    "tel": "phone",
    "affiliation": "affiliation",
}
_STATUSES = {
    "NOT_RECRUITING": "ACTIVE_NOT_RECRUITING",
    "PENDING": "NOT_YET_RECRUITING",
    "OPEN_PUBLIC_RECRUITING": "RECRUITING",
    "NOT_AVAILABLE": "",
    "OTHER": "UNKNOWN",
}
_SEXES = {"MALE_AND_FEMALE": "ALL", "BOTH_MALE_AND_FEMALE": "ALL", "M": "MALE", "F": "FEMALE"}
_SEXES |= {"BOTH": "ALL", "FEMALES": "FEMALE", "MALES": "MALE", "NOT_SPECIFIED": ""}
_IGNORED = {"internal_number", "export_date", "last_refreshed_on_time"}


def read(piece: bytes) -> r.TrialRecord:
    """Return the record of one `Trial` element given as bytes. Raises FormatError."""
    return read_element(parsed(piece))


def read_element(root: etree._Element) -> r.TrialRecord:
    """Return the record of a parsed `Trial`. Raises FormatError naming every element that is wrong."""
    if str(root.tag).lower() != "trial":
        raise FormatError(f"wanted a Trial element, found '{root.tag}'")
    said = _said(root)
    values: Values = {}
    notes: list[str] = []
    errors: list[FormatError] = []
    steps: tuple[Callable[[], None], ...] = (
        lambda: _take_number(said, values),
        lambda: _take_simple(said, values),
        lambda: _take_dates(said, values),
        lambda: _take_people(said, values),
        lambda: _take_design(said, values, notes),
        lambda: _take_outcomes(said, values),
        lambda: _take_results(said, values),
    )
    for take in steps:
        try:
            take()
        except FormatError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    extra = {f"ictrp:{name}": text for name, text in said.items() if name not in _IGNORED}
    return r.TrialRecord(**values, extra=extra, notes=tuple(notes))


def _said(root: etree._Element) -> dict[str, str]:
    """Return the text of each element by its lower-case name; an element that comes twice is joined
    with ';'.
    """
    said: dict[str, str] = {}
    for child in root.iterchildren(tag=etree.Element):
        text = "".join(map(str, child.itertext())).strip()
        name = child.tag.lower()
        if text:
            said[name] = f"{said[name]}; {text}" if name in said else text
    return said


def _take_number(said: dict[str, str], values: Values) -> None:
    text = said.pop("trialid", "") or said.pop("trial_id", "")
    if not text:
        raise FormatError("the trial has no number", field="TrialID")
    register = said.get("source_register", "")
    known = r.registry_of(text)
    if known:
        said.pop("source_register", None)
        values["registry"], values["registry_no"] = str(known[0]), known[1]
    elif register:
        values["registry"], values["registry_no"] = str(r.Registry.OTHER), text
    else:
        raise FormatError(
            f"'{text[:40]}' is no number of a register we know, and Source_Register is empty",
            field="TrialID",
        )


def _take_simple(said: dict[str, str], values: Values) -> None:
    for name, ours in _TEXTS.items():
        if text := said.pop(name, ""):
            values.setdefault(ours, _text(text))
    for name, ours in _LISTS.items():
        if many := _split(said.pop(name, "")):
            values[ours] = many
    for name in ("secondary_id", "secondary_ids", "secondaryids", "secondary_id_s"):
        if many := _split(said.pop(name, "")):
            values["secondary_ids"] = tuple(r.SecondaryId(one) for one in many)


def _take_dates(said: dict[str, str], values: Values) -> None:
    errors = []
    for name, ours in _DATES.items():
        try:
            if dtc := _dtc(said.pop(name, ""), name):
                values[ours] = dtc
        except FormatError as error:
            errors.append(error)
    if errors:
        raise together(errors)


def _take_people(said: dict[str, str], values: Values) -> None:
    if sponsor := _text(said.pop("primary_sponsor", "")):
        values["lead_sponsor"] = r.Party(sponsor)
    for name in ("secondary_sponsor", "secondary_sponsors"):
        if many := _split(said.pop(name, "")):
            values["collaborators"] = tuple(r.Party(one) for one in many)
    for prefix, ours in (
        ("contact", "public_contacts"),
        ("public_contact", "public_contacts"),
        ("scientific_contact", "scientific_contacts"),
    ):
        if contact := _contact(said, prefix):
            values[ours] = (contact,)
    if review := _review(said):
        values["ethics_reviews"] = (review,)


def _contact(said: dict[str, str], prefix: str) -> r.Contact | None:
    part = {ours: _text(said.pop(f"{prefix}_{name}", "")) for name, ours in _CONTACT.items()}
    if not any(part.values()):
        return None
    name = " ".join(filter(None, (part.pop("first"), part.pop("last"))))
    return r.Contact(name=name, **part)


def _review(said: dict[str, str]) -> r.EthicsReview | None:
    part: dict[str, str] = {}
    for name, ours in _ETHICS.items():
        spellings = (f"ethics_{name}", f"ethics_review_{name}")
        text = next(filter(None, [said.pop(spelling, "") for spelling in spellings]), "")
        part[ours] = _dtc(text, spellings[0]) if ours == "approval_dtc" else _text(text)
    return r.EthicsReview(**part) if any(part.values()) else None


def _take_design(said: dict[str, str], values: Values, notes: list[str]) -> None:
    if text := said.pop("recruitment_status", ""):
        values["overall_status"] = _STATUSES.get(code(text), code(text))
    if text := said.pop("study_type", ""):
        values["study_type"] = _study_type(text)
    if text := said.pop("phase", ""):
        values["phases"] = _phases(text)
    if text := said.pop("inclusion_gender", "") or said.pop("gender", ""):
        values["sex"] = _sex(text)
    for name, ours in (("agemin", "minimum_age"), ("agemax", "maximum_age")):
        text = said.pop(f"inclusion_{name}", "") or said.pop(name, "")
        if _text(text).lower() not in _NO_DATE:
            values[ours] = _text(text)
    criteria = [("Inclusion Criteria", said.pop("inclusion_criteria", ""))]
    criteria.append(("Exclusion Criteria", said.pop("exclusion_criteria", "")))
    if text := "\n\n".join(_headed(head, _text(text)) for head, text in criteria if text):
        values["eligibility_text"] = text
    _take_size(said.pop("target_size", "") or said.pop("target_size_", ""), values, notes)


def _headed(head: str, text: str) -> str:
    return text if text.lower().startswith(head.lower()) else f"{head}:\n\n{text}"


def _take_size(text: str, values: Values, notes: list[str]) -> None:
    """Read the number of participants; several groups ('A:30;B:30') are added up, a sentence gives
    its first number.
    """
    plain = _text(text)
    if not plain:
        return
    numbers = [int(found) for found in _DIGITS.findall(plain.replace(",", ""))]
    if plain.replace(",", "").isdigit():
        values["enrolment_count"] = numbers[0]
    elif groups := re.findall(r"[:：]\s*(\d+)\s*(?:;|$)", plain):
        values["enrolment_count"] = sum(map(int, groups))
        notes.append(f"Target size was added up from its groups: '{plain[:120]}'.")
    elif numbers:
        values["enrolment_count"] = numbers[0]
        notes.append(f"Target size was taken from '{plain[:120]}'.")
    else:
        raise FormatError(f"'{plain[:40]}' holds no number of participants", field="Target_size")
    values["enrolment_kind"] = "ESTIMATED"


def _take_outcomes(said: dict[str, str], values: Values) -> None:
    for names, ours in (
        (("primary_outcome", "primary_outcomes"), "primary_outcomes"),
        (("secondary_outcome", "secondary_outcomes"), "secondary_outcomes"),
    ):
        for name in names:
            if many := _split(said.pop(name, "")):
                values[ours] = tuple(r.Outcome(measure=one) for one in many)
    for name in ("intervention", "interventions"):
        if many := _split(said.pop(name, "")):
            values["interventions"] = tuple(map(_intervention, many))


def _intervention(text: str) -> r.Intervention:
    kind, colon, name = text.partition(":")
    is_kind = bool(colon) and code(kind) in _INTERVENTION_KINDS
    return r.Intervention(name=name.strip(), kind=code(kind)) if is_kind else r.Intervention(text)


_INTERVENTION_KINDS = {
    "DRUG", "DEVICE", "BIOLOGICAL", "PROCEDURE", "RADIATION", "BEHAVIORAL", "GENETIC",
    "DIETARY_SUPPLEMENT", "COMBINATION_PRODUCT", "DIAGNOSTIC_TEST", "OTHER",
}  # fmt: skip


def _take_results(said: dict[str, str], values: Values) -> None:
    posted = yes_no(said.pop("results_yes_no", ""))
    if posted is not None or values.get("results_first_posted_dtc"):
        values["has_results"] = bool(posted or values.get("results_first_posted_dtc"))
    if text := said.pop("results_ipd_plan", ""):
        values["ipd_sharing"] = code(text)
    if text := said.pop("results_ipd_description", ""):
        values["ipd_description"] = _text(text)


def _study_type(text: str) -> str:
    word = code(text)
    for known in ("OBSERVATIONAL", "INTERVENTIONAL", "EXPANDED_ACCESS"):
        if word.startswith(known):
            return known
    return word


def _phases(text: str) -> tuple[str, ...]:
    """Return phase codes of '2', 'Phase II', 'Phase 1/Phase 2', 'II-III', 'Human pharmacology
    (Phase I): yes'.
    """
    roman = {"I": "1", "II": "2", "III": "3", "IV": "4", "0": "0"}
    cleaned = _text(text)
    if "yes" in cleaned.lower():  # EU CTR: one line for each phase, yes or no
        lines = [
            line for line in re.split(r"[\n;]|(?<=yes)|(?<=no)\s", cleaned) if "yes" in line.lower()
        ]
        cleaned = " ".join(re.findall(r"Phase\s+([IV]+)", " ".join(lines)))
    found = re.findall(r"\b(IV|III|II|I|[0-4])\b", cleaned.upper())
    numbers = dict.fromkeys(roman.get(one, one) for one in found)
    if not numbers:
        return phase_codes(cleaned)
    return tuple("EARLY_PHASE1" if one == "0" else f"PHASE{one}" for one in numbers)


def _sex(text: str) -> str:
    """Return ALL, MALE or FEMALE; EU CTR writes 'Female: yes Male: yes'."""
    found = {
        word.upper()
        for word, said in re.findall(r"\b(female|male)\s*:\s*(yes|no)", text, re.IGNORECASE)
        if said.lower() == "yes"
    }
    if found:
        return "ALL" if len(found) == 2 else found.pop()
    word = code(_text(text))
    return _SEXES.get(word, word)


def _text(text: str) -> str:
    """Return text without the portal's HTML."""
    if "<" in text or "&" in text:
        text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))
    return text.replace("\r", "").strip()


def _split(text: str) -> tuple[str, ...]:
    parts = (_text(part) for part in _LIST.split(html.unescape(text)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _dtc(text: str, name: str) -> str:
    plain = _text(text)
    if plain.lower() in _NO_DATE:
        return ""
    # The portal adds a time of day to some dates: '2020-03-20 00:00:00'.
    plain = re.sub(r"\s+\d{1,2}:\d{2}.*$", "", plain)
    try:
        return iso_text(plain)
    except DateError as error:
        raise FormatError(str(error), field=name) from error
