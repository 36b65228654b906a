"""``tembusu migrate``: the schema brought in step by its owner, then history taken out of reach."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import click

from tembusu.config.application import Refused, application, as_owner
from tembusu.config.postgres import Server


@click.command(short_help="Bring the database in step with this version.")
@click.option("--check", is_flag=True, help="Change nothing; fail if something is to be done.")
def migrate(check: bool) -> None:
    """Bring the database in step with this version.

    Runs as the owner of the tables (DATABASE_OWNER_URL). A migration is done whole or not at all,
    so after a failure the same command goes on from where it stopped.
    """
    with application() as server:
        if check:
            waiting = waiting_migrations()
            if waiting:
                raise Refused(f"{len(waiting)} migrations wait: run `tembusu migrate`.")
            click.echo("The database is in step.")
            return
        done = bring_in_step(server)
        click.echo(f"{done} migrations done." if done else "The database is in step.")
        if n_proposals := follow_reference_data():
            click.echo(f"The reference data's file changed: {n_proposals} proposals wait there.")


def bring_in_step(server: Server) -> int:
    """Run the waiting migrations as the owner, then secure the ledger; return how many ran.

    :raises Refused: if one fails, or the database is newer than this version
    """
    from django.core.management import call_command
    from django.db import connection

    from tembusu.config.migrating import one_model_at_a_time
    from tembusu.foundation.core import ledger

    with as_owner(server):
        check_not_newer()
        waiting = waiting_migrations()
        if waiting:
            said = io.StringIO()
            with _told_plainly(said), one_model_at_a_time():
                call_command("migrate", interactive=False, stdout=said, no_color=True)
        ledger.secure(connection, app_role=app_role(server))
    return len(waiting)


def follow_reference_data() -> int:
    """Seed the reference data, or propose what its file changed; return how many proposals.

    The definitions of the figures are seeded with it; theirs are proposed on their own page.
    """
    from django.utils import timezone

    from tembusu.foundation.jurisdictions import actions
    from tembusu.insight.actions import seed_definitions

    at = timezone.now()
    seed_definitions(by=None, at=at)
    return actions.follow_file(by=None, at=at)


def app_role(server: Server) -> str:
    """Return the role that the application connects as."""
    from tembusu.config import postgres

    return str(postgres.parse(server.app_url).get("user") or postgres.APP)


def waiting_migrations() -> list[str]:
    """Return the migrations of this version that the database has not had, in their order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def unknown_migrations() -> list[str]:
    """Return the migrations that the database has had and this version does not know."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection, ignore_no_migrations=True)
    known = set(loader.disk_migrations or {})
    # A migration that was squashed is known by the one that replaced it.
    for migration in (loader.disk_migrations or {}).values():
        known.update(migration.replaces)
    ours = {config.label for config in apps.get_app_configs()}
    applied = loader.applied_migrations or {}
    return sorted(
        f"{app}.{name}" for app, name in applied if app in ours and (app, name) not in known
    )


def check_not_newer() -> None:
    unknown = unknown_migrations()
    if unknown:
        raise Refused(
            f"the database is of another version (it has had {unknown[-1]}, which this one does "
            "not know): update this checkout, or restore a backup (demo: `make demo-reset`)."
        )


@contextmanager
def _told_plainly(said: io.StringIO) -> Iterator[None]:
    """Name the migration that failed, why, and what to do."""
    from django.db import DatabaseError
    from django.db.migrations.exceptions import InconsistentMigrationHistory

    try:
        yield
    except (DatabaseError, InconsistentMigrationHistory) as problem:
        begun = re.findall(r"Applying (\S+?)\.\.\.", said.getvalue())
        name = begun[-1] if begun else "the first one"
        reason = " ".join(str(problem).split("\n")[0].split())
        raise Refused(
            f"migration {name} failed ({reason}); nothing of it was kept: mend that and run "
            "`tembusu migrate` again, or restore a backup (demo: `make demo-reset`)."
        ) from problem
