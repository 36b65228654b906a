"""What the generator of past start-ups draws from: `parameters.toml`, read and checked.

Each table names its source, or says that it was assumed; one that says neither is refused.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FILE = Path(__file__).with_name("parameters.toml")
LEAST_SPREAD = 0.05


class ParameterFault(ValueError):
    """A table of the parameters that can't be drawn from; names the table."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something takes, from the day on which it could begin.

    :ivar median: in days of ``is_working`` or of the calendar
    :ivar spread: standard deviation of the logarithm, for a log-normal delay
    :ivar gamma: shape of a gamma delay of the same median; None for a log-normal one
    """

    median: float
    spread: float
    is_working: bool = True
    gamma: float | None = None

    @property
    def mean(self) -> float:
        """Return the mean in the same days: of a log-normal delay exp(spread² / 2) medians."""
        if self.gamma is None:
            return self.median * math.exp(self.spread**2 / 2)
        return self.gamma * self.scale

    @property
    def scale(self) -> float:
        """Return the scale of the gamma delay, its median by Wilson and Hilferty (1931)."""
        shape = self.gamma or 1.0
        return self.median / (shape * (1 - 1 / (9 * shape)) ** 3)


@dataclass(frozen=True, slots=True)
class Review:
    """How a body reviews: how often so, how long it works itself, how often it asks."""

    share: float
    delay: Delay
    queries: float


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that the generator draws from; what is not typed here is read from ``tables``."""

    tables: Mapping[str, Any]
    delays: Mapping[str, Delay]
    by_pathway: Mapping[str, Mapping[str, Delay]]
    effects: Mapping[str, float]
    effects_of: Mapping[str, tuple[str, ...]]
    board: Mapping[str, Review]
    regulator: Mapping[str, Review]

    def delay(self, pathway: str, key: str) -> Delay | None:
        """Return what a milestone takes on a pathway, None where no table names it."""
        return self.by_pathway.get(pathway, {}).get(key) or self.delays.get(key)

    def number(self, table: str, name: str) -> float:
        """Return one number of a table."""
        return float(self.tables[table][name])

    def board_shares(self, pathway: str) -> dict[str, float]:
        """Return how often each kind of review is made, for studies of a pathway."""
        own = self.tables["board"]["pathways"].get(pathway, {})
        return {kind: float(own.get(kind, review.share)) for kind, review in self.board.items()}


@cache
def shipped() -> Parameters:
    """Return the parameters of the release."""
    with FILE.open("rb") as file:
        return read(tomllib.load(file))


def read(tables: Mapping[str, Any]) -> Parameters:
    """Return parameters from their tables.

    :raises ParameterFault: naming a table without a source, or a delay that is none
    """
    for name, table in _leaves(tables):
        if not str(table.get("source") or "").strip():
            raise ParameterFault(f"[{name}] names no source. Name one, or say 'assumed'.")
    board, regulator = tables["board"], tables["regulator"]
    return Parameters(
        tables=MappingProxyType(dict(tables)),
        delays={key: read_delay(one, key) for key, one in tables["delays"].items()},
        by_pathway={
            pathway: {key: read_delay(one, f"{pathway}.{key}") for key, one in own.items()}
            for pathway, own in tables["pathways"].items()
        },
        effects={k: float(v) for k, v in tables["effects"].items() if isinstance(v, int | float)},
        effects_of={k: tuple(v) for k, v in tables["effects"]["of"].items()},
        board={kind: _review(board[kind], kind) for kind in ("full", "expedited", "exempt")},
        regulator={k: _review(v, k) for k, v in regulator.items() if "queries" in _table(v)},
    )


def read_delay(table: Mapping[str, Any], name: str) -> Delay:
    """Return a delay from its table.

    :raises ParameterFault: unless it has a positive median and one shape
    """
    median, unit = table.get("median"), table.get("unit", "working")
    if not isinstance(median, int | float) or median <= 0:
        raise ParameterFault(f"{name}: a median is a number of days above 0, not {median!r}.")
    if unit not in ("working", "calendar"):
        raise ParameterFault(f"{name}: days are working or calendar, not {unit!r}.")
    if ("spread" in table) == ("gamma" in table):
        raise ParameterFault(f"{name}: say either its spread or the shape of its gamma.")
    shape = float(table["gamma"]) if "gamma" in table else None
    return Delay(float(median), float(table.get("spread", 0)), unit == "working", shape)


def _review(table: Mapping[str, Any], name: str) -> Review:
    return Review(float(table.get("share", 1)), read_delay(table, name), float(table["queries"]))


def _leaves(tables: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the tables that stand for themselves: those of [delays] and the like one by one."""
    groups = {"delays", "holds", "rounds", "left_out"}
    for name, table in tables.items():
        if name == "pathways":
            for pathway, own in table.items():
                yield from ((f"{name}.{pathway}.{key}", one) for key, one in own.items())
        elif name in groups:
            yield from ((f"{name}.{key}", one) for key, one in table.items())
        else:
            yield name, table


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
