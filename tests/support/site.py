"""The site as people meet it: a server on a free port with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import override_settings


@dataclass(frozen=True, slots=True)
class LiveSite:
    """A running site: ``url`` without a final slash, ``database`` its own clone's name."""

    url: str
    database: str


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of stored files, keys and the like for this run; never the developer's own."""
    from tembusu.foundation.core import vault

    folder = tmp_path_factory.mktemp("data")
    (folder / "static").mkdir()
    vault.make_field_keys(folder / "field.keys")
    with override_settings(
        FILES_ROOT=folder / "files",
        STATIC_ROOT=folder / "static",
        FIELD_KEYS_FILE=folder / "field.keys",
        # A slow hash protects real passwords; here there are none.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield folder


@pytest.fixture
def live_site(fresh_database: str) -> Iterator[LiveSite]:
    """The application behind Django's threaded test server; its commits are real.

    The test's own thread may use the ORM too: both go to the test's own database.
    """
    from pytest_django.live_server_helper import LiveServer

    server = LiveServer("127.0.0.1:0")
    try:
        yield LiveSite(server.url, fresh_database)
    finally:
        server.stop()
