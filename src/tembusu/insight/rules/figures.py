"""Figures read from columns: medians, shares, what became of cases, where days went, what followed.

Every figure is made from the same three answers for each case: had the measure begun, how did it end,
after how many days; an unfinished one has waited until the day of reading. So the cases behind a figure
are the rows of its mask, and the two can't disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tembusu.insight.rules import shares
from tembusu.insight.rules.columns import NO_DAYS, Block
from tembusu.insight.rules.shares import Share
from tembusu.insight.terms import ENDING_CODES, WHOLE, Dimension, Ending, Lens
from trialtime.attribution import SHARED
from trialtime.survival import (
    Curve,
    Incidences,
    Quantile,
    aalen_johansen_of_counts,
    kaplan_meier_of_counts,
)

Mask = NDArray[np.bool_]
EPOCH = date(1970, 1, 1).toordinal()
REACHED = ENDING_CODES[Ending.REACHED]
UNFINISHED = ENDING_CODES[Ending.UNFINISHED]
COMPETING = (Ending.REACHED, Ending.WITHDRAWN, Ending.STOPPED)
COLUMN_OF = {
    Dimension.CLUSTER: "cluster",
    Dimension.INSTITUTION: "institution",
    Dimension.SPONSOR: "sponsor",
    Dimension.PHASE: "phase",
    Dimension.AREA: "area",
}
# Dimensions whose values are ids; those of the others are words.
BY_ID = frozenset({Dimension.CLUSTER, Dimension.INSTITUTION})


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """One measure for some cases: places of the cases, days, and the ending's code of each."""

    rows: NDArray[np.int64]
    days: NDArray[np.int64]
    ending: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Cases parted by a value that each of them has.

    :ivar keys: the values, in the order in which groups are told
    :ivar place: for each case of a block, the place of its value among the keys; -1 where it is in none
    """

    keys: tuple[str, ...]
    place: NDArray[np.int64]

    def mask(self, key: str) -> Mask:
        found: Mask = self.place == self.keys.index(key)
        return found

    def sizes(self) -> dict[str, int]:
        """Return how many cases each group has."""
        n = np.bincount(self.place[self.place >= 0], minlength=len(self.keys))
        return dict(zip(self.keys, n.tolist(), strict=True))

    def among(self, keys: Sequence[str]) -> "Groups":
        """Return some of the groups; the cases of the others are in none."""
        at = {key: place for place, key in enumerate(keys)}
        moved = np.array([*(at.get(key, -1) for key in self.keys), -1], dtype=np.int64)
        return Groups(tuple(keys), moved[self.place])

    def of(self, held: Times) -> dict[str, Times]:
        """Return a measure's cases group by group, in their order."""
        place = self.place[held.rows]
        order = np.argsort(place, kind="stable")
        ends = np.searchsorted(place[order], np.arange(len(self.keys) + 1))
        found = {}
        for at, key in enumerate(self.keys):
            rows = order[ends[at] : ends[at + 1]]
            found[key] = Times(held.rows[rows], held.days[rows], held.ending[rows])
        return found


@dataclass(frozen=True, eq=False)
class Figure:
    """One measure over some cases. The curve is made when somebody asks for it.

    :ivar n: cases for which it has begun
    :ivar n_reached: of them, those that got there
    :ivar n_unfinished: of them, those under way; the others were withdrawn or stopped
    :ivar share: within the target, None where there is no target
    """

    held: Times
    n: int
    n_reached: int
    n_unfinished: int
    share: Share | None

    @cached_property
    def curve(self) -> Curve:
        return curve(self.held)

    @cached_property
    def quartiles(self) -> tuple[Quantile, Quantile, Quantile]:
        """The days by which a quarter, half and three quarters are there, with 95% limits."""
        return self.curve.quartiles()

    @property
    def n_left(self) -> int:
        return self.n - self.n_reached - self.n_unfinished

    @property
    def n_censored(self) -> int:
        return self.n - self.n_reached

    @property
    def median(self) -> Quantile:
        return self.quartiles[1]


# -- which cases -----------------------------------------------------------------------------------


def mask_of(block: Block, lens: Lens) -> Mask:
    """Return which cases a lens looks at; the months are those of the blocks that were read."""
    kept = np.ones(block.n, dtype=bool)
    first, last = lens.first_month.toordinal(), _next_month(lens.last_month).toordinal()
    start = block.cases["start"]
    kept &= (start >= first) & (start < last)
    for dimension, values in lens.held.items():
        kept &= np.isin(block.cases[COLUMN_OF[dimension]], codes_of(block, dimension, values))
    return kept


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def codes_of(block: Block, dimension: Dimension, values: Iterable[str]) -> list[int]:
    """Return how a column writes these values; those that no case has are left out."""
    if dimension in BY_ID:
        return [int(value) for value in values if value.isdecimal()]
    words = block.words[COLUMN_OF[dimension]]
    return [words.index(value) for value in values if value in words]


