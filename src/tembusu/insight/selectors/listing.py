"""The cases behind a figure: the very rows that it was read from, those that its reader may see."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tembusu.foundation.people import selectors as people
from tembusu.insight.rules import figures
from tembusu.insight.rules.columns import ENDINGS, Block
from tembusu.insight.rules.figures import REACHED, UNFINISHED, Mask
from tembusu.insight.selectors import blocks
from tembusu.insight.selectors.dashboard import STUCK_DAYS, View
from tembusu.insight.terms import WHOLE, Ending, Lens

WHICH = ("all", "reached", "unfinished", "left", "within", "missed", "stuck")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a list, as the measure asked for sees it."""

    case_id: int
    study_id: int
    number: str
    institution: str
    selected_date: date
    days: int
    ending: Ending
    waiting_on: str
    waiting_since: date | None


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """All cases of a list, longest first, of which pages are read."""

    block: Block
    rows: NDArray[np.int64]
    days: NDArray[np.int64]
    ending: NDArray[np.int64]

    @property
    def n(self) -> int:
        return len(self.rows)

    def lines(self, first: int, last: int) -> list[CaseLine]:
        """Return the lines from place ``first`` up to, not including, ``last``."""
        rows = self.rows[first:last]
        cases, words = self.block.cases, self.block.words
        names = people.names_of_bodies([int(pk) for pk in cases["institution"][rows]])
        return [
            CaseLine(
                case_id=int(cases["case"][row]),
                study_id=int(cases["study"][row]),
                number=words["number"][int(cases["number"][row])],
                institution=names.get(int(cases["institution"][row]), "Unknown"),
                selected_date=date.fromordinal(int(cases["start"][row])),
                days=int(self.days[at]),
                ending=ENDINGS[int(self.ending[at])],
                waiting_on=words["party"][int(cases["party"][row])],
                waiting_since=date.fromordinal(since)
                if (since := int(cases["since"][row]))
                else None,
            )
            for at, row in zip(range(first, last), rows.tolist(), strict=False)
        ]


def list_cases(view: View, measure: str, which: str) -> Listed:
    """Return the cases of a measure that its reader may see, longest first.

    :param which: one of `WHICH`; 'stuck' looks at all months, as the figure does
    """
    block, mask = view.block, view.mask
    if which == "stuck":
        block, mask = _stuck(view)
        measure = WHOLE
    if not view.reader.sees_all:
        mask = mask & view.reader.mine(block)
    held = figures.times(block, measure, mask, view.as_of)
    kept = _kept(view, held, measure, which)
    order = np.lexsort((block.cases["case"][held.rows[kept]], -held.days[kept]))
    return Listed(block, held.rows[kept][order], held.days[kept][order], held.ending[kept][order])


def _stuck(view: View) -> tuple[Block, Mask]:
    standing = view.standing
    first = standing.first_month or view.asked.lens.first_month
    last = standing.last_month or view.asked.lens.last_month
    block = blocks.read(first, last, standing.marks)
    mask = figures.mask_of(block, Lens(first, last, view.asked.lens.held))
    if view.asked.is_own:
        mask &= np.isin(block.cases["case"], np.array(sorted(view.reader.own), dtype=np.int64))
    return block, figures.stuck(block, mask, view.as_of, STUCK_DAYS)


def _kept(view: View, held: figures.Times, measure: str, which: str) -> Mask:
    kept: Mask = np.ones(len(held.rows), dtype=bool)
    target = view.target(measure)
    if which == "reached":
        kept = held.ending == REACHED
    elif which == "unfinished":
        kept = held.ending == UNFINISHED
    elif which == "left":
        kept = (held.ending != REACHED) & (held.ending != UNFINISHED)
    elif which in ("within", "missed") and target is not None:
        within, missed = figures.judged(held, target)
        kept = within if which == "within" else missed
    return kept
