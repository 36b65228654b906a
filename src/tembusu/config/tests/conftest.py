"""Throw-away checkouts with real servers, of which nothing is left."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tembusu.config.postgres import place, process


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """Give a folder that every user may enter; "outside" and short sockets lie in it too."""
    folder = Path(tempfile.mkdtemp(prefix="tembusu-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, "outside_bases", lambda: [folder / "outside"])
        patch.setattr(place.tempfile, "gettempdir", lambda: str(folder))
        yield folder
    for data in folder.rglob("postmaster.pid"):
        process.stop(data.parent)
    shutil.rmtree(folder)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with throw_away_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def module_folder() -> Iterator[Path]:
    with throw_away_folder() as folder:
        yield folder
