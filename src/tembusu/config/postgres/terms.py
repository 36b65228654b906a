"""The launcher's words: a running server, the account it runs as, and the one way it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Purpose = Literal["demo", "test"]

DATABASE = "tembusu"
SUPERUSER, OWNER, APP = "postgres", "tembusu_owner", "tembusu_app"

OLDEST_MAJOR = 15


class LauncherError(Exception):
    """PostgreSQL cannot be had; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system user that the server runs as.

    ``switches`` is true when that is not the user of this process (which then is root).
    """

    name: str
    uid: int
    gid: int
    switches: bool


OURSELVES = Account("you", os.geteuid(), os.getegid(), switches=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL that answers, with one URL for each role (libpq form, ``postgresql://``).

    ``superuser_url`` is empty and ``data`` is None when the server is not ours (``DATABASE_URL``).
    ``started`` tells whether this call started it. ``stop()`` ends this process's use of it: the
    server is shut down (fast, cleanly) once nobody else in this checkout uses it.
    """

    app_url: str
    owner_url: str
    superuser_url: str = ""
    data: Path | None = None
    bin: Path | None = None
    started: bool = False
    _stop: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)

    def stop(self) -> None:
        self._stop()

    def url(self, role: Literal["app", "owner", "superuser"], *, database: str) -> str:
        """Return the role's URL for another database of the same server."""
        from tembusu.config.postgres.address import with_database

        urls = {"app": self.app_url, "owner": self.owner_url, "superuser": self.superuser_url}
        return with_database(urls[role], database)
