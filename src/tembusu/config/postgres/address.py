"""Database addresses: libpq URLs in, URLs for a socket folder and Django's dictionary out.

libpq reads more forms of URL than any parser of ours would (several hosts, a socket folder as
host, certificates), so its own parser does the reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from tembusu.config.postgres.terms import LauncherError


def socket_url(*, role: str, password: str, database: str, sockets: Path) -> str:
    """Return the URL of a role on the server that listens in the folder ``sockets``."""
    credentials = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return f"postgresql://{credentials}@/{database}?host={quote(str(sockets), safe='')}"


def with_database(url: str, database: str) -> str:
    """Return the same address with another database."""
    head, mark, options = url.partition("?")
    scheme, _, rest = head.partition("://")
    authority = rest.partition("/")[0]
    return f"{scheme}://{authority}/{quote(database, safe='')}{mark}{options}"


def parse(url: str) -> dict[str, Any]:
    """Return libpq's keywords for a URL.

    :raises LauncherError: if it is not the address of a PostgreSQL database
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise LauncherError(
            "DATABASE_URL must begin with postgresql:// (only PostgreSQL is supported)."
        )
    try:
        words: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError as problem:
        # The message of libpq may repeat the password, so only its kind is passed on.
        raise LauncherError("DATABASE_URL is not a valid PostgreSQL address.") from problem
    if not words.get("dbname"):
        raise LauncherError("DATABASE_URL names no database: end it with /<database>.")
    return words


def django_database(url: str) -> dict[str, Any]:
    """Return a URL's entry of Django's ``DATABASES``; what it has no key for is an option."""
    words = parse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": words.pop("dbname"),
        "USER": words.pop("user", ""),
        "PASSWORD": words.pop("password", ""),
        "HOST": words.pop("host", ""),
        "PORT": str(words.pop("port", "") or ""),
        "OPTIONS": words,
    }
