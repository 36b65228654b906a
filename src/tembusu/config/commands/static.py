"""``tembusu static``: browser files copied from ``node_modules`` and gathered in one folder."""

from __future__ import annotations

import os

import click

from tembusu.config.application import Refused, read_environment


@click.command(short_help="Gather the files that browsers load.")
def static() -> None:
    """Gather the files that browsers load; needs no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tembusu.config.settings")
    read_environment()
    import django

    django.setup()
    click.echo(f"{gather()} files are in place.")


def gather() -> int:
    """Copy and gather the static files; return how many there are.

    :raises Refused: if what `npm ci` installs is missing
    """
    from django.contrib.staticfiles.storage import staticfiles_storage
    from django.core.management import call_command

    from tembusu.foundation.ui import vendor

    try:
        vendor.copy(vendor.CHECKOUT / "node_modules", vendor.TARGET)
    except FileNotFoundError as missing:
        raise Refused(str(missing)) from missing
    call_command("collectstatic", interactive=False, verbosity=0)
    return sum(1 for _ in _walk(staticfiles_storage, ""))


def _walk(storage: object, folder: str) -> list[str]:
    folders, files = storage.listdir(folder)  # type: ignore[attr-defined]
    found = [f"{folder}/{name}" for name in files]
    for name in folders:
        found += _walk(storage, f"{folder}/{name}".lstrip("/"))
    return found
