"""Reads an extract's file batch by batch: cells to values, and values to what they stand for."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from tembusu.foundation.exchange import reading, rules
from tembusu.foundation.exchange.models import Extract
from tembusu.foundation.exchange.rules import Layout, ReadRow, Repeats
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.terms import Column, Purpose
from tembusu.foundation.people import selectors as people

BATCH = 250


def read_batches(extract: Extract, purpose: Purpose, by: Any) -> Iterator[list[ReadRow]]:
    """Yield the rows below the header, in batches, each row with its values or its faults.

    :raises FileFault: where the file breaks; what came before it was yielded
    """
    layout = selectors.layout_of(extract)
    raw = reading.rows(selectors.path_of(extract), selectors.manner_of(extract))
    below = (row for row in raw if row.line > layout.header_line)
    while batch := list(islice(below, BATCH)):
        people.forget(by)  # a right that was withdrawn meanwhile is not there any more
        read = [rules.read_row(row.line, row.cells, purpose.columns, layout) for row in batch]
        for column in purpose.columns:
            if column.look_up is not None and column.key in layout.places:
                read = _looked_up(read, column, layout, by)
        yield read


def _looked_up(rows: Sequence[ReadRow], column: Column, layout: Layout, by: Any) -> list[ReadRow]:
    """Put what a column's values stand for in their place; what stands for nothing is a fault."""
    if column.look_up is None:
        return list(rows)
    wanted: set[Hashable] = {value for row in rows if (value := row.values[column.key]) is not None}
    found = column.look_up(wanted, by) if wanted else {}
    made = []
    for row in rows:
        value = row.values[column.key]
        if value is None:
            made.append(row)
        elif value in found:
            made.append(replace(row, values={**row.values, column.key: found[value]}))
        else:
            fault = f"{layout.header_of(column)}: {column.unknown.replace('{value}', str(value))}"
            without = {**row.values, column.key: None}
            made.append(replace(row, values=without, faults=(*row.faults, fault)))
    return made


def repeats_in(extract: Extract, purpose: Purpose, by: Any) -> tuple[Repeats, int]:
    """Look the whole file through for rows about the same thing; return them, and how many rows it has.

    :raises FileFault: if the file cannot be read to its end
    """
    repeats, n = Repeats(), 0
    for batch in read_batches(extract, purpose, by):
        n += len(batch)
        if purpose.row_key is not None:
            for row in batch:
                if not row.faults:
                    repeats.note(purpose.row_key(row.values), row.line, row.values)
    return repeats, n


def fault_of(row: ReadRow, purpose: Purpose, repeats: Repeats) -> str:
    """Return everything that is wrong with a row before its room looks at it, one fault to a line."""
    if row.faults or purpose.row_key is None:
        return "\n".join(row.faults)
    return repeats.fault(purpose.row_key(row.values), row.line)


def twin_of(row: ReadRow, purpose: Purpose, repeats: Repeats) -> int | None:
    """Return the earlier row of the file that says all the same, if there is one."""
    if purpose.row_key is None:
        return None
    return repeats.is_same_as(purpose.row_key(row.values), row.line)
