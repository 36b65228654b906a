"""Reading a pack's file, strictly: every fault names the file, the place and what is expected."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tembusu.foundation.jurisdictions.rules import periods, values
from tembusu.foundation.jurisdictions.rules.checking import whole_faults
from tembusu.foundation.jurisdictions.rules.shapes import FLAG, SHAPES, TEXT, WORDS, Shape
from tembusu.foundation.jurisdictions.terms import Item, ItemKind, Pack, Theme

SCHEMA = 1
HEAD = ("schema", "key", "name", "country")
OWN = ("key", "label", "kind", "value", "unit", "source", "from", "to", "verified", "note")


class PackFault(Exception):
    """A pack that can't be used; the message has a line for each fault."""

    def __init__(self, where: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{where}: {fault}" for fault in faults))


def parse(text: str, *, where: str) -> Pack:
    """Read and check a pack.

    :param where: the file's name, for the faults
    :raises PackFault: with every fault: its theme, its item and what is expected there
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise PackFault(where, [f"not valid TOML: {fault}"]) from fault
    faults = list(_head_faults(data))
    if faults:
        raise PackFault(where, faults)
    sources = data.get("sources", {})
    items: list[Item] = []
    for theme in Theme:
        for no, one in enumerate(data.get(theme.value, []), start=1):
            made = _item(one, theme, f"{theme.value}, entry {no}", sources, faults)
            items += [made] if made else []
    pack = Pack(data["key"], data["name"], data["country"], tuple(items))
    faults += _period_faults(pack)
    faults = faults or whole_faults(pack)
    if faults:
        raise PackFault(where, faults)
    return pack


def _head_faults(data: Mapping[str, Any]) -> Iterator[str]:
    if data.get("schema") != SCHEMA:
        yield f"'schema' must be {SCHEMA}, the form of file that this version reads."
    for name in HEAD[1:]:
        if not isinstance(data.get(name), str) or not data[name]:
            yield f"'{name}' must be a text at the top of the file."
    known = {*HEAD, "sources", *Theme}
    for name in sorted(set(data) - known):
        yield f"'{name}' is no theme. Themes: {', '.join(Theme)}."
    for theme in Theme:
        rows = data.get(theme.value, [])
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            yield f"{theme.value}: begin each item with a line [[{theme.value}]]."
    sources = data.get("sources", {})
    if not isinstance(sources, dict) or not all(isinstance(one, str) for one in sources.values()):
        yield "'sources' must be a table of names and addresses."


def _item(
    data: Mapping[str, Any],
    theme: Theme,
    where: str,
    sources: Mapping[str, str],
    faults: list[str],
) -> Item | None:
    key = data.get("key")
    if not isinstance(key, str) or not key or not set(key).isdisjoint("/ \t\n"):
        faults.append(f"{where}: 'key' must be a text without spaces and strokes.")
        return None
    found = list(_item_faults(data, SHAPES[theme], sources))
    if found:
        faults += [f"{theme.value}, item '{key}': {fault}" for fault in found]
        return None
    shape = SHAPES[theme]
    return Item(
        theme=theme,
        key=key,
        label=data["label"],
        kind=_kind(data, shape),
        value=_plain(data.get("value")),
        unit=data.get("unit", ""),
        source=sources[data["source"][1:]] if data["source"].startswith("@") else data["source"],
        effective_from=data.get("from"),
        effective_to=data.get("to"),
        is_verified=data.get("verified", False),
        note=data.get("note", ""),
        details={name: data[name] for name in data if name not in OWN},
    )


def _kind(data: Mapping[str, Any], shape: Shape) -> ItemKind:
    return ItemKind(data["kind"]) if "kind" in data else shape.kinds[0]


def _plain(value: Any) -> Any:
    """Return a value of TOML as JSON has it: its days as texts."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _item_faults(
    data: Mapping[str, Any], shape: Shape, sources: Mapping[str, str]
) -> Iterator[str]:
    if not isinstance(data.get("label"), str) or not data["label"].strip():
        yield "'label' must be a text."
    yield from _source_faults(data.get("source"), sources)
    yield from _day_faults(data)
    if not isinstance(data.get("verified", False), bool):
        yield "'verified' must be true or false."
    if not isinstance(data.get("note", ""), str):
        yield "'note' must be a text."
    yield from _value_faults(data, shape)
    yield from detail_faults({n: v for n, v in data.items() if n not in OWN}, shape)


def _source_faults(source: Any, sources: Mapping[str, str]) -> Iterator[str]:
    if not isinstance(source, str) or not source:
        yield "'source' must be an address, or @ and a name of the table 'sources'."
    elif source.startswith("@"):
        if source[1:] not in sources:
            yield f"'source' names '{source}', which the table 'sources' does not have."
        elif not values.is_source(sources[source[1:]]):
            yield f"'source' is '{sources[source[1:]]}', which is no address (https://…)."
    elif not values.is_source(source):
        yield f"'source' is '{source}', which is no address (https://…)."


def _day_faults(data: Mapping[str, Any]) -> Iterator[str]:
    days = {name: data.get(name) for name in ("from", "to")}
    for name, day in days.items():
        if day is not None and type(day) is not date:
            yield f"'{name}' must be a day without quotes, such as 2016-11-01, not {day!r}."
            return
    begins, ends = days["from"], days["to"]
    if begins and ends and ends <= begins:
        yield f"'to' ({ends}) must lie after 'from' ({begins})."


def _value_faults(data: Mapping[str, Any], shape: Shape) -> Iterator[str]:
    kind = data.get("kind", shape.kinds[0])
    if kind not in list(ItemKind):
        yield f"'kind' must be one of {', '.join(ItemKind)}, not '{kind}'."
        return
    unit = data.get("unit", "")
    if not isinstance(unit, str):
        yield "'unit' must be a text."
    elif fault := values.fault_of(_plain(data.get("value")), ItemKind(kind), unit, shape):
        yield f"'value': {fault}"
    if "value" not in data and not data.get("note"):
        yield "'value' is not there; if it is not known, say so in 'note'."


_IS = {
    TEXT: lambda one: isinstance(one, str) and bool(one),
    WORDS: lambda one: isinstance(one, list) and all(isinstance(word, str) for word in one),
    FLAG: lambda one: isinstance(one, bool),
}


def detail_faults(details: Mapping[str, Any], shape: Shape) -> Iterator[str]:
    """Yield what is wrong with an item's further facts."""
    known = {**shape.needs, **shape.takes}
    for name, what in shape.needs.items():
        if name not in details:
            yield f"'{name}' is missing: {what}."
    for name, value in details.items():
        if name not in known:
            yield f"'{name}' is not known here. Known: {', '.join(sorted({*OWN, *known}))}."
        elif not _IS[known[name]](value):
            yield f"'{name}' must be {known[name]}, not {value!r}."
        elif name in shape.fact_choices and value not in shape.fact_choices[name]:
            yield f"'{name}' must be one of {', '.join(shape.fact_choices[name])}, not '{value}'."


def _period_faults(pack: Pack) -> list[str]:
    faults = []
    groups: dict[tuple[Theme, str], list[Item]] = {}
    for item in pack.items:
        groups.setdefault((item.theme, item.key), []).append(item)
    for (theme, key), group in groups.items():
        if clash := periods.overlap(group):
            begins = clash[1].effective_from or "the beginning"
            faults.append(
                f"{theme.value}, item '{key}': two periods hold from {begins}. Give the earlier one "
                "'to', the first day on which it holds no longer."
            )
    return faults
