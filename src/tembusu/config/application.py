"""How a command gets a database and a set-up application, and how its refusals are told.

Settings are read once, when Django starts; so the database's address is settled before that.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from tembusu.config import postgres, prepare
from tembusu.config.postgres import Server

NO_ANSWER = (
    "the database does not answer ({reason}): see that it runs and that DATABASE_URL is right."
)
CONNECT_SECONDS = 5
NO_SPACE = "the disk is full: free some space, then try again."
CONNECTION_KEYS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


class Refused(click.ClickException):
    """The command cannot be done; the message is one line that says what to do."""

    def show(self, file: Any = None) -> None:
        click.echo(f"tembusu: {self.format_message()}", err=True, file=file)


def read_environment() -> Any:
    """Return the operator's settings.

    :raises Refused: naming each setting that is wrong
    """
    from pydantic import ValidationError

    from tembusu.config import environment

    try:
        return environment.read()
    except ValidationError as faults:
        said = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])} "
            f"{fault['msg'].removeprefix('Value error, ')}".strip()
            for fault in faults.errors()
        )
        raise Refused(f"settings: {said}") from faults


@contextmanager
def database() -> Iterator[Server]:
    """Give a PostgreSQL that answers, and let go of it afterwards.

    :raises Refused: if there is none
    """
    from tembusu.config.environment import CHECKOUT

    try:
        server = postgres.ensure(root=CHECKOUT, purpose="demo")
    except postgres.LauncherError as problem:
        raise Refused(str(problem)) from problem
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def application(*, needs_answer: bool = True) -> Iterator[Server]:
    """Give a database, with Django set up as the application's own role.

    :param needs_answer: False for a command that can do its work without the database
    :raises Refused: if there is no database, or settings are wrong
    """
    with told_plainly(), database() as server:
        silence = why_no_answer(server) if needs_answer else ""
        if silence:
            raise Refused(NO_ANSWER.format(reason=silence))
        set_up(server)
        try:
            yield server
        finally:
            close_connections()


def why_no_answer(server: Server) -> str:
    """Return why the application's role cannot connect, or '' if it can."""
    import psycopg

    try:
        psycopg.connect(server.app_url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as problem:
        return (str(problem).splitlines() or ["no reason given"])[0].removeprefix(
            "connection is bad: "
        )
    return ""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Tell the troubles that no code can mend (no space, no database) in one line."""
    from django.db import OperationalError

    try:
        yield
    except OperationalError as problem:
        reason = (str(problem).splitlines() or ["no reason given"])[0]
        if "No space left on device" in str(problem):
            raise Refused(NO_SPACE) from problem
        raise Refused(NO_ANSWER.format(reason=reason)) from problem
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Refused(NO_SPACE) from problem
        if prepare.is_not_ours(problem):
            raise Refused(prepare.NOT_OURS.format(file=problem.filename or "a file")) from problem
        raise


def set_up(server: Server) -> None:
    """Start Django on a server; processes started from here on find it by the same address."""
    os.environ["DATABASE_URL"] = server.app_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tembusu.config.settings")
    from tembusu.config import environment

    environment.read.cache_clear()
    read_environment()
    import django

    django.setup()


@contextmanager
def as_owner(server: Server) -> Iterator[None]:
    """Let Django's connection be the owner's, who alone may change the schema."""
    entry = postgres.django_database(server.owner_url)
    with connection_with({key: entry[key] for key in CONNECTION_KEYS}):
        yield


@contextmanager
def connection_with(changes: Mapping[str, Any]) -> Iterator[None]:
    """Change where Django's connection goes, for a while."""
    from django.db import connections

    connection = connections["default"]
    before = {key: connection.settings_dict[key] for key in changes}
    close_connections()
    connection.settings_dict.update(changes)
    try:
        yield
    finally:
        close_connections()
        connection.settings_dict.update(before)


def close_connections() -> None:
    """Close this process's connections, so that a database can be stopped, dropped or renamed."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        if getattr(connection, "pool", None):
            connection.close_pool()  # type: ignore[attr-defined]


def end_with_parent() -> None:
    """Ask Linux to end this process when the one that started it ends, however it does."""
    if sys.platform == "linux":
        import ctypes
        import signal

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
