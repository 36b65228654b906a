"""The words of matching: what may be matched, and what a match says."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.rules.matching_names import queue_key


class Outcome(StrEnum):
    """What becomes of a location's name."""

    SETTLED = "settled"
    PROPOSED = "proposed"
    UNRESOLVED = "unresolved"
    PLACEHOLDER = "placeholder"


class Method(StrEnum):
    """How a name met its organisation."""

    REMEMBERED = "remembered"
    EXACT = "exact"
    ALIAS = "alias"
    ACRONYM = "acronym"
    PARENT = "parent"
    SIMILAR = "similar"
    PLACEHOLDER = "placeholder"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """An organisation that a location may be; `key` is the organisation's id or its ROR id.

    `country` may be an English name or an ISO 3166-1 alpha-2 code; `city` and `country` may be ''.
    """

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    city: str = ""
    country: str = ""


@dataclass(frozen=True)
class Match:
    """The answer for one name. `confidence` and those of the alternatives run from 0 to 1.

    `key` is the organisation's when settled or proposed, else None. `alternatives` are at most five
    other organisations, nearest first. `reason` is a sentence for the person who reviews.
    """

    outcome: Outcome
    key: str | None
    confidence: float
    method: Method
    alternatives: tuple[tuple[str, float], ...]
    reason: str


@dataclass(frozen=True)
class QueueName:
    """A distinct name that waits for a decision, and how many locations bear it."""

    name: str
    city: str
    country: str
    n_occurrences: int = 1


def home_first(names: Iterable[QueueName], home_country: str) -> list[QueueName]:
    """Return `names` with the home country first, then the most frequent, then by key."""
    home = country_key(home_country)

    def order(waiting: QueueName) -> tuple[bool, int, str, str]:
        away = country_key(waiting.country) != home
        key = queue_key(waiting.name, waiting.city, waiting.country)
        return away, -waiting.n_occurrences, key, waiting.name

    return sorted(names, key=order)
