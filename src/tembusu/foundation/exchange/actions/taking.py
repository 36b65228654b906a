"""Taking an extract: each batch in one transaction; where it fails, its rows one by one.

Every row is judged again as it is taken. What was changed by somebody since the preview is not taken
over unseen: the row comes back as refused, with what stands there now. Extracts for one purpose take
turns batch by batch, so two of the same file do not meet half-way.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection

from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal, check_move
from tembusu.foundation.exchange.actions import batches, giving_back
from tembusu.foundation.exchange.actions.checking import Told, as_json, judge
from tembusu.foundation.exchange.actions.sending import locked, purpose_of
from tembusu.foundation.exchange.models import Extract, ExtractRow
from tembusu.foundation.exchange.rules import EXTRACT_MOVES, ReadRow, Repeats, overtaken
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.terms import ExtractState, Outcome, Purpose, Verdict, VerdictKind

# Classes of SQLSTATE (PostgreSQL's appendix A) for which the row itself is to blame: data that a
# column can't hold, a broken constraint, a limit of the program.
ROWS_FAULTS = {"22", "23", "54"}
PASSING_FAULTS = {"40"}  # a deadlock, or a clash with another transaction
ATTEMPTS = 3
TURN = int.from_bytes(hashlib.sha256(b"exchange.take").digest()[:4], "big", signed=True)


@dataclass(frozen=True, slots=True)
class Taking:
    """What a run keeps from batch to batch."""

    extract: Extract
    purpose: Purpose
    repeats: Repeats


def take_rows(
    *, extract: Extract, by: Any, at: datetime, progress: Told, clock: Callable[[], datetime]
) -> Extract:
    """Take every row that was not dealt with yet, and close the extract.

    :param progress: told how many of how many rows are dealt with; may raise to stop
    :param clock: tells when it ends
    :raises FileFault: if the file cannot be read to its end; what was taken stays
    """
    purpose = purpose_of(extract)
    repeats, n_rows = batches.repeats_in(extract, purpose, by)
    taking, n_done = Taking(extract, purpose, repeats), 0
    for batch in batches.read_batches(extract, purpose, by):
        _take(taking, batch, by, at)
        n_done += len(batch)
        progress(n_done, n_rows)
    return finish_extract(extract=extract, by=by, at=clock())


def _take(taking: Taking, batch: Sequence[ReadRow], by: Any, at: datetime) -> None:
    try:
        _attempt(taking, batch, by, at)
    except (DatabaseError, ValueError, Refusal) as fault:
        if not _is_rows_fault(fault):
            raise
        for row in batch:
            _take_one(taking, row, by, at)


def _take_one(taking: Taking, row: ReadRow, by: Any, at: datetime) -> None:
    try:
        _attempt(taking, [row], by, at)
    except (DatabaseError, ValueError, Refusal) as fault:
        if not _is_rows_fault(fault):
            raise
        said = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        reason = f"The database can't hold this row: {said}" if _is_database(fault) else said
        take_batch(taking=taking, batch=[row], by=by, at=at, refused_for=reason)


def _attempt(taking: Taking, batch: Sequence[ReadRow], by: Any, at: datetime) -> None:
    """Take a batch, again where it only clashed with somebody else's work."""
    for left in reversed(range(ATTEMPTS)):
        try:
            take_batch(taking=taking, batch=batch, by=by, at=at)
        except DatabaseError as fault:
            if not left or _class_of(fault) not in PASSING_FAULTS:
                raise
        else:
            return


def _is_database(fault: Exception) -> bool:
    return isinstance(fault, DatabaseError)


def _is_rows_fault(fault: Exception) -> bool:
    return not isinstance(fault, DatabaseError) or _class_of(fault) in ROWS_FAULTS


def _class_of(fault: DatabaseError) -> str:
    state: str | None = getattr(fault.__cause__, "sqlstate", None)
    return (state or "")[:2]


