"""Items as JSON, as tables and proposals hold them; what differs between two; fingerprints."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tembusu.foundation.jurisdictions.rules import periods, values
from tembusu.foundation.jurisdictions.terms import Difference, Item, ItemKind, Pack, Theme

Name = tuple[Theme, str]


def as_json(item: Item) -> dict[str, Any]:
    return {
        "theme": item.theme.value,
        "key": item.key,
        "label": item.label,
        "kind": item.kind.value,
        "value": item.value,
        "unit": item.unit,
        "source": item.source,
        "effective_from": _iso(item.effective_from),
        "effective_to": _iso(item.effective_to),
        "is_verified": item.is_verified,
        "note": item.note,
        "details": dict(item.details),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def from_json(data: Mapping[str, Any]) -> Item:
    return Item(
        **{
            **data,
            "theme": Theme(data["theme"]),
            "kind": ItemKind(data["kind"]),
            "effective_from": _day(data["effective_from"]),
            "effective_to": _day(data["effective_to"]),
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def mark(items: Iterable[Item]) -> str:
    """Return a fingerprint of an item's periods, by which a page tells whether they changed."""
    held = [as_json(one) for one in periods.sorted_periods(items)]
    return digest(held)[:16]


def digest(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def by_name(items: Iterable[Item]) -> dict[Name, list[Item]]:
    """Return the periods of each item, in the order in which the items stand."""
    found: dict[Name, list[Item]] = defaultdict(list)
    for item in items:
        found[item.theme, item.key].append(item)
    return dict(found)


def changed(before: Iterable[Item], after: Iterable[Item]) -> list[Name]:
    """Return the items that two readings of a file say differently, new and gone ones included."""
    old, new = by_name(before), by_name(after)
    return [name for name in {**new, **old} if mark(old.get(name, [])) != mark(new.get(name, []))]


FIELDS = (
    ("label", "What it is"),
    ("value", "Value"),
    ("source", "Source"),
    ("is_verified", "Verified"),
    ("note", "Note"),
    ("effective_from", "Holds from"),
    ("effective_to", "Holds no longer from"),
)


def differences(before: Item | None, after: Item | None) -> list[Difference]:
    """Return what differs between two items, as texts that people read."""
    found = []
    for name, label in FIELDS:
        old, new = (said(one, name) if one else "" for one in (before, after))
        if old != new:
            found.append(Difference(label, old, new))
    facts = [dict(one.details) if one else {} for one in (before, after)]
    for name in sorted({*facts[0], *facts[1]}):
        old, new = (_fact(each.get(name)) for each in facts)
        if old != new:
            found.append(Difference(name.replace("_", " ").capitalize(), old, new))
    return found


def said(item: Item, field: str) -> str:
    """Return one field of an item as people read it."""
    if field == "value":
        return values.said(item.value, item.kind, item.unit) or "not known"
    found = getattr(item, field)
    if isinstance(found, bool):
        return "yes" if found else "no"
    return f"{found:%-d %B %Y}" if isinstance(found, date) else str(found or "")


def _fact(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def replaced(pack: Pack, name: Name, items: Sequence[Item]) -> Pack:
    """Return a pack in which one item has other periods, at its place or at the end."""
    groups = by_name(pack.items)
    groups[name] = list(items)
    merged = tuple(item for group in groups.values() for item in group)
    return Pack(pack.key, pack.name, pack.country, merged)
