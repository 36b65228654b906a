"""The portfolio's columns: the same for the screen, the CSV and the JSON."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError

from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.views import labels
from tembusu.foundation.ui.downloads import csv_lines

log = logging.getLogger(__name__)
CUT_OFF = "This file is not complete: an error cut it off. Download it again."


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: its name in the file and its JSON value of a row."""

    name: str
    value: Callable[[StudyIndex], Any]


COLUMNS = (
    Column("number", lambda row: row.number),
    Column("registry_numbers", lambda row: list(row.registry_nos)),
    Column("title", lambda row: row.title),
    Column("acronym", lambda row: row.acronym),
    Column("status", lambda row: labels.status(row.status).word if row.status else ""),
    Column("phase", lambda row: labels.phase(row.phase) or labels.word(row.phase)),
    Column("type", lambda row: labels.word(row.study_type)),
    Column("sponsor", lambda row: row.sponsor_name),
    Column("conditions", lambda row: list(row.conditions)),
    Column("countries", lambda row: list(row.countries)),
    Column("n_sites", lambda row: row.n_locations),
    Column("participants", lambda row: row.enrolment),
    Column("participants_kind", lambda row: labels.word(row.enrolment_kind)),
    Column("start_date", lambda row: row.start_dtc or None),
    Column("updated_date", lambda row: row.updated_dtc or None),
    Column("has_results", lambda row: row.has_results),
    Column("needs_review", lambda row: row.needs_review),
    Column("who_items_answered", lambda row: row.n_answered),
)


def studies_csv(rows: Iterable[StudyIndex]) -> Iterator[str]:
    """Yield the portfolio as CSV; where an error cuts it off, the last line says so."""
    values = ([column.value(row) for column in COLUMNS] for row in rows)
    try:
        yield from csv_lines((column.name for column in COLUMNS), values)
    except DatabaseError:
        log.exception("An export of studies was cut off.")
        yield f"{CUT_OFF}\r\n"


def studies_json(rows: Iterable[StudyIndex]) -> Iterator[str]:
    """Yield the portfolio as one JSON array, an object in a line.

    Where an error cuts it off it is still an array, and its last object says so.
    """
    separator = "[\n"
    try:
        for row in rows:
            said = {column.name: column.value(row) for column in COLUMNS}
            yield separator + json.dumps(said, ensure_ascii=False)
            separator = ",\n"
    except DatabaseError:
        log.exception("An export of studies was cut off.")
        yield separator + json.dumps({"error": CUT_OFF})
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"
