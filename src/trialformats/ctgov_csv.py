"""The CSV that ClinicalTrials.gov's search page downloads, of today's site and of the classic one.

It says less than the record itself: a cell holds a list joined with '|', an outcome's measure,
description and time frame stand in one cell with commas between and cannot be told apart (all of it
becomes the measure), a location's parts likewise (told apart from the right, as well as that goes).
Only the columns that a file has are answered: `fields_of` names them, so that an importer does not
take a missing column for an empty value. The parts of the design stand in one column, which leaves
some of them out (all of an observational study's), so a part that is not there is not known to be
empty. A column nobody knows is kept in `extra` as `csv:<name>`.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from trialformats import records as r
from trialformats.dates import DateError, iso_text
from trialformats.errors import FormatError, together
from trialformats.split_csv import cells
from trialformats.words import code, masking_codes, phase_codes

Values = dict[str, Any]
ID_COLUMN = "nct number"
_FACILITY = re.compile(
    r"hospital|clinic|centre|center|universit|institut|department|school|college|unit\b|research"
    r"|medical|health|division|laborator|ward\b|praxis|klinik|site\b|inc\b|ltd\b|llc\b",
    re.IGNORECASE,
)
_AGES = {"child": "CHILD", "adult": "ADULT", "older adult": "OLDER_ADULT"}


def is_header(head: bytes) -> bool:
    """Say whether the first bytes of a file are a header with the column of trial numbers."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").lower()
    return ID_COLUMN in [name.strip() for name in cells(first)]


def read(header: tuple[str, ...], row: str) -> r.TrialRecord:
    """Return the record of one row (the text between two line ends).

    Raises FormatError naming every column that is wrong.
    """
    found = cells(row)
    if len(found) != len(header):
        raise FormatError(
            f"the row has {len(found)} cells and the header {len(header)}; "
            "look for a comma or a quotation mark too many"
        )
    values: Values = {"registry": r.Registry.CTGOV}
    extra: Values = {}
    errors = []
    for name, cell in zip(header, found, strict=True):
        text = html.unescape(cell).strip() if "&" in cell else cell.strip()
        reader = _COLUMNS.get(name.lower())
        if not text:
            continue
        if reader is None:
            extra[f"csv:{name}"] = text
            continue
        try:
            reader(values, text, name)
        except FormatError as error:
            errors.append(error)
    if not values.get("registry_no") and all(e.field.lower() != ID_COLUMN for e in errors):
        errors.append(FormatError("the row has no NCT number", field="NCT Number"))
    if errors:
        raise together(errors)
    return r.TrialRecord(**values, extra=extra)


@lru_cache(maxsize=64)
def fields_of(header: tuple[str, ...]) -> frozenset[str]:
    """Return the fields of a record that a file with this header can answer."""
    known = {name for column in header for name in _FIELDS.get(column.lower(), ())}
    return frozenset(known | {"registry", "registry_no"})


Column = Callable[[Values, str, str], None]


def _text(field: str) -> Column:
    def reader(values: Values, text: str, _name: str) -> None:
        values[field] = text

    return reader


def _code(field: str) -> Column:
    def reader(values: Values, text: str, _name: str) -> None:
        values[field] = code(text)

    return reader


def _many(field: str, make: Callable[[str], Any]) -> Column:
    def reader(values: Values, text: str, _name: str) -> None:
        values[field] = tuple(make(part.strip()) for part in text.split("|") if part.strip())

    return reader


def _date(field: str) -> Column:
    def reader(values: Values, text: str, name: str) -> None:
        try:
            values[field] = iso_text(text, day_first=False)
        except DateError as error:
            raise FormatError(str(error), field=name) from error

    return reader


def _number(values: Values, text: str, name: str) -> None:
    known = r.registry_of(text)
    if not known or known[0] is not r.Registry.CTGOV:
        raise FormatError(f"'{text[:40]}' is no NCT number (NCT and 8 digits)", field=name)
    values["registry_no"] = known[1]


def _enrolment(values: Values, text: str, name: str) -> None:
    if not (text.isascii() and text.isdigit()):
        raise FormatError(f"'{text[:40]}' is no whole number", field=name)
    values["enrolment_count"] = int(text)


def _has_results(values: Values, text: str, _name: str) -> None:
    values["has_results"] = text.lower() in ("yes", "has results")


def _phases(values: Values, text: str, _name: str) -> None:
    values["phases"] = phase_codes(text)


def _ages(values: Values, text: str, _name: str) -> None:
    """Read 'ADULT, OLDER_ADULT', and the classic '18 Years and older   (Adult, Older Adult)'."""
    groups = text[text.find("(") + 1 :].rstrip(") ") if "(" in text else text
    named = (one.strip().lower().replace("_", " ") for one in groups.split(","))
    values["standard_ages"] = tuple(_AGES[one] for one in named if one in _AGES)


def _sponsor(values: Values, text: str, _name: str) -> None:
    kind = values["lead_sponsor"].kind if "lead_sponsor" in values else ""
    values["lead_sponsor"] = r.Party(text, kind)


def _sponsor_kind(values: Values, text: str, _name: str) -> None:
    name = values["lead_sponsor"].name if "lead_sponsor" in values else ""
    values["lead_sponsor"] = r.Party(name, code(text.split("|")[0]))


