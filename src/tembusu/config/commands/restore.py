"""``tembusu restore FILE``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from tembusu.config.application import Refused, application, as_owner, close_connections
from tembusu.config.postgres import Server


@click.command(short_help="Bring back what a backup holds, verified.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace what the database and the files hold now.")
def restore(file: Path, replace: bool) -> None:
    """Bring back what a backup holds, verified by counts and checksums.

    Stop the site and the workers first. The present state is left as it is until the backup stands
    beside it, verified; then the backup takes its place.
    """
    from tembusu.config.backups import archive, bring_back

    with application() as server:
        from django.conf import settings

        try:
            manifest = archive.verify(file)
            check_known(manifest, file)
            check_may_replace(replace=replace)
            erased = known_erasures()
            close_connections()
            bring_back.bring_back(
                server,
                manifest,
                source=file,
                files=Path(settings.FILES_ROOT),
                finish=lambda name: finish(server, name, erased),
            )
        except archive.BackupError as problem:
            raise Refused(str(problem)) from problem
    click.echo(
        f"Restored the backup of {manifest.taken_at}: {manifest.n_rows} rows in "
        f"{len(manifest.rows)} tables and {manifest.n_files} stored files, verified."
    )


def known_erasures() -> dict[UUID, datetime]:
    from tembusu.config.backups import erasures
    from tembusu.foundation.core.states import Refusal

    try:
        return erasures.known()
    except Refusal as refusal:
        raise Refused(str(refusal)) from refusal


def check_known(manifest: object, file: Path) -> None:
    """Refuse a backup of a newer version, whose tables this one does not know."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or {}}
    for migration in (loader.disk_migrations or {}).values():
        known.update(f"{app}.{name}" for app, name in migration.replaces)
    unknown = [name for name in manifest.migrations if name not in known]  # type: ignore[attr-defined]
    if unknown:
        raise Refused(
            f"{file} is of another version (it has had {unknown[-1]}): update this checkout first."
        )


def check_may_replace(*, replace: bool) -> None:
    held = tables_with_work()
    if held and not replace:
        raise Refused(
            f"the database is not empty ({', '.join(held[:3])} hold records): use --replace to put "
            "the backup in its place."
        )


def tables_with_work() -> list[str]:
    """Return the tables of people's work that hold any."""
    from django.db import connection

    from tembusu.foundation.core import ledger

    present = connection.introspection.table_names()
    models = [m for m in ledger.tracked_models() if m._meta.db_table in present]
    return [m._meta.db_table for m in models if m._base_manager.exists()]


def finish(server: Server, name: str, erased: dict[UUID, datetime]) -> None:
    """Bring a restored database in step with this version, and with who was erased since."""
    from tembusu.config.backups import erasures
    from tembusu.config.commands.migrate import bring_in_step

    moved = Server(server.url("app", database=name), server.url("owner", database=name))
    bring_in_step(moved)
    with as_owner(moved):
        erasures.reapply(erased)