def values_of(block: Block, dimension: Dimension, mask: Mask) -> list[str]:
    """Return the values that some cases have, in the order of the alphabet or of ids."""
    found = np.unique(block.cases[COLUMN_OF[dimension]][mask]).tolist()
    if dimension in BY_ID:
        return [str(value) for value in found]
    return [block.words[COLUMN_OF[dimension]][value] for value in found]


def groups(block: Block, dimension: Dimension, mask: Mask) -> Groups:
    """Return some cases by the values of a dimension, in the order of `values_of`."""
    values, place = _parted(block.cases[COLUMN_OF[dimension]], mask)
    if dimension in BY_ID:
        return Groups(tuple(map(str, values)), place)
    words = block.words[COLUMN_OF[dimension]]
    return Groups(tuple(words[value] for value in values), place)


def studies(block: Block, mask: Mask) -> Groups:
    """Return some cases by the number of their study."""
    values, place = _parted(block.cases["number"], mask)
    return Groups(tuple(block.words["number"][value] for value in values), place)


def months(block: Block, mask: Mask) -> Groups:
    """Return some cases by the month in which they were selected, as 'YYYY-MM', in order."""
    values, place = _parted(_month_of(block), mask)
    keys = tuple(f"{value // 12}-{value % 12 + 1:02}" for value in values)
    return Groups(keys, place)


