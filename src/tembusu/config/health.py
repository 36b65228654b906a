"""What ``tembusu doctor`` looks at: each check tells what it found and how to mend it."""

from __future__ import annotations

import os
import shutil
import smtplib
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tembusu.config import postgres
from tembusu.config.application import why_no_answer
from tembusu.config.postgres import Server, roles

ROOM = 1024**3  # bytes below which imports and backups begin to fail
HEARTBEAT = timedelta(seconds=90)  # a worker writes one every 10 s
OVERDUE = timedelta(minutes=15)
MAIL_SECONDS = 5
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome; ``mend`` is empty when all is well."""

    name: str
    told: str
    mend: str = ""

    @property
    def is_well(self) -> bool:
        return not self.mend


Check = Callable[[Server], Finding]


def check_database(server: Server) -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_encoding')"
        )
        version, encoding = cursor.fetchone()
    told = f"PostgreSQL {version}, {encoding}{', embedded' if server.data else ''}"
    if encoding != "UTF8":
        return Finding("database", told, "make the database anew with ENCODING 'UTF8'")
    if int(version.split(".")[0]) < 15:
        return Finding("database", told, "use PostgreSQL 15 or newer")
    return Finding("database", told)


def check_extensions(server: Server) -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {name for (name,) in cursor.fetchall()}
    missing = [name for name in roles.EXTENSIONS if name not in present]
    told = f"{len(roles.EXTENSIONS) - len(missing)} of {len(roles.EXTENSIONS)}"
    if missing:
        statements = "; ".join(f"CREATE EXTENSION {name}" for name in missing)
        return Finding("extensions", told, f"as superuser: {statements}")
    return Finding("extensions", told)


def check_migrations(server: Server) -> Finding:
    from tembusu.config.commands.migrate import unknown_migrations, waiting_migrations

    unknown, waiting = unknown_migrations(), waiting_migrations()
    if unknown:
        told = f"the database has had {unknown[-1]}, which this version does not know"
        return Finding("schema", told, "update this checkout, or restore a backup")
    if waiting:
        return Finding("schema", f"{len(waiting)} migrations wait", "run `tembusu migrate`")
    return Finding("schema", "in step")


def check_roles(server: Server) -> Finding:
    from tembusu.config.commands.migrate import app_role

    app, owner = app_role(server), str(postgres.parse(server.owner_url).get("user") or "")
    if app == owner:
        return Finding(
            "roles",
            f"the application connects as {app}, who owns the tables",
            "make two roles and set DATABASE_OWNER_URL (docs/how-to/run-it.md)",
        )
    return Finding("roles", f"application {app}, owner {owner}")


def check_ledger(server: Server) -> Finding:
    from django.db import connection

    from tembusu.config.commands.migrate import app_role, waiting_migrations
    from tembusu.foundation.core import ledger

    if waiting_migrations():
        return Finding("history", "not looked at: migrations wait", "run `tembusu migrate`")
    found = ledger.weaknesses(connection, app_role=app_role(server))
    if found:
        first = ", ".join(f"{item.right} on {item.table}" for item in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return Finding("history", f"can be changed: {first}{more}", "run `tembusu migrate`")
    return Finding("history", f"append-only ({len(ledger.history_tables())} tables)")


def check_worker(server: Server) -> Finding:
    from django.utils import timezone
    from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

    now = timezone.now()
    n_alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - HEARTBEAT).count()
    waiting = ProcrastinateJob.objects.filter(status="todo", scheduled_at__isnull=True)
    told = f"{n_alive} alive, {waiting.count()} jobs wait"
    if not n_alive:
        return Finding("worker", told, "run `tembusu worker`, and keep it running")
    deferred = {
        "procrastinateevent__type": "deferred",
        "procrastinateevent__at__lt": now - OVERDUE,
    }
    oldest = waiting.filter(**deferred).count()
    if oldest:
        told = f"{told}, {oldest} of them longer than {OVERDUE.seconds // 60} minutes"
        return Finding("worker", told, "run more workers")
    return Finding("worker", told)


def check_wrapped_keys(server: Server) -> Finding:
    """Look whether the key file opens the people's keys of this database."""
    from tembusu.foundation.core import vault

    mend = "put the key file that belongs to this database back (TEMBUSU_FIELD_KEYS)"
    try:
        strange = vault.strange_wrappings()
    except vault.WrongKey as fault:
        return Finding("people's keys", str(fault), mend)
    if strange:
        told = f"{sum(strange.values())} people's keys need field keys that the file lacks"
        return Finding("people's keys", f"{told}: {', '.join(strange)}", mend)
    return Finding("people's keys", "opened by the field keys")


