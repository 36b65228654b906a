"""Taking a backup while people go on working: one snapshot for the dump and for the counts."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import IsolationLevel

from tembusu.config.backups import archive, dump
from tembusu.config.backups.archive import BackupError, Manifest
from tembusu.config.postgres import Server


def take(server: Server, *, files: Path, target: Path, version: str) -> Manifest:
    """Write a backup of the database and of the folder of stored files, and read it back.

    :raises BackupError: if it cannot be written; then no file is left
    """
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    with (
        archive.written(target) as writer,
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch,
        psycopg.connect(server.owner_url) as connection,
    ):
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        if row is None:
            raise BackupError("the database gave no snapshot.")
        rows = dump.count_rows(connection, dump.tables(connection))
        dumped = Path(scratch) / archive.DUMP
        dump.write_dump(server.owner_url, row[0], dump.major_of(connection), dumped)
        writer.add_file(archive.DUMP, dumped)
        add_files(writer, files)
        manifest = Manifest(
            taken_at=taken_at,
            version=version,
            server=str(connection.info.parameter_status("server_version")),
            rows=rows,
            migrations=dump.applied_migrations(connection),
            members=writer.members,
        )
        writer.close(manifest)
    return archive.verify(target)


def add_files(writer: archive.Writer, folder: Path) -> None:
    """Add each stored file; the folder's other files are scratch of uploads under way.

    :raises BackupError: if a file is not what its name, the SHA-256 of its content, says
    """
    for path in sorted(path for path in folder.glob("??/??/*") if path.is_file()):
        name = archive.FILES + path.relative_to(folder).as_posix()
        if not archive.STORED.fullmatch(name):
            continue
        if writer.add_file(name, path) != path.name:
            raise BackupError(
                f"the stored file {path.name} is damaged: bring it back from an earlier backup."
            )
