"""What `make check` runs: every check that needs no database, two at a time, each with its time.

Only what fails is shown in full. The order is that of length, longest first.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / ".venv" / "bin"
BASELINE = ROOT / ".secrets.baseline"
AT_ONCE = 2
MOVED_LINES = 3  # the hook's exit code when it would only move line numbers


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended: its name, whether it is well, seconds, and what it said."""

    name: str
    well: bool
    seconds: float
    said: str


def tool(*words: str) -> Callable[[], tuple[bool, str]]:
    """Return a check that runs a program and is well when that exits with 0."""

    def run() -> tuple[bool, str]:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tembusu.config.settings"}
        done = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode == 0, done.stdout + done.stderr

    return run


def secrets() -> tuple[bool, str]:
    """Look for secrets in every file that git holds or would hold, but for those known."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # Locks hold a hash on every line, and it is a digest of what anybody may have.
    skipped = (".lock", "package-lock.json", BASELINE.name)
    files = [name for name in listed.split("\0") if name and not name.endswith(skipped)]
    files = [name for name in files if (ROOT / name).is_file()]
    with tempfile.TemporaryDirectory() as folder:
        # The hook rewrites its baseline when lines moved; that is no finding, and a check writes
        # nothing.
        baseline = shutil.copy(BASELINE, folder)
        words = [str(BIN / "detect-secrets-hook"), "--baseline", str(baseline), *files]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode in {0, MOVED_LINES}, done.stdout + done.stderr


def reference() -> tuple[bool, str]:
    if importlib.util.find_spec("tembusu.config.reference") is None:
        return True, "(there is no generated reference yet)"
    return tool(sys.executable, "-m", "tembusu.config.reference", "--check")()


def checks() -> dict[str, Callable[[], tuple[bool, str]]]:
    ruff, djlint = str(BIN / "ruff"), str(BIN / "djlint")
    return {
        "types": tool(str(BIN / "mypy")),
        "templates' form": tool(djlint, "--check", "src"),
        "templates": tool(djlint, "--lint", "--quiet", "src"),
        "import contracts": tool(str(BIN / "lint-imports"), "--no-logo"),
        "migrations": tool(
            sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"
        ),
        "reference": reference,
        "secrets": secrets,
        "format": tool(ruff, "format", "--check", "--quiet", "."),
        "lint": tool(ruff, "check", "--quiet", "."),
    }


def perform(name: str, check: Callable[[], tuple[bool, str]]) -> Outcome:
    began = time.monotonic()
    well, said = check()
    return Outcome(name, well, time.monotonic() - began, said.strip())


def main() -> int:
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda item: perform(*item), checks().items()))
    for outcome in outcomes:
        print(
            f"  {'ok   ' if outcome.well else 'WRONG'}  {outcome.name:<18}{outcome.seconds:6.1f} s"
        )
    wrong = [outcome for outcome in outcomes if not outcome.well]
    for outcome in wrong:
        print(f"\n== {outcome.name}\n{outcome.said}")
    print(f"{len(outcomes) - len(wrong)} of {len(outcomes)} well, {time.monotonic() - began:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
