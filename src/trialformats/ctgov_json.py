"""ClinicalTrials.gov JSON: API v2 read and written, the classic API's full studies read.

Reading walks the source once. A value the tree of `ctgov_v2` has a place for goes into its field;
whatever would not come back unchanged (a key the tree does not know, an empty object, a blank) goes
into `extra` under its JSON pointer, and writing puts it back. So writing what was read gives the
same study, results tables excepted.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from trialformats.canonical import Json
from trialformats.ctgov_classic import study_as_v2
from trialformats.ctgov_v2 import STUDY, Slot, Tree
from trialformats.dates import DateError, iso_text
from trialformats.errors import FormatError, together
from trialformats.records import (
    Registry,
    ResultsCounts,
    TrialRecord,
    from_json,
    registry_of,
    to_json,
)

BEYOND = "beyondV2"
NUMBER = "protocolSection.identificationModule.nctId"
_NOT_KEPT = ("resultsSection", "annotationSection")
_TYPES: dict[str, type] = {"text": str, "bool": bool, "int": int, "float": float}
_EXCERPT = 60


def read(study: Any) -> TrialRecord:
    """Return the record of one parsed study, of API v2 or the classic API.

    Raises FormatError naming every field that is wrong.

    `study` is the object that holds `protocolSection` (v2), or `Study` or `ProtocolSection`
    (classic, as in `FullStudiesResponse.FullStudies`).
    """
    if not isinstance(study, dict):
        raise FormatError("a study is a JSON object, this is " + _excerpt(study))
    if "Study" in study or "ProtocolSection" in study:
        study = study_as_v2(study.get("Study", study))
    if "protocolSection" not in study and BEYOND not in study:
        raise FormatError(_not_a_study(study))
    return _read_v2(study)


def write(record: TrialRecord) -> Json:
    """Return the record as an API v2 study.

    What v2 has no place for (another register's number, ethics reviews, counts of results, notes)
    stands in one more section, `beyondV2`, by our field names; it is left out where there is
    nothing of the kind. What the source held beyond our fields is put back where it was.
    """
    study = _written(record, STUDY)
    study.setdefault("protocolSection", {}).setdefault("identificationModule", {})
    for pointer, value in record.extra.items():
        if pointer.startswith("/"):
            _put(study, pointer, value)
    beyond = _beyond(record)
    if beyond:
        study[BEYOND] = beyond
    return study


def registry_no_of(study: Any) -> str:
    """Return the number a study claims, '' where none is found: for reports of studies that could
    not be read.
    """
    for path in (
        ("protocolSection", "identificationModule", "nctId"),
        ("Study", "ProtocolSection", "IdentificationModule", "NCTId"),
    ):
        value: Any = study
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    return ""


def _read_v2(study: Json) -> TrialRecord:
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    kept = {key: value for key, value in study.items() if key not in _NOT_KEPT and key != BEYOND}
    errors: list[FormatError] = []
    try:
        _walk(kept, STUDY, "", values, extra)
    except FormatError as error:
        errors.append(error)
    counts = _results_counts(study.get("resultsSection"))
    if counts:
        values["results_counts"] = counts
        values.setdefault("has_results", True)
    values["extra"] = extra
    beyond = study.get(BEYOND, {})
    if not isinstance(beyond, dict):
        errors.append(FormatError("this section is a JSON object", field=BEYOND))
        beyond = {}
    elif fault := _fault_of_number(values, beyond, errors):
        errors.append(fault)
    if errors:
        raise together(errors)
    return _completed(values, beyond)


def _fault_of_number(
    values: dict[str, Any], beyond: Json, errors: list[FormatError]
) -> FormatError | None:
    if "registry_no" not in values and "registry_no" not in beyond:
        is_told = any(fault.path == NUMBER for error in errors for fault in error.faults)
        return None if is_told else FormatError("the study has no NCT number", field=NUMBER)
    if "registry_no" in values and "registry" not in beyond:
        known = registry_of(values["registry_no"])
        if not known or known[0] is not Registry.CTGOV:
            wrong = values["registry_no"][:_EXCERPT]
            return FormatError(f"'{wrong}' is no NCT number (NCT and 8 digits)", field=NUMBER)
        values["registry_no"] = known[1]
    return None


def _completed(values: dict[str, Any], beyond: Json) -> TrialRecord:
    """Return the record: numbers told, and what stood beyond v2 laid over it."""
    values["registry"] = Registry.CTGOV
    values["registered_dtc"] = values.get("first_submitted_dtc", "")
    if not beyond:
        return TrialRecord(**values)
    given = from_json({"registry": "-", "registry_no": "-"} | beyond)
    values["extra"] |= given.extra
    return TrialRecord(
        **(values | {name: getattr(given, name) for name in beyond if name != "extra"})
    )


def _walk(
    source: Json, tree: Tree, pointer: str, values: dict[str, Any], extra: dict[str, Any]
) -> None:
    errors = []
    for key, value in source.items():
        spot = tree.get(key)
        try:
            if spot is None:
                extra[f"{pointer}/{_escaped(key)}"] = value
            elif type(spot) is dict:
                if type(value) is dict and value:
                    _walk(value, spot, f"{pointer}/{key}", values, extra)
                else:
                    extra[f"{pointer}/{key}"] = _leftover(value, dict, pointer, key)
            else:
                _READ[spot.kind](spot, value, pointer, key, values, extra)
        except FormatError as error:
            errors.append(error)
    if errors:
        raise together(errors)


def _read_scalar(
    spot: Slot, value: Any, pointer: str, key: str, values: dict[str, Any], extra: dict[str, Any]
) -> None:
    wanted = _TYPES[spot.kind]
    if type(value) is wanted and value != "":
        values[spot.name] = value
    elif wanted is float and type(value) is int:
        values[spot.name] = float(value)
    else:
        extra[f"{pointer}/{key}"] = _leftover(value, wanted, pointer, key)


def _read_date(
    spot: Slot, value: Any, pointer: str, key: str, values: dict[str, Any], extra: dict[str, Any]
) -> None:
    if type(value) is not str or not value.strip():
        extra[f"{pointer}/{key}"] = _leftover(value, str, pointer, key)
        return
    try:
        values[spot.name] = iso_text(value)
    except DateError as error:
        raise FormatError(str(error), field=_dotted(pointer, key)) from error


def _read_texts(
    spot: Slot, value: Any, pointer: str, key: str, values: dict[str, Any], extra: dict[str, Any]
) -> None:
    if type(value) is list and value and all(type(one) is str for one in value):
        values[spot.name] = tuple(value)
    else:
        extra[f"{pointer}/{key}"] = _leftover(value, list, pointer, key)


def _read_item(
    spot: Slot, value: Any, pointer: str, key: str, values: dict[str, Any], extra: dict[str, Any]
) -> None:
    if type(value) is dict and value:
        values[spot.name] = _item(spot, value, f"{pointer}/{key}", extra)
    else:
        extra[f"{pointer}/{key}"] = _leftover(value, dict, pointer, key)


def _read_items(
    spot: Slot, value: Any, pointer: str, key: str, values: dict[str, Any], extra: dict[str, Any]
) -> None:
    if type(value) is list and value and all(type(one) is dict for one in value):
        values[spot.name] = tuple(_each(spot, value, f"{pointer}/{key}/", extra))
    else:
        extra[f"{pointer}/{key}"] = _leftover(value, list, pointer, key)


def _each(spot: Slot, many: list[Json], place: str, extra: dict[str, Any]) -> Iterator[Any]:
    errors = []
    for no, one in enumerate(many):
        try:
            yield _item(spot, one, f"{place}{no}", extra)
        except FormatError as error:
            errors.append(error)
    if errors:
        raise together(errors)


def _item(spot: Slot, source: Json, pointer: str, extra: dict[str, Any]) -> Any:
    values: dict[str, Any] = {}
    _walk(source, spot.tree, pointer, values, extra)
    return spot.item(**values)


_READ = {
    "text": _read_scalar,
    "bool": _read_scalar,
    "int": _read_scalar,
    "float": _read_scalar,
    "date": _read_date,
    "texts": _read_texts,
    "item": _read_item,
    "items": _read_items,
}


def _leftover(value: Any, wanted: type, pointer: str, key: str) -> Any:
    """Return a value that is merely empty; a value of another kind is a mistake in the file.

    Raises FormatError.
    """
    if value is None or value == wanted() or (isinstance(value, str) and not value.strip()):
        return value
    name = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
    name |= {list: "a list", dict: "an object"}
    raise FormatError(
        f"wanted {name[wanted]}, found {_excerpt(value)}", field=_dotted(pointer, key)
    )


def _written(source: Any, tree: Tree) -> Json:
    shown = {}
    for key, spot in tree.items():
        value = _written(source, spot) if type(spot) is dict else _shown(source, spot)
        if value is not None and value != {}:
            shown[key] = value
    return shown


def _shown(source: Any, spot: Slot) -> Any:
    value = getattr(source, spot.name)
    if value is None or value == "" or value == ():
        return None
    if spot.kind == "items":
        return [_written(one, spot.tree) for one in value]
    if spot.kind == "item":
        return _written(value, spot.tree)
    return list(value) if spot.kind == "texts" else value


def _beyond(record: TrialRecord) -> Json:
    """Return, by our names, what v2 has no place for."""
    shown = to_json(record)
    foreign = {key: value for key, value in record.extra.items() if not key.startswith("/")}
    beyond = {name: value for name, value in shown.items() if name not in _v2_names()}
    beyond |= {name: shown[name] for name in _lossy(record)}
    if record.registry == Registry.CTGOV:
        beyond.pop("registry", None)
    if record.registered_dtc == record.first_submitted_dtc:
        beyond.pop("registered_dtc", None)
    elif not record.registered_dtc:
        beyond["registered_dtc"] = ""
    return beyond | ({"extra": foreign} if foreign else {})


def _lossy(record: TrialRecord) -> set[str]:
    """Return the names of lists whose parts say more than v2 can, and of numbers that are not of
    this register.
    """
    names = {"registry_no"} if record.registry != Registry.CTGOV else set()
    for name, spot in _item_slots().items():
        value = getattr(record, name)
        many = value if isinstance(value, tuple) else (value,) if value else ()
        if not all(_comes_back(one, spot) for one in many):
            names.add(name)
    return names


def _comes_back(item: Any, spot: Slot) -> bool:
    shown = _written(item, spot.tree)
    return bool(shown) and bool(_item(spot, shown, "", {}) == item)


@cache
def _item_slots() -> dict[str, Slot]:
    return {spot.name: spot for spot in _slots(STUDY) if spot.kind in ("item", "items")}


@cache
def _v2_names() -> frozenset[str]:
    names = {spot.name for spot in _slots(STUDY)} | {"extra"}
    return frozenset(names & {item.name for item in fields(TrialRecord)})


def _slots(tree: Tree) -> list[Slot]:
    found: list[Slot] = []
    for spot in tree.values():
        found.extend(_slots(spot) if isinstance(spot, dict) else [spot])
    return found


def _put(study: Any, pointer: str, value: Any) -> None:
    """Set what a JSON pointer points at, making objects on the way."""
    *path, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    spot = study
    for part in path:
        spot = spot[int(part)] if isinstance(spot, list) else spot.setdefault(part, {})
    spot[last] = value


def _results_counts(section: Any) -> ResultsCounts | None:
    if not isinstance(section, dict) or not section:
        return None
    flow, base, measures, harms = (
        section.get(f"{name}Module") or {}
        for name in (
            "participantFlow",
            "baselineCharacteristics",
            "outcomeMeasures",
            "adverseEvents",
        )
    )
    return ResultsCounts(
        n_outcome_measures=_length(measures, "outcomeMeasures"),
        n_baseline_measures=_length(base, "measures"),
        n_flow_groups=_length(flow, "groups"),
        n_serious_events=_length(harms, "seriousEvents"),
        n_other_events=_length(harms, "otherEvents"),
    )


def _length(module: Any, key: str) -> int:
    many = module.get(key) if isinstance(module, dict) else None
    return len(many) if isinstance(many, list) else 0


def _not_a_study(study: Json) -> str:
    keys = ", ".join(sorted(map(str, study))[:5]) or "nothing"
    return f"this JSON object is no study: it has no 'protocolSection' (it holds {keys[:120]})"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def _dotted(pointer: str, key: str) -> str:
    return f"{pointer}/{key}".strip("/").replace("/", ".")


def _excerpt(value: Any) -> str:
    return repr(value)[:_EXCERPT]
