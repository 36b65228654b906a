"""Copies the few browser files that others wrote from ``node_modules`` to the static folder.

No bundler: each file is served as its authors published it. Run by make after ``npm ci``:
``python -m tembusu.foundation.ui.vendor``.
"""

import shutil
import sys
from pathlib import Path

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
}
CHECKOUT = Path(__file__).resolve().parents[4]
TARGET = Path(__file__).resolve().parent / "static" / "ui" / "vendor"


def copy(modules: Path, target: Path) -> list[Path]:
    """Copy every file of FILES below ``target``; raise FileNotFoundError naming what is missing."""
    missing = [name for name in FILES if not (modules / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)} not found. Run 'npm ci' first.")
    target.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(modules / name, target / to)) for name, to in FILES.items()]


def main() -> int:
    try:
        copied = copy(CHECKOUT / "node_modules", TARGET)
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write(f"{len(copied)} browser files copied.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
