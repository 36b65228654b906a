"""Organisations from a ROR data file, so that the names of locations can be told."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from tembusu.coordination.registry.actions import places
from tembusu.coordination.registry.rules import matching, matching_countries
from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import DatedName, NameKind, OrganisationKind

# ROR's types, https://ror.readme.io/docs/all-ror-fields-and-properties, the most telling first.
KINDS = {
    "healthcare": OrganisationKind.INSTITUTION,
    "education": OrganisationKind.UNIVERSITY,
    "company": OrganisationKind.SPONSOR,
    "government": OrganisationKind.AGENCY,
    "facility": OrganisationKind.INSTITUTION,
    "nonprofit": OrganisationKind.INSTITUTION,
    "funder": OrganisationKind.FUNDER,
}


class OrganisationsRefused(Refusal):
    """A file that holds no ROR records."""


def load_organisations(*, path: Path, by: Any, at: datetime) -> dict[str, int]:
    """Register what a ROR file holds and match again the names of locations nobody decided.

    One bad record is counted and costs no other.

    :return: counts: read, created, unchanged, rejected, names (of locations that changed)
    :raises OrganisationsRefused: if the file is no list of ROR records
    """
    counts = {"read": 0, "created": 0, "unchanged": 0, "rejected": 0}
    for record in _records(path):
        counts["read"] += 1
        counts[_take(record, by=by, at=at)] += 1
    counts["names"] = places.rematch_places(by=by, at=at)["names"]
    return counts


def _records(path: Path) -> Iterator[Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise OrganisationsRefused(f"{path.name} is not JSON: {fault}.") from fault
    if not isinstance(data, list):
        raise OrganisationsRefused(f"{path.name} holds no list of ROR records.")
    yield from data


def _take(record: Any, *, by: Any, at: datetime) -> str:
    try:
        found = matching.ror_candidates([record])
    except matching.RorRecordError:
        return "rejected"
    if not found or people_selectors.find_by_ror_id(found[0].key):
        return "unchanged"
    try:
        register_from_ror(candidate=found[0], by=by, at=at)
    except Refusal:
        return "rejected"
    return "created"


@audit.act
def register_from_ror(*, candidate: matching.RorCandidate, by: Any, at: datetime) -> None:
    """Register one organisation as ROR describes it, or give its ROR id to nobody if it stands.

    :raises Refusal: if people's rules refuse its name or country
    """
    kind = next(
        (KINDS[one] for one in KINDS if one in candidate.kinds), OrganisationKind.INSTITUTION
    )
    names = [DatedName(name, NameKind.ALIAS) for name in candidate.aliases]
    names += [DatedName(name, NameKind.ACRONYM) for name in candidate.acronyms]
    people.register_organisation(
        kind=kind,
        name=candidate.name,
        country=matching_countries.country_key(candidate.country).upper(),
        city=candidate.city,
        ror_id=candidate.key,
        other_names=names,
        by=by,
        at=at,
    )
