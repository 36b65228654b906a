"""Who was still under way when something ended: the table from which every estimate here is made.

A case counts at risk at each time up to and including its own end, so that a case censored at t was
still at risk for an event at t. A case that is watched only from a later time on (left truncation)
counts from just after that time. Both are the conventions of R's `survival`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
CENSORED = -1


class DurationsRefused(ValueError):
    """Durations, counts or entry times that can't be: the message names the first one."""


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """One row for each distinct time at which a case ended, in ascending order.

    `n_events` has a column for each cause of ending.
    """

    times: Floats
    n_at_risk: Counts
    n_events: Counts
    n_censored: Counts

    @property
    def n_cases(self) -> int:
        return int(self.n_events.sum() + self.n_censored.sum())


def from_durations(
    durations: Sequence[float] | ArrayLike,
    causes: ArrayLike,
    n_causes: int,
    entries: Sequence[float] | ArrayLike | None = None,
) -> RiskSets:
    """Make risk sets of single cases.

    :param durations: days from the start of each case to its end, or to when it was last seen
    :param causes: for each case the number of the cause that ended it, or CENSORED
    :param entries: days from the start of each case to when watching began; all from the start, if None
    :raises DurationsRefused: if lengths differ, a duration is negative or no number, or an entry is
        not before its end
    """
    ends = np.atleast_1d(np.asarray(durations, dtype=np.float64))
    ended_by = np.atleast_1d(np.asarray(causes, dtype=np.int64))
    _check_lengths(ends, ended_by, "durations", "causes of ending")
    _check_numbers(ends, "durations")
    times, row = np.unique(ends, return_inverse=True)
    events = np.zeros((len(times), n_causes), dtype=np.int64)
    seen = ended_by != CENSORED
    np.add.at(events, (row[seen], ended_by[seen]), 1)
    censored = np.bincount(row[~seen], minlength=len(times)).astype(np.int64)
    left = np.cumsum(events.sum(axis=1) + censored)
    at_risk = len(ends) - np.concatenate(([0], left[:-1])) if len(times) else left
    if entries is not None:
        begins = np.atleast_1d(np.asarray(entries, dtype=np.float64))
        _check_entries(begins, ends)
        not_yet = len(begins) - np.searchsorted(np.sort(begins), times, side="left")
        at_risk = at_risk - not_yet
    return RiskSets(times, at_risk.astype(np.int64), events, censored)


def from_counts(days: ArrayLike, n_events: ArrayLike, n_censored: ArrayLike) -> RiskSets:
    """Make risk sets of a histogram: how many cases ended, and were last seen, on each day.

    :param days: each day once, in any order
    :param n_events: for each day the number of cases that ended; one column for each cause
    :param n_censored: for each day the number of cases last seen then and not ended
    :raises DurationsRefused: if a day stands twice, or a day or count is negative
    """
    times = np.atleast_1d(np.asarray(days, dtype=np.float64))
    events = np.asarray(n_events, dtype=np.int64)
    events = (
        events.reshape(len(times), -1) if len(times) else events.reshape(0, max(1, _width(events)))
    )
    censored = np.atleast_1d(np.asarray(n_censored, dtype=np.int64))
    _check_lengths(times, censored, "days", "counts of unfinished cases")
    _check_numbers(times, "days")
    if len(np.unique(times)) != len(times):
        raise DurationsRefused("A day stands twice among the days: add its counts together first.")
    if (events < 0).any() or (censored < 0).any():
        raise DurationsRefused("A count of cases is negative: count the cases again.")
    held = np.flatnonzero(events.sum(axis=1) + censored > 0)
    order = held[np.argsort(times[held], kind="stable")]
    times, events, censored = times[order], events[order], censored[order]
    ending = events.sum(axis=1) + censored
    at_risk = np.cumsum(ending[::-1])[::-1].astype(np.int64)
    return RiskSets(times, at_risk, events, censored)


def _width(events: Counts) -> int:
    return events.shape[1] if events.ndim > 1 else 1


def _check_lengths(one: NDArray[np.generic], other: NDArray[np.generic], a: str, b: str) -> None:
    if len(one) != len(other):
        raise DurationsRefused(f"{len(one)} {a} but {len(other)} {b}: give one for each.")


def _check_numbers(values: Floats, name: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if len(wrong):
        at = int(wrong[0])
        raise DurationsRefused(
            f"{name}[{at}] is {values[at]:g}: it counts days from the start, so it is a number from 0 "
            "on. Correct the dates, or leave the case out and say so."
        )


def _check_entries(begins: Floats, ends: Floats) -> None:
    _check_lengths(begins, ends, "entries", "durations")
    wrong = np.flatnonzero(~(begins < ends))
    if len(wrong):
        at = int(wrong[0])
        raise DurationsRefused(
            f"entries[{at}] is {begins[at]:g} and the case ended at {ends[at]:g}: watching has to begin "
            "before the end. A case that was over before is not in this sample."
        )
