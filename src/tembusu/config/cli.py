"""The command line ``tembusu``.

A command is one line in ``COMMANDS``; its module is imported only when it is called, so that
``tembusu --help`` answers at once.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command lies (``module:name`` below ``commands``) and what it does, in one line."""

    where: str
    summary: str


COMMANDS = {
    "demo": Entry("demo:demo", "Run everything here with synthetic data, to try it out."),
    "demo-reset": Entry("demo:demo_reset", "Remove the demo's database and files."),
    "serve": Entry("serve:serve", "Serve the site."),
    "worker": Entry("worker:worker", "Do the queued work: imports, e-mails, deliveries."),
    "migrate": Entry("migrate:migrate", "Bring the database in step with this version."),
    "static": Entry("static:static", "Gather the files that browsers load."),
    "doctor": Entry("doctor:doctor", "Say what is wrong here and how to mend it."),
    "backup": Entry("backup:backup", "Write the database and the stored files to one file."),
    "restore": Entry("restore:restore", "Bring back what a backup holds, verified."),
    "invite-administrator": Entry(
        "administrator:invite_administrator", "Invite the first platform administrator."
    ),
    "erase-person": Entry("erase:erase_person", "Erase a person whose account is closed."),
    "import-studies": Entry("imports:import_studies", "Import records from trial registries."),
    "load-mesh": Entry("mesh:load_mesh", "Load the thesaurus MeSH, so that synonyms find studies."),
    "reindex": Entry("reindex:reindex", "Make the search index again from the records."),
    "recompute-figures": Entry(
        "figures:recompute_figures", "Count the national figures anew from start-up's records."
    ),
    "load-organisations": Entry(
        "imports:load_organisations", "Load organisations from a ROR file."
    ),
    "process-report": Entry(
        "process:process_report", "Say what a log of events tells about its process."
    ),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.where.partition(":")
        found = getattr(importlib.import_module(f"tembusu.config.commands.{module}"), name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{entry.where} is not a command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def tembusu() -> None:
    """Tembusu: one record for each clinical trial.

    Settings are environment variables; docs/reference lists them.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    tembusu.main(args=list(arguments) if arguments is not None else None, prog_name="tembusu")


if __name__ == "__main__":
    main()
