"""What a reader is told of a figure: all of it, or nothing where it is, or would tell, a small cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tembusu.insight.rules import figures, suppression
from tembusu.insight.rules.columns import Block
from tembusu.insight.rules.figures import REACHED, Figure, Groups, Mask, Times
from tembusu.insight.rules.suppression import Published, Row
from tembusu.insight.terms import THRESHOLD

# Nought may be told of these: that nobody was late is no small group.
OPEN_AT_NOUGHT = frozenset({"reached", "within", "missed"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: everything, or what is no small cell beside their own cases.

    :ivar own: the ids of the cases that a reader from whom small cells are held back sees
    """

    sees_all: bool
    own: frozenset[int] = frozenset()

    def mine(self, block: Block) -> Mask:
        """Return which cases are the reader's own."""
        return np.isin(block.cases["case"], np.array(sorted(self.own), dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Told:
    """A table of groups: the figures that are told, and how many groups are held back."""

    told: Mapping[str, Figure]
    n_held_back: int
    is_total_shown: bool


def parts(held: Times, target_days: int | None) -> dict[str, int]:
    """Return the counts of a figure, each of which must be no small count to be told.

    How many are unfinished, withdrawn or stopped is not among them: those from whom small cells are
    held back are not told it at all.
    """
    found = {"n": len(held.rows), "reached": int((held.ending == REACHED).sum())}
    if target_days is not None:
        within, missed = figures.judged(held, target_days)
        found |= {"within": int(within.sum()), "missed": int(missed.sum())}
    return found


def some(held: Times, kept: Mask) -> Times:
    """Return those of a measure's cases that a mask over all cases keeps."""
    among = kept[held.rows]
    return Times(held.rows[among], held.days[among], held.ending[among])


def tell(
    block: Block, held: Times, target_days: int | None, reader: Reader, *, is_open: bool = True
) -> Figure | None:
    """Return one figure over all cases asked for, or None where it is held back.

    :param is_open: False where a table of groups holds the total back
    """
    if not reader.sees_all:
        mine = parts(some(held, reader.mine(block)), target_days)
        is_open &= is_told(parts(held, target_days), mine)
    return figures.figure(held, target_days) if is_open else None


def is_told(counts: Mapping[str, int], own: Mapping[str, int]) -> bool:
    """Say whether counts may be told to somebody who knows their own among them."""
    return not any(
        suppression.is_small(
            n - own.get(part, 0), THRESHOLD, is_open_at_nought=part in OPEN_AT_NOUGHT
        )
        for part, n in counts.items()
    )


def tell_groups(
    block: Block,
    held: Times,
    groups: Groups,
    target_days: int | None,
    reader: Reader,
) -> Told:
    """Return the figures of the groups that may be told.

    :param groups: in the order in which they are given up; it must not depend on these counts
    """
    published = publish(block, held, groups, target_days, reader)
    told = {
        key: figures.figure(one, target_days)
        for key, one in groups.of(held).items()
        if key in published.shown
    }
    return Told(told, len(published.held_back), published.is_total_shown)


def publish(
    block: Block,
    held: Times,
    groups: Groups,
    target_days: int | None,
    reader: Reader,
) -> Published:
    """Say which groups, and whether the total, may be told."""
    if reader.sees_all:
        return Published(frozenset(groups.keys), frozenset(), is_total_shown=True)
    mine = reader.mine(block)
    rows = [
        Row(key, parts(one, target_days), parts(some(one, mine), target_days))
        for key, one in groups.of(held).items()
    ]
    return suppression.suppress(rows, threshold=THRESHOLD, open_at_nought=OPEN_AT_NOUGHT)


def giving_up(groups: Sequence[str], before: Mapping[str, int]) -> list[str]:
    """Return groups in the order in which they are given up: by size in the period before."""
    return sorted(groups, key=lambda key: (before.get(key, 0), key))
