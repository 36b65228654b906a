"""What a log says by itself: what followed what, the ways of whole cases, how long they took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trialtime.process.logs import DAY, EventLog

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Edge:
    """How often `target` came directly after `source` in a case, and the median days between them."""

    source: str
    target: str
    n: int
    median_days: float
    mean_days: float


@dataclass(frozen=True, slots=True)
class ActivityCount:
    """How often an activity occurs.

    `n_starts` and `n_ends` count the cases that begin and end with it; `n_reworked` those in which it
    occurs more than once; `n_repeats` its events beyond the first of a case; `n_loops` those that come
    directly after itself.
    """

    activity: str
    n_events: int
    n_cases: int
    n_starts: int
    n_ends: int
    n_reworked: int
    n_repeats: int
    n_loops: int


@dataclass(frozen=True, slots=True)
class Variant:
    """A way through the process, and how many cases went exactly this way."""

    activities: tuple[str, ...]
    n_cases: int


@dataclass(frozen=True, slots=True)
class Throughput:
    """Days from the first to the last event of a case, over all cases; None without any.

    Cases that are under way count as far as they came.
    """

    n_cases: int
    median_days: float | None
    mean_days: float | None
    p25_days: float | None
    p75_days: float | None
    longest_days: float | None


def follow(log: EventLog) -> list[Edge]:
    """Return the directly-follows graph: the most frequent edge first, then in order of the names."""
    if log.n_events < 2:
        return []
    same = log.case[1:] == log.case[:-1]
    n = len(log.activities)
    code = (log.activity[:-1].astype(np.int64) * n + log.activity[1:])[same]
    gap = (log.time[1:] - log.time[:-1])[same]
    code, gap = _sorted_pairs(code, gap)
    first = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1]))) if len(code) else code
    count = np.diff(np.append(first, len(code)))
    medians = _medians(gap, first, count)
    means = np.add.reduceat(gap, first) / count / DAY if len(first) else np.zeros(0)
    edges = [
        Edge(
            log.activities[int(code[at]) // n],
            log.activities[int(code[at]) % n],
            int(number),
            float(median),
            float(mean),
        )
        for at, number, median, mean in zip(first, count, medians, means, strict=True)
    ]
    return sorted(edges, key=lambda edge: (-edge.n, edge.source, edge.target))


def _sorted_pairs(code: Numbers, gap: Numbers) -> tuple[Numbers, Numbers]:
    """Sort by code, then by gap. Packed into one number, if both fit, that takes a tenth of the time."""
    if not len(code):
        return code, gap
    bits = int(gap.max()).bit_length()
    if bits + int(code.max()).bit_length() < 63:
        packed = np.sort((code << bits) | gap)
        return packed >> bits, packed & ((1 << bits) - 1)
    order = np.lexsort((gap, code))
    return code[order], gap[order]


def _medians(gaps: Numbers, first: Numbers, count: Numbers) -> NDArray[np.float64]:
    """Return the median in days of each run of sorted gaps."""
    if not len(first):
        return np.zeros(0)
    low, high = gaps[first + (count - 1) // 2], gaps[first + count // 2]
    return np.asarray((low + high) / (2 * DAY), dtype=np.float64)


def count_activities(log: EventLog) -> list[ActivityCount]:
    """Return the counts of each activity: the most frequent first, then in order of the names."""
    n = len(log.activities)
    if not n:
        return []
    n_events = np.bincount(log.activity, minlength=n)
    starts = np.bincount(log.activity[log.bounds[:-1]], minlength=n)
    ends = np.bincount(log.activity[log.bounds[1:] - 1], minlength=n)
    pairs, times = np.unique(log.case.astype(np.int64) * n + log.activity, return_counts=True)
    n_cases = np.bincount(pairs % n, minlength=n)
    reworked = np.bincount((pairs % n)[times > 1], minlength=n)
    looped = (log.case[1:] == log.case[:-1]) & (log.activity[1:] == log.activity[:-1])
    loops = np.bincount(log.activity[1:][looped], minlength=n)
    counted = [
        ActivityCount(
            name,
            int(n_events[no]),
            int(n_cases[no]),
            int(starts[no]),
            int(ends[no]),
            int(reworked[no]),
            int(n_events[no] - n_cases[no]),
            int(loops[no]),
        )
        for no, name in enumerate(log.activities)
    ]
    return sorted(counted, key=lambda each: (-each.n_events, each.activity))


def count_variants(log: EventLog) -> list[Variant]:
    """Return the variants: the most frequent first, then in order of the names.

    Two cases are of one variant only if their activities are the same, one by one; nothing is hashed
    away.
    """
    names = sorted(log.activities)
    rank = {name: no for no, name in enumerate(names)}
    # Ranks as bytes, the high one first, sort as the names do.
    width = np.dtype("u1" if len(names) <= 2**8 else ">u2" if len(names) <= 2**16 else ">u4")
    codes = np.array([rank[name] for name in log.activities], dtype=width)[log.activity]
    data = codes.tobytes()
    ways = Counter(data[a:b] for a, b in pairwise((log.bounds * width.itemsize).tolist()))
    return [
        Variant(tuple(map(names.__getitem__, np.frombuffer(way, dtype=width).tolist())), n)
        for way, n in sorted(ways.items(), key=lambda each: (-each[1], each[0]))
    ]


def throughput(log: EventLog) -> Throughput:
    """Return how long cases took, from first to last event. A case of one event took no time."""
    if not log.n_cases:
        return Throughput(0, None, None, None, None, None)
    days = case_days(log)
    p25, median, p75 = (float(value) for value in np.percentile(days, (25, 50, 75)))
    return Throughput(log.n_cases, median, float(days.mean()), p25, p75, float(days.max()))


def case_days(log: EventLog) -> NDArray[np.float64]:
    """Return the days from first to last event of each case, in the order of `log.cases`."""
    return np.asarray((log.time[log.bounds[1:] - 1] - log.time[log.bounds[:-1]]) / DAY)
