"""The pack that this deployment uses: as its tables hold it; before they are seeded, as its file does.

What is held is kept in the process by the version's number in the database: a change makes a new
version, so that one small query tells whether what is kept still holds.
"""

from datetime import date
from functools import lru_cache

from django.conf import settings

from tembusu.foundation.jurisdictions.models import PackItem, PackVersion
from tembusu.foundation.jurisdictions.rules import files, periods
from tembusu.foundation.jurisdictions.terms import Item, ItemKind, Pack, Theme


def filed() -> Pack:
    """Return the pack as its file has it."""
    return files.read(settings.TEMBUSU_JURISDICTION)


def all_periods() -> Pack:
    """Return the pack with every period of every item."""
    file = filed()
    newest = PackVersion.objects.filter(pack=file.key).order_by("-number")
    version = newest.values_list("pk", flat=True).first()
    if version is None:
        return file
    return Pack(file.key, file.name, file.country, _items(file.key, version))


@lru_cache(maxsize=8)
def _items(pack: str, version: int) -> tuple[Item, ...]:
    rows = PackItem.objects.filter(pack=pack).order_by("position", "effective_from", "pk")
    return tuple(item_of(row) for row in rows)


def item_of(row: PackItem) -> Item:
    return Item(
        theme=Theme(row.theme),
        key=row.key,
        label=row.label,
        kind=ItemKind(row.kind),
        value=row.value,
        unit=row.unit,
        source=row.source,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        is_verified=row.is_verified,
        note=row.note,
        details=row.details,
    )


def pack(on: date) -> Pack:
    """Return the pack as it holds on a day."""
    return periods.on(all_periods(), on)