def quarters(block: Block, mask: Mask) -> Groups:
    """Return some cases by the quarter in which they were selected, as 'YYYY Q3', in order."""
    values, place = _parted(_month_of(block) // 3, mask)
    return Groups(tuple(f"{value // 4} Q{value % 4 + 1}" for value in values), place)


def _month_of(block: Block) -> NDArray[np.int64]:
    """Return the month of each case's selection, counted from that of year 0."""
    days = block.cases["start"].astype(np.int64) - EPOCH
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 12 * 1970


def _parted(column: NDArray[Any], mask: Mask) -> tuple[list[int], NDArray[np.int64]]:
    """Return the values that some cases have, ascending, and each case's place among them."""
    place = np.full(len(column), -1, dtype=np.int64)
    values, place[mask] = np.unique(column[mask], return_inverse=True)
    return values.tolist(), place


# -- one measure -----------------------------------------------------------------------------------


def times(block: Block, measure: str, mask: Mask, as_of: date) -> Times:
    """Return one measure's days and endings for those of some cases for which it has begun.

    What is unfinished has waited until ``as_of``; what begins after that day has waited 0 days.
    """
    column = block.measure(measure)
    if column is None:
        nothing = np.zeros(0, np.int64)
        return Times(nothing, nothing, nothing)
    rows = np.flatnonzero(mask & (block.ending[:, column] > 0))
    ending = block.ending[rows, column].astype(np.int64)
    days = block.days[rows, column].astype(np.int64)
    waited = np.maximum(0, as_of.toordinal() - block.begun[rows, column].astype(np.int64))
    return Times(rows, np.where(days == NO_DAYS, waited, days), ending)


def figure(held: Times, target_days: int | None) -> Figure:
    """Return a measure's figure; withdrawn and stopped cases count as censored on that day."""
    return Figure(
        held,
        n=len(held.rows),
        n_reached=int((held.ending == REACHED).sum()),
        n_unfinished=int((held.ending == UNFINISHED).sum()),
        share=None if target_days is None else share_of(held, target_days),
    )


def curve(held: Times) -> Curve:
    """Return the share not yet there by day."""
    n_days = int(held.days.max()) + 1 if len(held.days) else 0
    reached = held.ending == REACHED
    events = np.bincount(held.days[reached], minlength=n_days)
    others = np.bincount(held.days[~reached], minlength=n_days)
    known = np.flatnonzero(events + others)
    return kaplan_meier_of_counts(known, events[known], others[known])


def judged(held: Times, target_days: int) -> tuple[Mask, Mask]:
    """Return which cases were within the target, and which missed it; the others wait or left before.

    What is unfinished, or was left, after its target had passed has missed it.
    """
    within = (held.ending == REACHED) & (held.days <= target_days)
    return within, held.days > target_days


def share_of(held: Times, target_days: int) -> Share:
    within, missed = judged(held, target_days)
    n_within, n_missed = int(within.sum()), int(missed.sum())
    return shares.share(
        n_within=n_within, n_missed=n_missed, n_waiting=len(held.rows) - n_within - n_missed
    )


def judged_by(held: Times, groups: Groups, target_days: int) -> list[tuple[str, int, int]]:
    """Return of each group (key, within the target, judged), those without anything judged left out."""
    place = groups.place[held.rows]
    within, missed = (
        np.bincount(place[kept & (place >= 0)], minlength=len(groups.keys)).tolist()
        for kept in judged(held, target_days)
    )
    return [(key, k, k + n) for key, k, n in zip(groups.keys, within, missed, strict=True) if k + n]


def outcomes(held: Times) -> Incidences:
    """Return the share reached, withdrawn and stopped by each day, competing with each other."""
    n_days = int(held.days.max()) + 1 if len(held.days) else 0
    counts = {
        ending.value: np.bincount(held.days[held.ending == ENDING_CODES[ending]], minlength=n_days)
        for ending in COMPETING
    }
    open_ones = np.bincount(held.days[held.ending == UNFINISHED], minlength=n_days)
    known = np.flatnonzero(sum(counts.values(), open_ones))
    return aalen_johansen_of_counts(
        known, {name: column[known] for name, column in counts.items()}, open_ones[known]
    )


# -- where days go ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LostDays:
    """Days of opened cases along their critical paths.

    :ivar n: opened cases
    :ivar total: stage → party → days; they add up to `elapsed`
    :ivar n_cases: stage → party → cases that have days there
    :ivar elapsed: the days that the cases took, together
    """

    n: int
    total: Mapping[str, Mapping[str, int]]
    n_cases: Mapping[str, Mapping[str, int]]
    elapsed: int

    def by_stage(self) -> dict[str, int]:
        return {stage: sum(parties.values()) for stage, parties in self.total.items()}

    def by_party(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for parties in self.total.values():
            for party, days in parties.items():
                found[party] = found.get(party, 0) + days
        return found


def lost_days(block: Block, mask: Mask) -> LostDays:
    """Return where the days of the opened ones among some cases went, by stage and party."""
    column = block.measure(WHOLE)
    opened = mask & (block.ending[:, column] == REACHED) if column is not None else mask & False
    held = block.parts[opened[block.parts[:, 0]]] if len(block.parts) else block.parts
    total: dict[str, dict[str, int]] = {}
    n_cases: dict[str, dict[str, int]] = {}
    n_parties = len(block.words["holder"])
    pair = held[:, 1].astype(np.int64) * n_parties + held[:, 2]
    days = np.bincount(pair, weights=held[:, 3])
    counts = np.bincount(pair[held[:, 3] > 0], minlength=len(days))
    for at in np.flatnonzero(np.bincount(pair)).tolist():
        stage, party = divmod(at, n_parties)
        stage_key, party_key = block.words["stage"][stage], block.words["holder"][party]
        total.setdefault(stage_key, {})[party_key] = int(days[at])
        n_cases.setdefault(stage_key, {})[party_key] = int(counts[at])
    elapsed = int(block.days[opened, column].sum()) if column is not None else 0
    return LostDays(int(opened.sum()), total, n_cases, elapsed)


# -- what followed what ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edge:
    """One milestone followed another ``n`` times, after a median of ``median`` days."""

    before: str
    after: str
    n: int
    median: float


def edges(block: Block, mask: Mask) -> list[Edge]:
    """Return which milestone followed which among some cases, the commonest first."""
    if not len(block.steps):
        return []
    held = block.steps[mask[block.steps[:, 0]]]
    if not len(held):
        return []
    names = block.words["milestone"]
    code = held[:, 1].astype(np.int64) * len(names) + held[:, 2]
    order = np.lexsort((held[:, 3], code))
    code, days = code[order], held[order, 3]
    firsts = np.flatnonzero(np.concatenate([[True], code[1:] != code[:-1]]))
    lasts = np.concatenate([firsts[1:], [len(code)]])
    found = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        n, middle = last - first, (first + last) // 2
        median = float(days[middle]) if n % 2 else float(days[middle - 1 : middle + 1].mean())
        before, after = divmod(int(code[first]), len(names))
        found.append(Edge(names[before], names[after], n, median))
    return sorted(found, key=lambda edge: (-edge.n, edge.before, edge.after))


# -- stuck -----------------------------------------------------------------------------------------


def stuck(block: Block, mask: Mask, as_of: date, more_than_days: int) -> Mask:
    """Return which unfinished cases one party has held for more than some days."""
    parties = block.words["party"]
    nobody = [at for at, party in enumerate(parties) if party in ("", SHARED)]
    held_since = block.cases["since"]
    waits: Mask = (held_since > 0) & (as_of.toordinal() - held_since > more_than_days)
    kept: Mask = mask & waits & ~np.isin(block.cases["party"], nobody)
    return kept


def unfinished(block: Block, mask: Mask) -> Mask:
    """Return which of some cases are under way."""
    column = block.measure(WHOLE)
    return mask & (block.ending[:, column] == UNFINISHED) if column is not None else mask & False


def usual_order(block: Block, mask: Mask) -> list[str]:
    """Return the milestones by their mean place among those that a case completed, 'selected' first."""
    if not len(block.steps):
        return []
    held = block.steps[mask[block.steps[:, 0]]]
    if not len(held):
        return []
    names = block.words["milestone"]
    firsts = np.flatnonzero(np.concatenate([[True], held[1:, 0] != held[:-1, 0]]))
    lengths = np.diff(np.concatenate([firsts, [len(held)]]))
    place = np.arange(len(held)) - np.repeat(firsts, lengths)
    total = np.bincount(held[:, 2], weights=place, minlength=len(names))
    n = np.bincount(held[:, 2], minlength=len(names))
    mean = {names[at]: total[at] / n[at] for at in np.flatnonzero(n).tolist()}
    first = [key for key in {names[at] for at in held[:, 1].tolist()} if key not in mean]
    return [*sorted(first), *sorted(mean, key=lambda key: (mean[key], key))]
