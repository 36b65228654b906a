"""ClinicalTrials.gov's legacy XML (`clinical_study`, public.xsd), the download format until 2024.

One pass over the children of the root; each tag has its reader in `_READERS`. A tag without one is
kept in `extra` under `xml:<tag>`. Blocks of text were wrapped at 100 columns by the register;
`_reflowed` undoes that and keeps the breaks that people made. The lists of MeSH terms do not tell a
term from its ancestors, so all stand as terms.
"""

from collections.abc import Callable
from typing import Any

from lxml import etree

from trialformats import records as r
from trialformats.dates import DateError, iso_text
from trialformats.errors import FormatError, together
from trialformats.words import code, is_for_healthy, masking_codes, phase_codes, yes_no
from trialformats.xml_safely import parsed

Values = dict[str, Any]
NUMBER = "id_info.nct_id"
_WRAP_COLUMN = 99
_NO_AGE = frozenset({"N/A", "None"})


def read(piece: bytes) -> r.TrialRecord:
    """Return the record of one `clinical_study` element given as bytes. Raises FormatError."""
    return read_element(parsed(piece))


def read_element(root: etree._Element) -> r.TrialRecord:
    """Return the record of a parsed `clinical_study`.

    Raises FormatError naming every element that is wrong.
    """
    if root.tag != "clinical_study":
        raise FormatError(f"wanted a clinical_study element, found '{root.tag!s}'")
    values: Values = {"registry": r.Registry.CTGOV, "has_results": False}
    lists: dict[str, list[Any]] = {}
    extra: Values = {}
    errors = []
    for child in root:
        reader = _READERS.get(child.tag)
        if reader is None:
            extra.setdefault(f"xml:{child.tag!s}", []).append(_as_plain(child))
            continue
        try:
            reader(child, values, lists, extra)
        except FormatError as error:
            errors.append(error)
    if not values.get("registry_no") and all(error.field != NUMBER for error in errors):
        errors.append(FormatError("the study has no NCT number", field=NUMBER))
    if errors:
        raise together(errors)
    for name, many in lists.items():
        values[name] = tuple(many)
    return _completed(values, extra)


def _completed(values: Values, extra: Values) -> r.TrialRecord:
    values["registered_dtc"] = values.get("first_submitted_dtc", "")
    _drop_repeats(values, extra)
    return r.TrialRecord(**values, extra=extra)


def _drop_repeats(values: Values, extra: Values) -> None:
    """Drop counts and lists that only repeat what the record holds."""
    n_arms = str(len(values.get("arms", ())))
    for key in ("xml:number_of_arms", "xml:number_of_groups"):
        if extra.get(key) in ([n_arms], ["1"] if n_arms == "0" else [n_arms]):
            del extra[key]
    if extra.get("xml:last_update_submitted_qc") == values.get("last_update_submitted_dtc"):
        extra.pop("xml:last_update_submitted_qc", None)
    places = dict.fromkeys(place.country for place in values.get("locations", ()) if place.country)
    if set(places) == set(values.get("countries", ())):
        values.pop("countries", None)


def _text(element: etree._Element) -> str:
    text = element.text
    if text is None:
        return ""
    if len(element):
        text = "".join(map(str, element.itertext()))
    return _reflowed(text) if "\n" in text else text.strip()


def _reflowed(text: str) -> str:
    """Undo the register's wrapping: join a line to the next where the next word would not have
    fitted.
    """
    wrapped = "\r" in text
    lines = [line.rstrip() for line in text.split("\n")]
    bare = [line.lstrip() for line in lines]
    indents = [len(line) - len(words) for line, words in zip(lines, bare, strict=True) if words]
    margin = min(indents, default=0)
    kept: list[str] = []
    width = 0
    for line, words in zip(lines, bare, strict=True):
        room = _WRAP_COLUMN - width - 1
        if wrapped and width and words and len(words.partition(" ")[0]) > room:
            kept.append(" " + words)
        else:
            kept.append("\n" + line[margin:])
        width = len(line)
    return "".join(kept).strip()


def _dtc(element: etree._Element) -> str:
    text = (element.text or "").strip()
    if not text:
        return ""
    try:
        return iso_text(text, day_first=False)
    except DateError as error:
        raise FormatError(str(error), field=_path(element)) from error


def _path(element: etree._Element) -> str:
    above = [one.tag for one in element.iterancestors()]
    return ".".join(map(str, [*reversed(above[:-1]), element.tag]))


def _as_plain(element: etree._Element) -> Any:
    """Return what an element says: its text, or {tag: [what its children say]}; attributes as
    '@name'.
    """
    children = list(element)
    if not children and not element.attrib:
        return _text(element)
    shown: Values = {f"@{key!s}": value for key, value in element.attrib.items()}
    for child in children:
        shown.setdefault(str(child.tag), []).append(_as_plain(child))
    if not children:
        shown["#text"] = _text(element)
    return shown


