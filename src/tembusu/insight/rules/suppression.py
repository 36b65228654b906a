"""Which rows of a published table are held back, so that no small cell can be worked out.

A row is a group of study-sites (a cluster, a phase, …) with its counts in parts: within the target, past
it, not due yet, finished, unfinished. It is shown whole or not at all; the table's total is known.

1.  A row is small where one of its parts counts fewer than ``threshold``, own cases of the reader's
    not counted: those the reader knows. A part may be marked as open at nought ('not due yet' of a year
    that is long past): then nought is no small count.
2.  What is held back is the total less what is shown. So with small rows goes at least one that is not
    small, and a second where together they are not at least two above the threshold in each part:
    whatever the sum, each of them can then be several numbers.
    They are taken in the order of the rows, which must not depend on this table's counts: 'the
    smallest first' would tell that what is held back is smaller than what is shown, and pin it.
3.  Where all rows are small, the total is told only if it is neither so low nor so high that it would
    tell them. Where too little is held together, the total is held back, too.

So a reader who subtracts everything shown from the total learns a sum of several groups that is no small
count itself. Tables of one kind are published for periods that do not overlap, and by one dimension at a
time; what is shown does not depend on the measure asked for beside it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

Parts = Mapping[str, int]
LEAST_THRESHOLD = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A group and its parts; ``own`` are the reader's own cases in each part."""

    key: str
    parts: Parts
    own: Parts

    def unknown(self, part: str) -> int:
        """Return how many of a part the reader does not know already."""
        return self.parts[part] - self.own.get(part, 0)


@dataclass(frozen=True, slots=True)
class Published:
    """Which rows are shown, and whether the total is."""

    shown: frozenset[str]
    held_back: frozenset[str]
    is_total_shown: bool


def is_small(n: int, threshold: int, *, is_open_at_nought: bool) -> bool:
    """Say whether a count is too small to be told."""
    if n == 0 and is_open_at_nought:
        return False
    return n < threshold


def suppress(
    rows: Sequence[Row], *, threshold: int, open_at_nought: frozenset[str] = frozenset()
) -> Published:
    """Say which rows may be shown to somebody who knows their own cases and the table's total.

    :param rows: in the order in which they are given up, whatever this table's counts: by size in the
        years before, say
    :param threshold: the least count that may be told, at least 3
    :param open_at_nought: parts of which nought may be told
    :raises ValueError: for a threshold below 3, with which held counts could be told
    """
    if threshold < LEAST_THRESHOLD:
        raise ValueError("A threshold below 3 would let held counts be told.")

    def small(counts: Parts) -> bool:
        return any(
            is_small(n, threshold, is_open_at_nought=part in open_at_nought)
            for part, n in counts.items()
        )

    unknown = {row.key: {part: row.unknown(part) for part in row.parts} for row in rows}
    held = {key for key, counts in unknown.items() if small(counts)}
    if not held:
        return Published(frozenset(unknown), frozenset(), is_total_shown=bool(rows))
    n_small = len(held)
    for key in (key for key in unknown if key not in held):
        if len(held) > n_small and _is_enough(held, unknown, threshold, open_at_nought):
            break
        held.add(key)
    if len(held) > n_small:
        is_total_shown = _is_enough(held, unknown, threshold, open_at_nought)
    else:
        is_total_shown = _is_between(held, unknown, threshold, open_at_nought)
    return Published(frozenset(unknown) - held, frozenset(held), is_total_shown)


def _together(held: Set[str], unknown: Mapping[str, Parts]) -> dict[str, int]:
    together: dict[str, int] = {}
    for key in held:
        for part, n in unknown[key].items():
            together[part] = together.get(part, 0) + n
    return together


def _is_enough(
    held: Set[str], unknown: Mapping[str, Parts], threshold: int, open_at_nought: frozenset[str]
) -> bool:
    """Say whether the sum of what is held back leaves each of it several values."""
    return not any(
        is_small(n, threshold + 2, is_open_at_nought=part in open_at_nought)
        for part, n in _together(held, unknown).items()
    )


def _is_between(
    held: Set[str], unknown: Mapping[str, Parts], threshold: int, open_at_nought: frozenset[str]
) -> bool:
    """Say whether the sum of rows that are all small leaves each of them several values."""
    highest = len(held) * (threshold - 1)
    return all(
        threshold < n < highest - 1 or (n == 0 and part in open_at_nought)
        for part, n in _together(held, unknown).items()
    )


def is_total_open(parts: Parts, own: Parts, *, threshold: int) -> bool:
    """Say whether a single total may be told: what the reader does not know of it is no small count."""
    return all(parts[part] - own.get(part, 0) >= threshold for part in parts)
