"""Time stamps as logs write them: a date, a date and a time, with fractions, with a zone (ISO 8601).

A million are read at once by Arrow. What Arrow refuses is tried one by one, so that one strange row
costs a moment and not the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from trialtime.process.arrays import to_arrow, to_numpy
from trialtime.process.logs import Times, microseconds

WRITE = "write it as 2024-03-21, 2024-03-21 14:30:00 or 2024-03-21T14:30:00+08:00"
_ZONE = r"\d(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
_TIMED = r"^\d{4}-\d{2}-\d{2}[T ]"
_PLAIN = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$"
_NAIVE, _ZONED = pa.timestamp("us"), pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """Microseconds from 1970 for each text; where `is_read` is false, the number means nothing."""

    time: Times
    is_read: NDArray[np.bool_]
    is_zoned: NDArray[np.bool_]


def read_stamps(texts: pa.Array) -> Stamps:
    """Read time stamps.

    More than six digits of a fraction are cut off. Without a zone the time counts as it stands.
    """
    for kind, is_zoned in ((_NAIVE, False), (_ZONED, True)):
        time = _cast(texts, kind)
        if time is not None:
            n = len(time)
            return Stamps(time, np.ones(n, dtype=bool), np.full(n, is_zoned))
    return _read_mixed(texts)


def _cast(texts: pa.Array, kind: pa.DataType) -> Times | None:
    try:
        read = pc.cast(texts, kind)
    except pa.ArrowInvalid:
        return None
    return to_numpy(read, np.int64)


def _read_mixed(texts: pa.Array) -> Stamps:
    n = len(texts)
    stamps = Stamps(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool))
    timed = _matching(texts, _TIMED)
    zoned = timed & _matching(texts, _ZONE)
    plain = _matching(texts, _PLAIN) & ~zoned
    for rows, kind in ((np.flatnonzero(plain), _NAIVE), (np.flatnonzero(zoned), _ZONED)):
        time = _cast(texts.take(to_arrow(rows)), kind) if len(rows) else None
        if time is not None:
            stamps.time[rows], stamps.is_read[rows] = time, True
            stamps.is_zoned[rows] = kind is _ZONED
    for row in np.flatnonzero(~stamps.is_read):
        when = _read_one(texts[int(row)].as_py())
        if when is not None:
            stamps.time[row], stamps.is_read[row] = microseconds(when), True
            stamps.is_zoned[row] = when.tzinfo is not None
    return stamps


def _matching(texts: pa.Array, pattern: str) -> NDArray[np.bool_]:
    found = pc.match_substring_regex(texts, pattern).cast(pa.uint8())
    return to_numpy(found, np.uint8).astype(np.bool_)


def _read_one(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        return None
