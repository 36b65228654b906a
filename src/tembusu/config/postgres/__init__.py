"""PostgreSQL for a checkout: found by its address, or started beside the application.

Decision and limits: ``docs/adr/0002-embedded-postgresql.md``.
"""

from tembusu.config.postgres.address import django_database, parse, with_database
from tembusu.config.postgres.launch import ensure, find, reset
from tembusu.config.postgres.terms import APP, DATABASE, OWNER, LauncherError, Purpose, Server

__all__ = [
    "APP",
    "DATABASE",
    "OWNER",
    "LauncherError",
    "Purpose",
    "Server",
    "django_database",
    "ensure",
    "find",
    "parse",
    "reset",
    "with_database",
]
