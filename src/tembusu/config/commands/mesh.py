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
@click.option("--shrink", is_flag=True, help="Load files with far fewer headings than are loaded.")
def load_mesh(paths: tuple[Path, ...], as_json: bool, shrink: bool) -> None:
    """Load the thesaurus MeSH from its files of terms and of trees, or from the folder of both.

    Each is a CSV file, packed with gzip or not. They replace the thesaurus that is loaded, so that
    the same files again change nothing; files that hold less than half of its headings are refused
    without --shrink. Studies whose concepts change are indexed again.
    """
    with application():
        check_in_step()
        counts = run(paths, may_shrink=shrink)
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(
        f"Headings: {counts['descriptors']:,}, with {counts['phrases']:,} terms; "
        f"{counts['descriptors_changed']:,} changed, {counts['descriptors_removed']:,} removed. "
        f"Studies indexed again: {counts['studies_indexed']:,}."
    )


def run(paths: tuple[Path, ...], *, may_shrink: bool = False) -> dict[str, int]:
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
                terms=terms,
                trees=trees,
                by=None,
                at=datetime.now(UTC),
                progress=tell,
                may_shrink=may_shrink,
            )
        except mesh.WouldShrink as fault:
            raise Refused(f"{fault} Or say --shrink, if that is meant.") from fault
        except mesh.MeshError as fault:
            raise Refused(str(fault)) from fault
    return done.as_json()
