"""Writing a pack's next version: its items brought in step with what was decided."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions.models import PackFile, PackItem, PackVersion
from tembusu.foundation.jurisdictions.rules import checking, records
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import Item, Pack, Theme, VersionKind

LOCK = 728_401  # with a hash of the pack's key: one change of a pack at a time


class PackWouldBreak(Refusal):
    """A change after which the reference data would not hold together."""


def lock(pack: str) -> None:
    """Let nobody else change this pack until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, pack])


def ref(pack: str, theme: str, key: str) -> str:
    """Return how the ledger names an item, whatever its periods."""
    return f"jurisdictions.PackItem:{pack}.{theme}.{key}"


def is_seeded(pack: str) -> bool:
    return PackVersion.objects.filter(pack=pack).exists()


def next_version(
    pack: str, kind: VersionKind, *, by: Any, at: datetime, reason: str = ""
) -> PackVersion:
    last = PackVersion.objects.filter(pack=pack).order_by("-number").first()
    return PackVersion.objects.create(
        pack=pack,
        number=last.number + 1 if last else 1,
        kind=kind,
        made_at=at,
        made_by=by,
        reason=reason,
    )


def seed(pack: Pack, *, at: datetime) -> PackVersion:
    """Write a pack's first version from its file."""
    version = next_version(pack.key, VersionKind.SEED, by=None, at=at)
    rows = [_row(pack.key, item, no, version) for no, item in enumerate(pack.items)]
    PackItem.objects.bulk_create(rows, batch_size=500)
    remember_file(pack, at=at)
    return version


def remember_file(pack: Pack, *, at: datetime) -> None:
    said = [records.as_json(item) for item in pack.items]
    PackFile.objects.update_or_create(
        pack=pack.key, defaults={"digest": records.digest(said), "items": said, "read_at": at}
    )


def _row(pack: str, item: Item, position: int, version: PackVersion) -> PackItem:
    data = {**records.as_json(item), "effective_from": item.effective_from}
    data["effective_to"] = item.effective_to
    return PackItem(pack=pack, position=position, version=version, **data)


def check_whole(pack: Pack) -> None:
    """Refuse a pack that would not hold together.

    :raises PackWouldBreak: with the first fault
    """
    if faults := checking.whole_faults(pack):
        raise PackWouldBreak(f"The reference data would not hold together: {faults[0]}")


def write(pack: str, theme: Theme, key: str, items: Sequence[Item], version: PackVersion) -> None:
    """Bring the rows of one item in step: what went is deleted, what changed is changed, first of all
    what ends earlier, so that no two periods ever hold on one day.
    """
    rows = {row.effective_from: row for row in _rows(pack, theme, key)}
    wanted = {item.effective_from: item for item in items}
    for begins, row in rows.items():
        if begins not in wanted:
            row.delete()
    position = next((row.position for row in rows.values()), None)
    if position is None:
        position = PackItem.objects.filter(pack=pack).count()
    for begins, item in sorted(wanted.items(), key=lambda pair: pair[0] or date.min):
        present = rows.get(begins)
        if present is None:
            _row(pack, item, position, version).save(force_insert=True)
        elif (before := held.item_of(present)) != item:
            made = _row(pack, item, position, version)
            made.pk = present.pk
            if _is_only_cut(before, item):
                made.version_id = present.version_id
            made.save(force_update=True)


def _is_only_cut(before: Item, after: Item) -> bool:
    """Say whether a period only ends on another day: then it keeps the version that brought it."""
    return replace(before, effective_to=None) == replace(after, effective_to=None)


def _rows(pack: str, theme: Theme, key: str) -> Iterable[PackItem]:
    return PackItem.objects.select_for_update().filter(pack=pack, theme=theme, key=key)
