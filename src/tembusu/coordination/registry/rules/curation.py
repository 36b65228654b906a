"""What a curated value is judged by: that it still stands as its curator read it."""

from collections.abc import Mapping
from typing import Any

from tembusu.coordination.registry.rules import form, records


def mark(field: str, held: Mapping[str, Any], imported: Mapping[str, Any]) -> str:
    """Return the fingerprint of a curated value and what the registries say in its place.

    :param held: the curated rows of the field and of what is said of it, by field
    :param imported: what the registries say, by field
    """
    value = held[field].value if field in held else None
    more = [
        (name, held[name].value, imported.get(name))
        for name in records.BESIDE.get(field, ())
        if name in held
    ]
    return form.mark(value, imported.get(field), *more)
