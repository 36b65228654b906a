"""Every record in whatever files one is given, good or refused, one after the other and with flat
memory.

`read_paths` is the only door an importer needs. A record that cannot be read becomes a `Reading`
with a reason and its own bytes (`refusals.RefusalWriter` puts them aside), and the rest goes on.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import orjson

from trialformats import containers, ctgov_csv, ctgov_json, ctgov_xml, ictrp_xml, mending
from trialformats.errors import Fault, FormatError
from trialformats.pieces import Piece
from trialformats.records import TrialRecord
from trialformats.split_csv import split_csv
from trialformats.split_json import split_json
from trialformats.split_xml import split_xml
from trialformats.streams import Limits, Stream, as_utf8

__all__ = ["Limits", "Reading", "ResumeError", "count_hint", "read_paths"]

_NUMBER = re.compile(
    rb"(?:NCT|ISRCTN|DRKS|ChiCTR|ACTRN|CTRI/|KCT|TCTR|PACTR|IRCT|jRCT)[\w/-]{4,24}"
)
_NUMBER_PLACE = re.compile(
    rb'(?:"(?:nctId|NCTId)"\s*:\s*"|<nct_id>\s*|<(?:TrialID|trial_id)>\s*)([^"<]{1,40})'
)
# How the reasons beside refused records begin (`refusals`): they hold no record and are passed over.
REASONS_BEGIN = b"source,position,registry_no,field,path,"
# What stands once in each record, whatever the format.
_MARKS = (b'rotocolSection"', b"<clinical_study>", b"<clinical_study ", b"<Trial>", b"\nNCT0")
_BLANKS_BEFORE = 1024 * 1024
_HINT_BYTES = 512 * 1024 * 1024


class ResumeError(ValueError):
    """The place to resume from is not in the files given, so an import cannot go on where it
    stopped.
    """


@dataclass(frozen=True, slots=True)
class Reading:
    """One record found, or one place where none could be read.

    `source` is the file relative to the path given, `archive.tar.gz!member.xml` inside an archive;
    `position` counts the records of that source from 1. `reason` is '' for a good record, else a line
    for each of its `faults`. `raw` are
    the bytes of a refused record, with which it can be mended (of a good one only where asked for);
    `header_raw` the CSV's first row.
    `fingerprint` is the SHA-256 of the piece. `known` is set where `is_known(fingerprint)` said so,
    and the piece was not parsed. `format` names the reader (`ctgov-json`, `ctgov-xml`, `ictrp-xml`,
    `ctgov-csv`). `fields` are the fields the source can answer where it cannot answer all (a CSV
    has the columns somebody chose); empty means all: a field outside it is not known to be empty.
    """

    source: str
    position: int
    record: TrialRecord | None = None
    registry_no: str = ""
    reason: str = ""
    faults: tuple[Fault, ...] = ()
    raw: bytes = b""
    header_raw: bytes = b""
    media: str = ""
    format: str = ""
    fingerprint: str = ""
    known: bool = False
    fields: frozenset[str] = frozenset()


def read_paths(
    paths: Sequence[str | PathLike[str]],
    *,
    limits: Limits | None = None,
    is_known: Callable[[str], bool] | None = None,
    resume_after: tuple[str, int] | None = None,
    keep_raw: bool = False,
) -> Iterator[Reading]:
    """Yield a Reading for every record in the files, folders and archives, in a fixed order.

    `is_known` is asked with the fingerprint of each piece; a known piece is not parsed.
    `resume_after` is the (source, position) of the last Reading dealt with: everything up to it is
    passed over. Raises ResumeError when it is not there. `keep_raw` gives the bytes of good records
    too, for whoever may have to refuse them later.
    """
    limits = limits or Limits()
    waiting = resume_after
    for found in containers.opened([Path(path) for path in paths], limits):
        if waiting and found.source != waiting[0]:
            continue
        after, waiting = (waiting[1] if waiting else 0), None
        for reading in _readings(found, limits, is_known, after):
            # A good record's bytes are let go of here, as early as possible.
            yield reading if keep_raw or reading.reason else _without_raw(reading)
    if waiting:
        raise ResumeError(
            f"'{waiting[0]}' is not among the files given; "
            "give the same files, or import from the start"
        )


def _without_raw(reading: Reading) -> Reading:
    return replace(reading, raw=b"", header_raw=b"") if reading.raw else reading


def count_hint(paths: Sequence[str | PathLike[str]], *, limits: Limits | None = None) -> int | None:
    """Return about how many records the paths hold, for a progress bar; None when finding out would
    take long.
    """
    total, seen = 0, 0
    for found in containers.opened([Path(path) for path in paths], limits or Limits()):
        tail = b"\n"
        for chunk in found.stream:
            seen += len(chunk)
            if seen > _HINT_BYTES:
                return None
            total += _n_marks(tail + chunk) - _n_marks(tail)
            tail = chunk[-32:]
    return total


def _n_marks(text: bytes) -> int:
    return sum(text.count(mark) for mark in _MARKS)


def _readings(
    found: containers.Opened, limits: Limits, is_known: Callable[[str], bool] | None, after: int
) -> Iterator[Reading]:
    position = 0
    media = ""
    reason, stream = found.reason, found.stream
    if not reason:
        stream = as_utf8(stream)
        if stream.peek(len(REASONS_BEGIN)) == REASONS_BEGIN:
            return
        media, reason = _media_of(stream)
    if not reason:
        try:
            for piece in _SPLITTERS[media](stream, limits):
                position += 1
                if position > after:
                    yield _reading(found.source, position, media, piece, is_known)
        except FormatError as error:
            reason = error.reason
        reason = reason or stream.fault or found.stream.fault
        if not reason and not position:
            reason = "the file holds no record"
    if reason and position + 1 > after:
        faults = (Fault(reason),)
        yield Reading(found.source, position + 1, reason=reason, faults=faults, media=media)


def _media_of(stream: Stream) -> tuple[str, str]:
    """Return 'json', 'xml' or 'csv', or '' and the reason."""
    head = stream.peek(4096)
    head = head if head.strip() else stream.peek(_BLANKS_BEFORE)
    text = head.lstrip()
    if not text:
        return "", stream.fault or "the file is empty"
    if text[:1] in b"{[":
        return "json", ""
    if text[:1] == b"<":
        return (
            ("xml", "")
            if not text[:15].lower().startswith((b"<html", b"<!doctype html"))
            else (
                "",
                "this is a web page; download the record itself as XML, JSON or CSV",
            )
        )
    if b"\0" not in head and ctgov_csv.is_header(head):
        return "csv", ""
    return "", containers.unknown_kind(head)


_SPLITTERS: dict[str, Callable[[Stream, Limits], Iterator[Piece]]] = {
    "json": split_json,
    "xml": split_xml,
    "csv": split_csv,
}


def _reading(
    source: str,
    position: int,
    media: str,
    piece: Piece,
    is_known: Callable[[str], bool] | None,
) -> Reading:
    fingerprint = hashlib.sha256(piece.header_raw + piece.raw).hexdigest() if piece.raw else ""
    blank = Reading(source, position, media=media, fingerprint=fingerprint)
    if piece.reason:
        return _refused(blank, piece, piece.reason)
    if is_known and is_known(fingerprint):
        return replace(blank, known=True)
    try:
        name, record = _record(media, piece)
    except FormatError as error:
        return _refused(blank, piece, str(error), error.faults)
    return Reading(
        source=source,
        position=position,
        record=record,
        registry_no=record.registry_no,
        raw=piece.raw,
        header_raw=piece.header_raw,
        media=media,
        format=name,
        fingerprint=fingerprint,
        fields=ctgov_csv.fields_of(piece.header) if media == "csv" else frozenset(),
    )


def _refused(blank: Reading, piece: Piece, reason: str, faults: tuple[Fault, ...] = ()) -> Reading:
    return replace(
        blank,
        reason=reason,
        faults=faults or (Fault(reason),),
        raw=piece.raw,
        header_raw=piece.header_raw,
        registry_no=_number_in(piece.raw or piece.beginning),
    )


def _number_in(raw: bytes) -> str:
    """Return the trial number that a broken piece seems to carry."""
    found = _NUMBER_PLACE.search(raw)
    text = found[1] if found else (near[0] if (near := _NUMBER.search(raw, 0, 4096)) else b"")
    return text.decode("utf-8", "replace").strip()


def _record(media: str, piece: Piece) -> tuple[str, TrialRecord]:
    raw, note = mending.decoded(piece.raw)
    name, record = _FORMATS[media](raw, piece)
    if note:
        record = replace(record, notes=(*record.notes, note))
    return name, mending.mended(record) if mending.may_be_garbled(raw) else record


def _from_json(raw: bytes, _piece: Piece) -> tuple[str, TrialRecord]:
    try:
        study: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise FormatError(f"the JSON is broken: {error}") from error
    return "ctgov-json", ctgov_json.read(study)


def _from_xml(raw: bytes, _piece: Piece) -> tuple[str, TrialRecord]:
    if raw.startswith(b"<clinical_study"):
        return "ctgov-xml", ctgov_xml.read(raw)
    return "ictrp-xml", ictrp_xml.read(raw)


def _from_csv(raw: bytes, piece: Piece) -> tuple[str, TrialRecord]:
    return "ctgov-csv", ctgov_csv.read(piece.header, raw.decode("utf-8"))


_FORMATS: dict[str, Callable[[bytes, Piece], tuple[str, TrialRecord]]] = {
    "json": _from_json,
    "xml": _from_xml,
    "csv": _from_csv,
}
