"""Cutting a stream into the pieces that hold one record each, without understanding them.

Understanding comes later and piece by piece, so that a piece can be recognised as unchanged by its
bytes alone, handed back to be mended, and never costs its neighbours. Every splitter goes on after
a broken piece at the next place where a record surely begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from trialformats.streams import CHUNK, Limits, Stream

BEGINNING = 4096  # bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """One record's bytes.

    `reason` says why it is no whole record ('' when it is). `header` are a CSV's column names. Of a
    record beyond the limit only its `beginning` is kept, by which it may be known.
    """

    raw: bytes
    reason: str = ""
    header: tuple[str, ...] = ()
    header_raw: bytes = b""
    beginning: bytes = b""


class Window:
    """The part of a stream in view:

    `data` from the start of the current piece on, `pos` where reading has come to.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.data = b""
        self.pos = 0
        self.at_end = False

    def more(self, keep_from: int) -> bool:
        """Drop what lies before `keep_from` and read on; positions shift by that.

        False at the end of the stream.
        """
        self.data = self.data[keep_from:]
        self.pos -= keep_from
        # As much again as is kept, so that a long piece is not copied for every chunk.
        wanted = max(CHUNK, len(self.data))
        parts = [self.data]
        while wanted > 0 and (chunk := self._stream.read()):
            parts.append(chunk)
            wanted -= len(chunk)
        self.data = b"".join(parts)
        self.at_end = len(parts) == 1
        return not self.at_end


def too_large(limits: Limits, beginning: bytes = b"") -> Piece:
    """Return what stands for a record beyond the limit."""
    reason = (
        f"the record is larger than {limits.max_record_bytes:,} bytes; "
        "shorten its longest text and send it again"
    )
    return Piece(b"", reason, beginning=beginning[:BEGINNING])


def whole(stream: Stream, limits: Limits) -> Iterator[bytes]:
    """Yield the stream's content if it fits one record."""
    data = stream.peek(limits.max_record_bytes + 1)
    if len(data) <= limits.max_record_bytes:
        yield data
