"""What a value of each kind may be, and how people write and read it."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions.rules.shapes import Shape
from tembusu.foundation.jurisdictions.terms import ItemKind, Unit

MOST = 100_000  # of whatever a number counts
LONGEST = 4_000  # characters of a text
MOST_WORDS = 500
WEB = re.compile(r"https?://[^\s<>\"]+\.[^\s<>\"]+")


class ValueRefused(Refusal):
    """A value that an item of this kind cannot have; the message says which it can."""


def fault_of(value: Any, kind: ItemKind, unit: str, shape: Shape) -> str:
    """Return what is wrong with a value as an item of this kind, or ''. None passes: not known."""
    if kind not in shape.kinds:
        return f"a value of kind {kind} does not belong here; {_either(shape.kinds)} does."
    if fault := _unit_fault(unit, kind, shape):
        return fault
    return "" if value is None else _FAULTS[kind](value, shape)


def _unit_fault(unit: str, kind: ItemKind, shape: Shape) -> str:
    if kind is not ItemKind.NUMBER:
        return f"only numbers have a unit, and this has '{unit}'." if unit else ""
    return "" if unit in shape.units else f"the unit must be {_either(shape.units)}, not '{unit}'."


def _either(words: Sequence[str]) -> str:
    shown = [f"'{one}'" for one in words]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _number_fault(value: Any, shape: Shape) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        return f"a whole number from 0 to {MOST:,} is needed, not {shown(value)}."
    return ""


def _yes_no_fault(value: Any, shape: Shape) -> str:
    return "" if isinstance(value, bool) else f"yes or no is needed, not {shown(value)}."


def _text_fault(value: Any, shape: Shape) -> str:
    if not isinstance(value, str) or not value.strip():
        return f"a text is needed, not {shown(value)}."
    if "\0" in value:
        return "the text holds a character that cannot be kept (NUL)."
    more = len(value) - LONGEST
    return f"{more:,} characters too long; {LONGEST:,} fit." if more > 0 else ""


def _choice_fault(value: Any, shape: Shape) -> str:
    return (
        "" if value in shape.choices else f"{_either(shape.choices)} is needed, not {shown(value)}."
    )


def _words_fault(value: Any, shape: Shape) -> str:
    if not isinstance(value, list) or not value or len(value) > MOST_WORDS:
        return f"a list of texts is needed, at most {MOST_WORDS}, not {shown(value)}."
    return next((fault for one in value if (fault := _text_fault(one, shape))), "")


def _dates_fault(value: Any, shape: Shape) -> str:
    if not isinstance(value, list) or len(value) > MOST_WORDS:
        return f"a list of days is needed, at most {MOST_WORDS}, not {shown(value)}."
    for one in value:
        if not isinstance(one, str) or not _is_day(one[:10]) or one[10:11].strip():
            return f"{shown(one)} is no day; write it as 2026-08-10, or 2026-08-10 National Day."
    days = [one[:10] for one in value]
    return "a day stands there twice." if len(set(days)) != len(days) else ""


def _table_fault(value: Any, shape: Shape) -> str:
    return "" if isinstance(value, Mapping) and value else f"a table is needed, not {shown(value)}."


_FAULTS = {
    ItemKind.NUMBER: _number_fault,
    ItemKind.YES_NO: _yes_no_fault,
    ItemKind.TEXT: _text_fault,
    ItemKind.CHOICE: _choice_fault,
    ItemKind.WORDS: _words_fault,
    ItemKind.DATES: _dates_fault,
    ItemKind.TABLE: _table_fault,
}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def shown(value: Any) -> str:
    """Return a value as a refusal quotes it, cut where it is long."""
    text = f"'{value}'" if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def is_source(text: str) -> bool:
    """Say whether a text names a source that people can look up: an address on the web."""
    return WEB.match(text) is not None


# -- as people write and read values --------------------------------------------------------------


def read(text: str, kind: ItemKind, shape: Shape) -> Any:
    """Return the value that somebody typed; None for nothing.

    :raises ValueRefused: if it is none of this kind
    """
    typed = text.replace("\r\n", "\n").strip()
    if not typed:
        return None
    value = _READERS[kind](typed)
    if fault := _FAULTS[kind](value, shape):
        raise ValueRefused(fault[:1].upper() + fault[1:])
    return value


def _read_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueRefused(f"A whole number is needed, such as 30, not {shown(text)}.")
    return int(text)


def _read_yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueRefused(f"Yes or no is needed, not {shown(text)}.")
    return text == "yes"


def _read_lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _read_table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ValueRefused(f"This is not valid TOML: {fault}.") from fault


_READERS: Mapping[ItemKind, Callable[[str], Any]] = {
    ItemKind.NUMBER: _read_number,
    ItemKind.YES_NO: _read_yes_no,
    ItemKind.TEXT: str,
    ItemKind.CHOICE: str,
    ItemKind.WORDS: _read_lines,
    ItemKind.DATES: _read_lines,
    ItemKind.TABLE: _read_table,
}


def typed(value: Any, kind: ItemKind) -> str:
    """Return a value as it is typed: what ``read`` takes."""
    if value is None:
        return ""
    if kind is ItemKind.YES_NO:
        return "yes" if value else "no"
    if kind in (ItemKind.WORDS, ItemKind.DATES):
        return "\n".join(value)
    return as_toml(value) if kind is ItemKind.TABLE else str(value)


def said(value: Any, kind: ItemKind, unit: str) -> str:
    """Return a value as people read it: '30 working days', 'yes', '' where it is not known."""
    if value is None:
        return ""
    if kind is ItemKind.NUMBER:
        return Unit(unit).of(value)
    if kind is ItemKind.YES_NO:
        return "yes" if value else "no"
    if kind in (ItemKind.WORDS, ItemKind.DATES):
        return "; ".join(value) or "none"
    if kind is ItemKind.CHOICE:
        return str(value).replace("_", " ")
    return as_toml(value) if kind is ItemKind.TABLE else str(value)


def as_toml(table: Mapping[str, Any]) -> str:
    """Return a small structure as TOML: texts, numbers, flags, lists and inline tables."""
    return "\n".join(f"{_name(key)} = {_written(value)}" for key, value in table.items())


def _name(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    made = text.replace("\\", "\\\\").replace('"', '\\"')
    made = "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in made)
    return f'"{made}"'


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_name(key)} = {_written(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        if any(isinstance(one, Mapping) for one in value):
            return "[\n" + "".join(f"  {_written(one)},\n" for one in value) + "]"
        return f"[{', '.join(_written(one) for one in value)}]"
    return str(value)
