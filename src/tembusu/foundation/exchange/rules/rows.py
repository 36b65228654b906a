"""From a row of texts to values, with everything that is wrong with it; and rows that repeat others."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange.terms import (
    Column,
    DateOrder,
    DateReader,
    Fault,
    Row,
    Verdict,
    VerdictKind,
)
from tembusu.foundation.exchange.terms.readers import hint_of_order


class MappingRefused(Refusal):
    """A mapping of columns under which no row could be read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file says what.

    :ivar header_line: the row of its header
    :ivar headers: as written there
    :ivar places: the place of each mapped column, from 0, by its key
    :ivar date_order: in which order its dates are written, where that is not plain
    """

    header_line: int
    headers: tuple[str, ...]
    places: Mapping[str, int] = field(default_factory=dict)
    date_order: DateOrder = DateOrder.DAY_FIRST

    def as_json(self) -> dict[str, Any]:
        return {
            "header_line": self.header_line,
            "headers": list(self.headers),
            "places": dict(self.places),
            "date_order": self.date_order.value,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Layout":
        return cls(
            header_line=kept["header_line"],
            headers=tuple(kept["headers"]),
            places=kept["places"],
            date_order=DateOrder(kept["date_order"]),
        )

    def header_of(self, column: Column) -> str:
        """Return what the file calls a column."""
        place = self.places.get(column.key)
        return (self.headers[place] if place is not None else "") or column.label


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as it could be read: its values, or what is wrong with it."""

    line: int
    values: Mapping[str, Any]
    given: frozenset[str]
    faults: tuple[str, ...] = ()

    @property
    def row(self) -> Row:
        return Row(self.line, self.values, self.given)


def check_mapping(
    places: Mapping[str, int | None], columns: Sequence[Column], headers: Sequence[str]
) -> dict[str, int]:
    """Return where each column stands, without those that the file lacks.

    :raises MappingRefused: naming what is missing or given twice
    """
    found = {key: place for key, place in places.items() if place is not None}
    missing = [one.label for one in columns if one.is_required and one.key not in found]
    if missing:
        raise MappingRefused(
            f"Say where in the file these stand: {', '.join(missing)}. Without them no row can be read."
        )
    twice = [place for place, n in Counter(found.values()).items() if n > 1]
    if twice:
        names = [one.label for one in columns if found.get(one.key) == twice[0]]
        raise MappingRefused(
            f"The file's column '{headers[twice[0]]}' was given to {' and '.join(names)}. Give it"
            " to one."
        )
    if not found:
        raise MappingRefused("Say of at least one column where it stands in the file.")
    return found


def order_of(cells: Iterable[str]) -> tuple[DateOrder | None, bool]:
    """Return in which order a file's dates are written, as far as they show it.

    :return: the order, None where each could be read either way; and whether both orders occur
    """
    hints = {hint for cell in cells if (hint := hint_of_order(cell))}
    return (next(iter(hints)) if len(hints) == 1 else None), len(hints) > 1


def read_row(line: int, cells: Sequence[str], columns: Sequence[Column], layout: Layout) -> ReadRow:
    """Read one row, with every fault that it has."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for column in columns:
        place = layout.places.get(column.key)
        cell = cells[place] if place is not None and place < len(cells) else ""
        values[column.key] = None
        if cell:
            try:
                values[column.key] = reader_of(column, layout.date_order)(cell)
            except Fault as fault:
                faults.append(f"{layout.header_of(column)}: {fault}")
        elif column.is_required:
            faults.append(f"{layout.header_of(column)}: nothing stands here, and it is needed.")
    return ReadRow(line, values, frozenset(layout.places), tuple(faults))


def reader_of(column: Column, order: DateOrder) -> Callable[[str], Any]:
    """Return what reads a column's cells in a file whose dates are written in this order."""
    read = column.read
    return read.ordered(order) if isinstance(read, DateReader) else read


class Repeats:
    """Tells rows of one file that are about the same thing.

    Which of two contradicting rows is right, nobody knows here: so the whole file is looked through
    before any row is judged.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[int, bytes]] = {}
        self._contradicted: dict[bytes, int] = {}

    def note(self, key: str, line: int, values: Mapping[str, Any]) -> None:
        """Take note of a readable row."""
        short, said = _digest(key), _digest(_said(values))
        first = self._seen.setdefault(short, (line, said))
        if first[1] != said:
            self._contradicted.setdefault(short, line)

    def fault(self, key: str, line: int) -> str:
        """Return what is wrong with a row that another of the file contradicts, or ''."""
        other = self._contradicted.get(_digest(key))
        if other is None:
            return ""
        first = self._seen[_digest(key)][0]
        against = other if line == first else first
        return (
            f"Row {against} is about the same and says something else. Keep the one that is right."
        )

    def is_same_as(self, key: str, line: int) -> int | None:
        """Return the earlier row that says all the same, if there is one."""
        first = self._seen[_digest(key)][0]
        return first if first != line else None


def _said(values: Mapping[str, Any]) -> str:
    """Return what a row says as one text; a record that was looked up stands as its kind and id."""
    said = sorted(values.items(), key=lambda one: one[0])
    return repr([(k, (type(v).__name__, v.pk) if hasattr(v, "pk") else v) for k, v in said])


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def overtaken(seen: VerdictKind, differences: Sequence[tuple[str, ...]], now: Verdict) -> str:
    """Return why a row is not taken as the preview showed it, '' where nothing came between.

    :param seen: the verdict of the preview, with its differences as (field, before, after)
    """
    if seen is now.kind and (
        seen is not VerdictKind.CHANGED
        or list(differences) == [(one.label, one.before, one.after) for one in now.differences]
    ):
        return ""
    if now.kind is VerdictKind.CHANGED:
        says = "; ".join(f"{one.label}: {one.before or 'nothing'}" for one in now.differences)
        return f"Somebody changed this after you looked at it. It says now: {says}. Send the row again."
    return "Somebody changed this after you looked at it. Send the row again to see how it stands."
