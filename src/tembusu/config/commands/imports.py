"""``tembusu import-studies`` and ``tembusu load-organisations``: reference data from files."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tembusu.config.application import Refused, application
from tembusu.config.commands.migrate import waiting_migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tembusu.coordination.registry.models import ImportRun
    from tembusu.coordination.registry.terms import ImportCounts

EXISTING = click.Path(exists=True, path_type=Path)


@click.command(short_help="Import records from trial registries.")
@click.argument("paths", nargs=-1, required=True, type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print nothing but the counts, as JSON.")
@click.option(
    "--refused",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for refused records, to mend and send again. [default: refused-<import> here]",
)
def import_studies(paths: tuple[Path, ...], as_json: bool, refused: Path | None) -> None:
    """Import every readable record of the files, folders and archives named.

    Reads ClinicalTrials.gov API v2 JSON, its legacy XML and its CSV download, and WHO ICTRP XML,
    plain or in .gz, .tar.gz and .zip. Running it again changes nothing; after an interruption
    the same command goes on where it stopped. The last line counts what became of the records.
    """
    with application():
        if waiting_migrations():
            raise Refused("the database is not in step: run `tembusu migrate` first.")
        from django.utils import timezone

        from tembusu.coordination.registry.actions import imports

        def folder_for(run: ImportRun) -> Path:
            return refused or Path(f"refused-{run.pk}")

        # A batch makes many objects and few cycles: look for those seldom.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        lasting = [path.absolute() for path in paths]
        with _progress(lasting, quiet=as_json) as told:
            try:
                run = imports.import_studies(
                    paths=lasting,
                    by=None,
                    at=timezone.now(),
                    refused_folder=folder_for,
                    progress=told,
                    clock=timezone.now,
                )
            except KeyboardInterrupt as stop:
                raise Refused("stopped: the same command goes on from here.") from stop
            except imports.ReaderEnded as end:
                raise Refused(str(end)) from end
        if not as_json:
            _list_refused(run, folder_for(run))
        click.echo(json.dumps(run.counts))


@contextmanager
def _progress(paths: Sequence[Path], *, quiet: bool) -> Iterator[Callable[[ImportCounts], None]]:
    """Draw a progress bar on the error output, so that the counts stay alone on the other.

    How many records there are is found out meanwhile: it takes reading the files through once.
    """
    from trialformats.sources import count_hint

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("Importing", total=None)

        def told(counts: ImportCounts) -> None:
            rest = f"{counts.created} new, {counts.updated} changed, {counts.rejected} refused"
            bar.update(task, completed=counts.read, description=f"Importing: {rest}")

        def count() -> None:
            bar.update(task, total=count_hint(paths))

        if console.is_terminal and not quiet:
            Thread(target=count, daemon=True).start()
        yield told


def _list_refused(run: ImportRun, folder: Path) -> None:
    refused = run.refused.order_by("id")
    for one in refused.iterator():
        number = one.registry_no or "no id"
        reason = one.reason.replace("\n", "; ")
        click.echo(f"refused: {one.source} #{one.position} ({number}): {reason}", err=True)
    if folder.exists():
        click.echo(f"Mend the records in {folder} and import that folder again.", err=True)


@click.command(short_help="Load organisations from a ROR file.")
@click.argument("path", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print nothing but the counts, as JSON.")
def load_organisations(path: Path, as_json: bool) -> None:
    """Register the organisations of a ROR data file (JSON), with their names.

    Running it again registers only what is new. Afterwards the names of locations that nobody
    decided are matched again. The last line counts organisations.
    """
    with application():
        from django.utils import timezone

        from tembusu.coordination.registry.actions import bodies

        try:
            counts = bodies.load_organisations(path=path, by=None, at=timezone.now())
        except bodies.OrganisationsRefused as refusal:
            raise Refused(str(refusal)) from refusal
        if not as_json:
            click.echo("Names of locations were matched again.", err=True)
        click.echo(json.dumps(counts))
