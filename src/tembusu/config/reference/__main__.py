"""Writes docs/reference, or says which of its files are not what the code declares."""

import os
from pathlib import Path

import click

from tembusu.config.environment import CHECKOUT

FOLDER = CHECKOUT / "docs" / "reference"
REMEDY = "Run `make reference` and commit what it writes."


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a file is stale.")
def reference(check: bool) -> None:
    """Write docs/reference from what the code declares."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tembusu.config.settings")
    import django

    django.setup()
    from tembusu.config.reference import pages

    wanted = pages.all_pages()
    stale = pages.stale(FOLDER, wanted)
    if check:
        for name in stale:
            click.echo(f"docs/reference/{name} is stale.", err=True)
        if stale:
            raise SystemExit(REMEDY)
        return
    write(FOLDER, wanted, stale)
    click.echo(f"{len(wanted)} files, {len(stale)} changed.")


def write(folder: Path, wanted: dict[str, str], stale: list[str]) -> None:
    for name in stale:
        path = folder / name
        if name not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[name], encoding="utf-8")


if __name__ == "__main__":
    reference()
