"""The real input, which lies beside the checkout and is never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def shared_folder() -> Path:
    """Return the folder ``shared`` beside the checkout, or the one that TEMBUSU_SHARED names."""
    return Path(os.environ.get("TEMBUSU_SHARED") or CHECKOUT.parent / "shared")


def shared_path(relative: str) -> Path:
    """Return a path of the real input, or skip the test and name what is missing."""
    path = shared_folder() / relative
    if not path.exists():
        pytest.skip(f"the real input `shared/{relative}` is not beside this checkout")
    return path
