"""Refused records put aside in the format they came in, so that they can be mended and read again.

In the folder: `refused/*.json` and `refused/*.xml` (one record a file), `refused.csv` (rows under
their header; a file for each header), and `reasons.csv`, which says for each fault where it is and
what to do. The whole folder, or an archive of it, goes straight back into `sources.read_paths` once
it is mended: the reasons are passed over. A piece of which nothing was kept stands in them alone.

A folder that is there already is gone on with, so that an import which was interrupted keeps what it
refused before.
"""

import csv
import re
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from trialformats.errors import Fault
from trialformats.sources import Reading

__all__ = ["REASONS", "REASONS_COLUMNS", "RefusalWriter"]

REASONS = "reasons.csv"
# `sources.REASONS_BEGIN` recognises them by these.
REASONS_COLUMNS = ("source", "position", "registry_no", "field", "path", "reason", "kept_in")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NUMBERED = re.compile(r"(\d{6,})-")
# A spreadsheet would run a cell that starts with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RefusalWriter:
    """Writes refused readings into a folder; use it in a `with`. `n_written` counts them."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.n_written = 0
        self._stack = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        self._csv_names = _csv_names(self.folder)
        self._last_no = _last_no(self.folder / "refused")
        self._reasons: Any = None
        self._handles: list[IO[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def write(self, reading: Reading) -> str:
        """Put one refused reading aside; return the file it is kept in, '' when nothing of it was
        kept.
        """
        if not reading.reason:
            raise ValueError(f"{reading.source} {reading.position} was not refused")
        self.n_written += 1
        keep = _KEEPERS.get(reading.media)
        kept_in = keep(self, reading) if keep and reading.raw else ""
        for fault in reading.faults or (Fault(reading.reason),):
            self._line_of_reasons(reading, fault, kept_in)
        return kept_in

    def flush(self) -> None:
        """Hand everything written so far to the operating system: it outlives a killed process."""
        for handle in self._handles:
            handle.flush()

    def _line_of_reasons(self, reading: Reading, fault: Fault, kept_in: str) -> None:
        if self._reasons is None:
            path = self._path(REASONS)
            is_new = not path.exists()
            encoding = "utf-8-sig" if is_new else "utf-8"
            handle = self._stack.enter_context(path.open("a", newline="", encoding=encoding))
            self._handles.append(handle)
            self._reasons = csv.writer(handle)
            if is_new:
                self._reasons.writerow(REASONS_COLUMNS)
        cells = (reading.source, reading.position, reading.registry_no, fault.field, fault.path)
        self._reasons.writerow(map(_inert, (*cells, fault.reason, kept_in)))

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _keep_json(self, reading: Reading) -> str:
        return self._keep_alone(reading, _indented(reading.raw))

    def _keep_xml(self, reading: Reading) -> str:
        return self._keep_alone(reading, reading.raw)

    def _keep_alone(self, reading: Reading, content: bytes) -> str:
        self._last_no += 1
        place = f"{Path(reading.source).stem}-{reading.position}"
        label = _UNSAFE.sub("-", reading.registry_no or place)[-60:].strip("-.")
        name = f"refused/{self._last_no:06}-{label or 'record'}.{reading.media}"
        self._path(name).write_bytes(content)
        return name

    def _keep_csv(self, reading: Reading) -> str:
        header = reading.header_raw.rstrip(b"\r\n")
        name = self._csv_names.get(header)
        if name is None:
            name = self._csv_names[header] = self._unused_csv()
            self._path(name).write_bytes(header + b"\n")
        if name not in self._files:
            self._files[name] = self._stack.enter_context(self._path(name).open("ab"))
            self._handles.append(self._files[name])
        self._files[name].write(reading.raw.rstrip(b"\r\n") + b"\n")
        return name

    def _unused_csv(self) -> str:
        names = ("refused.csv" if no == 1 else f"refused-{no}.csv" for no in count(1))
        return next(name for name in names if not (self.folder / name).exists())


_KEEPERS: dict[str, Callable[[RefusalWriter, Reading], str]] = {
    "json": RefusalWriter._keep_json,
    "xml": RefusalWriter._keep_xml,
    "csv": RefusalWriter._keep_csv,
}


def _csv_names(folder: Path) -> dict[bytes, str]:
    """Return the files of rows that are there, by their header."""
    found = {}
    for path in sorted(folder.glob("refused*.csv"), key=lambda path: (len(path.name), path.name)):
        with path.open("rb") as file:
            found[file.readline().rstrip(b"\r\n")] = path.name
    return found


def _last_no(folder: Path) -> int:
    numbered = (_NUMBERED.match(path.name) for path in folder.glob("*"))
    return max((int(found[1]) for found in numbered if found), default=0)


def _indented(raw: bytes) -> bytes:
    """Return JSON as people edit it; what is no JSON stays as it is."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _inert(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
