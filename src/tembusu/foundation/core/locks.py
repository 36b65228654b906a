"""Locks that say somebody is at work on a record. The database lets go of them when its connection
ends, however that happens; so they outlive no killed process.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

HELD = """
SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = ANY(%s)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def take(kind: int, pk: int) -> bool:
    """Take the lock of a record for this connection; say whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, pk])
        return bool(cursor.fetchone()[0])


def let_go(kind: int, pk: int) -> None:
    """Let go of a record's lock, unless the connection, and the lock with it, is gone."""
    if connection.connection is not None and not connection.connection.closed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, pk])


@contextmanager
def letting_go(kind: int, pk: int) -> Iterator[None]:
    """Let go of a record's lock at the end."""
    try:
        yield
    finally:
        let_go(kind, pk)


def held_among(kind: int, pks: Sequence[int]) -> set[int]:
    """Return which of the records somebody is at work on."""
    if not pks:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(HELD, [kind, list(pks)])
        return {pk for (pk,) in cursor.fetchall()}
