"""Facts as they are kept, month by month, and how they stand.

Columns that were read once stay in memory until their month changes: a page asks for the digests
that stand (one short query) and reads what is new. What is kept so is the same for all; who may see
what of it is decided afterwards.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from django.db.models import Max

from tembusu.coordination.startup.terms import MILESTONES_CHANGED
from tembusu.foundation.core import outbox
from tembusu.insight.models import MonthFigures
from tembusu.insight.rules import columns, definitions
from tembusu.insight.rules.columns import Block
from tembusu.insight.selectors import definitions as in_force

MOST_KEPT = 400  # joined spans and months in memory
Key = tuple[object, ...]


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
    """

    changed_at: datetime | None
    behind_since: datetime | None
    n_months: int
    n_otherwise: int
    first_month: date | None
    last_month: date | None


def standing() -> Standing:
    """Return how the figures stand: their age, what waits, under which definitions they were counted."""
    basis = definitions.basis_of(definitions.counts_from(in_force.in_force().values()))
    rows = list(MonthFigures.objects.order_by("month").values_list("month", "counted_as"))
    return Standing(
        changed_at=MonthFigures.objects.aggregate(last=Max("changed_at"))["last"],
        behind_since=outbox.waiting_since(MILESTONES_CHANGED),
        n_months=len(rows),
        n_otherwise=sum(counted != basis for _, counted in rows),
        first_month=rows[0][0] if rows else None,
        last_month=rows[-1][0] if rows else None,
    )


def read(first_month: date, last_month: date) -> Block:
    """Return the facts of the study-sites selected in these months, both included."""
    rows = MonthFigures.objects.filter(month__range=(first_month, last_month)).order_by("month")
    marks = list(rows.values_list("month", "digest"))
    key: Key = tuple(marks)
    found = _kept.get(key)
    if found is None:
        found = columns.joined(_months(marks)) if marks else columns.block_of([])
        _kept.put(key, found)
    return found


def _months(marks: list[tuple[date, str]]) -> list[Block]:
    held = {mark: _kept.get(mark) for mark in marks}
    missing = [mark[0] for mark, block in held.items() if block is None]
    rows = MonthFigures.objects.filter(month__in=missing)
    for month, digest, content in rows.values_list("month", "digest", "content"):
        block = columns.read(bytes(content))
        held[month, digest] = block
        _kept.put((month, digest), block)
    return [block for block in held.values() if block is not None]
