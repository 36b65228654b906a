"""Decisions about records: what a study says now, what changed, what is missing, which are one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.terms import (
    Completeness,
    EffectiveRecord,
    FieldDifference,
    ImportOutcome,
    StudyState,
    Timeliness,
)
from trialformats.dates import PartialDate
from trialformats.records import WHO_DATA_SET

MOVES = {
    StudyState.DRAFT: frozenset({StudyState.PUBLISHED, StudyState.DISCARDED}),
    StudyState.PUBLISHED: frozenset({StudyState.MERGED}),
    StudyState.MERGED: frozenset({StudyState.PUBLISHED}),
    StudyState.DISCARDED: frozenset({StudyState.DRAFT}),
}

Values = Mapping[str, Any]

# Fields that name an entry rather than say something of the trial: none comes from another entry.
OWN_FIELDS = frozenset({"registry", "registry_no", "record_url", "notes", "extra"})

# What is said of another field: it comes from where that comes from, and is curated with it.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "org_study_no": ("org_study_no_kind", "org_study_no_link"),
    "organisation_name": ("organisation_kind",),
    "overall_status": ("last_known_status", "why_stopped"),
    "start_dtc": ("start_kind",),
    "primary_completion_dtc": ("primary_completion_kind",),
    "completion_dtc": ("completion_kind",),
    "first_posted_dtc": ("first_posted_kind",),
    "results_first_posted_dtc": ("results_first_posted_kind",),
    "certificate_first_posted_dtc": ("certificate_first_posted_kind",),
    "last_update_posted_dtc": ("last_update_posted_kind",),
    "expanded_access_no": ("expanded_access_status",),
    "intervention_model": ("intervention_model_description",),
    "masking": ("masking_description", "who_masked"),
    "biospecimen_retention": ("biospecimen_description",),
    "enrolment_count": ("enrolment_kind",),
}
CHIEF: Mapping[str, str] = {name: chief for chief, names in BESIDE.items() for name in names}
# Answers that make one only together: a limit that one registry leaves open is not another's.
AS_ONE: Sequence[tuple[str, ...]] = (
    ("minimum_age", "maximum_age"),
    (
        "ipd_sharing",
        "ipd_description",
        "ipd_info_types",
        "ipd_time_frame",
        "ipd_access_criteria",
        "ipd_url",
    ),
)

# A trial is registered once any registry has it: the entry that came first tells when.
REGISTERED = (
    "registered_dtc",
    "first_submitted_dtc",
    "first_submitted_qc_dtc",
    "first_posted_dtc",
    "first_posted_kind",
)

# What stands where ClinicalTrials.gov withholds a name.
STRUCK_OUT = frozenset({"", "[redacted]"})

# How much a format can say; of two texts of the same day the fuller one holds.
DETAIL = {"csv": 1, "xml": 2, "json": 3, "": 3}


def registry_order(registry: str, own_registry: str) -> tuple[int, str]:
    """Return the sort key by which registries answer first: our own, then ClinicalTrials.gov."""
    ranks = {own_registry: 0, "ctgov": 1}
    return ranks.get(registry, 2), registry


def effective_record(
    entries: Sequence[Values], curated: Values, *, own_registry: str
) -> EffectiveRecord:
    """Merge what the registries say, field by field, and lay the curated values over it.

    What is said of another field (``BESIDE``) is never taken from another source than that.

    :param entries: the current record of each registration, as JSON
    :param curated: field name to JSON value
    :return: of each field the first answer in the order of registries, with where it came from; when
        it was registered is told by the entry that came first
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    ordered = sorted(entries, key=lambda e: registry_order(e["registry"], own_registry))
    heard = _heard(ordered)
    for no, entry in enumerate(ordered):
        for name, value in entry.items():
            if heard[name] == no and (no == 0 or name not in OWN_FIELDS):
                values[name] = value
                sources[name] = f"{entry['registry']} {entry['registry_no']}"
    for name in [other for field in curated for other in BESIDE.get(field, ())]:
        values.pop(name, None)
        sources.pop(name, None)
    for name, value in curated.items():
        values[name], sources[name] = value, "curated"
    return EffectiveRecord(values=values, sources=sources)


