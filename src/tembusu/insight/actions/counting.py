"""Brings the facts of study-sites in step with start-up's records: some by an event, or all anew.

Whoever writes a month's facts holds that month's lock and reads the records after taking it. So two
events about one study-site leave what the later record says, in whatever order and however often they
come.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from tembusu.coordination.startup.selectors import cases, marks
from tembusu.insight.models import CaseMonth, MonthFigures
from tembusu.insight.rules import columns, definitions, facts
from tembusu.insight.selectors import definitions as in_force
from tembusu.insight.terms import CaseFacts, CountsFrom

LOCK = 728_363  # with a month's number: the advisory lock of whoever writes its facts
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Recount:
    """What a full count found.

    :ivar n_cases: study-sites counted
    :ivar n_months: months that hold some
    :ivar n_changed: months whose facts were not what they should have been
    """

    n_cases: int
    n_months: int
    n_changed: int


# -- some ------------------------------------------------------------------------------------------


def refresh(case_ids: Collection[int], *, at: datetime) -> int:
    """Bring the facts of these study-sites in step; return how many months changed."""
    ids = sorted(set(case_ids))
    n_changed = 0
    for first in range(0, len(ids), BATCH):
        n_changed += _refresh(ids[first : first + BATCH], at)
    return n_changed


@transaction.atomic
def _refresh(ids: Collection[int], at: datetime) -> int:
    counted = definitions.counts_from(in_force.in_force().values())
    was, months = _hold(ids)
    come: dict[date, list[CaseFacts]] = defaultdict(list)
    for one in _facts(ids, counted):
        come[one.month].append(one)
    n_changed = sum(_change(month, ids, come[month], counted, at) for month in sorted(months))
    _keep_places(was, {one.case_id: month for month, held in come.items() for one in held})
    return n_changed


def _hold(ids: Collection[int]) -> tuple[dict[int, date], set[date]]:
    """Lock the months in which study-sites stand and belong; return where they stand, and the months."""
    held: set[date] = set()
    while True:
        was = dict(CaseMonth.objects.filter(pk__in=ids).values_list("site_pathway_id", "month"))
        belongs = marks.selected_days(ids).values()
        months = {*was.values(), *(day.replace(day=1) for day in belongs)}
        if months <= held:
            return was, held
        for month in sorted(months - held):
            _lock(month)
        held |= months


def _lock(month: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, month.year * 12 + month.month]
        )


def _facts(ids: Collection[int], counted: Mapping[str, CountsFrom]) -> Iterable[CaseFacts]:
    return (facts.facts_of(case, counted) for case in cases.read_cases(ids))


def _change(
    month: date,
    ids: Collection[int],
    come: Collection[CaseFacts],
    counted: Mapping[str, CountsFrom],
    at: datetime,
) -> bool:
    """Change one month's facts by those of some study-sites; say whether anything changed."""
    stands = MonthFigures.objects.filter(month=month).first()
    if stands is not None and stands.counted_as != definitions.basis_of(counted):
        return _count_month(month, counted, at)  # no month mixes two ways of counting
    before = columns.read(stands.content) if stands else columns.block_of([])
    return _keep(month, stands, columns.changed(before, ids, come), counted, at)


def _keep(
    month: date,
    stands: MonthFigures | None,
    block: columns.Block,
    counted: Mapping[str, CountsFrom],
    at: datetime,
) -> bool:
    content, basis = columns.write(block), definitions.basis_of(counted)
    if stands is None and block.n == 0:
        return False
    if stands is not None and bytes(stands.content) == content and stands.counted_as == basis:
        return False
    if block.n == 0 and stands is not None:
        stands.delete()
        return True
    MonthFigures.objects.update_or_create(
        month=month,
        defaults={
            "content": content,
            "n_cases": block.n,
            "counted_as": basis,
            "digest": hashlib.sha256(content).hexdigest(),
            "changed_at": at,
        },
    )
    return True


def _keep_places(was: Mapping[int, date], now: Mapping[int, date]) -> None:
    CaseMonth.objects.filter(pk__in=[pk for pk in was if pk not in now]).delete()
    CaseMonth.objects.bulk_create(
        [CaseMonth(pk, month) for pk, month in sorted(now.items()) if was.get(pk) != month],
        update_conflicts=True,
        update_fields=["month"],
        unique_fields=["site_pathway_id"],
        batch_size=BATCH,
    )


# -- all -------------------------------------------------------------------------------------------


def months() -> list[date]:
    """Return every month that has study-sites, or facts of some, in order."""
    kept = MonthFigures.objects.values_list("month", flat=True)
    return sorted({*marks.months_of_selection(), *kept})


def recount(
    wanted: Iterable[date],
    *,
    at: datetime,
    progress: Callable[[int, int], None] = lambda n_done, n_total: None,
) -> Recount:
    """Count months anew from start-up's records alone, whatever stands, and keep what differs.

    :param wanted: months, such as `months()`
    :param progress: told how many of how many months are done
    """
    counted = definitions.counts_from(in_force.in_force().values())
    todo = list(wanted)
    n_changed = 0
    for n_done, month in enumerate(todo):
        progress(n_done, len(todo))
        with transaction.atomic():
            _lock(month)
            n_changed += _count_month(month, counted, at)
    progress(len(todo), len(todo))
    held = MonthFigures.objects.filter(month__in=todo).values_list("n_cases", flat=True)
    return Recount(sum(held), len(held), n_changed)


def _count_month(month: date, counted: Mapping[str, CountsFrom], at: datetime) -> bool:
    """Count one month anew; whoever calls holds its lock."""
    until = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    ids = marks.selected_between(month, until)
    made = [one for one in _facts(ids, counted) if one.month == month]
    stands = MonthFigures.objects.filter(month=month).first()
    was = dict(CaseMonth.objects.filter(month=month).values_list("site_pathway_id", "month"))
    elsewhere = CaseMonth.objects.filter(pk__in=ids).exclude(month=month)
    was |= dict(elsewhere.values_list("site_pathway_id", "month"))
    _keep_places(was, {one.case_id: month for one in made})
    return _keep(month, stands, columns.block_of(made), counted, at)
