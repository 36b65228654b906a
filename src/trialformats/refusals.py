"""Refused records put aside so that they can be mended and read again.

In the folder: `refused.ndjson` (JSON, one study a line), `refused/*.xml` (one record a file),
`refused.csv` (rows under their header; a file for each header), and `refused-report.csv`, which
says for each where it came from and why. All but the report go straight back into
`sources.read_paths` once they are mended, the whole folder if need be; a piece of which nothing was
kept stands in the report alone.
"""

import csv
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from trialformats.containers import REPORT
from trialformats.sources import Reading

__all__ = ["REPORT", "REPORT_COLUMNS", "RefusalWriter"]

REPORT_COLUMNS = ("source", "position", "registry_no", "field", "reason", "kept_in")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# A spreadsheet would run a cell that starts with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RefusalWriter:
    """Writes refused readings into a folder; use it in a `with`. `n_written` counts them."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.n_written = 0
        self._stack = ExitStack()
        self._files: dict[str, IO[bytes]] = {}
        self._csv_names: dict[bytes, str] = {}
        self._report: Any = None
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
        self._line_of_report(reading, kept_in)
        return kept_in

    def flush(self) -> None:
        """Hand everything written so far to the operating system: it outlives a killed process."""
        for handle in self._handles:
            handle.flush()

    def _line_of_report(self, reading: Reading, kept_in: str) -> None:
        if self._report is None:
            handle = self._stack.enter_context(
                self._path(REPORT).open("w", newline="", encoding="utf-8-sig")
            )
            self._handles.append(handle)
            self._report = csv.writer(handle)
            self._report.writerow(REPORT_COLUMNS)
        cells = (reading.source, reading.position, reading.registry_no, reading.field)
        self._report.writerow(map(_inert, (*cells, reading.reason, kept_in)))

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._files:
            self._files[name] = self._stack.enter_context(self._path(name).open("wb"))
            self._handles.append(self._files[name])
        return self._files[name]

    def _keep_json(self, reading: Reading) -> str:
        self._file("refused.ndjson").write(_one_line(reading.raw) + b"\n")
        return "refused.ndjson"

    def _keep_xml(self, reading: Reading) -> str:
        label = _UNSAFE.sub("-", reading.registry_no or reading.source)[-60:].strip("-.")
        name = f"refused/{self.n_written:06}-{label or 'record'}.xml"
        self._path(name).write_bytes(reading.raw)
        return name

    def _keep_csv(self, reading: Reading) -> str:
        name = self._csv_names.get(reading.header_raw)
        if name is None:
            no = len(self._csv_names) + 1
            name = "refused.csv" if no == 1 else f"refused-{no}.csv"
            self._csv_names[reading.header_raw] = name
            self._file(name).write(reading.header_raw.rstrip(b"\r\n") + b"\n")
        self._file(name).write(reading.raw.rstrip(b"\r\n") + b"\n")
        return name


_KEEPERS: dict[str, Callable[[RefusalWriter, Reading], str]] = {
    "json": RefusalWriter._keep_json,
    "xml": RefusalWriter._keep_xml,
    "csv": RefusalWriter._keep_csv,
}


def _one_line(raw: bytes) -> bytes:
    """Return JSON on one line; what is no JSON keeps its words, with blanks for line breaks (which
    JSON texts never hold).
    """
    try:
        return orjson.dumps(orjson.loads(raw))
    except orjson.JSONDecodeError:
        return b" ".join(raw.split(b"\n")).replace(b"\r", b" ")


def _inert(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
