"""Files, folders and archives, opened one after the other as streams. Nothing is unpacked to disk.

An archive inside an archive, a member that points out of its archive, a link, a password: each is
refused by name and the rest is read. What a file is, its first bytes say; its name is not asked.
"""

import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from trialformats.errors import FormatError
from trialformats.streams import CHUNK, Limits, Meter, Stream, chunks_of, gunzipped

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_PACKED = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
_OTHER = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Microsoft Office document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "an SQLite database",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """One file to be read:

    `source` names it, `stream` holds it, `reason` says why it cannot be opened.
    """

    source: str
    stream: Stream
    reason: str = ""


def opened(paths: Sequence[Path], limits: Limits) -> Iterator[Opened]:
    """Yield every file in the paths given, in a fixed order.

    A path that does not exist is reported like any other.
    """
    used: set[str] = set()
    for path in paths:
        for file, label in _files(path):
            source = _unused(label, used)
            reason = _not_a_file(file, within=path)
            if reason:
                yield _refused(source, reason)
                continue
            try:
                with file.open("rb") as handle:
                    yield from _from_file(handle, source, limits)
            except OSError as error:
                yield _refused(source, f"the file cannot be read: {error.strerror or error}")


def unknown_kind(head: bytes) -> str:
    """Return the reason for a file that is none of ours, judged by its first bytes."""
    for mark, name in _PACKED.items():
        if head.startswith(mark):
            return f"this is a {name} archive; unpack it, or pack it as .zip or .tar.gz"
    for mark, name in _OTHER.items():
        if head.startswith(mark):
            return f"this is {name}; registers' records come as JSON, XML or CSV"
    return "this is no JSON, XML or CSV of a register that we know"


def is_tar(head: bytes) -> bool:
    """Say whether the first 512 bytes are a tar header."""
    return head[257:262] == b"ustar"


def _refused(source: str, reason: str) -> Opened:
    return Opened(source, Stream(iter(())), reason)


def _unused(label: str, used: set[str]) -> str:
    """Return the label, numbered when two paths given share it, so that a place in a run is never
    ambiguous.
    """
    source, no = label, 1
    while source in used:
        no += 1
        source = f"{label} ({no})"
    used.add(source)
    return source


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if not path.is_dir():
        yield path, path.name
        return
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if not _is_clutter(name):
                file = Path(folder, name)
                yield file, file.relative_to(path).as_posix()


def _is_clutter(name: str) -> bool:
    """Say whether an operating system left this file, not a person."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in parts)


def _not_a_file(file: Path, *, within: Path) -> str:
    try:
        mode = file.stat().st_mode
    except OSError as error:
        return f"the file cannot be opened: {error.strerror or error}"
    if not stat.S_ISREG(mode):
        return "this is no ordinary file"
    if file != within and file.is_symlink() and not file.resolve().is_relative_to(within.resolve()):
        return "this link points out of the folder; give the file itself"
    return ""


def _from_file(handle: IO[bytes], source: str, limits: Limits) -> Iterator[Opened]:
    meter = Meter(limits)
    stream = Stream(chunks_of(handle))
    head = stream.peek(512)
    if head.startswith((ZIP, _EMPTY_ZIP)):
        meter.take(os.fstat(handle.fileno()).st_size)
        yield from _from_zip(handle, source, limits, meter)
        return
    if head.startswith(GZIP):
        stream = Stream(gunzipped(stream, meter))
    else:
        meter = Meter(Limits(max_total_bytes=limits.max_total_bytes, max_ratio=1 << 62))
    if is_tar(stream.peek(512)):
        yield from _from_tar(stream, source, limits)
    else:
        yield Opened(source, stream)


def _from_tar(stream: Stream, source: str, limits: Limits) -> Iterator[Opened]:
    n_members = 0
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            while member := archive.next():
                archive.members.clear()  # tarfile remembers every member it met
                n_members += 1
                if n_members > limits.max_members:
                    yield _refused(source, _too_many(limits))
                    return
                yield from _tar_member(archive, member, source)
    except (tarfile.TarError, EOFError) as error:
        yield _refused(source, stream.fault or f"the tar archive is damaged from here on ({error})")
        return
    if stream.fault or not n_members:
        yield _refused(source, stream.fault or "the archive is empty")


def _tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo, source: str) -> Iterator[Opened]:
    if member.isdir() or _is_clutter(member.name):
        return
    label = f"{source}!{member.name}"
    reason = _bad_name(member.name)
    if not member.isreg():
        reason = reason or "this is a link or a device, not a file"
    handle = None if reason else archive.extractfile(member)
    if handle is None:
        yield _refused(label, reason)
    else:
        yield _inner(label, _exactly(handle, member.size))


def _exactly(handle: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield the member's bytes. Raises FormatError when the archive ends before it."""
    left = size
    try:
        while left and (chunk := handle.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
    except (tarfile.TarError, EOFError) as error:
        raise FormatError(f"the archive ends in the middle of this file ({error})") from error
    if left:
        raise FormatError("the archive ends in the middle of this file")


def _from_zip(handle: IO[bytes], source: str, limits: Limits, meter: Meter) -> Iterator[Opened]:
    try:
        with zipfile.ZipFile(handle) as archive:
            members = [one for one in archive.infolist() if not _is_clutter(one.filename)]
            if any(one.filename == "[Content_Types].xml" for one in members):
                yield _refused(source, "this is an Office document; save the sheet as CSV")
                return
            if len(members) > limits.max_members:
                yield _refused(source, _too_many(limits))
                return
            if not members:
                yield _refused(source, "the archive is empty")
            for member in sorted(members, key=lambda one: one.header_offset):
                if not member.is_dir():
                    yield _zip_member(archive, member, source, meter)
    except (zipfile.BadZipFile, EOFError) as error:
        yield _refused(source, f"the zip archive is damaged or cut off ({error}); fetch it again")


def _zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, source: str, meter: Meter
) -> Opened:
    label = f"{source}!{member.filename}"
    reason = _bad_name(member.filename)
    if stat.S_ISLNK(member.external_attr >> 16):
        reason = "this is a link or a device, not a file"
    if member.flag_bits & 0x1:
        reason = "this file is locked with a password; unlock it first"
    return _refused(label, reason) if reason else _inner(label, _unzipped(archive, member, meter))


def _unzipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, meter: Meter) -> Iterator[bytes]:
    try:
        with archive.open(member) as handle:
            while chunk := handle.read(CHUNK):
                meter.spend(len(chunk))
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise FormatError(f"this file is damaged inside the archive ({error})") from error
    except NotImplementedError as error:
        raise FormatError(f"this file is packed in a way we do not read ({error})") from error


def _inner(label: str, chunks: Iterator[bytes]) -> Opened:
    """Return a member of an archive; an archive in an archive is refused."""
    stream = Stream(chunks)
    head = stream.peek(512)
    if head.startswith((GZIP, ZIP, *_PACKED)) or is_tar(head):
        return _refused(
            label, "an archive inside an archive is not opened; unpack it and send it alone"
        )
    return Opened(label, stream)


def _too_many(limits: Limits) -> str:
    return f"the archive holds more than {limits.max_members:,} files; split it"


def _bad_name(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or path.as_posix()[1:2] == ":":
        return "this name points out of its archive, as no honest archive does; it was not read"
    return ""
