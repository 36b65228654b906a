"""Where the server's folders lie.

They belong in the checkout's ``var/postgres``. Run by root, the server is another, unprivileged
user, who cannot enter a checkout below a private folder; then they go to a folder outside that is
the same each time (its name is made from the checkout's path) and is recorded in
``var/postgres-location``. The mode of a folder that we did not make is never changed.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tembusu.config.postgres.children import run_as
from tembusu.config.postgres.terms import OURSELVES, Account, LauncherError, Purpose

RECORD = "postgres-location"
UNPRIVILEGED = ("nobody", "daemon")
# sun_path holds 108 bytes on Linux, its closing NUL included.
LONGEST_SOCKET = 107
SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one server: ``folder`` holds its locks and log, ``data``, and the rest."""

    folder: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"


def find(root: Path, purpose: Purpose, account: Account) -> Place:
    """Return the folders of this checkout's server, made where they are missing.

    :raises LauncherError: if no folder can be had that the server's user can enter
    """
    root = root.resolve()
    base = recorded(root) or choose_base(root, account)
    folder = base / purpose
    make_open(folder)
    if not enters(account, folder):
        raise LauncherError(
            f"The user {account.name} can no longer enter {folder}: let it enter the folders "
            "above, or start over with `make demo-reset`."
        )
    record(root, base)
    return Place(folder, socket_folder(folder, account))


def known(root: Path, purpose: Purpose) -> Path | None:
    """Return the folder of an existing server, without making anything."""
    base = recorded(root.resolve()) or root.resolve() / "var" / "postgres"
    folder = base / purpose
    return folder if folder.exists() else None


def server_account(data: Path | None = None) -> Account:
    """Return whom to run as: ourselves, or (when we are root) an existing unprivileged user.

    The owner of an existing data folder goes first, for a server cannot change its owner.
    """
    if os.geteuid() != 0:
        return OURSELVES
    names: list[pwd.struct_passwd] = []
    if data is not None and data.exists() and data.stat().st_uid != 0:
        names += [entry for entry in pwd.getpwall() if entry.pw_uid == data.stat().st_uid]
    names += [entry for name in UNPRIVILEGED for entry in pwd.getpwall() if entry.pw_name == name]
    if not names:
        raise LauncherError(
            "PostgreSQL does not run as root and this system has no user `nobody`: "
            "run as an ordinary user, or set DATABASE_URL."
        )
    entry = names[0]
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switches=True)


def fingerprint(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:12]


def outside_bases() -> list[Path]:
    return [Path("/var/lib/tembusu"), Path(tempfile.gettempdir()) / "tembusu"]


def choose_base(root: Path, account: Account) -> Path:
    inside = root / "var" / "postgres"
    make_open(inside)
    return inside if enters(account, inside) else outside_folder(root)


def outside_folder(root: Path) -> Path:
    """Return this checkout's folder outside: the first that can be made and only we write in.

    A name under the temporary folder can be guessed, so one that another user made is refused.
    """
    folders = [base / fingerprint(root) for base in outside_bases()]
    for folder in folders:
        try:
            make_open(folder)
        except OSError:
            continue
        status = folder.stat()
        if status.st_uid == os.geteuid() and not status.st_mode & 0o022:
            return folder
    raise LauncherError(
        "No folder for the database could be made in "
        f"{' or '.join(str(folder.parent) for folder in folders)}: "
        "set DATABASE_URL, or clone into a folder that others may enter."
    )


def make_open(folder: Path) -> None:
    """Make a folder and its missing parents so that others may enter, whatever the umask."""
    missing = [path for path in [folder, *folder.parents] if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)


def enters(account: Account, folder: Path) -> bool:
    """Tell whether the account can enter a folder; tried for real, for modes do not tell all."""
    if not account.switches:
        return os.access(folder, os.W_OK | os.X_OK)
    return run_as(account, ["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0


def record(root: Path, base: Path) -> None:
    target = root / "var" / RECORD
    text = f"checkout {root}\ndatabase {base}\n"
    if not target.exists() or target.read_text() != text:
        make_open(target.parent)
        target.write_text(text)


def recorded(root: Path) -> Path | None:
    """Return the folder recorded for this checkout; a record copied with another one is ignored."""
    target = root / "var" / RECORD
    if not target.is_file():
        return None
    lines = dict(line.split(" ", 1) for line in target.read_text().splitlines() if " " in line)
    base = Path(lines.get("database", ""))
    return base if lines.get("checkout") == str(root) and base.is_dir() else None


def socket_folder(folder: Path, account: Account) -> Path:
    """Return a folder with a short enough path that only the server's user (and root) enters."""
    name = f"tembusu-{os.geteuid()}-{fingerprint(folder)}"
    choices = [folder / "socket", Path(tempfile.gettempdir()) / name, Path("/tmp") / name]  # noqa: S108
    sockets = next(choice for choice in choices if fits_socket(choice))
    sockets.mkdir(mode=0o700, exist_ok=True)
    status = sockets.lstat()
    if status.st_uid not in {account.uid, os.geteuid()} or sockets.is_symlink():
        raise LauncherError(f"{sockets} belongs to someone else: remove it, then try again.")
    os.chown(sockets, account.uid, account.gid)
    sockets.chmod(0o700)
    return sockets


def fits_socket(folder: Path) -> bool:
    """Tell whether a socket's path may begin so; a comma, to libpq, begins another host."""
    return len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET and "," not in str(folder)
