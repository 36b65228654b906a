"""Encryption of private fields under a key for each person; destroying the key erases the person.

Each person's key is random, wrapped (AES-256-GCM) by a field key that lies in a file outside the
database and its backups. The newest field key is the file's first line; older ones still unwrap.
Who was erased is written down beside that file too, so that a backup taken earlier can't bring
anybody back, even where the database that knew of the erasure is lost.
"""

import base64
import hashlib
import os
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from tembusu.foundation.core.models import PersonKey
from tembusu.foundation.core.states import Refusal

NONCE_BYTES, KEY_BITS = 12, 256


class Erased(Refusal):
    """The person's key was destroyed: what it encrypted can't be read any more, by anybody."""


class WrongKey(Refusal):
    """The ciphertext was not made with this key for this purpose, or was changed since."""


class ErasureListFault(Refusal):
    """The list of erasures can't be written or read, so nobody is erased until that is mended."""


def _encrypt(key: bytes, text: bytes, purpose: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, purpose)


def _decrypt(key: bytes, blob: bytes, purpose: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], purpose)
    except InvalidTag as fault:
        raise WrongKey("This field can't be read with the present keys.") from fault


def key_name(key: bytes) -> str:
    """Return the short public name of a field key, kept beside what it wraps."""
    return hashlib.sha256(b"name" + key).hexdigest()[:16]


def make_field_keys(path: Path) -> None:
    """Put a new field key first in the file, making the file (mode 0600) where it is absent."""
    older = path.read_text() if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = base64.b64encode(AESGCM.generate_key(KEY_BITS)).decode()
    scratch = path.with_suffix(".new")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{made}\n{older}")
    scratch.replace(path)
    field_keys.cache_clear()


@lru_cache(maxsize=4)
def field_keys(path: Path) -> dict[str, bytes]:
    """Return the field keys by name, newest first; makes the first one where none is yet.

    :raises WrongKey: if the file holds anything else
    """
    if not path.exists():
        make_field_keys(path)
    try:
        keys = [base64.b64decode(line, validate=True) for line in path.read_text().split()]
        for key in keys:
            AESGCM(key)
    except ValueError as fault:
        raise WrongKey(f"The key file {path} holds what is no key. Restore it.") from fault
    return {key_name(key): key for key in keys}


def _field_keys() -> dict[str, bytes]:
    """Return the field keys; none where the file of a database with people in it is gone.

    A new file would hide the loss, and lock out everybody who registers after it.
    """
    path = Path(settings.FIELD_KEYS_FILE)
    if not path.exists() and PersonKey.objects.filter(wrapped__isnull=False).exists():
        return {}
    return field_keys(path)


def _key_of(owner: uuid.UUID) -> bytes:
    row = PersonKey.objects.get(owner=owner)
    if row.wrapped is None:
        raise Erased("This person's data was erased.")
    wrapping = _field_keys().get(row.wrapped_by)
    if wrapping is None:
        raise WrongKey(f"Field key {row.wrapped_by} is missing from the key file. Restore it.")
    return _decrypt(wrapping, bytes(row.wrapped), owner.bytes)


def strange_wrappings() -> dict[str, int]:
    """Return which field keys people's keys need and the file lacks, and how many people's."""
    path = Path(settings.FIELD_KEYS_FILE)
    known = field_keys(path) if path.exists() else {}
    rows = PersonKey.objects.filter(wrapped__isnull=False).exclude(wrapped_by__in=known)
    return dict(rows.values_list("wrapped_by").annotate(n=Count("owner")).order_by("wrapped_by"))


@transaction.atomic
def make_key(*, owner: uuid.UUID, at: datetime) -> None:
    """Make the person's key unless there is one.

    :raises Erased: if it was destroyed before
    :raises WrongKey: if the key file is missing
    """
    keys = _field_keys()
    if not keys:
        raise WrongKey(f"The key file {settings.FIELD_KEYS_FILE} is missing. Restore it.")
    name, wrapping = next(iter(keys.items()))
    wrapped = _encrypt(wrapping, AESGCM.generate_key(KEY_BITS), owner.bytes)
    row, _ = PersonKey.objects.get_or_create(
        owner=owner, defaults={"wrapped": wrapped, "wrapped_by": name, "made_at": at}
    )
    if row.wrapped is None:
        raise Erased("This person's data was erased.")


def seal(text: str, *, owner: uuid.UUID, purpose: str) -> str:
    """Encrypt one field of one person. The purpose (a field's name) is bound to the ciphertext."""
    blob = _encrypt(_key_of(owner), text.encode(), purpose.encode())
    return base64.b64encode(blob).decode()


def unseal(sealed: str, *, owner: uuid.UUID, purpose: str) -> str:
    """Decrypt one field of one person.

    :raises Erased: if the key was destroyed
    :raises WrongKey: if the text was changed, or belongs to another person or field
    """
    return _decrypt(_key_of(owner), base64.b64decode(sealed), purpose.encode()).decode()


@transaction.atomic
def destroy_key(*, owner: uuid.UUID, at: datetime) -> bool:
    """Erase the person: everything that was sealed for them becomes unreadable.

    Once the transaction commits, the erasure is in the list beside the key file as well.

    :return: whether there was a key to destroy
    :raises ErasureListFault: if that list can't be written; then nothing is destroyed
    """
    _append(b"")
    there = PersonKey.objects.filter(owner=owner, wrapped__isnull=False)
    transaction.on_commit(partial(note_erasures, {owner: at}))
    return bool(there.update(wrapped=None, destroyed_at=at))


def is_erased(owner: uuid.UUID) -> bool:
    return PersonKey.objects.filter(owner=owner, destroyed_at__isnull=False).exists()


def erased() -> dict[uuid.UUID, datetime]:
    """Return whose keys are destroyed, and since when; nobody's where there is no schema yet."""
    if PersonKey._meta.db_table not in connection.introspection.table_names():
        return {}
    found = PersonKey.objects.filter(destroyed_at__isnull=False)
    return {key.owner: key.destroyed_at for key in found if key.destroyed_at}


# -- the list of erasures, outside of the database ------------------------------------------------


def erasure_list() -> Path:
    """Return the file that lists erasures: the key file's name with ``.erased``."""
    keys = Path(settings.FIELD_KEYS_FILE)
    return keys.with_name(f"{keys.name}.erased")


def noted_erasures() -> dict[uuid.UUID, datetime]:
    """Return whom the list names, and since when each is erased.

    :raises ErasureListFault: naming the first line that is none of ours
    """
    path, noted = erasure_list(), {}
    lines = path.read_text().splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            owner, at = line.split()
            noted[uuid.UUID(owner)] = datetime.fromisoformat(at)
        except ValueError as fault:
            raise ErasureListFault(
                f"Line {number} of {path} can't be read. Take it from a copy of the file."
            ) from fault
    return noted


def note_erasures(erasures: Mapping[uuid.UUID, datetime]) -> int:
    """Add to the list whom it does not name yet; return how many those are."""
    missing = {owner: erasures[owner] for owner in erasures.keys() - noted_erasures().keys()}
    _append("".join(f"{owner} {at.isoformat()}\n" for owner, at in missing.items()).encode())
    return len(missing)


def _append(lines: bytes) -> None:
    path = erasure_list()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise ErasureListFault(
            f"The list of erasures, {path}, can't be written ({fault.strerror}). Mend that first."
        ) from fault
