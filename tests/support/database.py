"""Databases for tests. The application's own role is used, as in production.

Each test process works on its own clone of a migrated template, inside the usual transaction of
pytest-django. A test that needs real commits (threads, a live site, `on_commit`, a second
connection) takes `fresh_database`: a clone for itself alone. It replaces ``transaction=True``,
for that empties tables with TRUNCATE, which the application's role may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tembusu.config import postgres
from tembusu.config.postgres import Server, roles
from tests.support import templates

CONNECTION_KEYS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    mark = item.get_closest_marker("django_db")
    if mark is not None and mark.kwargs.get("transaction"):
        pytest.fail("use the fixture `fresh_database` instead of transaction=True", pytrace=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The checkout's test server; whichever process ends last stops it."""
    server = postgres.ensure(root=templates.ROOT, purpose="test")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def template_database(postgres_server: Server, django_db_blocker: Any) -> str:
    """The name of the migrated template, made now if the schema changed since the last run."""
    name = templates.TEMPLATE + templates.schema_digest()
    with templates.one_at_a_time(postgres_server):
        with templates.as_superuser(postgres_server) as connection:
            if name in templates.names_like(connection, name):
                return name
        part = f"{name}_part"
        templates.drop(postgres_server, part)
        build(postgres_server, part, django_db_blocker)
        with templates.as_superuser(postgres_server) as connection:
            now = connection.execute("SELECT now()::text").fetchone()
            connection.execute(f"ALTER DATABASE {part} RENAME TO {name}")
            connection.execute(f"COMMENT ON DATABASE {name} IS '{now[0] if now else ''}'")
        templates.drop_leftovers(postgres_server)
    return name


def build(server: Server, name: str, blocker: Any) -> None:
    from django.core.management import call_command
    from django.db import connection

    from tembusu.config.migrating import one_model_at_a_time
    from tembusu.foundation.core import ledger

    with templates.as_superuser(server) as superuser:
        roles.provide_database(superuser, name)
    with psycopg.connect(server.url("superuser", database=name), autocommit=True) as superuser:
        roles.provide_schema(superuser)
    with blocker.unblock():
        point_django_at(server.url("owner", database=name))
        with one_model_at_a_time():
            call_command("migrate", verbosity=0, interactive=False)
        ledger.secure(connection)
        connection.close()


def point_django_at(url: str) -> None:
    """Let Django's connections, those of new threads included, go to another database.

    No pool is used: it would keep connections to a clone that is to be dropped.
    """
    from django.db import connections

    connection = connections["default"]
    close_django()
    entry = postgres.django_database(url)
    connection.settings_dict.update({key: entry[key] for key in CONNECTION_KEYS})


def close_django() -> None:
    from django.db import connections

    connection = connections["default"]
    connection.close()
    if "pool" in connection.settings_dict.get("OPTIONS", {}):
        connection.close_pool()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Nothing: each process has its own clone, so no name needs the worker's number."""


@pytest.fixture(scope="session")
def django_db_setup(
    postgres_server: Server, template_database: str, django_db_blocker: Any
) -> Iterator[None]:
    name = templates.clone_name()
    templates.clone(postgres_server, template_database, name)
    with django_db_blocker.unblock():
        point_django_at(postgres_server.url("app", database=name))
    yield
    with django_db_blocker.unblock():
        close_django()
    templates.drop(postgres_server, name)


@pytest.fixture
def fresh_database(
    postgres_server: Server,
    template_database: str,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[str]:
    """A database for this test alone, where commits are real; the value is its name."""
    from django.db import connections

    connection = connections["default"]
    before = {key: connection.settings_dict[key] for key in CONNECTION_KEYS}
    name = templates.clone_name()
    templates.clone(postgres_server, template_database, name)
    with django_db_blocker.unblock():
        point_django_at(postgres_server.url("app", database=name))
        yield name
        connections.close_all()
        connection.settings_dict.update(before)
    templates.drop(postgres_server, name)


@pytest.fixture
def owner_connection(
    postgres_server: Server, fresh_database: str
) -> Iterator[psycopg.Connection[Any]]:
    """A connection as the owner of the tables, to this test's own database."""
    with psycopg.connect(postgres_server.url("owner", database=fresh_database)) as connection:
        yield connection
