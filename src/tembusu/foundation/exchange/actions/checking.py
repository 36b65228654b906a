"""The check of an extract: every row is read and judged, nothing is changed but the preview."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tembusu.foundation.core import audit
from tembusu.foundation.core.states import check_move
from tembusu.foundation.exchange.actions import batches
from tembusu.foundation.exchange.actions.sending import locked, purpose_of
from tembusu.foundation.exchange.models import Extract, ExtractRow
from tembusu.foundation.exchange.rules import EXTRACT_MOVES, ReadRow, Repeats
from tembusu.foundation.exchange.terms import (
    Difference,
    ExtractState,
    Purpose,
    Verdict,
    VerdictKind,
)

Told = Callable[[int, int], None]


def check_extract(*, extract: Extract, by: Any, at: datetime, progress: Told) -> Extract:
    """Judge every row and keep what was found, for the preview.

    :param progress: told how many of how many rows are judged; may raise to stop
    :raises FileFault: if the file cannot be read to its end
    """
    purpose = purpose_of(extract)
    repeats, n_rows = batches.repeats_in(extract, purpose, by)
    ExtractRow.objects.filter(extract=extract).delete()
    counts: Counter[str] = Counter()
    n_done = 0
    for batch in batches.read_batches(extract, purpose, by):
        judged = judge(batch, purpose, repeats, by, at)
        _keep(extract, batch, judged)
        counts.update(verdict.kind.value for verdict in judged)
        n_done += len(batch)
        progress(n_done, n_rows)
    return finish_check(extract=extract, counts=counts, by=by, at=at)


def judge(
    batch: Sequence[ReadRow], purpose: Purpose, repeats: Repeats, by: Any, at: datetime
) -> list[Verdict]:
    """Return a verdict on each row; the room is asked about those that can be read."""
    found: dict[int, Verdict] = {}
    for row in batch:
        if fault := batches.fault_of(row, purpose, repeats):
            found[row.line] = Verdict(VerdictKind.REFUSED, reason=fault)
        elif twin := batches.twin_of(row, purpose, repeats):
            found[row.line] = Verdict(VerdictKind.SAME, reason=f"Row {twin} says the same.")
    asked = [row for row in batch if row.line not in found]
    if asked:
        verdicts = purpose.check([row.row for row in asked], by=by, at=at)
        found.update(zip([row.line for row in asked], verdicts, strict=True))
    return [found[row.line] for row in batch]


def _keep(extract: Extract, batch: Sequence[ReadRow], judged: Sequence[Verdict]) -> None:
    ExtractRow.objects.bulk_create(
        ExtractRow(
            extract=extract,
            line=row.line,
            what=verdict.what[:300],
            verdict=verdict.kind,
            differences=as_json(verdict.differences),
            reason=verdict.reason,
        )
        for row, verdict in zip(batch, judged, strict=True)
    )


def as_json(differences: Sequence[Difference]) -> list[list[str]]:
    return [[one.label, one.before, one.after] for one in differences]


@audit.act
def finish_check(*, extract: Extract, counts: Counter[str], by: Any, at: datetime) -> Extract:
    """Show an extract as checked, with how many rows had each verdict.

    :raises IllegalMove: if it was laid aside meanwhile
    """
    extract = locked(extract)
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=ExtractState.CHECKED)
    extract.state, extract.counts, extract.n_rows = (
        ExtractState.CHECKED,
        dict(counts),
        counts.total(),
    )
    extract.save(update_fields=["state", "counts", "n_rows"])
    audit.record("exchange.extract.checked", on=extract, by=by, at=at, change=extract.counts)
    return extract
