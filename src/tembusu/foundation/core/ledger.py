"""Keeps the ledger append-only for the application's own database role.

The application connects as a role that owns no table. Here the owner takes from it every right to
change or empty history, and lets the history triggers write with the owner's rights, so that the
application can't even add a row to history by hand. Run after each migration.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from tembusu.foundation.core import history


@dataclass(frozen=True, slots=True)
class Weakness:
    """A right that the application's role has and must not have."""

    table: str
    right: str


def history_tables() -> list[str]:
    """Return the tables that only triggers may write to."""
    return sorted(model._meta.db_table for model in history.event_models())


def append_only_tables() -> list[str]:
    """Return the tables to which the application may only add."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)
    )


def secure(connection: BaseDatabaseWrapper, *, app_role: str = "tembusu_app") -> None:
    """Give the application's role what it needs, and take away what it must not have.

    :param connection: connected as the owner of the tables
    :raises psycopg.errors.InsufficientPrivilege: if connected as anybody else
    """
    role = sql.Identifier(app_role)
    with connection.cursor() as cursor:
        raw = cursor.connection
        for statement in _grants(role):
            cursor.execute(statement.as_string(raw))
        for function in _trigger_functions(cursor):
            cursor.execute(
                sql.SQL("ALTER FUNCTION {} SECURITY DEFINER SET search_path = public, pg_temp")
                .format(sql.SQL(function))
                .as_string(raw)
            )


def _grants(role: sql.Identifier) -> list[sql.Composed]:
    say = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
    ]
    statements = [sql.SQL(text).format(role=role) for text in say]
    taken = [("INSERT, UPDATE, DELETE, TRUNCATE", table) for table in history_tables()]
    taken += [("UPDATE, DELETE, TRUNCATE", table) for table in append_only_tables()]
    taken += [("INSERT, UPDATE, DELETE, TRUNCATE", "django_migrations")]
    for rights, table in taken:
        statements.append(
            sql.SQL("REVOKE {rights} ON {table} FROM {role}").format(
                rights=sql.SQL(rights), table=sql.Identifier(table), role=role
            )
        )
    return statements


def _trigger_functions(cursor: object) -> list[str]:
    """Return the signatures of the functions behind the history triggers."""
    run = cursor.execute  # type: ignore[attr-defined]
    run(
        "SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger t JOIN pg_proc p"
        " ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND p.proname LIKE 'pgtrigger_%'"
    )
    return [row[0] for row in cursor.fetchall()]  # type: ignore[attr-defined]


def weaknesses(connection: BaseDatabaseWrapper, *, app_role: str = "tembusu_app") -> list[Weakness]:
    """Return every right over history that the application's role has all the same."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR rolreplication FROM pg_roles WHERE rolname = %s",
            [app_role],
        )
        row = cursor.fetchone()
        if row and row[0]:
            found.append(Weakness("(all)", "SUPERUSER"))
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = %s",
            [app_role],
        )
        found += [Weakness(name, "OWNER") for (name,) in cursor.fetchall()]
        checks = [(t, r) for t in history_tables() for r in ("INSERT", "UPDATE", "DELETE")]
        checks += [(t, r) for t in append_only_tables() for r in ("UPDATE", "DELETE")]
        checks += [(t, "TRUNCATE") for t in history_tables() + append_only_tables()]
        for table, right in checks:
            cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [app_role, table, right])
            if cursor.fetchone()[0]:
                found.append(Weakness(table, right))
    return found


def tracked_models() -> list[type[models.Model]]:
    """Return the models whose rows are kept in history."""
    return [model.pgh_tracked_model for model in history.event_models()]  # type: ignore[attr-defined]
