"""Files stored once under the SHA-256 of their content, below ``settings.FILES_ROOT``."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import puremagic
from django.conf import settings

from tembusu.foundation.core import rules
from tembusu.foundation.core.audit import Actor
from tembusu.foundation.core.models import StoredFile
from tembusu.foundation.core.terms import FileRules

CHUNK = 1024 * 1024
HEAD = 8192
UNKNOWN = "application/octet-stream"
OFFICE = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".epub", ".jar"})


def path_of(sha256: str) -> Path:
    """Return where a stored file lies: two levels of folders keep each folder small."""
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256[2:4] / sha256


def media_type_of(head: bytes, name: str) -> str:
    """Return the media type by content; text formats, which have no mark, by content and name."""
    if plain := _text_type(head, name) or _container_type(head, name):
        return plain
    try:
        return puremagic.from_string(head, mime=True, filename=name) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN


def _container_type(head: bytes, name: str) -> str:
    """Tell archives from the office formats that share their mark."""
    if head.startswith(b"\x1f\x8b"):
        return "application/gzip"
    is_office = Path(name).suffix.lower() in OFFICE or b"[Content_Types].xml" in head
    return "application/zip" if head.startswith(b"PK\x03\x04") and not is_office else ""


def _text_type(head: bytes, name: str) -> str:
    if b"\0" in head:
        return ""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    by_mark = {b"<": "application/xml", b"{": "application/json", b"[": "application/json"}
    if start in by_mark:
        return by_mark[start]
    suffix = Path(name).suffix.lower()
    return {".csv": "text/csv", ".txt": "text/plain", ".ndjson": "application/json"}.get(suffix, "")


def store(
    source: BinaryIO, *, name: str, accepted: FileRules, by: Actor | None, at: datetime
) -> StoredFile:
    """Store a file, or return the one that holds the same content already.

    :raises FileRefused: if it is empty, too large or of a type that is not accepted here
    """
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    with tempfile.NamedTemporaryFile(dir=root, delete=False) as scratch:
        try:
            for chunk in _chunks(source):
                head = head or chunk[:HEAD]
                size += len(chunk)
                if size > accepted.max_bytes:
                    break
                digest.update(chunk)
                scratch.write(chunk)
            media_type = media_type_of(head, name)
            rules.check_file(size=size, media_type=media_type, accepted=accepted)
            scratch.flush()
            os.fsync(scratch.fileno())
        except BaseException:
            Path(scratch.name).unlink()
            raise
    return _keep(Path(scratch.name), digest.hexdigest(), size, media_type, name, by, at)


def _keep(
    scratch: Path,
    sha256: str,
    size: int,
    media_type: str,
    name: str,
    by: Actor | None,
    at: datetime,
) -> StoredFile:
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch.replace(target)
    stored, _ = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={
            "n_bytes": size,
            "media_type": media_type,
            "name": Path(name).name[:255],
            "stored_at": at,
            "stored_by_id": by.pk if by is not None else None,
        },
    )
    return stored


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def unsound(stored: Iterable[StoredFile]) -> list[str]:
    """Return the SHA-256 of each file that is missing or no longer has its content."""
    return [f.sha256 for f in stored if not _is_sound(f.sha256)]


def _is_sound(sha256: str) -> bool:
    path = path_of(sha256)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
