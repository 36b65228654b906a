"""Numbers between Arrow and NumPy, through their common memory.

Arrow's own `to_numpy` and `array` look for pandas first, and load it wherever it is installed: half a
second for every command.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)


def to_numpy(array: pa.Array, kind: type[Kind]) -> NDArray[Kind]:
    """Return the values of an array without nulls. `kind` has to be that of the array."""
    whole = np.frombuffer(array.buffers()[1], dtype=kind) if len(array) else np.zeros(0, kind)
    return whole[array.offset : array.offset + len(array)]


def to_arrow(numbers: NDArray[np.int64]) -> Any:
    """Return an Arrow array of 64-bit integers."""
    plain = np.ascontiguousarray(numbers)
    return pa.Array.from_buffers(pa.int64(), len(plain), [None, pa.py_buffer(plain)])
