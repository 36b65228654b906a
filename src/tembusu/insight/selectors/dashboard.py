"""The national figures as one reader is told them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from tembusu.foundation.people import selectors as people
from tembusu.insight.rules import figures, telling
from tembusu.insight.rules.asked import Asked
from tembusu.insight.rules.columns import Block
from tembusu.insight.rules.figures import Edge, Figure, Groups, LostDays, Mask, Times
from tembusu.insight.rules.funnel import Unit
from tembusu.insight.rules.papers import shifted
from tembusu.insight.rules.telling import Reader, Told
from tembusu.insight.selectors import blocks, definitions
from tembusu.insight.selectors.blocks import Standing
from tembusu.insight.terms import THRESHOLD, WHOLE, DefinitionInForce, Dimension, Lens
from trialtime.survival import Incidences

STUCK_DAYS = 30
TREND_QUARTERS = 12


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Some cases under the eye of one reader: what every figure of a page is read from.

    :ivar is_open: whether no table of groups holds the whole period back
    """

    asked: Asked
    reader: Reader
    as_of: date
    definitions: Mapping[str, DefinitionInForce]
    standing: Standing
    block: Block
    mask: Mask
    block_before: Block
    mask_before: Mask
    is_open: bool = True

    def target(self, measure: str) -> int | None:
        held = self.definitions.get(measure)
        return held.text.target_days if held else None

    def times(self, measure: str) -> Times:
        return figures.times(self.block, measure, self.mask, self.as_of)

    def times_before(self, measure: str) -> Times:
        return figures.times(self.block_before, measure, self.mask_before, self.as_of)


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure now and in the period before; None where it is held back."""

    definition: DefinitionInForce
    now: Figure | None
    before: Figure | None


def look(asked: Asked, reader: Reader, as_of: date) -> View:
    """Read the facts that a page needs."""
    held = definitions.in_force()
    standing = blocks.standing(held)
    block = blocks.read(asked.lens.first_month, asked.lens.last_month, standing.marks)
    block_before = blocks.read(asked.before.first_month, asked.before.last_month, standing.marks)
    mask, mask_before = (
        figures.mask_of(block, asked.lens),
        figures.mask_of(block_before, asked.before),
    )
    if asked.is_own:
        mask &= reader.mine(block)
        mask_before &= reader.mine(block_before)
        reader = Reader(sees_all=True, own=reader.own)
    view = View(asked, reader, as_of, held, standing, block, mask, block_before, mask_before)
    return view if reader.sees_all else replace(view, is_open=_is_total_open(view))


# -- measures --------------------------------------------------------------------------------------


def measured(view: View) -> list[Measured]:
    """Return every measure that some case has, in the order of their definitions."""
    found = []
    for measure, definition in view.definitions.items():
        held, target = view.times(measure), view.target(measure)
        if not len(held.rows):
            continue
        now = telling.tell(view.block, held, target, view.reader, is_open=view.is_open)
        before = telling.tell(
            view.block_before, view.times_before(measure), target, view.reader, is_open=view.is_open
        )
        found.append(Measured(definition, now, before))
    return found


def _is_total_open(view: View) -> bool:
    held, target = view.times(WHOLE), view.target(WHOLE)
    return all(
        telling.publish(
            view.block, held, _groups(view, dimension), target, view.reader
        ).is_total_shown
        for dimension in Dimension
    )


def outcomes(view: View) -> Incidences | None:
    """Return what became of all: the share opened, withdrawn and stopped by each day.

    Few withdraw: it is for those who see every figure.
    """
    return figures.outcomes(view.times(WHOLE)) if view.reader.sees_all else None


# -- groups ----------------------------------------------------------------------------------------


def grouped(view: View, dimension: Dimension, measure: str) -> Told:
    """Return a measure by the groups of a dimension."""
    groups = _groups(view, dimension)
    return telling.tell_groups(
        view.block, view.times(measure), groups, view.target(measure), view.reader
    )


def _groups(view: View, dimension: Dimension) -> Groups:
    """Return the groups of a dimension in the order in which they are given up.

    That is by their size in the period before, which the table itself does not tell.
    """
    groups = figures.groups(view.block, dimension, view.mask)
    before = figures.groups(view.block_before, dimension, view.mask_before)
    return groups.among(telling.giving_up(groups.keys, before.sizes()))


def by_month(view: View, measure: str) -> Told:
    """Return a measure by month of selection; for those who see every figure."""
    groups, held = figures.months(view.block, view.mask), view.times(measure)
    return telling.tell_groups(view.block, held, groups, view.target(measure), view.reader)


def studies(view: View, measure: str) -> list[Unit]:
    """Return how many of each study's sites were within the target; for those who see every figure."""
    target = view.target(measure)
    if target is None or not view.reader.sees_all:
        return []
    groups = figures.studies(view.block, view.mask)
    return [Unit(*each) for each in figures.judged_by(view.times(measure), groups, target)]