def _heard(ordered: Sequence[Values]) -> Mapping[str, int]:
    """Return of each field the place of the entry that answers it."""
    heard: dict[str, int] = {}
    for no, entry in enumerate(ordered):
        for name in entry:
            heard.setdefault(name, no)
    if len(ordered) < 2:
        return heard
    for chief, names in BESIDE.items():
        if chief in heard:
            heard.update(dict.fromkeys(names, heard[chief]))
    for group in AS_ONE:
        if first := [heard[name] for name in group if name in heard]:
            heard.update(dict.fromkeys(group, min(first)))
    if days := [(day, no) for no, entry in enumerate(ordered) if (day := _known_since(entry))]:
        heard.update(dict.fromkeys(REGISTERED, min(days)[1]))
    return heard


def _known_since(entry: Values) -> date | None:
    """Return the last day on which a registry surely had a trial; None where it says none."""
    dtc = entry.get("registered_dtc") or entry.get("first_posted_dtc")
    return PartialDate(dtc).latest() if dtc else None


def unit(field: str) -> tuple[str, ...]:
    """Return the fields that are curated together: one, and what is said of it."""
    return (field, *BESIDE.get(field, ()))


def compare(before: Values, after: Values) -> list[FieldDifference]:
    """Return the fields whose values differ, in the order of the record's fields."""
    names = list(before) + [name for name in after if name not in before]
    return [
        FieldDifference(name, before.get(name), after.get(name))
        for name in names
        if name != "notes" and before.get(name) != after.get(name)
    ]


def completeness(values: Values) -> Completeness:
    """Count the WHO items that a record answers.

    Item 23 is made of results (when they were posted, where, what they are), so that it is not
    answered before there are any: "no results posted" is ClinicalTrials.gov's flag. Whether data
    will be shared (item 24) and nobody having been enrolled (17) are answers.
    """
    missing = tuple(
        item.name for item in WHO_DATA_SET if not any(_answers(values, f) for f in item.fields)
    )
    n_items = len(WHO_DATA_SET)
    return Completeness(n_answered=n_items - len(missing), n_items=n_items, missing=missing)


def _answers(values: Values, field: str) -> bool:
    if field == "recruitment_countries":
        return bool(countries(values))
    value = values.get(field)
    return value is True if field == "has_results" else _says(value)


def _says(value: Any) -> bool:
    """Say whether a value tells anything; a kind alone, or a text struck out, does not."""
    if isinstance(value, str):
        return value.strip().casefold() not in STRUCK_OUT
    if isinstance(value, dict):
        return any(_says(part) for name, part in value.items() if name != "kind")
    if isinstance(value, list):
        return any(map(_says, value))
    return value is not None


def countries(values: Values) -> list[str]:
    """Return the countries of recruitment, each once: as listed, then what only locations say."""
    listed = list(dict.fromkeys(name for name in values.get("countries") or [] if name))
    found = site_countries(values)
    if not listed or not found:
        return listed or found
    known = {country_key(name) for name in listed}
    return listed + [name for name in found if country_key(name) not in known]


def site_countries(values: Values) -> list[str]:
    """Return the countries in which the listed locations lie, each once."""
    named = (place.get("country") for place in values.get("locations") or [])
    return list(dict.fromkeys(name for name in named if name))


def outcome_of(held: Values, held_media: str, incoming: Values, media: str) -> ImportOutcome:
    """Decide whether an incoming record replaces the one that is held.

    An older record never replaces a newer one; of two of the same day, the fuller format holds.
    Identical content is settled before, by digest.
    """
    held_day, incoming_day = _updated_on(held, incoming)
    if held_day and incoming_day and incoming_day < held_day:
        return ImportOutcome.UNCHANGED
    is_same_day = held_day == incoming_day
    if is_same_day and DETAIL.get(media, 3) < DETAIL.get(held_media, 3):
        return ImportOutcome.UNCHANGED
    return ImportOutcome.UPDATED