@audit.act
def take_batch(
    *, taking: Taking, batch: Sequence[ReadRow], by: Any, at: datetime, refused_for: str = ""
) -> Counter[str]:
    """Deal with the rows of one batch that wait for it, in one transaction.

    :param refused_for: why its rows are refused, where taking them has failed
    :return: how many had each outcome
    """
    _take_turn(taking.purpose)
    lines = [row.line for row in batch]
    kept = {
        one.line: one for one in ExtractRow.objects.filter(extract=taking.extract, line__in=lines)
    }
    waiting = [row for row in batch if row.line not in kept or not kept[row.line].outcome]
    if refused_for:
        done = {row.line: Outcome(VerdictKind.REFUSED, refused_for) for row in waiting}
        judged: Mapping[int, Verdict] = {}
    else:
        verdicts = judge(waiting, taking.purpose, taking.repeats, by, at) if waiting else []
        judged = dict(zip([row.line for row in waiting], verdicts, strict=True))
        done = _settle(taking, waiting, judged, kept, by, at)
    _keep(taking.extract, kept, judged, done)
    counts = Counter(outcome.kind.value for outcome in done.values())
    if done:
        change = {"rows": [lines[0], lines[-1]], **counts}
        audit.record("exchange.extract.batch_taken", on=taking.extract, by=by, at=at, change=change)
    return counts


def _take_turn(purpose: Purpose) -> None:
    """Wait until no other extract for this purpose is at work on a batch."""
    which = int.from_bytes(hashlib.sha256(purpose.key.encode()).digest()[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TURN, which])


def _settle(
    taking: Taking,
    waiting: Sequence[ReadRow],
    judged: Mapping[int, Verdict],
    kept: Mapping[int, ExtractRow],
    by: Any,
    at: datetime,
) -> dict[int, Outcome]:
    """Return what becomes of each row; what is to be taken, its room takes."""
    done: dict[int, Outcome] = {}
    for row in waiting:
        outcome = _without_taking(taking.extract, judged[row.line], kept.get(row.line))
        if outcome is not None:
            done[row.line] = outcome
    wanted = [row for row in waiting if row.line not in done]
    if wanted:
        outcomes = taking.purpose.take(
            [row.row for row in wanted], by=by, at=at, run=taking.extract.pk
        )
        done.update(zip([row.line for row in wanted], outcomes, strict=True))
    return done


def _without_taking(extract: Extract, verdict: Verdict, kept: ExtractRow | None) -> Outcome | None:
    """Return the outcome of a row that is not to be taken, None for one that is."""
    if verdict.kind in (VerdictKind.REFUSED, VerdictKind.SAME):
        return Outcome(verdict.kind, verdict.reason)
    is_change = verdict.kind is VerdictKind.CHANGED
    if (kept is not None and kept.is_left) or (is_change and not extract.takes_changes):
        return Outcome(VerdictKind.LEFT, "Left as it is, as you asked.")
    if kept is not None and kept.verdict:
        seen = [tuple(one) for one in kept.differences]
        if reason := overtaken(VerdictKind(kept.verdict), seen, verdict):
            return Outcome(VerdictKind.REFUSED, reason)
    return None


def _keep(
    extract: Extract,
    kept: Mapping[int, ExtractRow],
    judged: Mapping[int, Verdict],
    done: Mapping[int, Outcome],
) -> None:
    fresh = []
    known = []
    for line, outcome in done.items():
        row = kept.get(line)
        if row is None:
            row = ExtractRow(extract=extract, line=line)
            fresh.append(row)
        else:
            known.append(row)
        if not row.verdict and (verdict := judged.get(line)):
            row.what, row.differences = verdict.what[:300], as_json(verdict.differences)
        row.outcome, row.outcome_reason = outcome.kind, outcome.reason
        row.url = outcome.url[:300]
    ExtractRow.objects.bulk_create(fresh)
    ExtractRow.objects.bulk_update(
        known, ["what", "differences", "outcome", "outcome_reason", "url"], batch_size=250
    )


@audit.act
def finish_extract(*, extract: Extract, by: Any, at: datetime) -> Extract:
    """Close an extract whose every row was dealt with, and keep the refused ones as a file.

    :raises IllegalMove: unless it is being taken
    """
    extract = locked(extract)
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=ExtractState.DONE)
    found = selectors.outcomes_of(extract)
    extract.refused_file = giving_back.keep_refused(extract, by, at)
    extract.counts, extract.n_rows = {**extract.counts, **found}, sum(found.values())
    extract.state, extract.finished_at = ExtractState.DONE, at
    extract.save(update_fields=["counts", "n_rows", "state", "finished_at", "refused_file"])
    audit.record("exchange.extract.finished", on=extract, by=by, at=at, change=found)
    return extract