Reader = Callable[[etree._Element, Values, dict[str, list[Any]], Values], None]


def _skip(_element: etree._Element, _values: Values, _lists: Any, _extra: Values) -> None:
    """Leave out what is about the download, not the trial."""


def _one(name: str, take: Callable[[etree._Element], Any]) -> Reader:
    def reader(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
        values[name] = take(element)

    return reader


def _many(name: str, take: Callable[[etree._Element], Any]) -> Reader:
    def reader(element: etree._Element, _values: Values, lists: Any, _extra: Values) -> None:
        lists.setdefault(name, []).append(take(element))

    return reader


def _dated(name: str) -> Reader:
    def reader(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
        values[f"{name}_dtc"] = _dtc(element)
        kind = element.get("type")
        if kind:
            values[f"{name}_kind"] = code(kind)

    return reader


def _box(**readers: Reader) -> Reader:
    """Read an element whose children have readers of their own."""

    def reader(element: etree._Element, values: Values, lists: Any, extra: Values) -> None:
        errors = []
        for child in element:
            inner = readers.get(child.tag)
            if inner is None:
                key = f"xml:{element.tag}/{child.tag}"
                extra.setdefault(key, []).append(_as_plain(child))
                continue
            try:
                inner(child, values, lists, extra)
            except FormatError as error:
                errors.append(error)
        if errors:
            raise together(errors)

    return reader


def _coded(element: etree._Element) -> str:
    return code(element.text or "")


def _yes_no(element: etree._Element) -> bool | None:
    return yes_no(element.text or "")


def _parts(element: etree._Element) -> dict[str, str]:
    return {child.tag: _text(child) for child in element}


def _party(element: etree._Element) -> r.Party:
    part = _parts(element)
    return r.Party(part.get("agency", ""), code(part.get("agency_class", "")))


def _outcome(element: etree._Element) -> r.Outcome:
    part = _parts(element)
    return r.Outcome(
        part.get("measure", ""), part.get("description", ""), part.get("time_frame", "")
    )


def _arm(element: etree._Element) -> r.ArmGroup:
    part = _parts(element)
    return r.ArmGroup(
        label=part.get("arm_group_label", ""),
        kind=code(part.get("arm_group_type", "")),
        description=part.get("description", ""),
    )


def _intervention(element: etree._Element) -> r.Intervention:
    said: dict[str, list[str]] = {}
    for child in element:
        said.setdefault(child.tag, []).append(_text(child))
    return r.Intervention(
        name=" ".join(said.get("intervention_name", ())),
        kind=code(" ".join(said.get("intervention_type", ()))),
        description="\n".join(said.get("description", ())),
        arm_labels=tuple(said.get("arm_group_label", ())),
        other_names=tuple(said.get("other_name", ())),
    )


def _contact(element: etree._Element, role: str) -> r.Contact:
    part = _parts(element)
    return r.Contact(
        name=_full_name(part),
        role=code(part["role"]) if "role" in part else role,
        phone=part.get("phone", ""),
        phone_ext=part.get("phone_ext", ""),
        email=part.get("email", ""),
    )


def _central_contact(element: etree._Element) -> r.Contact:
    return _contact(element, "CONTACT")


def _official(element: etree._Element) -> r.Official:
    part = _parts(element)
    return r.Official(_full_name(part), part.get("affiliation", ""), code(part.get("role", "")))


def _full_name(part: dict[str, str]) -> str:
    names = " ".join(filter(None, map(part.get, ("first_name", "middle_name", "last_name"))))
    return ", ".join(filter(None, (names, part.get("degrees"))))


def _location(element: etree._Element) -> r.Location:
    said: dict[str, str] = {}
    contacts: list[r.Contact] = []
    for child in element:
        tag = child.tag
        if tag == "facility":
            _take_facility(child, said)
        elif tag == "status":
            said["status"] = code(child.text or "")
        elif tag in ("contact", "contact_backup", "investigator"):
            contacts.append(_contact(child, "CONTACT"))
    return r.Location(**said, contacts=tuple(contacts))  # type: ignore[arg-type]


def _take_facility(element: etree._Element, said: dict[str, str]) -> None:
    for child in element:
        if child.tag == "name":
            said["facility"] = _text(child)
        elif child.tag == "address":
            for part in child:
                name = _ADDRESS.get(part.tag)
                if name and part.text:
                    said[name] = part.text.strip()


_ADDRESS = {"city": "city", "state": "state", "zip": "zip_code", "country": "country"}


def _reference(kind: str) -> Callable[[etree._Element], r.Reference]:
    def take(element: etree._Element) -> r.Reference:
        part = _parts(element)
        return r.Reference(part.get("citation", ""), part.get("PMID", ""), kind)

    return take


def _link(element: etree._Element) -> r.Link:
    part = _parts(element)
    return r.Link(part.get("url", ""), part.get("description", ""))


def _available(element: etree._Element) -> r.AvailableData:
    part = _parts(element)
    return r.AvailableData(
        *(part.get(f"doc_{key}", "") for key in ("id", "type", "url", "comment"))
    )


def _document(element: etree._Element) -> r.Document:
    part = _parts(element)
    dated = element.find("document_date")
    return r.Document(
        label=part.get("document_type", ""),
        has_protocol=yes_no(part.get("document_has_protocol", "")),
        has_sap=yes_no(part.get("document_has_sap", "")),
        has_icf=yes_no(part.get("document_has_icf", "")),
        document_dtc="" if dated is None else _dtc(dated),
        url=part.get("document_url", ""),
    )


def _responsible(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
    part = _parts(element)
    values["responsible_party"] = r.ResponsibleParty(
        kind=code(part.get("responsible_party_type", "")),
        name=part.get("investigator_full_name", ""),
        title=part.get("investigator_title", ""),
        affiliation=part.get("investigator_affiliation", ""),
        old_name_title=part.get("name_title", ""),
        old_organisation=part.get("organization", ""),
    )


def _study_type(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
    words = _text(element)
    values["study_type"] = code(words.partition("[")[0])
    if "Patient Registry" in words:
        values["is_patient_registry"] = True


def _masking(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
    values["masking"], values["who_masked"] = masking_codes(_text(element))


def _enrolment(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
    text = (element.text or "").strip()
    if not text:
        return
    if not (text.isascii() and text.isdigit()):
        raise FormatError(f"'{text[:40]}' is no whole number", field="enrollment")
    values["enrolment_count"] = int(text)
    if element.get("type"):
        values["enrolment_kind"] = code(element.get("type") or "")


def _nct_no(element: etree._Element) -> str:
    known = r.registry_of(element.text or "")
    if not known or known[0] is not r.Registry.CTGOV:
        wrong = (element.text or "").strip()[:40]
        raise FormatError(f"'{wrong}' is no NCT number (NCT and 8 digits)", field=NUMBER)
    return known[1]


def _secondary_id(element: etree._Element) -> r.SecondaryId:
    return r.SecondaryId(
        _text(element), code(element.get("type") or ""), element.get("domain") or ""
    )


def _org_study_no(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
    values["org_study_no"] = _text(element)


def _qc_update(element: etree._Element, _values: Values, _lists: Any, extra: Values) -> None:
    extra["xml:last_update_submitted_qc"] = _dtc(element)


def _age(element: etree._Element) -> str:
    text = _text(element)
    return "" if text in _NO_AGE else text


def _eligibility(element: etree._Element, values: Values, lists: Any, extra: Values) -> None:
    _ELIGIBILITY(element, values, lists, extra)
    limits = [_text(one) for one in element.iterchildren("minimum_age", "maximum_age")]
    # API v2 leaves both ages out of such a record, and names all of its groups.
    if len(limits) == 2 and _NO_AGE.issuperset(limits):
        values["standard_ages"] = ("CHILD", "ADULT", "OLDER_ADULT")


def _results(element: etree._Element, values: Values, _lists: Any, _extra: Values) -> None:
    values["has_results"] = True
    values["results_counts"] = r.ResultsCounts(
        n_outcome_measures=_count(element, "outcome_list/outcome"),
        n_baseline_measures=_count(element, "baseline/measure_list/measure"),
        n_flow_groups=_count(element, "participant_flow/group_list/group"),
        n_serious_events=_count(
            element, "reported_events/serious_events/category_list/category/event_list/event"
        ),
        n_other_events=_count(
            element, "reported_events/other_events/category_list/category/event_list/event"
        ),
    )


def _count(element: etree._Element, path: str) -> int:
    # A category opens with an event 'Total, ...' that is no event of its own.
    return sum(
        1
        for one in element.iterfind(path)
        if not (one.tag == "event" and (one.findtext("sub_title") or "").startswith("Total, "))
    )


_ELIGIBILITY = _box(
    study_pop=_box(textblock=_one("study_population", _text)),
    sampling_method=_one("sampling_method", _coded),
    criteria=_box(textblock=_one("eligibility_text", _text)),
    gender=_one("sex", _coded),
    gender_based=_one("is_gender_based", _yes_no),
    gender_description=_one("gender_description", _text),
    minimum_age=_one("minimum_age", _age),
    maximum_age=_one("maximum_age", _age),
    healthy_volunteers=_one("healthy_volunteers", lambda e: is_for_healthy(e.text or "")),
)
_READERS: dict[Any, Reader] = {
    "required_header": _skip,
    "id_info": _box(
        nct_id=_one("registry_no", _nct_no),
        org_study_id=_org_study_no,
        secondary_id=_many("secondary_ids", _secondary_id),
        nct_alias=_many("former_nos", _text),
    ),
    "brief_title": _one("brief_title", _text),
    "official_title": _one("official_title", _text),
    "acronym": _one("acronym", _text),
    "sponsors": _box(
        lead_sponsor=_one("lead_sponsor", _party), collaborator=_many("collaborators", _party)
    ),
    "source": _one("organisation_name", _text),
    "oversight_info": _box(
        has_dmc=_one("has_dmc", _yes_no),
        is_fda_regulated_drug=_one("is_fda_regulated_drug", _yes_no),
        is_fda_regulated_device=_one("is_fda_regulated_device", _yes_no),
        is_unapproved_device=_one("is_unapproved_device", _yes_no),
        is_us_export=_one("is_us_export", _yes_no),
    ),
    "brief_summary": _box(textblock=_one("brief_summary", _text)),
    "detailed_description": _box(textblock=_one("detailed_description", _text)),
    "overall_status": _one("overall_status", _coded),
    "last_known_status": _one("last_known_status", _coded),
    "why_stopped": _one("why_stopped", _text),
    "start_date": _dated("start"),
    "completion_date": _dated("completion"),
    "primary_completion_date": _dated("primary_completion"),
    "phase": _one("phases", lambda element: phase_codes(_text(element))),
    "study_type": _study_type,
    "has_expanded_access": _one("has_expanded_access", _yes_no),
    "study_design_info": _box(
        allocation=_one("allocation", _coded),
        intervention_model=_one("intervention_model", _coded),
        intervention_model_description=_one("intervention_model_description", _text),
        observational_model=_one("observational_model", _coded),
        time_perspective=_one("time_perspective", _coded),
        primary_purpose=_one("primary_purpose", _coded),
        masking=_masking,
        masking_description=_one("masking_description", _text),
    ),
    "target_duration": _one("target_duration", _text),
    "primary_outcome": _many("primary_outcomes", _outcome),
    "secondary_outcome": _many("secondary_outcomes", _outcome),
    "other_outcome": _many("other_outcomes", _outcome),
    "enrollment": _enrolment,
    "condition": _many("conditions", _text),
    "arm_group": _many("arms", _arm),
    "intervention": _many("interventions", _intervention),
    "biospec_retention": _one("biospecimen_retention", _coded),
    "biospec_descr": _box(textblock=_one("biospecimen_description", _text)),
    "eligibility": _eligibility,
    "overall_official": _many("officials", _official),
    "overall_contact": _many("public_contacts", _central_contact),
    "overall_contact_backup": _many("public_contacts", _central_contact),
    "location": _many("locations", _location),
    "location_countries": _box(country=_many("countries", _text)),
    "removed_countries": _box(country=_many("removed_countries", _text)),
    "link": _many("links", _link),
    "reference": _many("references", _reference("BACKGROUND")),
    "results_reference": _many("references", _reference("RESULT")),
    "verification_date": _one("verified_dtc", _dtc),
    "study_first_submitted": _one("first_submitted_dtc", _dtc),
    "study_first_submitted_qc": _one("first_submitted_qc_dtc", _dtc),
    "study_first_posted": _dated("first_posted"),
    "results_first_submitted": _one("results_first_submitted_dtc", _dtc),
    "results_first_submitted_qc": _one("results_first_submitted_qc_dtc", _dtc),
    "results_first_posted": _dated("results_first_posted"),
    "disposition_first_submitted": _one("certificate_first_submitted_dtc", _dtc),
    "disposition_first_submitted_qc": _one("certificate_first_submitted_qc_dtc", _dtc),
    "disposition_first_posted": _dated("certificate_first_posted"),
    "last_update_submitted": _one("last_update_submitted_dtc", _dtc),
    "last_update_submitted_qc": _qc_update,
    "last_update_posted": _dated("last_update_posted"),
    "responsible_party": _responsible,
    "keyword": _many("keywords", _text),
    "condition_browse": _box(mesh_term=_many("condition_mesh", lambda e: r.MeshTerm(_text(e)))),
    "intervention_browse": _box(
        mesh_term=_many("intervention_mesh", lambda e: r.MeshTerm(_text(e)))
    ),
    "patient_data": _box(
        sharing_ipd=_one("ipd_sharing", _coded),
        ipd_description=_one("ipd_description", _text),
        ipd_info_type=_many("ipd_info_types", _coded),
        ipd_time_frame=_one("ipd_time_frame", _text),
        ipd_access_criteria=_one("ipd_access_criteria", _text),
        ipd_url=_one("ipd_url", _text),
    ),
    "study_docs": _box(study_doc=_many("available_data", _available)),
    "provided_document_section": _box(provided_document=_many("documents", _document)),
    "clinical_results": _results,
}
