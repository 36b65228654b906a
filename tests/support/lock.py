"""Writes requirements/*.lock anew: every version pinned with its hashes, no registry's address."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https?://", re.IGNORECASE)
LOCKS: dict[str, list[str]] = {"app": [], "dev": ["--extra", "dev"]}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        # The tool that makes locks is no part of what they hold.
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, "uv"]
        subprocess.run([*install, "--disable-pip-version-check"], check=True)
        for name, extra in LOCKS.items():
            write_lock(Path(folder) / "bin" / "uv", ROOT / "requirements" / f"{name}.lock", extra)
    return 0


def write_lock(uv: Path, lock: Path, extra: list[str]) -> None:
    quiet = ["--quiet", "--no-header", "--no-annotate", "--no-emit-index-url"]
    words = [str(uv), "pip", "compile", "pyproject.toml", *extra, *quiet, "--generate-hashes"]
    subprocess.run([*words, "--python", sys.executable, "--output-file", str(lock)], check=True)
    if ADDRESS.search(lock.read_text()):
        raise SystemExit(f"{lock.name} names a registry's address: it was not meant to.")
    print(f"{lock.name}: {lock.read_text().count('==')} packages")


if __name__ == "__main__":
    sys.exit(main())
