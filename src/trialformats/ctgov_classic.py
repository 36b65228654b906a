"""The classic ClinicalTrials.gov API (`FullStudiesResponse`, retired in 2024), put into the shape
of API v2.

It names the same things otherwise: long keys (`PrimaryOutcomeMeasure`), lists in two boxes
(`ConditionList: {Condition: [...]}`), words for codes, 'Yes' for true, numbers as text, and MeSH
ids padded to nine digits. What no rule covers keeps its classic name in lower camel case, so that
it is still found in the record's `extra`.
"""

import re
from typing import Any

from trialformats.canonical import Json
from trialformats.ctgov_v2 import STUDY, Slot, Tree
from trialformats.words import code, is_for_healthy, phase_codes, yes_no

_PADDED_MESH = re.compile(r"D000(\d{6})")
_CODED = {
    "org_study_no_kind", "overall_status", "last_known_status", "expanded_access_status",
    "study_type", "allocation", "intervention_model", "observational_model", "time_perspective",
    "primary_purpose", "masking", "who_masked", "biospecimen_retention", "sampling_method",
    "ipd_sharing", "ipd_info_types", "standard_ages", "organisation_kind", "role", "kind",
    "status", "sex",
}  # fmt: skip
# Prefixes that classic keys repeat from the box they stand in.
_PREFIXES = (
    "OrgStudyId", "SecondaryId", "Org", "LeadSponsor", "Collaborator", "ResponsibleParty",
    "Design", "BioSpec", "Enrollment", "ArmGroup", "Intervention", "PrimaryOutcome",
    "SecondaryOutcome", "OtherOutcome", "CentralContact", "OverallOfficial", "LocationContact",
    "Location", "Reference", "SeeAlsoLink", "AvailIPD", "IPDSharing", "LargeDoc",
    "Condition", "ConditionMesh", "ConditionAncestor", "InterventionMesh", "InterventionAncestor",
    "StartDate", "PrimaryCompletionDate", "CompletionDate", "StudyFirstPostDate",
    "ResultsFirstPostDate", "DispFirstPostDate", "LastUpdatePostDate", "ExpandedAccess",
)  # fmt: skip
_NAMES = {
    "NCTId": "nctId",
    "NCTIdAlias": "nctIdAliases",
    "ExpandedAccessNCTId": "nctId",
    "ExpandedAccessStatusForNCTId": "statusForNctId",
    "OrgStudyId": "id",
    "SecondaryId": "id",
    "SecondaryIdInfo": "secondaryIdInfos",
    "Gender": "sex",
    "StdAge": "stdAges",
    "Phase": "phases",
    "ArmGroupInterventionName": "interventionNames",
    "InterventionArmGroupLabel": "armGroupLabels",
    "InterventionOtherName": "otherNames",
    "DesignWhoMasked": "whoMasked",
    "DesignObservationalModel": "observationalModel",
    "DesignTimePerspective": "timePerspective",
    "ResponsiblePartyInvestigatorFullName": "investigatorFullName",
    "ResponsiblePartyInvestigatorTitle": "investigatorTitle",
    "ResponsiblePartyInvestigatorAffiliation": "investigatorAffiliation",
    "ResponsiblePartyOldNameTitle": "oldNameTitle",
    "ResponsiblePartyOldOrganization": "oldOrganization",
    "StudyFirstSubmitQCDate": "studyFirstSubmitQcDate",
    "ResultsFirstSubmitQCDate": "resultsFirstSubmitQcDate",
    "DispFirstSubmitQCDate": "dispFirstSubmitQcDate",
    "OversightHasDMC": "oversightHasDmc",
    "IsFDARegulatedDrug": "isFdaRegulatedDrug",
    "IsFDARegulatedDevice": "isFdaRegulatedDevice",
    "IsUSExport": "isUsExport",
    "IPDSharingStatementModule": "ipdSharingStatementModule",
    "IPDSharing": "ipdSharing",
    "IPDSharingInfoType": "infoTypes",
    "IPDSharingURL": "url",
    "SeeAlsoLinkURL": "url",
    "AvailIPDURL": "url",
    "AvailIPD": "availIpds",
    "ReferencePMID": "pmid",
    "LargeDocHasSAP": "hasSap",
    "LargeDocHasICF": "hasIcf",
    "CentralContactEMail": "email",
    "LocationContactEMail": "email",
    "CentralContactPhoneExt": "phoneExt",
    "LocationContactPhoneExt": "phoneExt",
    "ConditionMesh": "meshes",
    "InterventionMesh": "meshes",
    "RemovedCountry": "removedCountries",
}


def study_as_v2(study: Any) -> Json:
    """Return a classic study (the object holding `ProtocolSection`) as an API v2 study; texts stay
    as they are.
    """
    return _branch(study, STUDY) if isinstance(study, dict) else {}


def _branch(source: Json, tree: Tree) -> Json:
    shown: Json = {}
    for classic, boxed in source.items():
        name, value = _unboxed(classic, boxed)
        key = _key(name, tree)
        spot: Any = tree.get(key)
        is_branch = isinstance(value, dict) and isinstance(spot, dict)
        shown[key] = _branch(value, spot) if is_branch else _value(value, spot)
    return shown


def _unboxed(name: str, value: Any) -> tuple[str, Any]:
    """Return X and its list of `XList: {X: [...]}`; anything else as it is."""
    if name.endswith("List") and isinstance(value, dict) and len(value) == 1:
        inner, many = next(iter(value.items()))
        return inner, many
    return name, value


def _key(name: str, tree: Tree) -> str:
    """Return the v2 key of a classic one: by table, by rule, or without the prefix it repeats."""
    tried = [_NAMES.get(name, ""), _lowered(name), _lowered(name) + "s"]
    tried += [
        _lowered(name[len(prefix) :]) or "date" for prefix in _PREFIXES if name.startswith(prefix)
    ]
    tried += [
        _lowered(name[len(prefix) :]) + "s" for prefix in _PREFIXES if name.startswith(prefix)
    ]
    return next((key for key in tried if key in tree), _lowered(name))


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _value(value: Any, spot: Any) -> Any:
    if not isinstance(spot, Slot):
        return value
    if spot.kind in ("item", "items"):
        return _items(value, spot)
    if spot.kind == "texts":
        return _texts(value, spot)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _scalar(value, spot) if isinstance(value, str) else value


def _items(value: Any, spot: Slot) -> Any:
    if isinstance(value, dict):
        return _branch(value, spot.tree)
    if isinstance(value, list):
        return [_branch(one, spot.tree) if isinstance(one, dict) else one for one in value]
    return value


def _texts(value: Any, spot: Slot) -> Any:
    many = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in many):
        return value
    if spot.name == "phases":
        return [phase for one in many for phase in phase_codes(one)]
    return [code(one) for one in many] if spot.name in _CODED else many


def _scalar(text: str, spot: Slot) -> Any:
    if spot.kind == "bool":
        said = is_for_healthy(text) if spot.name == "healthy_volunteers" else yes_no(text)
        return text if said is None else said
    if spot.kind == "int":
        return int(text) if text.isascii() and text.isdigit() else text
    if spot.name == "mesh_id":
        return _PADDED_MESH.sub(r"D\1", text)
    return code(text) if spot.name in _CODED or spot.name.endswith("_kind") else text
