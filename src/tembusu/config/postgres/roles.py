"""The database's roles and what each may do.

``postgres`` is the launcher's own. ``tembusu_owner`` owns the schema and migrates it.
``tembusu_app``, as which the application connects, owns nothing and never may TRUNCATE; what it
may not do to history is taken from it after each migration (``core.ledger.secure``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from tembusu.config.postgres.terms import APP, OWNER

# unaccent is a comfort; the others carry indexes, without which there is no Tembusu.
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist", "unaccent")

Connection = psycopg.Connection[Any]


def provide_roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Create the two roles where they are missing."""
    rows = connection.execute("SELECT rolname FROM pg_roles").fetchall()
    present = {name for (name,) in rows}
    for role in (OWNER, APP):
        if role not in present:
            say = (
                "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}"
            )
            connection.execute(sql.SQL(say).format(sql.Identifier(role), passwords[role]))


def provide_database(
    connection: Connection,
    name: str,
    *,
    template: str = "template0",
    owner: str = OWNER,
    app: str = APP,
) -> None:
    """Create a database that belongs to the owner, where it is missing."""
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if found is None:
        say = "CREATE DATABASE {} OWNER {} TEMPLATE {}"
        words = (sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template))
        connection.execute(sql.SQL(say).format(*words))
    grant_access(connection, name, app)


def grant_access(connection: Connection, name: str, app: str) -> None:
    """Let the application's role, and nobody else, connect (a clone does not inherit this)."""
    for say in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
    ):
        words = {"database": sql.Identifier(name), "app": sql.Identifier(app)}
        connection.execute(sql.SQL(say).format(**words))


def provide_schema(connection: Connection, *, owner: str = OWNER, app: str = APP) -> None:
    """Prepare the database connected to: extensions, and rights over what the owner will make."""
    rows = connection.execute("SELECT name FROM pg_available_extensions").fetchall()
    available = {name for (name,) in rows}
    for extension in EXTENSIONS:
        if extension in available:
            say = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public")
            connection.execute(say.format(sql.Identifier(extension)))
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    grant_defaults(connection, owner, app)


def grant_defaults(connection: Connection, owner: str, app: str) -> None:
    """Let the application use what the owner makes in future; done by the owner or a superuser."""
    words = {"app": sql.Identifier(app), "owner": sql.Identifier(owner)}
    for say in (
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT EXECUTE ON FUNCTIONS TO {app}",
    ):
        connection.execute(sql.SQL(say).format(**words))
