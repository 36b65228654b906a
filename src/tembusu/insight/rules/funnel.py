"""Funnel plots: shares against the number of cases, with the limits that chance alone would keep.

Institutions differ by chance, the small ones most. A funnel shows each share against its n with the
limits within which 95% and 99.8% of institutions would lie if all were alike; nobody is ranked.

Source: Spiegelhalter, Statistics in Medicine 2005; 24: 1185-1202 (exact limits by interpolation, section
A.1.1; overdispersion by a winsorised mean of squared z-scores, section 3.2).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float64]

OUTER = 0.001  # 99.8% limits: one in a thousand beyond each
INNER = 0.025  # 95% limits
WINSORISED = 0.1
OVERDISPERSED_FROM = 5  # units below which the ratio says nothing


@dataclass(frozen=True, slots=True)
class Unit:
    """An institution or a study: ``k`` of ``n`` within the target."""

    key: str
    k: int
    n: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What chance alone keeps at one ``n``, as shares of 0 to 1."""

    n: int
    outer_low: float
    inner_low: float
    inner_high: float
    outer_high: float


def reading(unit: Unit, share: float) -> str:
    """Return how a unit stands: 'as expected', 'above' or 'below' (95%), 'far above' … (99.8%).

    By the exact chance of a count at least, or at most, as far out. The drawn limits lie between counts,
    where with few cases even the most extreme count can be beyond the line and say nothing.

    >>> reading(Unit("a", k=46, n=100), 0.34)
    'above'
    """
    below = _cumulative(unit.n, share)
    at_most = float(below[unit.k])
    at_least = 1.0 - float(below[unit.k - 1]) if unit.k else 1.0
    for level, far in ((OUTER, "far "), (INNER, "")):
        if at_least < level:
            return f"{far}above"
        if at_most < level:
            return f"{far}below"
    return "as expected"


def limits(n: int, share: float) -> Limits:
    """Return the limits at ``n`` cases around a share of 0 to 1.

    :raises ValueError: for no cases, or a share that is none
    """
    if n < 1 or not 0 <= share <= 1:
        raise ValueError("A limit needs one case or more and a share between 0 and 1.")
    below = _cumulative(n, share)
    return Limits(
        n,
        _limit(below, n, OUTER),
        _limit(below, n, INNER),
        _limit(below, n, 1 - INNER),
        _limit(below, n, 1 - OUTER),
    )


@lru_cache(maxsize=512)
def _cumulative(n: int, share: float) -> Levels:
    """Return P(X <= r) for r = 0 to n of a binomial distribution, exactly but for rounding."""
    if share in (0.0, 1.0):
        return np.ones(n + 1) if share == 0 else np.concatenate([np.zeros(n), np.ones(1)])
    r = np.arange(1, n + 1)
    ratio = np.log(n - r + 1) - np.log(r) + math.log(share) - math.log1p(-share)
    logs = np.concatenate([[0.0], np.cumsum(ratio)]) + n * math.log1p(-share)
    below: Levels = np.minimum(np.cumsum(np.exp(logs)), 1.0)
    below.flags.writeable = False  # it is kept
    return below


def _limit(below: Levels, n: int, level: float) -> float:
    """Return the share at which the distribution reaches ``level``, between counts by a line."""
    r = int(np.searchsorted(below, level, side="left"))
    r = min(r, n)
    before = float(below[r - 1]) if r else 0.0
    width = float(below[r]) - before
    back = (float(below[r]) - level) / width if width > 0 else 0.0
    return min(1.0, max(0.0, (r - back) / n))


def lines(largest_n: int, share: float, *, n_points: int = 60) -> list[Limits]:
    """Return the limits from 1 case to ``largest_n``, closer together where n is small."""
    last = max(1, largest_n)
    steps = np.unique(np.round(np.geomspace(1, last, n_points)).astype(int))
    return [limits(int(n), share) for n in steps]


def dispersion(units: Iterable[Unit], share: float) -> float | None:
    """Return how much more units differ than chance would have it: 1 is chance alone.

    The mean of squared z-scores, the outermost tenth at each end pulled in. None where there are
    fewer than five units, or the share is 0 or 1.
    """
    held: Sequence[Unit] = [unit for unit in units if unit.n > 0]
    if len(held) < OVERDISPERSED_FROM or share in (0.0, 1.0):
        return None
    z = np.sort([(u.k / u.n - share) / math.sqrt(share * (1 - share) / u.n) for u in held])
    cut = int(len(z) * WINSORISED)
    if cut:
        z[:cut], z[-cut:] = z[cut], z[-cut - 1]
    return float(np.mean(z**2))


def is_overdispersed(ratio: float | None, n_units: int) -> bool:
    """Say whether units differ more than chance would have it: beyond two standard deviations."""
    return ratio is not None and ratio > 1 + 2 * math.sqrt(2 / n_units)
