"""The backup's file: written in one pass, verified before anything is believed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

MARK, DUMP, MANIFEST, FILES = "tembusu-backup", "database.dump", "manifest.json", "files/"
FORMAT = 1
CHUNK = 1024 * 1024
STORED = re.compile(r"files/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})")
MANIFEST_LIMIT = 256 * 1024**2  # bytes; 1.5 million stored files


class BackupError(Exception):
    """The backup cannot be written or believed; the message is one line."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    ``taken_at`` is ISO 8601 in UTC, ``rows`` counts each table's rows, ``members`` maps each
    member's name to its SHA-256, ``migrations`` are those that the database has had.
    """

    taken_at: str
    version: str
    server: str
    rows: Mapping[str, int]
    migrations: tuple[str, ...]
    members: Mapping[str, str]

    @property
    def n_files(self) -> int:
        return sum(name.startswith(FILES) for name in self.members)

    @property
    def n_rows(self) -> int:
        return sum(self.rows.values())


class Writer:
    """Adds members to a backup and keeps their checksums for its manifest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, str] = {}
        self.add_bytes(MARK, json.dumps({"format": FORMAT}).encode())

    def add_bytes(self, name: str, content: bytes) -> None:
        self.members[name] = hashlib.sha256(content).hexdigest()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> str:
        """Add a file as it is now; return its SHA-256."""
        with path.open("rb") as source:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = os.fstat(source.fileno()).st_size, 0o600
            reading = _Hashing(source)
            self._tar.addfile(entry, reading)
        self.members[name] = reading.digest.hexdigest()
        return self.members[name]

    def close(self, manifest: Manifest) -> None:
        self.add_bytes(MANIFEST, json.dumps(asdict(manifest), indent=1, sort_keys=True).encode())


class _Hashing:
    """A file that is hashed as it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self.digest.update(chunk)
        return chunk


@contextmanager
def written(target: Path) -> Iterator[Writer]:
    """Give a writer; the file has its name only once it is whole and on the disk.

    :raises BackupError: if there is a file of that name, or no such folder
    """
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name.")
    if not target.parent.is_dir():
        raise BackupError(f"there is no folder {target.parent}: make it first.")
    part = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            out.flush()
            os.fsync(out.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def opened(source: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup for reading.

    :raises BackupError: if it is none
    """
    try:
        with tarfile.open(source, mode="r:") as tar:
            _check_mark(tar, source)
            yield tar
    except (FileNotFoundError, IsADirectoryError) as problem:
        raise BackupError(f"there is no file {source}.") from problem
    except PermissionError as problem:
        raise BackupError(f"{source} may not be read by you.") from problem
    except (tarfile.TarError, EOFError) as problem:
        raise BackupError(f"{source} is no backup of Tembusu, or was cut short.") from problem


def _check_mark(tar: tarfile.TarFile, source: Path) -> None:
    first = tar.next()
    if first is None or first.name != MARK or not first.isfile() or first.size > CHUNK:
        raise BackupError(f"{source} is no backup of Tembusu.")
    version = _json(tar, first).get("format")
    if version != FORMAT:
        raise BackupError(f"{source} has format {version}, and this version reads {FORMAT}.")


def verify(source: Path) -> Manifest:
    """Read the whole backup and return its manifest once every checksum agrees.

    :raises BackupError: naming the first member that is missing, changed or does not belong
    """
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    with opened(source) as tar:
        for entry in tar:
            if manifest is not None or not _belongs(entry) or entry.name in found:
                raise BackupError(f"{source} holds what does not belong in it: {entry.name!r}.")
            if entry.name == MANIFEST:
                manifest = read_manifest(_json(tar, entry), source)
            else:
                found[entry.name] = _sha256(tar, entry)
    if manifest is None:
        raise BackupError(f"{source} was cut short: its manifest is missing.")
    for name in sorted(found.keys() | manifest.members.keys()):
        if found.get(name) != manifest.members.get(name):
            raise BackupError(f"{source} is damaged: {name} is not as it was written.")
    if DUMP not in found:
        raise BackupError(f"{source} holds no database.")
    return manifest


def _belongs(entry: tarfile.TarInfo) -> bool:
    if not entry.isfile():
        return False
    if entry.name in {MARK, DUMP, MANIFEST}:
        return True
    stored = STORED.fullmatch(entry.name)
    return bool(stored and stored[3].startswith(stored[1] + stored[2]))


def read_manifest(data: Mapping[str, Any], source: Path) -> Manifest:
    try:
        return Manifest(
            taken_at=str(data["taken_at"]),
            version=str(data["version"]),
            server=str(data["server"]),
            rows={str(table): int(n) for table, n in data["rows"].items()},
            migrations=tuple(str(name) for name in data["migrations"]),
            members={str(name): str(digest) for name, digest in data["members"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise BackupError(f"{source} is damaged: its manifest cannot be read.") from problem


def _json(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> dict[str, Any]:
    if entry.size > MANIFEST_LIMIT:
        raise BackupError("the backup's manifest is too large to be one.")
    try:
        data = json.loads(_stream(tar, entry).read())
    except ValueError as problem:
        raise BackupError(f"the backup is damaged: {entry.name} cannot be read.") from problem
    return data if isinstance(data, dict) else {}


def _sha256(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    digest, left = hashlib.sha256(), entry.size
    stream = _stream(tar, entry)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        left -= len(chunk)
    if left:
        raise BackupError(f"the backup was cut short within {entry.name}.")
    return digest.hexdigest()


def _stream(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(entry)
    if stream is None:
        raise BackupError(f"the backup is damaged: {entry.name} is no file.")
    return stream


def extract(source: Path, manifest: Manifest, *, dump: Path, files: Path) -> None:
    """Write the members out, checked once more: what was verified is what is used.

    :raises BackupError: if a member changed since it was verified
    """
    with opened(source) as tar:
        for entry in tar:
            if entry.name == DUMP:
                _write(tar, entry, dump, manifest)
            elif entry.name.startswith(FILES) and _belongs(entry):
                _write(tar, entry, files / entry.name.removeprefix(FILES), manifest)


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, to: Path, manifest: Manifest) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    digest, stream = hashlib.sha256(), _stream(tar, entry)
    with to.open("wb") as out:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != manifest.members[entry.name]:
        raise BackupError(f"the backup is damaged: {entry.name} is not as it was written.")