def quarterly(view: View, measure: str) -> list[tuple[str, Figure | None]]:
    """Return a measure by quarter of selection up to the last month looked at, as 'YYYY Q3'.

    To those from whom small cells are held back, the quarters of one year are one table.
    """
    last = view.asked.lens.last_month
    first = shifted(last, -3 * TREND_QUARTERS + 1)
    first = date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    if view.asked.is_fixed and not view.asked.is_own:
        first = date(last.year - 2, 1, 1)
    block = blocks.read(first, last, view.standing.marks)
    mask = figures.mask_of(block, Lens(first, last, view.asked.lens.held))
    if view.asked.is_own:
        mask &= Reader(sees_all=False, own=view.reader.own).mine(block)
    held = figures.times(block, measure, mask, view.as_of)
    quarters, found = figures.quarters(block, mask), list[tuple[str, Figure | None]]()
    for _, names in groupby(quarters.keys, key=lambda name: name[:4]):
        year = quarters.among(tuple(names))
        told = telling.tell_groups(block, held, year, view.target(measure), view.reader)
        found += [(name, told.told.get(name)) for name in year.keys]
    return found


# -- where the days went, what followed what, what is stuck ----------------------------------------


@dataclass(frozen=True, slots=True)
class Days:
    """Where opened cases' days went; for those from whom small cells are held back, by party alone.

    :ivar held_back: days of parties that are not told apart
    """

    lost: LostDays
    stages: tuple[str, ...]
    parties: tuple[str, ...]
    held_back: int = 0


def lost_days(view: View) -> Days | None:
    """Return where the days of opened cases went, longest stage first; None where it is held back."""
    lost = figures.lost_days(view.block, view.mask)
    by_party = lost.by_party()
    parties = tuple(sorted(by_party, key=lambda key: -by_party[key]))
    if view.reader.sees_all:
        by_stage = lost.by_stage()
        return Days(lost, tuple(sorted(by_stage, key=lambda key: -by_stage[key])), parties)
    mine = figures.lost_days(view.block, view.mask & view.reader.mine(view.block))
    if lost.n - mine.n < THRESHOLD or not view.is_open:
        return None
    shown = _told_parties(lost, mine)
    return Days(
        lost,
        (),
        tuple(party for party in parties if party in shown),
        held_back=sum(days for party, days in by_party.items() if party not in shown),
    )


def _told_parties(lost: LostDays, mine: LostDays) -> frozenset[str]:
    """Return the parties whose days are those of enough cases that the reader does not know."""
    found = set()
    for party in sorted(lost.by_party()):
        n = max((cases.get(party, 0) for cases in lost.n_cases.values()), default=0)
        known = max((cases.get(party, 0) for cases in mine.n_cases.values()), default=0)
        if n - known >= THRESHOLD:
            found.add(party)
    others = sorted(set(lost.by_party()) - found)
    while len(others) == 1 and found:
        others.append(min(found))
        found.discard(min(found))
    return frozenset(found)


def steps(view: View) -> tuple[list[str], list[Edge]] | None:
    """Return the milestones in their usual order and what followed what; for those who see all."""
    if not view.reader.sees_all:
        return None
    return figures.usual_order(view.block, view.mask), figures.edges(view.block, view.mask)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many unfinished cases one party has held for more than `STUCK_DAYS` days."""

    n_stuck: int
    n_unfinished: int


def waiting(view: View) -> Waiting | None:
    """Return how many cases are stuck today, whatever period; None where that is a small count."""
    standing = view.standing
    if standing.first_month is None or standing.last_month is None:
        return None
    block = blocks.read(standing.first_month, standing.last_month, standing.marks)
    lens = Lens(standing.first_month, standing.last_month, view.asked.lens.held)
    mask = figures.mask_of(block, lens)
    if view.asked.is_own:
        mask &= Reader(sees_all=False, own=view.reader.own).mine(block)
    elif not view.reader.sees_all:
        return None
    stuck = figures.stuck(block, mask, view.as_of, STUCK_DAYS)
    return Waiting(int(stuck.sum()), int(figures.unfinished(block, mask).sum()))


# -- names -----------------------------------------------------------------------------------------


def names_of(dimension: Dimension, values: list[str]) -> dict[str, str]:
    """Return how the values of a dimension are called on screen."""
    if dimension in figures.BY_ID:
        names = people.names_of_bodies([int(value) for value in values if value.isdecimal()])
        none = "No cluster" if dimension is Dimension.CLUSTER else "Unknown"
        return {
            value: names.get(int(value), none) if value.isdecimal() else value for value in values
        }
    return {value: worded(dimension, value) for value in values}


def worded(dimension: Dimension, value: str) -> str:
    """Return a word of the columns as people read it: 'PHASE2/PHASE3' as 'Phase 2/3'."""
    if dimension is Dimension.PHASE and value.startswith("PHASE"):
        return "Phase " + "/".join(part.removeprefix("PHASE") for part in value.split("/"))
    return value.replace("_", " ").capitalize()


def values_held(view: View, dimension: Dimension) -> list[str]:
    """Return the values of a dimension among all cases of the period, whatever filter holds."""
    lens = Lens(view.asked.lens.first_month, view.asked.lens.last_month)
    return figures.values_of(view.block, dimension, figures.mask_of(view.block, lens))
