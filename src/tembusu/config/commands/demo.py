"""``tembusu demo``: everything on this machine with synthetic data; what ``make demo`` calls.

Ctrl-C and SIGTERM end the site, the worker and the database, in this order, with exit code 0.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click

from tembusu.config import postgres, supervision
from tembusu.config.application import (
    Refused,
    close_connections,
    database,
    read_environment,
    set_up,
    told_plainly,
)
from tembusu.config.commands.serve import check_port_free, port_option

HOST = "127.0.0.1"
ROOM = 200 * 1024**2  # bytes that must be free to go on working


@click.command(short_help="Run everything here with synthetic data, to try it out.")
@port_option
def demo(port: int) -> None:
    """Run everything on this machine with synthetic data, to try it out.

    What people enter is kept for the next time. Stop it with Ctrl-C.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        run(port)
    except KeyboardInterrupt:
        sys.exit(0)


def run(port: int) -> None:
    prepare_environment(port)
    check_port_free(HOST, port)
    with told_plainly(), ExitStack() as held:
        with step("PostgreSQL") as note:
            server = held.enter_context(database())
            note("started" if server.started else "is running")
        data = Path(read_environment().data_folder)
        check_room(data)
        with step("Application"):
            set_up(server)
        fill(server, data)
        close_connections()
        serve_until_stopped(port, data)


def prepare_environment(port: int) -> None:
    """Settle the settings of a demo for this process and those that it starts.

    :raises Refused: in production
    """
    if read_environment().production:
        raise Refused("the demo is refused in production (TEMBUSU_PRODUCTION is set).")
    os.environ["TEMBUSU_SYNTHETIC"] = "true"
    os.environ.setdefault("TEMBUSU_ORIGIN", f"http://{HOST}:{port}")


def check_room(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(data).free
    if free < ROOM:
        raise Refused(
            f"only {free // 1024**2} MiB are free in {data}, and {ROOM // 1024**2} MiB are needed: "
            "free some space, then try again."
        )


def fill(server: postgres.Server, data: Path) -> None:
    """Bring schema, static files, keys and synthetic records in place, each where missing."""
    from tembusu.config import demo as records
    from tembusu.config.commands.migrate import bring_in_step
    from tembusu.config.commands.static import gather
    from tembusu.foundation.core import vault

    with step("Database schema") as note:
        done = bring_in_step(server)
        note(f"{done} migrations" if done else "in step")
    with step("Static files") as note:
        note(f"{gather()} files")
    keys = read_environment().field_keys_file
    if not keys.exists():
        vault.make_field_keys(keys)
    with step("Synthetic portfolio") as note:
        if records.is_loaded():
            note("kept as it was")
        else:
            records.load()


def serve_until_stopped(port: int, data: Path) -> None:
    from tembusu.config import demo as records

    commands = [
        ("site", ["serve", "--host", HOST, "--port", str(port)]),
        ("worker", ["worker"]),
    ]
    with supervision.together(commands, data / "log") as children:
        with step("Site and worker"):
            supervision.wait_until_answers(HOST, port, children)
        click.echo("\nDemo accounts (synthetic people; the password is the same for all):\n")
        show_accounts(records.accounts())
        click.echo(f"\nReady: http://{HOST}:{port}/ (Ctrl-C stops it)")
        supervision.watch(children)


def show_accounts(accounts: list[tuple[str, str, str]]) -> None:
    """Print e-mail, password and role of each account in columns."""
    rows = [("e-mail", "password", "role"), *accounts]
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    for email, password, role in rows:
        click.echo(f"  {email:<{wide[0]}}  {password:<{wide[1]}}  {role}")


@click.command(name="demo-reset", short_help="Remove the demo's database and files.")
def demo_reset() -> None:
    """Remove the demo's database, stored files and e-mails, to start over."""
    if os.environ.get("DATABASE_URL"):
        raise Refused(
            "DATABASE_URL is set, and only the embedded database is ever removed: empty that one "
            "yourself, or unset DATABASE_URL."
        )
    settings = read_environment()
    from tembusu.config.environment import CHECKOUT

    try:
        postgres.reset(root=CHECKOUT, purpose="demo")
    except postgres.LauncherError as problem:
        raise Refused(str(problem)) from problem
    for name in ("files", "mail", "log"):
        shutil.rmtree(Path(settings.data_folder) / name, ignore_errors=True)
    click.echo("The demo's database and files are removed; `make demo` makes new ones.")


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """Show a step's name as it begins; its seconds, and what it notes, once it is done."""
    click.echo(f"  {name:<22}", nl=False)
    sys.stdout.flush()
    began, notes = time.monotonic(), list[str]()
    try:
        yield notes.append
    except BaseException:
        click.echo("")
        raise
    click.echo(f"{time.monotonic() - began:6.1f} s  {'; '.join(notes)}".rstrip())


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Begin to stop; asked again while that goes on, go on stopping."""
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
