"""An extract comes in: its file is looked at and kept, its columns are mapped."""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from tembusu.foundation.core import audit, files, jobs
from tembusu.foundation.core.states import Refusal, check_move
from tembusu.foundation.core.terms import FileRules
from tembusu.foundation.exchange import permissions, reading, rules, terms
from tembusu.foundation.exchange.models import Extract, SavedMapping
from tembusu.foundation.exchange.reading import FileKind
from tembusu.foundation.exchange.rules import EXTRACT_MOVES, Layout
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.selectors import layouts
from tembusu.foundation.exchange.terms import DateOrder, ExtractState, Purpose

CHECK, TAKE = "exchange.check", "exchange.take"
MOST_BYTES = 32 * 1024 * 1024
# What a file is, `reading` has found by then; text has no mark, so its type may not be told.
UNTOLD = "application/octet-stream"
MEDIA_TYPES = {
    FileKind.CSV: frozenset({"text/csv", "text/plain", "application/json", UNTOLD}),
    FileKind.XLSX: frozenset(
        {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/zip",
            UNTOLD,
        }
    ),
}
CHUNK = 1 << 20


class ExtractRefused(Refusal):
    """An extract that cannot be sent or go on so."""


@audit.act
def send_extract(
    *,
    purpose: Purpose,
    source: BinaryIO,
    name: str,
    organisation_id: int | None,
    by: Any,
    at: datetime,
) -> Extract:
    """Keep a file that somebody sends for a purpose; its columns are to be mapped next.

    :param organisation_id: the body for which it is sent; its mapping is kept for next time
    :raises PermissionDenied: if the purpose is not the user's
    :raises ExtractRefused: if they hold no role at that body
    :raises FileFault: if it cannot be read as a table
    :raises FileRefused: if it is empty or too large
    """
    permissions.check_can_send(by, purpose)
    if organisation_id is not None and organisation_id not in dict(selectors.own_bodies(by)):
        raise ExtractRefused("Choose a body at which you hold a role, or none.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sent"
        with path.open("wb") as scratch:
            _copy(source, scratch)
        manner = layouts.likeliest_sheet(path, reading.describe(path), purpose)
        layouts.first_rows(path, manner)
        with path.open("rb") as scratch:
            shown = Path(name.replace("\\", "/")).name.replace("\0", "")[-200:] or "extract"
            suffixed = str(Path(shown).with_suffix(f".{manner.kind.value}"))
            accepted = FileRules(MEDIA_TYPES[manner.kind], _most_bytes())
            stored = files.store(scratch, name=suffixed, accepted=accepted, by=by, at=at)
    extract = Extract.objects.create(
        purpose=purpose.key,
        organisation_id=organisation_id,
        name=shown,
        sha256=stored.sha256,
        manner=manner.as_json(),
        sent_by=by,
        sent_at=at,
    )
    change = {"purpose": purpose.key, "file": shown, "sha256": stored.sha256}
    audit.record("exchange.extract.sent", on=extract, by=by, at=at, change=change)
    return extract


def _most_bytes() -> int:
    return min(MOST_BYTES, settings.UPLOAD_LIMIT)


def _copy(source: BinaryIO, into: BinaryIO) -> None:
    """Copy a file, and refuse once it is longer than what is taken."""
    left = _most_bytes()
    while chunk := source.read(CHUNK):
        left -= len(chunk)
        if left < 0:
            limit = f"{_most_bytes() // 1024 // 1024} MB"
            raise ExtractRefused(f"The file is larger than {limit}. Part it, and send the parts.")
        into.write(chunk)


@audit.act
def map_extract(
    *,
    extract: Extract,
    places: Mapping[str, int | None],
    date_order: DateOrder,
    by: Any,
    at: datetime,
    sheet: str = "",
) -> Extract:
    """Settle where the file says what, keep that for next time, and queue the check of its rows.

    :param places: the place of each column in the file, from 0, None where it lacks it
    :raises MappingRefused: if a needed column is missing, or one of the file is given twice
    :raises IllegalMove: if its rows are being read or were taken
    """
    purpose = purpose_of(extract)
    permissions.check_can_send(by, purpose)
    extract = locked(extract)
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=ExtractState.CHECKING)
    layout = _laid_out(extract, purpose, places, date_order, sheet)
    _save_mapping(extract, layout, purpose, by, at)
    extract.state, extract.counts, extract.n_rows = ExtractState.CHECKING, {}, 0
    title = f"Check of {extract.name}"[:200]
    job = jobs.start(CHECK, title=title, arguments={"extract": extract.pk}, by=by, at=at)
    extract.job_id = job.pk
    extract.save()
    change = {"places": dict(layout.places), "sheet": extract.manner["sheet"]}
    audit.record("exchange.extract.mapped", on=extract, by=by, at=at, change=change)
    return extract


