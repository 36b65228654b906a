"""Confidence limits of a share, and the times at which a curve of shares passes a level.

Limits hold at one time each, not for the whole curve at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from trialtime.survival.risk_sets import Floats

# A curve stands exactly on a level more often than rounding lets it: 5/6 * 4/5 * 3/4 is one half.
TOLERANCE = 1e-10


class Transform(StrEnum):
    """The scale on which the estimate is taken to be normal (R: `conf.type`).

    LOG_LOG keeps limits between 0 and 1 and holds its level best in small samples (Borgan and
    Liestøl, Scand J Stat 1990;17:35-41); it is the default here and in lifelines. R's is LOG.
    """

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"


class FlatStep(StrEnum):
    """Which time is the quantile when the curve runs exactly on the level for a while.

    FIRST, the default, is the earliest: a time at which something ended, the smallest t with
    S(t) <= 1 - p, as Brookmeyer and Crowley and lifelines have it. MIDDLE is R's: half-way to the next
    event, where perhaps nothing ever ended. They differ only on such a step.
    """

    FIRST = "first"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share between 0 and 1 with its confidence limits; None where nothing can be said."""

    value: float | None
    lower: float | None
    upper: float | None
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Quantile:
    """The time by which `share` of the cases are there, in days; None where it was not reached."""

    share: float
    value: float | None
    lower: float | None
    upper: float | None
    level: float = 0.95


def check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"The level {level:g} is not between 0 and 1: for 95 % write 0.95.")


def check_share(share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"The share {share:g} is not between 0 and 1: for the median write 0.5.")


def band(
    value: Floats, relative_error: Floats, level: float, transform: Transform
) -> tuple[Floats, Floats]:
    """Return lower and upper limits of shares; NaN where the method says nothing.

    :param value: shares between 0 and 1
    :param relative_error: standard error of each divided by the share itself
    """
    check_level(level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if transform is Transform.PLAIN:
            half = z * relative_error * value
            lower, upper = np.maximum(value - half, 0), np.minimum(value + half, 1)
        elif transform is Transform.LOG:
            lower = value * np.exp(-z * relative_error)
            upper = np.minimum(value * np.exp(z * relative_error), 1)
        else:
            middle, half = np.log(-np.log(value)), z * relative_error / -np.log(value)
            lower, upper = np.exp(-np.exp(middle + half)), np.exp(-np.exp(middle - half))
    silent = (value <= 0) | ~np.isfinite(relative_error)
    if transform is Transform.LOG_LOG:
        silent |= value >= 1
    return np.where(silent, np.nan, lower), np.where(silent, np.nan, upper)


def number(value: float) -> float | None:
    """Return a plain number, or None for NaN."""
    return None if np.isnan(value) else float(value)


def first_at_or_below(
    times: Floats, values: Floats, level: float, flat: FlatStep = FlatStep.FIRST
) -> float | None:
    """Return the first time at which a falling step function is at or below a level, or None.

    NaN counts as not known, so as not below.
    """
    slack = TOLERANCE * max(level, 1e-3)
    below = np.flatnonzero(values <= level + slack)
    if not len(below):
        return None
    first = int(below[0])
    if flat is FlatStep.MIDDLE and abs(values[first] - level) <= slack:
        lower = np.flatnonzero(values < level - slack)
        until = times[lower[0]] if len(lower) else times[-1]
        return float((times[first] + until) / 2)
    return float(times[first])
