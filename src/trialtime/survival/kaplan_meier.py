"""The share of cases not yet there after t days (Kaplan and Meier, J Am Stat Assoc 1958;53:457-481).

Assumption: when a case was last seen says nothing about when it will get there. It does not hold for
a site that withdrew; use `aalen_johansen` there.

Worked example: sites open after 2, 3 and 5 days, a fourth is still waiting on day 4.

>>> curve = kaplan_meier([2, 3, 4, 5], [True, True, False, True])
>>> [float(share) for share in curve.survival]
[0.75, 0.5, 0.5, 0.0]
>>> curve.median().value
3.0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from trialtime.survival.intervals import (
    Estimate,
    FlatStep,
    Quantile,
    Transform,
    band,
    check_level,
    check_share,
    first_at_or_below,
    number,
)
from trialtime.survival.risk_sets import (
    CENSORED,
    Counts,
    Floats,
    RiskSets,
    from_counts,
    from_durations,
)

QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean number of days up to `upto`, with its standard error; None where it can't be said."""

    upto: float
    value: float | None
    std_error: float | None
    lower: float | None
    upper: float | None
    level: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A Kaplan-Meier curve with the counts that made it: one row for each time in `times`.

    `survival` is the share not yet there just after that time; `greenwood` the sum of
    d / (n * (n - d)), the variance of its logarithm (Greenwood 1926).
    """

    times: Floats
    n_at_risk: Counts
    n_events: Counts
    n_censored: Counts
    survival: Floats
    greenwood: Floats

    @property
    def n_cases(self) -> int:
        return int(self.n_events.sum() + self.n_censored.sum())

    @property
    def last_seen(self) -> float:
        """The longest time that any case was watched, in days; 0 without cases."""
        return float(self.times[-1]) if len(self.times) else 0.0

    def survival_at(
        self, day: float, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> Estimate:
        """Return the share not yet there after a day.

        Nothing is said beyond the longest time watched, unless every case was there by then. Before
        the first event the share is 1 and has no limits under LOG_LOG.
        """
        check_level(level)
        row = int(np.searchsorted(self.times, day, side="right")) - 1
        if not len(self.times) or (day > self.last_seen and self.survival[-1] > 0):
            return Estimate(None, None, None, level)
        if row < 0:
            return Estimate(1.0, None, None, level)
        lower, upper = band(
            self.survival[row : row + 1], np.sqrt(self.greenwood[row : row + 1]), level, transform
        )
        return Estimate(float(self.survival[row]), number(lower[0]), number(upper[0]), level)

    def reached_by(
        self, day: float, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> Estimate:
        """Return the share there by a day: 1 minus `survival_at`, limits exchanged."""
        left = self.survival_at(day, level=level, transform=transform)
        return Estimate(_rest(left.value), _rest(left.upper), _rest(left.lower), level)

    def quantile(
        self,
        share: float,
        *,
        level: float = 0.95,
        transform: Transform = Transform.LOG_LOG,
        flat: FlatStep = FlatStep.FIRST,
    ) -> Quantile:
        """Return the time by which a share of the cases are there, with its limits.

        The limits are where those of the curve pass the same level (Brookmeyer and Crowley,
        Biometrics 1982;38:29-41); one that is never passed is None.

        :param share: 0.5 for the median
        :raises ValueError: if the share or the level is not between 0 and 1
        """
        return self._quantiles((share,), level, transform, flat)[0]

    def _quantiles(
        self, shares: Sequence[float], level: float, transform: Transform, flat: FlatStep
    ) -> list[Quantile]:
        """Return several quantiles, whose limits come from one band."""
        for share in shares:
            check_share(share)
        lower, upper = band(self.survival, np.sqrt(self.greenwood), level, transform)
        found = []
        for share in shares:
            value, low, high = (
                first_at_or_below(self.times, values, 1 - share, flat)
                for values in (self.survival, lower, upper)
            )
            found.append(Quantile(share, value, low, high, level))
        return found

    def median(self, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG) -> Quantile:
        return self.quantile(0.5, level=level, transform=transform)

    def quartiles(
        self, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> tuple[Quantile, Quantile, Quantile]:
        """Return the times by which a quarter, half and three quarters are there."""
        first, half, third = self._quantiles(QUARTILES, level, transform, FlatStep.FIRST)
        return first, half, third

    def restricted_mean(self, upto: float, *, level: float = 0.95) -> Mean:
        """Return the mean of min(days, upto): the area below the curve up to that day.

        The variance is the sum of area² * d / (n * (n - d)), the area being what lies right of each
        event. Nothing is said beyond the longest time watched, unless every case was there by then.

        :param upto: days, more than 0
        :raises ValueError: if it is not
        """
        check_level(level)
        if not upto > 0:
            raise ValueError(f"The mean up to day {upto:g} is asked for: name a day after 0.")
        if not len(self.times) or (upto > self.last_seen and self.survival[-1] > 0):
            return Mean(upto, None, None, None, None, level)
        used = self.times < upto
        corners = np.concatenate(([0.0], self.times[used], [upto]))
        areas = np.diff(corners) * np.concatenate(([1.0], self.survival[used]))
        value = float(areas.sum())
        right_of = np.cumsum(areas[::-1])[::-1][1:]
        n, d = self.n_at_risk[used], self.n_events[used]
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(n > d, right_of**2 * d / (n * (n - d)), 0.0)
        error = float(np.sqrt(terms.sum()))
        half = NormalDist().inv_cdf((1 + level) / 2) * error
        return Mean(upto, value, error, max(value - half, 0.0), min(value + half, upto), level)


def kaplan_meier(
    durations: Sequence[float] | ArrayLike,
    observed: Sequence[bool] | ArrayLike,
    *,
    entries: Sequence[float] | ArrayLike | None = None,
) -> Curve:
    """Estimate the curve from single cases.

    :param durations: days from the start of each case to when it got there or was last seen; 0 is a
        duration
    :param observed: whether it got there
    :param entries: days from the start to when watching began (left truncation); all from the start,
        if None
    :raises DurationsRefused: if lengths differ, a duration is negative or no number, or an entry is
        not before its end
    """
    seen = np.atleast_1d(np.asarray(observed)).astype(bool)
    return _curve(from_durations(durations, np.where(seen, 0, CENSORED), 1, entries))


def kaplan_meier_of_counts(days: ArrayLike, n_events: ArrayLike, n_censored: ArrayLike) -> Curve:
    """Estimate the curve from a histogram; equal, to the last digit, to that from its cases.

    :param days: each day once, in any order
    :param n_events: for each the number of cases that got there on that day
    :param n_censored: for each the number of cases last seen on that day, not there yet
    :raises DurationsRefused: if a day stands twice, or a day or count is negative
    """
    return _curve(from_counts(days, n_events, n_censored))


def _curve(sets: RiskSets) -> Curve:
    n, d = sets.n_at_risk, sets.n_events[:, 0]
    survival: Floats = np.cumprod(np.divide(n - d, n, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.divide(d, n * (n - d), dtype=np.float64)
    greenwood: Floats = np.cumsum(np.where(d > 0, terms, 0.0))
    return Curve(sets.times, n, d, sets.n_censored, survival, greenwood)


def _rest(share: float | None) -> float | None:
    return None if share is None else 1 - share
