"""Facts as they are kept, month by month, and how they stand.

Columns that were read once stay in memory until their month changes: a page asks for the digests
that stand (one short query) and reads what is new. What is kept so is the same for all; who may see
what of it is decided afterwards.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from tembusu.coordination.startup.terms import MILESTONES_CHANGED
from tembusu.foundation.core import outbox
from tembusu.insight.models import MonthFigures
from tembusu.insight.rules import columns, definitions
from tembusu.insight.rules.columns import Block
from tembusu.insight.terms import DefinitionInForce

MOST_KEPT = 400  # joined spans and months in memory
Mark = tuple[date, str]  # a month and the digest of its facts
Marks = tuple[Mark, ...]
Key = Mark | Marks


class _Kept:
    """The blocks read last, the oldest given up first. Blocks are never changed."""

    def __init__(self) -> None:
        self._held: OrderedDict[Key, Block] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Block | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Key, block: Block) -> None:
        with self._lock:
            self._held[key] = block
            while len(self._held) > MOST_KEPT:
                self._held.popitem(last=False)


_kept = _Kept()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the figures stand.

    :ivar changed_at: when facts changed last; None where there are none
    :ivar behind_since: since when an event of start-up waits to be counted; None where none does
    :ivar n_months: months that hold facts
    :ivar n_otherwise: of them, months still counted under earlier definitions
    :ivar first_month: the first month that holds facts
    :ivar last_month: the last one
    :ivar marks: each month that holds facts with the digest of its facts, in order
    """

    changed_at: datetime | None
    behind_since: datetime | None
    n_months: int
    n_otherwise: int
    first_month: date | None
    last_month: date | None
    marks: Marks


def standing(held: Mapping[str, DefinitionInForce]) -> Standing:
    """Return how the figures stand: their age, what waits, under which definitions they were counted.

    :param held: the definitions in force
    """
    basis = definitions.basis_of(definitions.counts_from(held.values()))
    rows = list(
        MonthFigures.objects.order_by("month").values_list(
            "month", "digest", "counted_as", "changed_at"
        )
    )
    return Standing(
        changed_at=max((changed for *_, changed in rows), default=None),
        behind_since=outbox.waiting_since(MILESTONES_CHANGED),
        n_months=len(rows),
        n_otherwise=sum(counted != basis for _, _, counted, _ in rows),
        first_month=rows[0][0] if rows else None,
        last_month=rows[-1][0] if rows else None,
        marks=tuple((month, digest) for month, digest, *_ in rows),
    )


def read(first_month: date, last_month: date, marks: Marks) -> Block:
    """Return the facts of the study-sites selected in these months, both included.

    What changed after the marks were read is read as it stands now.

    :param marks: of `standing`
    """
    wanted = tuple(mark for mark in marks if first_month <= mark[0] <= last_month)
    found = _kept.get(wanted)
    if found is None:
        months = _months(wanted)
        found = columns.joined(list(months.values())) if months else columns.block_of([])
        _kept.put(tuple(months), found)
    return found


def _months(marks: Marks) -> dict[Mark, Block]:
    """Return the facts of months by their marks as they stand, in order."""
    held = {mark: block for mark in marks if (block := _kept.get(mark)) is not None}
    missing = [mark[0] for mark in marks if mark not in held]
    rows = MonthFigures.objects.filter(month__in=missing)
    for month, digest, content in rows.values_list("month", "digest", "content"):
        held[month, digest] = columns.read(bytes(content))
        _kept.put((month, digest), held[month, digest])
    return dict(sorted(held.items(), key=lambda each: each[0][0]))