def check_erasures(server: Server) -> Finding:
    from tembusu.config.backups import erasures
    from tembusu.foundation.core import vault

    try:
        n_missing, n_noted = erasures.missing(), len(vault.noted_erasures())
    except vault.ErasureListFault as fault:
        return Finding("erasures", str(fault), f"bring {vault.erasure_list()} back from its copy")
    if n_missing:
        told = f"{n_missing} of the database are not in the list"
        mend = f"bring {vault.erasure_list()} back from its copy; `tembusu backup` adds the rest"
        return Finding("erasures", told, mend)
    return Finding("erasures", f"{n_noted} noted")


def check_imports(server: Server) -> Finding:
    """Look for imports that broke off without a word."""
    from tembusu.coordination.registry.selectors import runs

    found = runs.list_interrupted()
    if not found:
        return Finding("imports", "none was interrupted")
    numbers = ", ".join(str(run.pk) for run in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    mend = "press `Start it again` on the import's page, or run its command again with its files"
    return Finding("imports", f"interrupted: import {numbers}{more}", mend)


def check_files(server: Server) -> Finding:
    from django.conf import settings

    folder = Path(settings.FILES_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as problem:
        mend = f"let the user of the site and the worker write in {folder}"
        return Finding("stored files", f"cannot be written ({problem.strerror})", mend)
    return Finding("stored files", str(folder))


def check_keys(server: Server) -> Finding:
    from django.conf import settings

    keys = Path(settings.FIELD_KEYS_FILE)
    if not keys.is_file():
        mend = "put the copy that is kept apart back in place; without it fields stay unreadable"
        return Finding("field keys", f"{keys} is missing", mend)
    if stat.S_IMODE(keys.stat().st_mode) & 0o077:
        return Finding("field keys", f"{keys} can be read by others", f"chmod 600 {keys}")
    return Finding("field keys", str(keys))


def check_room(server: Server) -> Finding:
    from django.conf import settings

    folder = Path(settings.FILES_ROOT)
    folder = next(path for path in [folder, *folder.parents] if path.exists())
    free = shutil.disk_usage(folder).free
    told = f"{free / 1024**3:.1f} GiB free"
    return Finding("disk", told, "" if free >= ROOM else f"free some space in {folder}")


def check_static(server: Server) -> Finding:
    from django.contrib.staticfiles import finders

    needed = "ui/vendor/htmx.min.js"
    if finders.find(needed) is None:
        return Finding("static files", f"{needed} is missing", "run `npm ci`, `tembusu static`")
    return Finding("static files", "in place")


def check_mail(server: Server) -> Finding:
    from django.conf import settings

    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        told = "written as files, not sent"
        mend = "set TEMBUSU_MAIL_URL" if settings.PRODUCTION else ""
        return Finding("e-mail", told, mend)
    kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
    host = str(settings.EMAIL_HOST)
    where = f"{host}:{settings.EMAIL_PORT}"
    try:
        with kind(host, settings.EMAIL_PORT, timeout=MAIL_SECONDS) as smtp:
            smtp.noop()
    except (OSError, smtplib.SMTPException) as problem:
        return Finding("e-mail", f"{where} does not answer ({problem})", "see TEMBUSU_MAIL_URL")
    return Finding("e-mail", f"{where} answers")


NEEDING_DATABASE: Sequence[Check] = (
    check_database,
    check_extensions,
    check_migrations,
    check_roles,
    check_ledger,
    check_wrapped_keys,
    check_erasures,
    check_worker,
    check_imports,
)
OTHERS: Sequence[Check] = (check_files, check_keys, check_room, check_static, check_mail)


def examine(server: Server) -> list[Finding]:
    """Return every check's finding; without a database the rest is looked at all the same."""
    from django.db import DatabaseError, connection

    found: list[Finding] = [Finding("settings", f"read, data in {os.fspath(_data_folder())}")]
    silence = why_no_answer(server)
    if silence:
        mend = "see that it runs and that DATABASE_URL is right"
        found.append(Finding("database", silence, mend))
    for check in () if silence else NEEDING_DATABASE:
        try:
            found.append(check(server))
        except DatabaseError as problem:
            connection.rollback()
            name = check.__name__.removeprefix("check_")
            reason = (str(problem).splitlines() or ["no reason given"])[0]
            found.append(Finding(name, reason, "run `tembusu migrate`"))
    return found + [check(server) for check in OTHERS]


def _data_folder() -> Path:
    from tembusu.config import environment

    return environment.read().data_folder
