"""Cutting JSON into studies: an array, a page of an API (`{"studies": [...]}`), lines of JSON, or
one study.

Only strings and brackets are looked at. A text ends at a line break even when its quote is missing
(JSON allows none inside), and a study that starts inside another one ends that one: so a missing
quote or bracket costs one record.
"""

import re
from collections.abc import Iterator

from trialformats.pieces import BEGINNING, Piece, Window, too_large
from trialformats.streams import Limits, Stream

# Atomic groups around what branches: possessive ones match too much of it before Python 3.11.5. They
# remember each turn, so that a run is taken in stretches. What does not branch may be possessive.
_TEXT = rb'[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+'
_PLAIN = rb'[^"{}\[\]]++|"' + _TEXT + rb'(?:"|\\?(?=\n))'
_PLAINS = rb"(?>(?:" + _PLAIN + rb"){0,2000})"
_RUN = re.compile(_PLAINS)
# The same, and over objects and lists that hold no others: most brackets of a study are theirs.
_DEEP_RUN = re.compile(
    rb"(?>(?:" + _PLAIN + rb"|\{" + _PLAINS + rb"\}|\[" + _PLAINS + rb"\]){0,2000})"
)
_STRING_REST = re.compile(_TEXT)
_PAGE_KEY = re.compile(rb'"(?:studies|FullStudies)"\s*:\s*$')
_STUDY_STARTS = re.compile(rb'\{\s*"(?:protocolSection|Rank)"\s*:')
_TAIL = 64
_PAGE_DEPTH = 2  # a page's list of studies lies no deeper
_QUOTE, _BRACE = 0x22, 0x7B
NO_OBJECT = "this is no JSON object: a study was expected"
CUT = "the JSON ends in the middle of this record: the file was cut off; fetch it again"


class _Splitter:
    """Depth counts open brackets; records open at depth `base` while `in_list`: 0 at the top,
    deeper in a list.
    """

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self.window = Window(stream)
        self.limits = limits
        self.depth = 0
        self.base = 0
        self.in_list = True
        self.is_open = False  # inside a record
        self.start: int | None = None  # where the record starts in the window; None: let go
        self.is_dropped = False  # the record is beyond the limit
        self.beginning = b""  # of a record that was let go

    def pieces(self) -> Iterator[Piece]:
        """Yield every record found, and what stands where one should."""
        window = self.window
        while True:
            begin = window.pos
            is_deep = self.is_open and self.depth > _PAGE_DEPTH and not self.is_dropped
            end = _end(_DEEP_RUN if is_deep else _RUN, window.data, begin)
            if end >= len(window.data) or window.data[end] == _QUOTE:
                if not self._read_on(begin, end):
                    break
                continue
            if not self.is_open:
                yield from self._between(window.data[begin:end])
            window.pos = end + 1
            if window.data[end] in b"{[":
                yield from self._opened(begin, end, window.data[end] == _BRACE)
            else:
                yield from self._closed(end)
        yield from self._ended()

    def _read_on(self, begin: int, end: int) -> bool:
        """Read more, keeping the open record or the text since a bracket; False at the end."""
        window = self.window
        window.pos = end if self.is_open else begin
        keep = window.pos if self.start is None else self.start
        if len(window.data) - keep > self.limits.max_record_bytes:
            keep = self._let_go(end)
        going = window.more(keep)
        if self.start is not None:
            self.start -= keep
        return going

    def _let_go(self, end: int) -> int:
        """Give up keeping a record that is too large; return from where to keep."""
        window = self.window
        if self.start is not None:
            self.beginning = window.data[self.start : self.start + BEGINNING]
        self.is_dropped = self.is_dropped or self.is_open
        self.start = None
        window.pos = end
        if window.data[end : end + 1] == b'"':
            # The string goes on: drop what was seen of it, so that a huge text is never held.
            rest = _end(_STRING_REST, window.data, end + 1)
            window.data = window.data[:end] + b'"' + window.data[rest:]
        return end

    def _opened(self, begin: int, end: int, is_object: bool) -> Iterator[Piece]:
        if self.is_open and not is_object and self._is_page(begin, end):
            self.is_open, self.start, self.base, self.in_list = False, None, self.depth + 1, True
        elif self.is_open and is_object and self._starts_study(begin, end):
            yield self._piece(end, "a bracket is missing in this record")
            self.depth = self.base
        if not self.is_open and self.depth == 0 and not is_object:
            self.base = 1
        elif not self.is_open and self.in_list and self.depth == self.base:
            self.is_open, self.start, self.is_dropped = True, end, False
        self.depth += 1

    def _is_page(self, begin: int, end: int) -> bool:
        """Say whether the list that opens here holds the studies of an API's page."""
        if self.base != 0 or self.depth > _PAGE_DEPTH:
            return False
        return bool(_PAGE_KEY.search(self.window.data, max(begin, end - _TAIL), end))

    def _starts_study(self, begin: int, end: int) -> bool:
        """Say whether another study starts inside this one, other than as the value of a key."""
        if self.depth <= self.base or not _STUDY_STARTS.match(self.window.data, end):
            return False
        before = self.window.data[max(begin, end - _TAIL) : end].rstrip()
        return not before.endswith(b":")

    def _closed(self, end: int) -> Iterator[Piece]:
        self.depth = max(self.depth - 1, 0)
        if self.is_open and self.depth <= self.base:
            yield self._piece(end + 1, "")
        if not self.is_open and self.depth < self.base:
            self.in_list = False
        if not self.is_open and self.depth == 0:
            self.base, self.in_list = 0, True

    def _piece(self, stop: int, reason: str) -> Piece:
        raw = b"" if self.start is None else self.window.data[self.start : stop]
        is_large = self.is_dropped or len(raw) > self.limits.max_record_bytes
        self.is_open, self.start, self.is_dropped = False, None, False
        if is_large:
            return too_large(self.limits, raw or self.beginning)
        return Piece(raw.rstrip(b", \r\n\t"), reason)

    def _between(self, text: bytes) -> Iterator[Piece]:
        """Report what stands where a study should: a number, a text, null."""
        junk = text.strip(b" \t\r\n,\0")
        if junk and self.in_list and self.depth == self.base:
            yield Piece(junk[: self.limits.max_record_bytes], NO_OBJECT)

    def _ended(self) -> Iterator[Piece]:
        if self.is_open:
            yield self._piece(len(self.window.data), CUT)
            return
        yield from self._between(self.window.data[self.window.pos :])
        if self.depth > 0:
            yield Piece(b"", "the list of studies has no end: the file was cut off; fetch it again")


def _end(pattern: re.Pattern[bytes], data: bytes, start: int) -> int:
    """Return where a pattern that may match nothing, taken again and again, stops."""
    end = start
    while (found := pattern.match(data, end)) and found.end() > end:
        end = found.end()
    return end


def split_json(stream: Stream, limits: Limits) -> Iterator[Piece]:
    """Yield the studies of a JSON stream in UTF-8, each as its own bytes."""
    yield from _Splitter(stream, limits).pieces()
