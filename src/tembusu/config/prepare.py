"""Installs what a checkout needs; run by make with any Python 3.11 or newer, before anything is
installed (so it uses the standard library alone).

``prepare.py [app|dev]``: each step is done again only when the lock it follows has changed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENV, STAMPS = ROOT / ".venv", ROOT / ".stamps"
MODULES = ROOT / "node_modules"
SERVED = ROOT / "src" / "tembusu" / "foundation" / "ui" / "static" / "ui" / "vendor" / "htmx.min.js"
NEEDED_BYTES = 1536 * 1024**2
OLDEST_NODE = 20

NOT_OURS = (
    "{file} can't be read or written: run as the user who owns it, or use a clone of your own."
)
SCRIPT = """#!{python}
import sys

from tembusu.config.cli import main

# An import reads in a second process, which loads this file again.
if __name__ == "__main__":
    sys.exit(main())
"""


class PrepareError(Exception):
    """The checkout cannot be prepared; the message is one line that says what to do."""


def main(arguments: Sequence[str]) -> int:
    kind = arguments[0] if arguments else "app"
    try:
        prepare(kind)
    except PrepareError as problem:
        sys.stderr.write(f"tembusu: {problem}\n")
        return 1
    except OSError as problem:
        if not is_not_ours(problem):
            raise
        sys.stderr.write(f"tembusu: {NOT_OURS.format(file=problem.filename or ROOT)}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def is_not_ours(problem: OSError) -> bool:
    return isinstance(problem, PermissionError) or problem.errno == errno.EROFS


def prepare(kind: str) -> None:
    """Make the virtual environment and install both locks, where that is not done yet."""
    lock = ROOT / "requirements" / f"{kind}.lock"
    if not done("npm"):
        check_node()  # before the long steps
    if not (done("python-dev") or done(f"python-{kind}")):
        check_room()
        step("Virtual environment", make_venv)
        step("Python packages", lambda: install_python(lock))
        mark(f"python-{kind}")
    link_source()
    if not done("npm"):
        step("Browser packages", install_npm)
        mark("npm")


def stamp(name: str) -> Path:
    """Return the mark of a finished step; its name carries the digest of the lock it followed."""
    locks = {
        "npm": [ROOT / "package-lock.json"],
        "python-app": [ROOT / "requirements" / "app.lock"],
        "python-dev": [ROOT / "requirements" / "dev.lock"],
    }
    digest = hashlib.sha256(str(ROOT).encode())
    for lock in locks[name]:
        digest.update(lock.read_bytes())
    return STAMPS / f"{name}-{digest.hexdigest()[:16]}"


def done(name: str) -> bool:
    made = [VENV / "bin" / "python"] if name.startswith("python") else [MODULES, SERVED]
    return all(path.exists() for path in made) and stamp(name).exists()


def mark(name: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    for old in STAMPS.glob(f"{name}-*"):
        old.unlink()
    stamp(name).touch()


def check_room() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        raise PrepareError(
            f"only {free // 1024**2} MiB are free in {ROOT}, and {NEEDED_BYTES // 1024**2} MiB are "
            "needed: free some space, then try again."
        )


def make_venv() -> None:
    if (VENV / "bin" / "python").exists() and works(VENV / "bin" / "python"):
        return
    words = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    run(words, "the virtual environment could not be made (on Debian: apt install python3-venv)")


def works(python: Path) -> bool:
    asked = [str(python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False


def install_python(lock: Path) -> None:
    words = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    words += ["--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", str(lock)]
    run(words, f"the packages of requirements/{lock.name} could not be installed")


def link_source() -> None:
    """Let the environment find ``src`` and have the command ``tembusu``.

    Written here rather than by ``pip install -e``, which would fetch a build tool that no lock
    holds.
    """
    site = next((VENV / "lib").glob("python3*/site-packages"))
    write(site / "tembusu-src.pth", f"{ROOT / 'src'}\n", mode=0o644)
    command = VENV / "bin" / "tembusu"
    write(command, SCRIPT.format(python=VENV / "bin" / "python"), mode=0o755)


def write(path: Path, text: str, *, mode: int) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        path.chmod(mode)


def install_npm() -> None:
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], "`npm ci` failed")
    copy = [str(VENV / "bin" / "python"), "-m", "tembusu.foundation.ui.vendor"]
    run(copy, "the files that browsers load could not be copied")


def check_node() -> None:
    for tool in ("npm", "node"):
        if shutil.which(tool) is None:
            raise PrepareError(
                f"{tool} was not found: install Node.js {OLDEST_NODE} or newer, then try again."
            )
    told = subprocess.run(  # the one of the person's PATH
        ["node", "--version"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    version = re.match(r"v(\d+)", told)
    if version is None or int(version.group(1)) < OLDEST_NODE:
        raise PrepareError(
            f"Node.js {OLDEST_NODE} or newer is needed, and {told.strip() or 'another'} was found: "
            "install it, then try again."
        )


def run(words: Sequence[str], failure: str) -> None:
    """Run a tool in the checkout, silently; what it said is kept in var/log.

    :raises PrepareError: naming the tool's own last reason
    """
    environment = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
    done = subprocess.run(  # noqa: S603 our own words
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    said = done.stderr + done.stdout
    if "No space left on device" in said or "ENOSPC" in said:
        raise PrepareError("the disk is full: free some space, then try again.")
    log = ROOT / "var" / "log" / "prepare.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(said)
    raise PrepareError(f"{failure} ({reason(said)}): see {log.relative_to(ROOT)}.")


def reason(said: str) -> str:
    """Return the line of a tool's words that says why it failed."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error|not found|cannot", line, re.IGNORECASE)]
    return (errors or lines or ["no reason given"])[0][:200]


def step(name: str, work: Callable[[], None]) -> None:
    """Show a step's name as it begins and its seconds once it is done."""
    sys.stdout.write(f"  {name:<22}")
    sys.stdout.flush()
    began = time.monotonic()
    try:
        work()
    except BaseException:
        sys.stdout.write("\n")
        raise
    sys.stdout.write(f"{time.monotonic() - began:6.1f} s\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
