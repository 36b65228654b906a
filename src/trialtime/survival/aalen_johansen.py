"""The share of cases that ended by each cause by day t (Aalen and Johansen, Scand J Stat 1978;5:141).

A site that withdrew will not open. To count it as censored asks how long opening would take in a world
where nobody withdraws; the cumulative incidence asks what became of the cases there are. The shares of
all causes and of the cases still under way add up to 1 on every day.

Worked example: of four sites one opens on day 1 and one on day 3, one withdraws on day 2, one waits.

>>> shares = aalen_johansen([1, 2, 3, 4], ["opened", "withdrawn", "opened", None])
>>> shares["opened"].reached_by(3).value
0.5
>>> shares["withdrawn"].reached_by(3).value
0.25
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialtime.survival.intervals import (
    Estimate,
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
    DurationsRefused,
    Floats,
    RiskSets,
    from_counts,
    from_durations,
)


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """The cumulative incidence of one cause, with the counts that made it: a row for each time.

    `variance` is that of `incidence`, from the multinomial increments at each time; without left
    truncation it equals the infinitesimal jackknife of R's `survfit`.
    """

    cause: str
    times: Floats
    n_at_risk: Counts
    n_events: Counts
    incidence: Floats
    variance: Floats
    survival: Floats

    @property
    def last_seen(self) -> float:
        """The longest time that any case was watched, in days; 0 without cases."""
        return float(self.times[-1]) if len(self.times) else 0.0

    def reached_by(
        self, day: float, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> Estimate:
        """Return the share that ended by this cause by a day.

        Nothing is said beyond the longest time watched, unless every case had ended by then.
        """
        check_level(level)
        if not len(self.times) or (day > self.last_seen and self.survival[-1] > 0):
            return Estimate(None, None, None, level)
        row = int(np.searchsorted(self.times, day, side="right")) - 1
        if row < 0:
            return Estimate(0.0, None, None, level)
        lower, upper = self._band(level, transform)
        return Estimate(float(self.incidence[row]), number(lower[row]), number(upper[row]), level)

    def quantile(
        self, share: float, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> Quantile:
        """Return the day by which a share of all cases ended by this cause, with its limits.

        None where the share was not reached: where 60 % withdraw, half never open.

        :raises ValueError: if the share or the level is not between 0 and 1
        """
        check_share(share)
        lower, upper = self._band(level, transform)
        found = [
            first_at_or_below(self.times, 1 - values, 1 - share)
            for values in (self.incidence, upper, lower)
        ]
        return Quantile(share, found[0], found[1], found[2], level)

    def _band(self, level: float, transform: Transform) -> tuple[Floats, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.sqrt(self.variance) / self.incidence
        return band(self.incidence, relative, level, transform)


@dataclass(frozen=True, slots=True, eq=False)
class Incidences(Mapping[str, Incidence]):
    """The cumulative incidence of every cause, by its name, in the order given."""

    by_cause: Mapping[str, Incidence]
    sets: RiskSets
    survival: Floats

    def __getitem__(self, cause: str) -> Incidence:
        return self.by_cause[cause]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_cause)

    def __len__(self) -> int:
        return len(self.by_cause)


def aalen_johansen(
    durations: Sequence[float] | ArrayLike,
    causes: Sequence[str | None],
    *,
    all_causes: Sequence[str] | None = None,
    entries: Sequence[float] | ArrayLike | None = None,
) -> Incidences:
    """Estimate the cumulative incidence of each cause from single cases.

    :param durations: days from the start of each case to its end, or to when it was last seen
    :param causes: for each case what ended it, or None while it is under way
    :param all_causes: the causes there may be; those that occur, in order of their names, if None
    :param entries: days from the start to when watching began (left truncation)
    :raises DurationsRefused: if lengths differ, a duration is negative or no number, an entry is not
        before its end, or a cause is not among those there may be
    """
    names = (
        list(all_causes) if all_causes is not None else sorted({c for c in causes if c is not None})
    )
    number_of: dict[str | None, int] = {name: no for no, name in enumerate(names)}
    number_of[None] = CENSORED
    unknown = next((cause for cause in causes if cause not in number_of), None)
    if unknown is not None:
        raise DurationsRefused(
            f"The cause '{unknown}' is not among {', '.join(names)}: add it, or correct the case."
        )
    numbers = [number_of[cause] for cause in causes]
    return _incidences(from_durations(durations, numbers, len(names), entries), names)


def aalen_johansen_of_counts(
    days: ArrayLike, n_events: Mapping[str, ArrayLike], n_censored: ArrayLike
) -> Incidences:
    """Estimate the cumulative incidence of each cause from a histogram.

    :param days: each day once, in any order
    :param n_events: for each cause, how many cases it ended on each of the days
    :param n_censored: how many unfinished cases were last seen on each of the days
    :raises DurationsRefused: if a day stands twice, or a day or count is negative
    """
    names = list(n_events)
    columns = [np.atleast_1d(np.asarray(n_events[name], dtype=np.int64)) for name in names]
    n_days = len(np.atleast_1d(np.asarray(days)))
    short = next(
        (name for name, column in zip(names, columns, strict=True) if len(column) != n_days), None
    )
    if short is not None:
        raise DurationsRefused(
            f"'{short}' has not one count for each of the {n_days} days: give one."
        )
    events = np.stack(columns, axis=1) if names else np.zeros((n_days, 0), dtype=np.int64)
    return _incidences(from_counts(days, events, n_censored), names)


def _incidences(sets: RiskSets, names: Sequence[str]) -> Incidences:
    n, events = sets.n_at_risk, sets.n_events
    ended: Counts = events.sum(axis=1)
    survival: Floats = np.cumprod(np.divide(n - ended, n, dtype=np.float64))
    before: Floats = np.concatenate(([1.0], survival))[: len(n)]
    curves = {}
    for column, name in enumerate(names):
        d = events[:, column]
        incidence: Floats = np.cumsum(before * d / n)
        variance = _variance(n, d, ended, before, incidence)
        curves[name] = Incidence(name, sets.times, n, d, incidence, variance, survival)
    return Incidences(curves, sets, survival)


def _variance(n: Counts, d: Counts, ended: Counts, before: Floats, incidence: Floats) -> Floats:
    """Return the variance of a cumulative incidence F at each of its times.

    At a time s the cases that end by this cause, by another, and not at all are multinomial over the n
    at risk. With G = (F(t) - F(s)) / (1 - ended/n), what a case still under way adds later on, one more
    ending by this cause moves F(t) by S(s-) - G, by another by -G. Both are linear in F(t), so the
    variance at s is a quadratic in it, and three running sums give every t at once.
    """
    this, others = d / n, (ended - d) / n
    with np.errstate(divide="ignore"):
        slope = np.where(ended < n, -1 / (1 - ended / n), 0.0)  # of -G, as a function of F(t)
    by_other = -slope * incidence
    by_this = before + by_other
    mean, mean_slope = this * by_this + others * by_other, slope * (this + others)
    constant = this * by_this**2 + others * by_other**2 - mean**2
    linear = 2 * slope * mean - 2 * mean * mean_slope
    square = slope**2 * (this + others) - mean_slope**2
    c, b, a = (np.cumsum(terms / n) for terms in (constant, linear, square))
    return np.maximum(c + b * incidence + a * incidence**2, 0.0)
