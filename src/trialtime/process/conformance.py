"""Where a log departs from a pathway: what each activity needs to have happened before it.

Each need of an activity is checked once in each case in which that activity occurs: the first time it
occurs, what it needs has to stand before it. A case still under way breaks no need by what it has not
done yet; what it lacks is counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from trialtime.process.logs import EventLog


class PathwayRefused(ValueError):
    """The pathway runs in a circle, or needs what it does not name; the message says where."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A need that was broken: in `cases`, `activity` came first or `needs` never came."""

    activity: str
    needs: str
    cases: tuple[str, ...]
    n_never: int

    @property
    def n_cases(self) -> int:
        return len(self.cases)


@dataclass(frozen=True, slots=True)
class Conformance:
    """How a log agrees with a pathway.

    `fitness` is the fraction of the needs checked that were kept, `fitting_fraction` the fraction of the
    cases that kept all; None where there was nothing to check. `n_missing` counts, for each activity of
    the pathway, the cases without it; `n_repeated` those in which it occurs more than once; `unknown`
    the events of activities that the pathway does not name.
    """

    n_cases: int
    n_checked: int
    n_broken: int
    n_fitting: int
    breaches: tuple[Breach, ...]
    n_missing: Mapping[str, int]
    n_repeated: Mapping[str, int]
    unknown: Mapping[str, int]

    @property
    def fitness(self) -> float | None:
        return (self.n_checked - self.n_broken) / self.n_checked if self.n_checked else None

    @property
    def fitting_fraction(self) -> float | None:
        return self.n_fitting / self.n_cases if self.n_cases else None


def check_conformance(log: EventLog, needs: Mapping[str, Sequence[str]]) -> Conformance:
    """Compare a log with a pathway.

    :param needs: for each activity of the pathway what has to come before it
    :raises PathwayRefused: if something needed is not in the pathway, or needs run in a circle
    """
    check_pathway(needs)
    n = len(log.activities)
    number = {name: no for no, name in enumerate(log.activities)}
    pair = log.case.astype(np.int64) * max(n, 1) + log.activity
    pairs, first, times = np.unique(pair, return_index=True, return_counts=True)
    nowhere = log.n_events

    def firsts(name: str) -> NDArray[np.int64]:
        """Return the place of the first such event of each case; `nowhere` if there is none."""
        places = np.full(log.n_cases, nowhere, dtype=np.int64)
        if name in number:
            rows = np.flatnonzero(pairs % n == number[name])
            places[pairs[rows] // n] = first[rows]
        return places

    place = {name: firsts(name) for name in needs}
    is_fitting = np.ones(log.n_cases, dtype=bool)
    breaches, n_checked = [], 0
    for activity, required in needs.items():
        occurs = place[activity] < nowhere
        n_checked += int(occurs.sum()) * len(required)
        for need in required:
            broken = occurs & (place[need] > place[activity])
            if broken.any():
                is_fitting &= ~broken
                cases = tuple(log.cases[int(no)] for no in np.flatnonzero(broken))
                never = int((place[need][broken] == nowhere).sum())
                breaches.append(Breach(activity, need, cases, never))
    again = np.bincount((pairs % max(n, 1))[times > 1], minlength=n)
    n_events = np.bincount(log.activity, minlength=n)
    return Conformance(
        log.n_cases,
        n_checked,
        sum(breach.n_cases for breach in breaches),
        int(is_fitting.sum()),
        tuple(sorted(breaches, key=lambda each: (-each.n_cases, each.activity, each.needs))),
        {name: int((place[name] == nowhere).sum()) for name in needs},
        {name: int(again[number[name]]) if name in number else 0 for name in needs},
        {name: int(n_events[no]) for name, no in number.items() if name not in needs},
    )


def check_pathway(needs: Mapping[str, Sequence[str]]) -> None:
    for activity, required in needs.items():
        strange = next((name for name in required if name not in needs), None)
        if strange is not None:
            raise PathwayRefused(
                f"'{activity}' needs '{strange}', which the pathway does not name: add it or correct it."
            )
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as circle:
        way = " → ".join(f"'{name}'" for name in circle.args[1])
        raise PathwayRefused(f"The pathway runs in a circle: {way}. Take one need out.") from circle
