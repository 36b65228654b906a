"""Reads organisations from the dump of the Research Organization Registry (ROR).

Both published shapes are read, record by record, for a dump may mix them: schema 1 (`name`,
`aliases`, `labels`, `addresses`) and schema 2 (`names`, `locations`). Source:
https://ror.readme.io/docs/data-structure
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tembusu.coordination.registry.rules.matching_terms import Candidate

# A withdrawn record was an error of ROR's own; an inactive one existed and may be named in old
# trials.
USABLE = frozenset({"active", "inactive"})


class RorRecordError(ValueError):
    """A record cannot be read; the message names its position, its id and what is wrong."""

    def __init__(self, position: int, ror_id: str, reason: str) -> None:
        self.position, self.ror_id, self.reason = position, ror_id, reason
        super().__init__(f"ROR record {position} ({ror_id or 'no id'}): {reason}.")


@dataclass(frozen=True)
class RorRelation:
    """A tie to another ROR record; `kind` is parent, child, related, successor or predecessor."""

    kind: str
    key: str
    label: str


@dataclass(frozen=True)
class RorCandidate(Candidate):
    """A candidate as ROR describes it; `key` is the ROR id, `labels` its names by language."""

    kinds: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    status: str = "active"
    relations: tuple[RorRelation, ...] = ()

    def related(self, kind: str) -> tuple[str, ...]:
        """Return the ROR ids tied by `kind`, in the order of the record."""
        return tuple(relation.key for relation in self.relations if relation.kind == kind)

    @property
    def parents(self) -> tuple[str, ...]:
        """Return the ROR ids of the parents."""
        return self.related("parent")

    @property
    def children(self) -> tuple[str, ...]:
        """Return the ROR ids of the children."""
        return self.related("child")


def ror_candidates(
    records: Iterable[Mapping[str, Any]], *, statuses: frozenset[str] = USABLE
) -> list[RorCandidate]:
    """Return a candidate for each record whose status is in `statuses`, in the order given.

    Raises RorRecordError on the first record that cannot be read or repeats an id.
    """
    found: dict[str, RorCandidate] = {}
    for position, record in enumerate(records):
        candidate = _read(record, position)
        if candidate.key in found:
            raise RorRecordError(position, candidate.key, "the id stands twice")
        found[candidate.key] = candidate
    return [candidate for candidate in found.values() if candidate.status in statuses]


def _read(record: object, position: int) -> RorCandidate:
    if not isinstance(record, Mapping):
        raise RorRecordError(position, "", f"expected an object, found {type(record).__name__}")
    ror_id = str(record.get("id") or "")
    if not ror_id:
        raise RorRecordError(position, "", "the field 'id' is missing")
    try:
        return _from_v2(record, ror_id) if "names" in record else _from_v1(record, ror_id)
    except KeyError as error:
        raise RorRecordError(position, ror_id, f"the field {error} is missing") from error
    except (TypeError, AttributeError, IndexError, ValueError) as error:
        raise RorRecordError(position, ror_id, f"a field has another shape ({error})") from error


def _from_v1(record: Mapping[str, Any], ror_id: str) -> RorCandidate:
    name = _text(record["name"])
    labels = tuple(_text(label["label"]) for label in record.get("labels") or ())
    aliases = tuple(_text(alias) for alias in record.get("aliases") or ())
    addresses = record.get("addresses") or ()
    return RorCandidate(
        key=ror_id,
        name=name,
        aliases=_distinct(name, aliases + labels),
        acronyms=tuple(_text(acronym) for acronym in record.get("acronyms") or ()),
        city=_text(addresses[0].get("city") or "") if addresses else "",
        country=_text(record["country"]["country_name"]),
        kinds=_kinds(record),
        labels=labels,
        status=_status(record),
        relations=_relations(record),
    )


def _from_v2(record: Mapping[str, Any], ror_id: str) -> RorCandidate:
    def named(kind: str) -> tuple[str, ...]:
        return tuple(_text(n["value"]) for n in record["names"] if kind in n["types"])

    shown = named("ror_display")
    if len(shown) != 1:
        raise ValueError(f"{len(shown)} names marked ror_display")
    labels = tuple(label for label in named("label") if label != shown[0])
    place = record["locations"][0]["geonames_details"]
    return RorCandidate(
        key=ror_id,
        name=shown[0],
        aliases=_distinct(shown[0], named("alias") + labels),
        acronyms=named("acronym"),
        city=_text(place.get("name") or ""),
        country=_text(place["country_name"]),
        kinds=_kinds(record),
        labels=labels,
        status=_status(record),
        relations=_relations(record),
    )


def _kinds(record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_text(kind).casefold() for kind in record.get("types") or ())


def _status(record: Mapping[str, Any]) -> str:
    return _text(record.get("status") or "active").casefold()


def _relations(record: Mapping[str, Any]) -> tuple[RorRelation, ...]:
    return tuple(
        RorRelation(_text(tie["type"]).casefold(), _text(tie["id"]), _text(tie.get("label") or ""))
        for tie in record.get("relationships") or ()
    )


def _distinct(name: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """Return `others` once each, without `name`."""
    return tuple(dict.fromkeys(other for other in others if other and other != name))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text expected, found {type(value).__name__}")
    return value.strip()
