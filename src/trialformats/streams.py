"""Bytes from wherever they lie, in pieces, with the dangers of archives measured as they flow.

A `Stream` never raises while it is read. What goes wrong (a cut file, a bomb, a bad checksum) ends
it and is told by `fault`, so that whatever came before is still used.
"""

import codecs
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from trialformats.errors import FormatError

CHUNK = 1 << 18
_MIB = 1 << 20
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may ask of the machine. Sizes in bytes, after unpacking.

    `max_record_bytes`: one record. `max_total_bytes`: one archive. `max_ratio`: unpacked to packed,
    once more than 16 MiB came out (text packs about 5 to 30 times; 1,000 times is a bomb).
    `max_members`: files in one archive.
    """

    max_record_bytes: int = 32 * _MIB
    max_total_bytes: int = 64 * 1024 * _MIB
    max_ratio: int = 200
    max_members: int = 2_000_000


class Meter:
    """What one archive has given so far. `spend` raises FormatError when it gives too much."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._taken = 0
        self._given = 0

    def take(self, n_packed: int) -> None:
        """Count packed bytes read."""
        self._taken += n_packed

    def spend(self, n_unpacked: int) -> None:
        """Count unpacked bytes. Raises FormatError beyond the limits."""
        self._given += n_unpacked
        if self._given > self._limits.max_total_bytes:
            raise FormatError(
                f"the archive unpacks to more than {self._limits.max_total_bytes:,} bytes; "
                "split it and send the parts"
            )
        if self._given > 16 * _MIB and self._given > self._limits.max_ratio * self._taken:
            raise FormatError(
                f"the archive unpacks to more than {self._limits.max_ratio} times its size, "
                "as archives do that are made to fill a disk; unpack it yourself and send the files"
            )


class Stream:
    """Bytes to be read once, from an iterator of chunks; `fault` is '' or why it ended early."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._ahead = b""
        self.fault = ""

    def read(self, size: int = CHUNK) -> bytes:
        """Return at least one byte and at most `size`; b'' at the end."""
        chunk = self._ahead or self._next()
        self._ahead = chunk[size:]
        return chunk[:size]

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end, and leave them."""
        while len(self._ahead) < size:
            chunk = self._next()
            if not chunk:
                break
            self._ahead += chunk
        return self._ahead[:size]

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk

    def _next(self) -> bytes:
        try:
            return next((chunk for chunk in self._chunks if chunk), b"")
        except FormatError as error:
            self.fault = error.reason
            return b""
        except OSError as error:
            self.fault = f"the file cannot be read: {error.strerror or error}"
            return b""


def chunks_of(handle: IO[bytes]) -> Iterator[bytes]:
    """Yield what an open file holds."""
    while chunk := handle.read(CHUNK):
        yield chunk


def gunzipped(stream: Stream, meter: Meter) -> Iterator[bytes]:
    """Yield what gzip members in a row unpack to.

    Raises FormatError when they are cut, damaged or a bomb.
    """
    unpacker = zlib.decompressobj(wbits=31)
    packed = b""
    n_members = 0
    while packed or (packed := stream.read()):
        if unpacker.eof:
            if not packed.strip(b"\0"):
                packed = b""
                continue
            unpacker, n_members = zlib.decompressobj(wbits=31), n_members + 1
        meter.take(0 if unpacker.unconsumed_tail else len(packed))
        try:
            unpacked = unpacker.decompress(packed, CHUNK)
        except zlib.error as error:
            raise FormatError(f"the gzip file is damaged from here on ({error})") from error
        packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        meter.spend(len(unpacked))
        yield unpacked
    if not unpacker.eof:
        raise FormatError("the gzip file is cut off; what came before was read. Fetch it again")


def as_utf8(stream: Stream) -> Stream:
    """Return the stream in UTF-8 without a byte order mark, whatever Unicode form or declared
    encoding it came in.

    Bytes that claim nothing are passed on as they are: a piece that is no UTF-8 is judged by itself
    (`mending.decoded`).
    """
    head = stream.peek(1024)
    encoding = _encoding_of(head)
    if not encoding:
        return stream
    return Stream(_recoded(stream, encoding))


def _encoding_of(head: bytes) -> str:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if head[1:2] == b"\0" and head[:1] in b"<{[":
        return "utf-16-le"
    if head[:1] == b"\0" and head[1:2] in (b"<", b"{", b"["):
        return "utf-16-be"
    found = _DECLARED.match(head.lstrip())
    declared = found[1].decode("ascii").lower() if found else ""
    return "" if declared in ("utf-8", "utf8", "us-ascii", "ascii") else declared


def _recoded(stream: Stream, encoding: str) -> Iterator[bytes]:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise FormatError(f"the file claims an encoding nobody knows: '{encoding}'") from None
    if encoding == "utf-8-sig":
        stream.peek(3)
        yield stream.read(CHUNK)[3:]
        yield from stream
        _pass_on(stream)
        return
    try:
        for chunk in stream:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        if not stream.fault:
            yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except (UnicodeError, TypeError) as error:
        raise FormatError(f"the file is not the {encoding} it claims to be: {error}") from error
    _pass_on(stream)


def _pass_on(stream: Stream) -> None:
    if stream.fault:
        raise FormatError(stream.fault)
