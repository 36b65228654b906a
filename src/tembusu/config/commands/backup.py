"""``tembusu backup FILE``."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

import click

from tembusu.config.application import Refused, application, read_environment


@click.command(short_help="Write the database and the stored files to one file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database and the stored files to one file.

    People may go on working. The file is read back and verified. The field keys and the
    list of erasures are not in it: keep a copy of both files apart. Without the keys encrypted
    fields cannot be read; without the list a restore may bring back who was erased.
    """
    from tembusu.config.backups import take
    from tembusu.config.backups.archive import BackupError

    with application() as server:
        from django.conf import settings

        from tembusu.foundation.core import vault

        try:
            vault.note_erasures(vault.erased())
            manifest = take.take(
                server,
                files=Path(settings.FILES_ROOT),
                target=file.absolute(),
                version=own_version(),
            )
        except (BackupError, vault.ErasureListFault) as problem:
            raise Refused(str(problem)) from problem
    click.echo(
        f"{file}: {manifest.n_rows} rows in {len(manifest.rows)} tables and {manifest.n_files} "
        f"stored files, verified. Not in it: {read_environment().field_keys_file} and the list of "
        "erasures beside it; keep a copy of both apart."
    )


def own_version() -> str:
    """Return this version, as installed or as the checkout says."""
    try:
        return metadata.version("tembusu")
    except metadata.PackageNotFoundError:
        from tembusu.config.environment import CHECKOUT

        project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
        return str(project["project"]["version"])
