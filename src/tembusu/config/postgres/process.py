"""Starting, finding and stopping the server process.

A server that was killed leaves ``postmaster.pid`` behind. PostgreSQL recovers by itself when no
process has that number any more; after a restart of a machine or container another process often
does, and PostgreSQL then refuses to start. So the file is removed when its process is surely not
this server and no process of it lives on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tembusu.config.postgres.binaries import Binaries
from tembusu.config.postgres.children import run_as
from tembusu.config.postgres.place import SOCKET, Place
from tembusu.config.postgres.terms import Account, LauncherError

PATIENCE = 90.0  # seconds; crash recovery after a long import is the slowest start
POLL = 0.02
LOG_LIMIT = 5 * 1024 * 1024
PROC = Path("/proc")

START = '"$@" >>"$LOG" 2>&1 </dev/null & echo $!'


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What ``postmaster.pid`` tells: its status is starting, ready, stopping or standby."""

    pid: int
    sockets: str
    status: str


def read_pid_file(data: Path) -> Postmaster | None:
    """Return what the file tells, or None while it is missing or half written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), lines[4], lines[7].strip() if len(lines) > 7 else "")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended but was not collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    if not PROC.is_dir():
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


def works_in(pid: int, data: Path) -> bool:
    """Tell whether a process has the data folder as its working folder, as each server's has."""
    if not PROC.is_dir():
        return True
    try:
        return (PROC / str(pid) / "cwd").readlink() == data
    except OSError:
        return False


def find_running(data: Path) -> Postmaster | None:
    """Return the server that runs on this data folder, if one does."""
    found = read_pid_file(data)
    if found and is_alive(found.pid) and works_in(found.pid, data):
        return found
    return None


def any_process_in(data: Path) -> bool:
    pids = (entry.name for entry in PROC.iterdir() if entry.name.isdigit())
    return any(works_in(int(pid), data) and is_alive(int(pid)) for pid in pids)


def clear_stale_locks(place: Place) -> None:
    """Remove the lock files of a killed server whose number is taken, of which nothing lives on.

    While the number is free PostgreSQL does this itself, and with more knowledge.
    """
    locks = [place.data / "postmaster.pid", place.sockets / f"{SOCKET}.lock"]
    taken = [lock for lock in locks if (PROC / str(first_number(lock))).exists()]
    if taken and PROC.is_dir() and not any_process_in(place.data):
        for lock in taken:
            lock.unlink(missing_ok=True)


def first_number(lock: Path) -> int:
    """Return the process that a lock file names, or -1 if there is none."""
    try:
        return int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return -1


def start(
    place: Place, binaries: Binaries, account: Account, settings: Mapping[str, str]
) -> Postmaster:
    """Start the server and return once it answers.

    :raises LauncherError: with the server's own reason, if it does not
    """
    clear_stale_locks(place)
    prepare_log(place.log, account)
    options = {
        "listen_addresses": "",
        # A list: quoted, for a path may hold a comma.
        "unix_socket_directories": '"' + str(place.sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        **settings,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    started = run_as(
        account,
        ["/bin/sh", "-c", START, "sh", binaries.folder / "postgres", "-D", place.data, *words],
        environ={"LOG": str(place.log)},
        apart=True,
    )
    return wait_until_ready(place, int(started.stdout))


def prepare_log(log: Path, account: Account) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.unlink()
    log.touch(mode=0o600)
    os.chown(log, account.uid, account.gid)


def wait_until_ready(place: Place, pid: int | None = None) -> Postmaster:
    """Wait for a server that is starting; ``pid`` is given for one that we started."""
    log_from = place.log.stat().st_size if place.log.exists() and pid is None else 0
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = read_pid_file(place.data)
        if found and found.status == "ready" and (place.sockets / SOCKET).exists():
            return found
        if pid is not None and not is_alive(pid):
            raise LauncherError(why_it_failed(place.log, log_from))
        time.sleep(POLL)
    raise LauncherError(f"PostgreSQL did not become ready in {PATIENCE:.0f} s: see {place.log}.")


def why_it_failed(log: Path, log_from: int = 0) -> str:
    """Return one line from the end of the server's log that says why it did not start."""
    lines = log.read_text(errors="replace")[log_from:].splitlines()[-40:]
    if any("No space left on device" in line for line in lines):
        return f"The disk is full: free some space in {log.parent}, then try again."
    if any("incompatible with server" in line for line in lines):
        return "The database was made by another PostgreSQL: start over with `make demo-reset`."
    fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    reason = fatal[-1].split(":  ", 1)[-1].strip() if fatal else "it gave no reason"
    return f"PostgreSQL did not start ({reason}): see {log}."


def stop(data: Path, *, patience: float = PATIENCE) -> bool:
    """Stop the server cleanly: sessions are ended, everything is written. False if none ran.

    :raises LauncherError: if it has not stopped in time
    """
    found = find_running(data)
    if found is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGINT)
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if not is_alive(found.pid):
            return True
        time.sleep(POLL)
    raise LauncherError(f"PostgreSQL (process {found.pid}) did not stop in {patience:.0f} s.")


def run_initdb(
    place: Place, binaries: Binaries, account: Account, password: str, *, lasting: bool
) -> None:
    """Make the data folder; until it is whole it has another name.

    :param lasting: whether to wait until the disk has it

    :raises LauncherError: with initdb's reason
    """
    fresh = place.folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    word = place.folder / "initdb.password"
    word.unlink(missing_ok=True)
    word.touch(mode=0o600)
    word.write_text(password)
    for path in (fresh, word):
        os.chown(path, account.uid, account.gid)
    locale = ["--locale=C.UTF-8"]
    if binaries.major >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words = [
        "--encoding=UTF8",
        "--username=postgres",
        "--auth=scram-sha-256",
        "--data-checksums",
        "--no-instructions",
        f"--pwfile={word}",
        *locale,
        *([] if lasting else ["--no-sync"]),
    ]
    try:
        done = run_as(account, [binaries.folder / "initdb", "-D", fresh, *words])
    finally:
        word.unlink()
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise LauncherError(initdb_reason(done.stderr, place.folder))


def initdb_reason(told: str, folder: Path) -> str:
    if "No space left on device" in told:
        return f"The disk is full: free some space in {folder}, then try again."
    last = next(
        (line for line in reversed(told.splitlines()) if "error" in line), "no reason given"
    )
    return f"The database could not be made ({last.strip()})."
