"""Cutting XML into records by their element, which never holds another of its kind."""

import re
from collections.abc import Iterator

from trialformats.errors import FormatError
from trialformats.pieces import BEGINNING, Piece, Window, too_large
from trialformats.streams import Limits, Stream
from trialformats.xml_safely import refuse_declarations

_START = re.compile(rb"<(clinical_study|Trial|trial)(?=[\s>])")
_TURN = {
    name: re.compile(rb"</" + name + rb"\s*>|<" + name + rb"(?=[\s>])")
    for name in (b"clinical_study", b"Trial", b"trial")
}
_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_LONGEST_TAG = 32
CUT = "the XML ends in the middle of this record: the file was cut off; fetch it again"


def split_xml(stream: Stream, limits: Limits) -> Iterator[Piece]:
    """Yield each `clinical_study` or `Trial` element.

    Raises FormatError for a DTD and for XML of another kind.
    """
    window = Window(stream)
    root = b""
    n_pieces = 0
    while found := _next_start(window):
        start, name, before = found
        root = root or _root(before)
        n_pieces += 1
        yield _element(window, start, _TURN[name], limits)
    if not n_pieces:
        raise FormatError(_unknown(root or _root(window.data)))


def _next_start(window: Window) -> tuple[int, bytes, bytes] | None:
    """Return where the next record starts, its element, and what stood before it.

    Raises FormatError for a DTD.
    """
    while True:
        found = _START.search(window.data, window.pos)
        before = window.data[window.pos : found.start() if found else len(window.data)]
        refuse_declarations(before)
        if found:
            return found.start(), found[1], before
        if window.at_end:
            return None
        seen = len(window.data)
        window.pos = max(window.pos, seen - _LONGEST_TAG)
        if not window.more(window.pos if seen > _LONGEST_TAG * 64 else 0):
            return None


def _element(window: Window, start: int, turn: re.Pattern[bytes], limits: Limits) -> Piece:
    """Return the element that starts at `start`, and move behind it."""
    look, dropped, beginning = start + 1, False, b""
    while not (found := turn.search(window.data, look)):
        look = max(look, len(window.data) - _LONGEST_TAG)
        if look - start > limits.max_record_bytes:
            beginning = beginning or window.data[start : start + BEGINNING]
            dropped, start = True, look
        window.pos = look
        kept = start
        if not window.more(kept):
            window.pos = len(window.data)
            return too_large(limits, beginning) if dropped else Piece(window.data, CUT)
        start, look = 0, look - kept
    is_whole = found[0].startswith(b"</")
    window.pos = found.end() if is_whole else found.start()
    raw = window.data[start : window.pos]
    if dropped or len(raw) > limits.max_record_bytes:
        return too_large(limits, beginning or raw)
    return Piece(raw, "" if is_whole else "the record's closing tag is missing")


def _root(text: bytes) -> bytes:
    found = _ROOT.search(text)
    return found[1] if found else b""


def _unknown(root: bytes) -> str:
    name = root.decode("utf-8", "replace") or "nothing"
    return (
        f"XML of a kind we do not read: it opens with <{name}>; "
        "known are <clinical_study> (ClinicalTrials.gov) and <Trial> (WHO ICTRP)"
    )