def _updated_on(held: Values, incoming: Values) -> tuple[str, str]:
    for field in ("last_update_posted_dtc", "last_update_submitted_dtc"):
        if held.get(field) and incoming.get(field):
            return held[field], incoming[field]
    return "", ""


def may_join(registry: str, study_registries: Iterable[str]) -> bool:
    """Two entries that name each other are one study, unless it stands in that registry already.

    A registry gives each trial one number: two numbers of one registry are related trials, such as a
    study and its extension, and are never merged by an import.
    """
    return registry not in set(study_registries)


def partners_of(registry: str, candidates: Mapping[int, Iterable[str]]) -> tuple[int, ...]:
    """Return the studies that a new entry may belong to; only a single one is joined.

    :param candidates: each study that the entry names, or that names it, with its registries
    """
    return tuple(pk for pk, held in sorted(candidates.items()) if may_join(registry, held))


def is_sound_claim(
    held: Iterable[str], *, own_registry: str, claimed_for: str, sponsor: str
) -> bool:
    """Say whether naming a registry's number is enough to take its record into a study.

    :param held: the registries in which the study stands
    :param claimed_for: the organisation for which people registered the study by hand
    :param sponsor: the lead sponsor that the record names
    """
    if set(held) != {own_registry}:
        return True
    return bool(sponsor) and claimed_for.casefold() == sponsor.casefold()


def without_nul(value: Any) -> Any:
    """Return a JSON value without NUL characters, for which PostgreSQL has no place."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [without_nul(one) for one in value]
    if isinstance(value, dict):
        return {without_nul(name): without_nul(one) for name, one in value.items()}
    return value


def timeliness(registered_dtc: str, start_dtc: str, *, posted_dtc: str = "") -> Timeliness:
    """Say whether registration came at or before the first enrolment.

    ICMJE asks for registration at or before the time of first enrolment, and takes the day on which
    the trial was first submitted to the registry for the day of registration
    (https://www.icmje.org/recommendations/browse/publishing-and-editorial-issues/clinical-trial-registration.html).
    A registry posts a trial some time after it was submitted, so a day of posting settles only that
    a trial was in time, never that it was late. A date that knows only its month is prospective only
    if all its days would be.

    :param posted_dtc: heard only where the day of registration is not known
    """
    known = registered_dtc or posted_dtc
    if not known or not start_dtc:
        return Timeliness.UNKNOWN
    registered, start = PartialDate(known), PartialDate(start_dtc)
    if registered.latest() <= start.earliest():
        return Timeliness.PROSPECTIVE
    if registered_dtc and registered.earliest() > start.latest():
        return Timeliness.RETROSPECTIVE
    return Timeliness.UNKNOWN


def timeliness_of(values: Values) -> Timeliness:
    """Say whether a record's registration came at or before its first enrolment."""
    return timeliness(
        values.get("registered_dtc") or "",
        values.get("start_dtc") or "",
        posted_dtc=values.get("first_posted_dtc") or "",
    )


def why_undecided(values: Values) -> str:
    """Return why nobody can tell whether registration was in time; '' where one can.

    Nothing is said either where a date is missing: that shows by itself.
    """
    registered, posted = values.get("registered_dtc"), values.get("first_posted_dtc")
    if not (registered or posted) or not values.get("start_dtc"):
        return ""
    if timeliness_of(values) is not Timeliness.UNKNOWN:
        return ""
    if registered:
        return "The dates are not known to the day, and may lie either way."
    return (
        "Only the day of posting is known. The study may have been submitted to the registry"
        " before it began."
    )


def first_day(dtc: str) -> date | None:
    """Return the first day a partial date allows, or None where there is none."""
    return PartialDate(dtc).earliest() if dtc else None
