"""``tembusu load-mesh``: the thesaurus, so that synonyms and broader terms find studies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from tembusu.config.application import Refused, application
from tembusu.config.commands.serve import check_in_step


@click.command(short_help="Load the thesaurus MeSH, so that synonyms find studies.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="End with the counts as one line of JSON.")
def load_mesh(paths: tuple[Path, ...], as_json: bool) -> None:
    """Load the thesaurus MeSH from its files of terms and of trees, or from the folder of both.

    Each is a CSV file, packed with gzip or not. Loading the same files again changes nothing;
    studies whose concepts change are indexed again.
    """
    with application():
        check_in_step()
        counts = run(paths)
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(
        f"{counts['descriptors']:,} headings with {counts['phrases']:,} terms; "
        f"{counts['descriptors_changed']:,} headings changed, {counts['descriptors_removed']:,} "
        f"removed; {counts['studies_indexed']:,} studies indexed again."
    )


def run(paths: tuple[Path, ...]) -> dict[str, int]:
    """Load the files and return the counts.

    :raises Refused: if a file is not what it should be; then nothing was changed
    """
    from rich.progress import Progress

    from tembusu.coordination.registry.actions import mesh

    with Progress(transient=True) as bars:
        shown = bars.add_task("Reading files", total=None)

        def tell(step: str, done: int, total: int) -> None:
            bars.update(shown, description=step, completed=done, total=total or None)

        try:
            terms, trees = mesh.find_files(*paths)
            done = mesh.load_mesh(
                terms=terms, trees=trees, by=None, at=datetime.now(UTC), progress=tell
            )
        except mesh.MeshError as fault:
            raise Refused(str(fault)) from fault
    return done.as_json()
