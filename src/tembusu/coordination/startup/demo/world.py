"""What the start-ups of one run have in common: calendar, paces, bodies that are fast or slow."""

import math
import random
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date

from tembusu.coordination.startup.demo.pace import Pace, paces
from tembusu.coordination.startup.demo.parameters import LEAST_SPREAD, Delay, Parameters
from tembusu.coordination.startup.terms import MilestonePlan
from trialtime.calendars import Calendar
from trialtime.cutoffs import list_occasions, read_cut_off

DAYS_IN_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class PastSite:
    """A study-site that was selected, with all that its delays depend on.

    :ivar cluster_id: the cluster of the institution, 0 for none
    :ivar sponsor: by what the sponsor is told from others; its sites share its pace
    :ivar pathway: the key of the pathway
    :ivar obligations: the regulatory routes of the study, such as ('CTA',)
    """

    study_id: int
    institution_id: int
    cluster_id: int
    sponsor: str
    sponsor_kind: str
    phase: str
    therapeutic_area: str
    pathway: str
    obligations: tuple[str, ...]
    selected_date: date


@dataclass(frozen=True, slots=True)
class World:
    """What one run draws from. Equal worlds give equal start-ups, site by site.

    :ivar first_date: when the years of the run begin; habits and templates change from here on
    :ivar last_date: when they end; with the same, an earlier reading shows the same start-ups
    :ivar as_of: the day on which the records are read
    :ivar calendar: its years reach past ``as_of``, so that what was not over then ends somewhere
    """

    parameters: Parameters
    seed: int
    calendar: Calendar
    first_date: date
    last_date: date
    as_of: date
    paces: dict[str, Pace] = field(init=False, repr=False)
    cut_offs: tuple[date, ...] = field(init=False, repr=False)
    _effects: dict[tuple[str, object], float] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        tables, calendar = self.parameters.tables, self.calendar
        first, last = date(calendar.first_year, 1, 1), date(calendar.last_year, 12, 1)
        found = list_occasions(read_cut_off(tables["board"]["cut_off"]), first, last, calendar)
        object.__setattr__(self, "paces", paces(tables["season"], calendar))
        object.__setattr__(self, "cut_offs", tuple(one.cut_off_date for one in found))

    def dice(self, *about: object) -> random.Random:
        """Return the generator that belongs to one thing of this run, whatever else is drawn."""
        return random.Random("|".join(map(str, (self.seed, *about))))  # noqa: S311 synthetic data

    def effect(self, kind: str, name: object) -> float:
        """Return how slow a body is as a whole, as a logarithm: 0 is usual, 0.7 twice as slow."""
        held = self._effects.get((kind, name))
        if held is None:
            spread = self.parameters.effects[kind]
            held = self._effects[kind, name] = self.dice(kind, name).gauss(0, spread)
        return held

    def effects(self, site: PastSite, party: str) -> tuple[float, float]:
        """Return the sum of the effects on what a party does at a site, and its variance."""
        names = {
            "study": site.study_id,
            "sponsor": site.sponsor,
            "institution": site.institution_id,
            "cluster": site.cluster_id,
            "site": (site.study_id, site.institution_id),
        }
        kinds = self.parameters.effects_of.get(party, ())
        variance = sum(self.parameters.effects[kind] ** 2 for kind in kinds)
        return sum(self.effect(kind, names[kind]) for kind in kinds), variance

    def pace(self, milestone: MilestonePlan, party: str) -> Pace:
        """Return the pace at which a party works on a milestone."""
        season = self.parameters.tables["season"]
        if party in season["steady_parties"]:
            return self.paces["steady"]
        return self.paces["rush" if milestone.stage in season["rush"]["stages"] else "usual"]

    def next_cut_off(self, day: date) -> date:
        """Return the board's first cut-off on or after a day; the day itself after the last."""
        place = bisect_left(self.cut_offs, day)
        return self.cut_offs[place] if place < len(self.cut_offs) else day

    def years(self, day: date) -> float:
        """Return the years from the beginning of the run."""
        return (day - self.first_date).days / DAYS_IN_YEAR

    @property
    def length(self) -> float:
        """Return the years of the run."""
        return self.years(self.last_date)


def draw(
    delay: Delay,
    dice: random.Random,
    pace: Pace,
    effects: tuple[float, float] = (0.0, 0.0),
) -> float:
    """Return an amount of usual working days.

    The spread of the delay holds with the effects of the bodies: what they explain is taken off it.

    :param effects: sum and variance of the logarithms
    """
    slow, variance = effects
    if delay.gamma is not None:
        days = dice.gammavariate(delay.gamma, delay.scale) * math.exp(slow)
    else:
        rest = math.sqrt(max(delay.spread**2 - variance, LEAST_SPREAD**2))
        days = delay.median * math.exp(slow + dice.gauss(0, rest))
    return days if delay.is_working else days * pace.working_share
