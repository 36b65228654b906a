"""How long something takes, when for some cases it is not over yet.

A mean over the cases that finished is too short: the slow ones are still under way. Here a case that
is unfinished counts for as long as it was watched (it is censored), and one that can never finish any
more, a site that withdrew or a study that stopped, ends by a competing cause.

- `kaplan_meier`, `kaplan_meier_of_counts`: the share not yet there after t days, quantiles, mean up to
  a day. Use it where every case would get there in the end.
- `aalen_johansen`, `aalen_johansen_of_counts`: the share that got there by day t, each cause of ending
  apart. Use it where cases can withdraw: 1 minus Kaplan-Meier would then be too large.

What can't be said is None: a median that was never reached is not a number.
"""

from trialtime.survival.aalen_johansen import (
    Incidence,
    Incidences,
    aalen_johansen,
    aalen_johansen_of_counts,
)
from trialtime.survival.intervals import Estimate, FlatStep, Quantile, Transform
from trialtime.survival.kaplan_meier import (
    Curve,
    Mean,
    kaplan_meier,
    kaplan_meier_of_counts,
)
from trialtime.survival.risk_sets import DurationsRefused

__all__ = [
    "Curve",
    "DurationsRefused",
    "Estimate",
    "FlatStep",
    "Incidence",
    "Incidences",
    "Mean",
    "Quantile",
    "Transform",
    "aalen_johansen",
    "aalen_johansen_of_counts",
    "kaplan_meier",
    "kaplan_meier_of_counts",
]
