"""PostgreSQL's own dump and restore, by programs that fit the server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tembusu.config.backups.archive import BackupError
from tembusu.config.postgres import binaries, parse

Connection = psycopg.Connection[Any]
# libpq's own variables keep the password out of the list of processes.
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",  # pragma: allowlist secret (a variable's name)
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def tools_for(major: int) -> Path:
    """Return the folder of pg_dump and pg_restore that fit a server: its version, or newer.

    :raises BackupError: if none is installed
    """
    found = [found for found in binaries.candidates(os.environ) if found.major >= major]
    if not found:
        raise BackupError(
            f"no pg_dump for PostgreSQL {major} was found: install postgresql-client-{major}."
        )
    return min(found, key=lambda found: found.major).folder


def run(tool: Path, words: Iterable[str | Path], url: str) -> None:
    """Run one of PostgreSQL's programs against a database.

    :raises BackupError: with the program's own reason
    """
    known = {VARIABLES[key]: str(value) for key, value in parse(url).items() if key in VARIABLES}
    done = subprocess.run(  # noqa: S603 our own words
        [tool, *words],
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **known},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        if "No space left on device" in done.stderr:
            raise BackupError("the disk is full: free some space, then try again.")
        raise BackupError(f"{tool.name} failed ({(lines or ['no reason given'])[0].strip()}).")


def write_dump(url: str, snapshot: str, major: int, to: Path) -> None:
    words = ["--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--no-password"]
    run(tools_for(major) / "pg_dump", [*words, f"--snapshot={snapshot}", f"--file={to}"], url)


def read_dump(url: str, major: int, dump: Path) -> None:
    words = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    name = parse(url)["dbname"]
    run(tools_for(major) / "pg_restore", [*words, "--no-password", f"--dbname={name}", dump], url)


def major_of(connection: Connection) -> int:
    return connection.info.server_version // 10000


def tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') ORDER BY relname"
    ).fetchall()
    return [name for (name,) in rows]


def count_rows(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the exact number of rows in each table."""
    counted = {}
    for name in names:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", name))
        row = connection.execute(query).fetchone()
        counted[name] = int(row[0]) if row else 0
    return counted


def applied_migrations(connection: Connection) -> tuple[str, ...]:
    if "django_migrations" not in tables(connection):
        return ()
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return tuple(name for (name,) in rows.fetchall())


def differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Return a line for each table whose rows differ."""
    names = sorted(expected.keys() | found.keys())
    none = "no table"
    return [
        f"{name}: {expected.get(name, none)} in the backup, {found.get(name, none)} here"
        for name in names
        if expected.get(name) != found.get(name)
    ]
