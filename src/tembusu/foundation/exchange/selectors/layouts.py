"""Where a file probably says what: its sheet, its header, its columns, the order of its dates."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tembusu.foundation.exchange import reading, rules, terms
from tembusu.foundation.exchange.models import Extract
from tembusu.foundation.exchange.reading import Manner
from tembusu.foundation.exchange.rules import Layout, Proposal
from tembusu.foundation.exchange.selectors import extracts
from tembusu.foundation.exchange.terms import DateOrder, DateReader, Purpose

DATES_LOOKED_AT = 5000
SHEETS_LOOKED_AT = 20


def likeliest_sheet(path: Path, manner: Manner, purpose: Purpose) -> Manner:
    """Return the manner with the sheet whose header names most columns; else with the first."""
    found = (replace(manner, sheet=sheet) for sheet in manner.sheets[:SHEETS_LOOKED_AT])
    named = [(_n_named(path, one, purpose), one) for one in found]
    best = max(named, key=lambda one: one[0], default=(0, manner))
    return best[1] if best[0] else manner


def _n_named(path: Path, manner: Manner, purpose: Purpose) -> int:
    rows = [(r.line, r.cells) for r in islice(reading.rows(path, manner), rules.LOOKED_AT)]
    if not rows:
        return 0
    line = rules.find_header(rows, purpose.columns)
    proposed = rules.propose(dict(rows)[line], purpose.columns)
    return sum(one.by is terms.MappedBy.NAME for one in proposed.values())


def first_rows(path: Path, manner: Manner) -> list[reading.RawRow]:
    found = list(islice(reading.rows(path, manner), rules.LOOKED_AT))
    if not found:
        where = f"The sheet '{manner.sheet}'" if manner.sheet else "The file"
        raise reading.FileFault(f"{where} is empty: there is neither a header nor a row in it.")
    return found


def headers_of(extract: Extract, manner: Manner) -> tuple[int, tuple[str, ...]]:
    """Return the line of the extract's header, and its cells.

    :raises FileFault: if the sheet is empty or cannot be read
    """
    purpose = terms.get_purpose(extract.purpose)
    rows = first_rows(extracts.path_of(extract), manner)
    columns = purpose.columns if purpose is not None else ()
    line = rules.find_header([(row.line, row.cells) for row in rows], columns)
    return line, next(row.cells for row in rows if row.line == line)


def proposals_of(extract: Extract, headers: Sequence[str], purpose: Purpose) -> dict[str, Proposal]:
    """Return where each column probably stands in an extract's file."""
    saved = extracts.saved_mapping(extract)
    return rules.propose(headers, purpose.columns, saved.columns if saved else None)


def with_sheet(extract: Extract, sheet: str) -> Manner:
    """Return how the extract's file is written, with another sheet chosen where one is named.

    :raises FileFault: if there is no such sheet
    """
    manner = extracts.manner_of(extract)
    if not sheet or sheet == manner.sheet:
        return manner
    if sheet not in manner.sheets:
        raise reading.FileFault(f"The workbook has no sheet '{sheet}'. Choose another.")
    return Manner.from_json({**manner.as_json(), "sheet": sheet})


def date_order_of(
    extract: Extract, purpose: Purpose, layout: Layout
) -> tuple[DateOrder | None, bool]:
    """Return in which order the file's dates are written, as far as they show it; see ``order_of``."""
    dates = [
        layout.places[one.key]
        for one in purpose.columns
        if isinstance(one.read, DateReader) and one.key in layout.places
    ]
    rows = reading.rows(extracts.path_of(extract), extracts.manner_of(extract))
    cells = (
        row.cells[place]
        for row in islice(rows, DATES_LOOKED_AT)
        for place in dates
        if place < len(row.cells) and row.line > layout.header_line
    )
    return rules.order_of(cells)