def _laid_out(
    extract: Extract,
    purpose: Purpose,
    places: Mapping[str, int | None],
    date_order: DateOrder,
    sheet: str,
) -> Layout:
    manner = layouts.with_sheet(extract, sheet)
    line, headers = layouts.headers_of(extract, manner)
    inside = {k: p for k, p in places.items() if p is None or 0 <= p < len(headers)}
    found = rules.check_mapping(inside, purpose.columns, headers)
    layout = Layout(line, tuple(headers), found, date_order)
    extract.manner, extract.layout = manner.as_json(), layout.as_json()
    return layout


def _save_mapping(
    extract: Extract, layout: Layout, purpose: Purpose, by: Any, at: datetime
) -> None:
    columns = {
        one.key: layout.headers[layout.places[one.key]] if one.key in layout.places else ""
        for one in purpose.columns
    }
    said = {"columns": columns, "date_order": layout.date_order, "saved_by": by, "saved_at": at}
    known: dict[str, Any] = {"purpose": extract.purpose, "organisation_id": extract.organisation_id}
    if extract.organisation_id is None:
        known["saved_by_id"] = by.pk
    SavedMapping.objects.update_or_create(**known, defaults=said)


@audit.act
def send_at_once(
    *,
    purpose: Purpose,
    source: BinaryIO,
    name: str,
    organisation_id: int | None,
    by: Any,
    at: datetime,
) -> Extract:
    """Take a program's extract without a preview, mapped as it was last, or by the columns' own names.

    :raises MappingRefused: if a needed column is neither mapped before nor called by its name
    :raises ExtractRefused: if nobody said in which order its dates are written, and they don't show it
    """
    extract = send_extract(
        purpose=purpose, source=source, name=name, organisation_id=organisation_id, by=by, at=at
    )
    line, headers = layouts.headers_of(extract, selectors.manner_of(extract))
    proposed = layouts.proposals_of(extract, headers, purpose)
    sure = {key: one.place for key, one in proposed.items() if one.by != terms.MappedBy.LIKENESS}
    places = rules.check_mapping(sure, purpose.columns, headers)
    layout = Layout(line, tuple(headers), places)
    layout = Layout(line, tuple(headers), places, _order_for(extract, purpose, layout))
    check_move(EXTRACT_MOVES, present=ExtractState.SENT, to=ExtractState.TAKING)
    extract.layout, extract.state, extract.is_by_program = (
        layout.as_json(),
        ExtractState.TAKING,
        True,
    )
    extract.job_id = start_taking(extract, by, at)
    extract.save()
    audit.record("exchange.extract.asked_for", on=extract, by=by, at=at)
    return extract


def _order_for(extract: Extract, purpose: Purpose, layout: Layout) -> DateOrder:
    shown, _ = layouts.date_order_of(extract, purpose, layout)
    saved = selectors.saved_mapping(extract)
    if shown is not None:
        return shown
    return DateOrder(saved.date_order) if saved else DateOrder.DAY_FIRST


def start_taking(extract: Extract, by: Any, at: datetime) -> int:
    """Queue the job that takes an extract's rows and return its number."""
    title = f"Extract {extract.name}"[:200]
    return int(jobs.start(TAKE, title=title, arguments={"extract": extract.pk}, by=by, at=at).pk)


@audit.act
def discard_extract(*, extract: Extract, by: Any, at: datetime) -> Extract:
    """Lay an extract aside of which nothing was taken.

    :raises IllegalMove: once its rows are taken
    """
    extract = locked(extract)
    permissions.check_is_own(by, extract)
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=ExtractState.DISCARDED)
    extract.state, extract.finished_at = ExtractState.DISCARDED, at
    extract.save(update_fields=["state", "finished_at"])
    audit.record("exchange.extract.discarded", on=extract, by=by, at=at)
    return extract


def purpose_of(extract: Extract) -> Purpose:
    """Return an extract's purpose.

    :raises ExtractRefused: if the room that took such extracts is gone
    """
    purpose = terms.get_purpose(extract.purpose)
    if purpose is None:
        raise ExtractRefused("Extracts of this kind are no longer taken here.")
    return purpose


def locked(extract: Extract) -> Extract:
    return Extract.objects.select_for_update(no_key=True).get(pk=extract.pk)
