"""What an import does with one batch: nothing is lost to a bad record.

A batch is one transaction. If it fails, its records are taken one by one, so that only the faulty one
is refused. Progress is written with each batch, so that an import that was interrupted can go on where
it stopped. Imports take turns batch by batch, so two of the same file do not meet half-way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import DatabaseError

from tembusu.coordination.registry.actions import index, places
from tembusu.coordination.registry.actions.taking import Incoming, Round
from tembusu.coordination.registry.models import ImportRun, RefusedRecord, SeenPiece
from tembusu.coordination.registry.reading import Key, Ready
from tembusu.coordination.registry.terms import STUDIES_CHANGED, ImportCounts, ImportOutcome
from tembusu.foundation.core import audit, outbox
from tembusu.foundation.core.audit import Actor
from trialformats.refusals import RefusalWriter
from trialformats.sources import Reading

# Classes of SQLSTATE (PostgreSQL's appendix A) for which the record itself is to blame: data that a
# column can't hold, a broken constraint, a limit of the program (a text too long to be indexed).
RECORDS_FAULTS = {"22", "23", "54"}
PASSING_FAULTS = {"40"}  # a deadlock, or a clash with another transaction
ATTEMPTS = 3


@dataclass(slots=True)
class Importer:
    """What an import keeps in memory from batch to batch."""

    run: ImportRun
    by: Actor | None
    at: datetime
    concepts: index.Concepts
    matching: places.Matching
    counts: ImportCounts = field(default_factory=ImportCounts)


def importer_for(run: ImportRun, *, by: Actor | None, at: datetime) -> Importer:
    """Return an importer that goes on with the counts of a run."""
    return Importer(
        run=run,
        by=by,
        at=at,
        concepts=index.Concepts.load(),
        matching=places.Matching.load(),
        counts=ImportCounts(**{k: v for k, v in run.counts.items() if k != "read"}),
    )


def take(importer: Importer, batch: Sequence[Ready], aside: RefusalWriter | None) -> None:
    """Import one batch; where it fails as a whole, record by record."""
    # Put aside first: a run that is killed in between then keeps a record twice, never not at all.
    _put_aside([one.reading for one in batch if one.reading.reason], aside)
    try:
        _attempt(importer, batch)
    except (DatabaseError, ValueError) as fault:
        if not _is_records_fault(fault):
            raise
        for one in batch:
            _take_one(importer, one, aside)


def _take_one(importer: Importer, ready: Ready, aside: RefusalWriter | None) -> None:
    """Import one record, or refuse it with its reason."""
    try:
        _attempt(importer, [ready])
    except (DatabaseError, ValueError) as fault:
        if not _is_records_fault(fault):
            raise
        reason = f"the database can't hold this record: {str(fault).splitlines()[0]}"
        reading = replace(ready.reading, reason=reason)
        _put_aside([reading], aside)
        _attempt(importer, [Ready(reading)])


def _attempt(importer: Importer, batch: Sequence[Ready]) -> None:
    """Import a batch, again where it only clashed with somebody else's work."""
    for left in reversed(range(ATTEMPTS)):
        try:
            importer.counts = import_batch(importer=importer, batch=batch, by=importer.by)
        except DatabaseError as fault:
            if not left or _class_of(fault) not in PASSING_FAULTS:
                raise
        else:
            return


def _is_records_fault(fault: Exception) -> bool:
    return not isinstance(fault, DatabaseError) or _class_of(fault) in RECORDS_FAULTS


def _class_of(fault: DatabaseError) -> str:
    state: str | None = getattr(fault.__cause__, "sqlstate", None)
    return (state or "")[:2]


def _put_aside(readings: Sequence[Reading], aside: RefusalWriter | None) -> None:
    if readings and aside:
        for reading in readings:
            aside.write(reading)
        aside.flush()


@audit.act
def import_batch(*, importer: Importer, batch: Sequence[Ready], by: Actor | None) -> ImportCounts:
    """Take one batch in one transaction and return the counts so far."""
    index.take_turn()
    counts = importer.counts
    _keep_refused(importer.run, [one.reading for one in batch if one.reading.reason])
    for one in batch:
        if one.key is None:
            refused = bool(one.reading.reason)
            counts = counts.plus(ImportOutcome.REJECTED if refused else ImportOutcome.UNCHANGED)
    good = [one for one in batch if one.key is not None]
    for round_ in _rounds(importer, good):
        audit.record_many(round_.take())
        if study_ids := sorted({one.its_study.pk for one in round_.taken}):
            outbox.write(STUDIES_CHANGED, {"study_ids": study_ids}, at=importer.at)
        for incoming in round_.incoming:
            counts = counts.plus(incoming.outcome)
    _note_progress(importer.run, batch, counts)
    return counts


def _rounds(importer: Importer, good: Iterable[Ready]) -> Iterator[Round]:
    """Part a batch so that no record meets itself or a partner within one round."""
    taken: dict[Key, Incoming] = {}
    named: set[Key] = set()
    for ready in good:
        incoming = _incoming(ready)
        if (
            incoming.key in taken
            or incoming.key in named
            or not taken.keys().isdisjoint(ready.cross)
        ):
            yield _round(importer, taken)
            taken, named = {}, set()
        taken[incoming.key] = incoming
        named.update(ready.cross)
    if taken:
        yield _round(importer, taken)


def _incoming(ready: Ready) -> Incoming:
    if ready.key is None:
        raise RuntimeError("What was not read can't be taken.")
    return Incoming(ready, ready.key, ready.json, ready.digest, ready.described)


def _round(importer: Importer, taken: Mapping[Key, Incoming]) -> Round:
    return Round(
        run=importer.run,
        by=importer.by,
        at=importer.at,
        concepts=importer.concepts,
        matching=importer.matching,
        incoming=list(taken.values()),
    )


def _keep_refused(run: ImportRun, readings: Iterable[Reading]) -> None:
    RefusedRecord.objects.bulk_create(
        RefusedRecord(
            run=run,
            source=_shown(reading.source),
            position=reading.position,
            registry_no=_shown(reading.registry_no)[:100],
            reason=_shown(reading.reason),
        )
        for reading in readings
    )


def _shown(text: str) -> str:
    return text.replace("\x00", "")


def _note_progress(run: ImportRun, batch: Sequence[Ready], counts: ImportCounts) -> None:
    SeenPiece.objects.bulk_create(
        [
            SeenPiece(fingerprint=bytes.fromhex(one.reading.fingerprint))
            for one in batch
            if one.key is not None
        ],
        ignore_conflicts=True,
    )
    last = batch[-1].reading
    ImportRun.objects.filter(pk=run.pk).update(
        counts=counts.as_json(), last_source=last.source, last_position=last.position
    )
