"""Bringing a backup back: into a new database, verified, and only then in the old one's place.

Until the very end the earlier state stands untouched, so a backup that fails costs nothing.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tembusu.config.backups import archive, dump
from tembusu.config.backups.archive import BackupError, Manifest
from tembusu.config.postgres import Server, parse, roles

RESTORING, REPLACED = "_restoring", "_replaced"
CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
LOOKS, BETWEEN_LOOKS = 20, 0.1  # seconds


def bring_back(
    server: Server,
    manifest: Manifest,
    *,
    source: Path,
    files: Path,
    finish: Callable[[str], None],
) -> None:
    """Put the backup in the place of the present database and stored files.

    :param manifest: as verified
    :param finish: given the new database's name, brings its schema and rights in step
    :raises BackupError: if anything fails; then everything is as it was
    """
    name = str(parse(server.owner_url)["dbname"])
    fresh, old = name + RESTORING, name + REPLACED
    check_nobody_connected(server, name)
    files.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as scratch,
        new_database(server, fresh),
    ):
        dumped, unpacked = Path(scratch) / archive.DUMP, Path(scratch) / "files"
        unpacked.mkdir()
        archive.extract(source, manifest, dump=dumped, files=unpacked)
        fill(server, fresh, dumped, manifest)
        finish(fresh)
        with swapped_files(files, unpacked, Path(scratch) / "earlier"):
            swap_databases(server, name, fresh, old)
    drop(server, old)


def fill(server: Server, name: str, dumped: Path, manifest: Manifest) -> None:
    """Read the dump into a new database and compare every table's rows."""
    url = server.url("owner", database=name)
    with psycopg.connect(url, autocommit=True) as connection:
        dump.read_dump(url, dump.major_of(connection), dumped)
        found = dump.count_rows(connection, dump.tables(connection))
        differing = dump.differences(manifest.rows, found)
        if differing:
            raise BackupError(f"the restored rows differ ({'; '.join(differing[:3])}).")
        connection.execute("ANALYZE")


def maintenance_url(server: Server) -> str:
    """Return where databases are made and renamed: as superuser, or the owner with CREATEDB."""
    if server.superuser_url:
        return server.superuser_url
    return server.url("owner", database="postgres")


def maintenance(server: Server) -> dump.Connection:
    return psycopg.connect(maintenance_url(server), autocommit=True)


@contextmanager
def new_database(server: Server, name: str) -> Iterator[None]:
    """Make a database that is dropped if what follows fails."""
    drop(server, name)
    owner, app = (str(parse(url).get("user")) for url in (server.owner_url, server.app_url))
    with maintenance(server) as connection:
        try:
            roles.provide_database(connection, name, owner=owner, app=app)
        except psycopg.errors.InsufficientPrivilege as problem:
            raise BackupError(
                f"the role {owner} may not make databases: ALTER ROLE {owner} CREATEDB, or restore "
                "into a server where it may."
            ) from problem
    role = "superuser" if server.superuser_url else "owner"
    try:
        with psycopg.connect(server.url(role, database=name), autocommit=True) as connection:  # type: ignore[arg-type]
            roles.provide_schema(connection, owner=owner, app=app)
        yield
    except BaseException:
        drop(server, name)
        raise


def check_nobody_connected(server: Server, name: str) -> None:
    """Refuse while others use the database: what they write would be lost.

    One that has just been left takes a moment to go; the server's own workers are nobody.
    """
    n_connected = 0
    with maintenance(server) as connection:
        for _ in range(LOOKS):
            row = connection.execute(CONNECTED, [name]).fetchone()
            n_connected = row[0] if row else 0
            if not n_connected:
                return
            time.sleep(BETWEEN_LOOKS)
    raise BackupError(
        f"{n_connected} connections use the database: stop the site and the workers, then try again."
    )


def swap_databases(server: Server, name: str, fresh: str, old: str) -> None:
    """Give the new database the old one's name; if that fails the old one has it again."""
    drop(server, old)
    check_nobody_connected(server, name)
    with maintenance(server) as connection:
        rename(connection, name, old)
        try:
            rename(connection, fresh, name)
        except psycopg.Error:
            rename(connection, old, name)
            raise


def rename(connection: dump.Connection, name: str, to: str) -> None:
    say = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(say.format(sql.Identifier(name), sql.Identifier(to)))


def drop(server: Server, name: str) -> None:
    with maintenance(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def swapped_files(files: Path, fresh: Path, earlier: Path) -> Iterator[None]:
    """Put the new files in place; if what follows fails, the earlier ones are there again."""
    if files.exists():
        files.rename(earlier)
    fresh.rename(files)
    try:
        yield
    except BaseException:
        shutil.rmtree(files)
        if earlier.exists():
            earlier.rename(files)
        raise