def _sponsor_and_collaborators(values: Values, text: str, name: str) -> None:
    first, *others = text.split("|")
    _sponsor(values, first, name)
    values["collaborators"] = tuple(r.Party(one) for one in others)


def _ids(values: Values, text: str, _name: str) -> None:
    first, *others = text.split("|")
    values["org_study_no"] = first
    values["secondary_ids"] = tuple(r.SecondaryId(one) for one in others if one.strip())


def _intervention(text: str) -> r.Intervention:
    kind, colon, name = text.partition(": ")
    return r.Intervention(name=name, kind=code(kind)) if colon else r.Intervention(text)


def _document(text: str) -> r.Document:
    label, comma, url = text.rpartition(", http")
    return r.Document(label=label, url=f"http{url}") if comma else r.Document(label=text)


def _design(values: Values, text: str, _name: str) -> None:
    values["design_text"] = text
    for part in text.split("|"):
        name, _, said = part.partition(":")
        field = _DESIGN.get(name.strip().lower())
        # The site cuts some answers of observational studies to one letter, which says nothing.
        if not field or len(said.strip()) < 2:
            continue
        if field == "masking":
            values["masking"], values["who_masked"] = masking_codes(said.strip())
        else:
            values[field] = code(said)


_DESIGN = {
    "allocation": "allocation",
    "intervention model": "intervention_model",
    "masking": "masking",
    "primary purpose": "primary_purpose",
    "observational model": "observational_model",
    "time perspective": "time_perspective",
}


def _location(text: str) -> r.Location:
    """Tell apart 'Facility, City, State, Zip, Country', where facility, state and zip may be
    missing.
    """
    parts = [part.strip() for part in text.split(", ")]
    country = parts.pop() if len(parts) > 1 else ""
    zip_code = parts.pop() if len(parts) > 1 and any(sign.isdigit() for sign in parts[-1]) else ""
    state = parts.pop() if len(parts) > 2 and _has_state(parts, country) else ""
    city = parts.pop() if parts else ""
    return r.Location(
        facility=", ".join(parts), city=city, state=state, zip_code=zip_code, country=country
    )


def _has_state(parts: list[str], country: str) -> bool:
    """Say whether the last part is a state: not where it repeats the country or the part before it
    is a house.
    """
    return parts[-1] != country and not _FACILITY.search(parts[-2])


_OUTCOME = r.Outcome
# Column (lower case): how it is read, and the fields it answers.
_TABLE: tuple[tuple[str, Column, tuple[str, ...]], ...] = (
    ("nct number", _number, ("registry_no",)),
    ("study title", _text("brief_title"), ("brief_title",)),
    ("title", _text("brief_title"), ("brief_title",)),
    ("study url", _text("record_url"), ("record_url",)),
    ("url", _text("record_url"), ("record_url",)),
    ("acronym", _text("acronym"), ("acronym",)),
    ("study status", _code("overall_status"), ("overall_status",)),
    ("status", _code("overall_status"), ("overall_status",)),
    ("brief summary", _text("brief_summary"), ("brief_summary",)),
    ("study results", _has_results, ("has_results",)),
    ("conditions", _many("conditions", str), ("conditions",)),
    ("interventions", _many("interventions", _intervention), ("interventions",)),
    ("primary outcome measures", _many("primary_outcomes", _OUTCOME), ("primary_outcomes",)),
    ("secondary outcome measures", _many("secondary_outcomes", _OUTCOME), ("secondary_outcomes",)),
    ("other outcome measures", _many("other_outcomes", _OUTCOME), ("other_outcomes",)),
    ("sponsor", _sponsor, ("lead_sponsor",)),
    ("sponsor/collaborators", _sponsor_and_collaborators, ("lead_sponsor", "collaborators")),
    ("collaborators", _many("collaborators", r.Party), ("collaborators",)),
    ("sex", _code("sex"), ("sex",)),
    ("gender", _code("sex"), ("sex",)),
    ("age", _ages, ("standard_ages",)),
    ("phases", _phases, ("phases",)),
    ("enrollment", _enrolment, ("enrolment_count",)),
    ("funder type", _sponsor_kind, ("lead_sponsor",)),
    ("funded bys", _sponsor_kind, ("lead_sponsor",)),
    ("study type", _code("study_type"), ("study_type",)),
    ("study design", _design, ("design_text",)),
    ("study designs", _design, ("design_text",)),
    ("other ids", _ids, ("org_study_no", "secondary_ids")),
    ("start date", _date("start_dtc"), ("start_dtc",)),
    ("primary completion date", _date("primary_completion_dtc"), ("primary_completion_dtc",)),
    ("completion date", _date("completion_dtc"), ("completion_dtc",)),
    ("first posted", _date("first_posted_dtc"), ("first_posted_dtc",)),
    ("results first posted", _date("results_first_posted_dtc"), ("results_first_posted_dtc",)),
    ("last update posted", _date("last_update_posted_dtc"), ("last_update_posted_dtc",)),
    ("locations", _many("locations", _location), ("locations",)),
    ("study documents", _many("documents", _document), ("documents",)),
    ("rank", lambda _values, _text, _name: None, ()),
)
_COLUMNS = {column: reader for column, reader, _ in _TABLE}
_FIELDS = {column: names for column, _, names in _TABLE}
