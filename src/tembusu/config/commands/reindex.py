"""``tembusu reindex``: lists and searches made again from the records they stand for."""

from __future__ import annotations

import click

from tembusu.config.application import application
from tembusu.config.commands.serve import check_in_step


@click.command(short_help="Make the search index again from the records.")
def reindex() -> None:
    """Make the search index and its vocabulary again from the records.

    Every act keeps the index in step by itself; this is for a version that indexes otherwise.
    """
    with application():
        check_in_step()
        from tembusu.coordination.registry.actions import index

        n_studies = index.refresh_all()
        n_words = index.rebuild_words()
    click.echo(f"{n_studies:,} studies and {n_words:,} distinct words.")
