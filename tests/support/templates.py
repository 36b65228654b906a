"""The migrated template database, from which each test process gets its clone in a moment.

Its name carries a digest of everything that shapes the schema, so it is made anew exactly when
that changes. It is built under another name first: a half-made one is never used.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from tembusu.config.postgres import Server, roles
from tembusu.config.postgres.process import is_alive

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE, CLONE = "tembusu_template_", "tembusu_test_"
KEPT_TEMPLATES = 3  # a run beside this one may still clone from the one before

Connection = psycopg.Connection[Any]


def schema_digest() -> str:
    """Return a digest of the files that shape the schema: migrations, models, rights, versions."""
    source = ROOT / "src" / "tembusu"
    files = {*source.rglob("migrations/*.py"), *source.rglob("models.py")}
    files |= {*source.rglob("models/*.py"), *source.glob("config/postgres/roles.py")}
    core = source / "foundation" / "core"
    files |= {core / "ledger.py", core / "history.py", *ROOT.glob("requirements/app.lock")}
    digest = hashlib.sha256(" ".join(settings.INSTALLED_APPS).encode())
    for path in sorted(path for path in files if path.is_file()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def as_superuser(server: Server) -> Connection:
    return psycopg.connect(server.superuser_url, autocommit=True)


@contextmanager
def one_at_a_time(server: Server) -> Iterator[None]:
    assert server.data is not None
    with (server.data.parent / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def clone_name() -> str:
    """Return a new name that tells which process made it, so that leftovers are known as such."""
    return f"{CLONE}{os.getpid()}_{time.monotonic_ns():x}"


def clone(server: Server, template: str, name: str) -> None:
    with as_superuser(server) as connection:
        roles.provide_database(connection, name, template=template)


def drop(server: Server, name: str) -> None:
    with as_superuser(server) as connection:
        say = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(say.format(sql.Identifier(name)))


def names_like(connection: Connection, prefix: str) -> list[str]:
    """Return the databases whose names begin so, those with the newest comment first."""
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        " ORDER BY shobj_description(oid, 'pg_database') DESC NULLS LAST",
        [prefix],
    ).fetchall()
    return [name for (name,) in rows]


def drop_leftovers(server: Server) -> None:
    """Remove clones whose process is gone, and templates of long ago."""
    with as_superuser(server) as connection:
        clones = names_like(connection, CLONE)
        old = [name for name in names_like(connection, TEMPLATE) if not name.endswith("_part")]
    for name in clones:
        maker = re.match(rf"{CLONE}(\d+)_", name)
        if maker and not is_alive(int(maker.group(1))):
            drop(server, name)
    for name in old[KEPT_TEMPLATES:]:
        drop(server, name)
