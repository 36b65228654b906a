"""Frozen dataclasses to plain JSON and back, and their digest.

What is not given is left out, so that a record reads the same whether a source wrote an empty value
or none, and its digest survives a new field. Only what the classes here use is served: text,
numbers, yes/no, tuples of those, nested dataclasses and one free mapping.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import orjson

from trialformats.errors import FormatError

T = TypeVar("T")
Json = dict[str, Any]
_ABSENT: tuple[Any, ...] = (None, "", (), {})


def plain(record: Any) -> Json:
    """Return the JSON object of a dataclass: names to text, numbers, lists and objects; what is not
    given is left out.
    """
    shown = {}
    kind: Any = type(record)
    for name, show in _writers(kind):
        value = getattr(record, name)
        if value is not None and value != "" and value != () and value != {}:
            shown[name] = show(value) if show else value
    return shown


def rebuilt(cls: type[T], data: Mapping[str, Any]) -> T:
    """Return the dataclass that `plain` showed as `data`.

    Raises FormatError for an unknown, missing or mistyped name.
    """
    kind: Any = cls
    readers = _readers(kind)
    values = {}
    for name, value in data.items():
        if name not in readers:
            raise FormatError(f"a {cls.__name__} has no '{name}'", field=name)
        try:
            values[name] = readers[name](value)
        except TypeError as error:
            raise FormatError(str(error), field=name) from error
        except FormatError as error:
            raise FormatError(error.reason, field=f"{name}.{error.field}") from error
    if missing := _required(kind) - values.keys():
        raise FormatError(f"a {cls.__name__} needs '{min(missing)}'", field=min(missing))
    return cls(**values)


def canonical_bytes(data: Any) -> bytes:
    """Return JSON in UTF-8 with sorted keys and no blanks."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def digest_of(data: Any) -> str:
    """Return the SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_bytes(data)).hexdigest()


@cache
def _writers(cls: type) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    hints = get_type_hints(cls)
    return tuple((item.name, _writer(hints[item.name])) for item in fields(cls))


def _writer(hint: Any) -> Callable[[Any], Any] | None:
    inner = _inner(hint)
    if get_origin(hint) is tuple:
        return (lambda many: [plain(one) for one in many]) if is_dataclass(inner) else list
    return plain if is_dataclass(inner) else None


@cache
def _readers(cls: type) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(cls)
    return {item.name: _reader(hints[item.name]) for item in fields(cls)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    inner = _inner(hint)
    one = _one_reader(inner)
    if get_origin(hint) is not tuple:
        return one if type(None) not in get_args(hint) else lambda v: None if v is None else one(v)
    return lambda many: tuple(one(item) for item in _checked(many, list))


def _one_reader(inner: Any) -> Callable[[Any], Any]:
    if is_dataclass(inner):
        return lambda data: rebuilt(inner, _checked(data, dict))  # type: ignore[arg-type]
    if inner is float:
        return lambda value: float(value) if type(value) is int else _checked(value, float)
    return lambda value: _checked(value, inner)


def _checked(value: Any, wanted: Any) -> Any:
    kinds = dict if get_origin(wanted) is Mapping or wanted is Mapping else wanted
    kinds = dict if get_origin(kinds) is not None else kinds
    if not isinstance(value, kinds) or (kinds is int and isinstance(value, bool)):
        raise TypeError(f"wanted {getattr(kinds, '__name__', kinds)}, found {type(value).__name__}")
    return value


def _inner(hint: Any) -> Any:
    """Return X of `X`, `X | None` and `tuple[X, ...]`."""
    if (
        get_origin(hint) is Mapping
        or not get_args(hint)
        or (isinstance(hint, type) and hint is dict)
    ):
        return hint
    left = [arg for arg in get_args(hint) if arg is not type(None) and arg is not Ellipsis]
    return left[0] if get_origin(hint) is tuple or len(left) == 1 else hint


@cache
def _required(cls: type) -> frozenset[str]:
    return frozenset(item.name for item in fields(cls) if _is_required(item))


def _is_required(item: "Field[Any]") -> bool:
    return item.default is MISSING and item.default_factory is MISSING
