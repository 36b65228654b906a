"""Keyset paging: any page of any list in constant time.

A page is found by the sort value and id of the row at its edge, never by counting rows
(``OFFSET`` reads and throws away all it skips). The row comparison ``(value, id) > (x, y)`` lets
PostgreSQL walk one index for each sort; rows without a value stand last in both directions and
are walked as a second segment, because ``OR value IS NULL`` would give up the index.

Every sort needs an index on ``(column, id)``; a sort that may hold NULL and goes down needs it as
``(column DESC NULLS LAST, id DESC)``.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.expressions import OrderBy

Row = TypeVar("Row", bound=Any)
Scalar = str | int | float | date | datetime | None

COUNT_CAP = 10_000
CURSOR_LIMIT = 12_000  # characters; a cursor carries one sort value, at most a long title
BIGINT = 2**63


class CursorError(ValueError):
    """A cursor in the address cannot be used; the message says what to do."""

    def __init__(self) -> None:
        super().__init__("This page address is no longer valid. Open the list from its start.")


class Kind(StrEnum):
    """What a sort column holds; a cursor that carries anything else is refused."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Sort:
    """One way to sort a list.

    ``key`` names it in the address; ``column`` is a field or annotation. A float annotation must
    be float8 (``Cast(..., FloatField())``): a float4 does not survive the trip through Python.
    """

    key: str
    column: str
    kind: Kind = Kind.TEXT
    is_ascending: bool = True
    may_be_null: bool = False
    id_column: str = "pk"

    @property
    def name(self) -> str:
        """The sort as the address says it: ``title`` or ``-title``."""
        return self.key if self.is_ascending else f"-{self.key}"

    def reversed(self) -> "Sort":
        return replace(self, is_ascending=not self.is_ascending)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row at a page's edge, the way to go from it, and how many rows stand before the page."""

    value: Scalar
    row_id: int | str
    is_forward: bool = True
    n_before: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of rows that one index scan yields.

    ``is_null`` chooses the rows without a value. ``edge`` is the (value, id) to start behind, or
    None to take the run from its start. ``is_up`` is the direction in which it is read.
    """

    is_null: bool | None
    edge: tuple[Scalar, int | str] | None
    is_up: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are: exact up to the cap, then 'more than'."""

    n: int
    is_capped: bool = False

    def __str__(self) -> str:
        return f"more than {self.n:,}" if self.is_capped else f"{self.n:,}"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows to show and the cursors of the neighbouring pages ('' where there is none)."""

    rows: Sequence[Row]
    n_before: int = 0
    next: str = ""
    previous: str = ""
    count: Count | None = None

    @property
    def first(self) -> int:
        """Position of the first row shown, from 1; 0 on an empty page."""
        return self.n_before + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.n_before + len(self.rows)


# -- cursors ------------------------------------------------------------------------------------


def encode(cursor: Cursor, sort: Sort) -> str:
    """Return the cursor as text for an address (base64 of JSON; opaque, not secret)."""
    value = cursor.value.isoformat() if isinstance(cursor.value, date) else cursor.value
    body = [sort.name, value, cursor.row_id, int(cursor.is_forward), cursor.n_before]
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str, sort: Sort) -> Cursor:
    """Return the cursor that ``text`` holds for this sort; raise CursorError when it holds none."""
    if len(text) > CURSOR_LIMIT:
        raise CursorError
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        body = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        name, value, row_id, forward, n_before = body
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise CursorError from None
    if name != sort.name or forward not in (0, 1):
        raise CursorError
    return Cursor(
        value=_checked_value(value, sort),
        row_id=_checked_id(row_id),
        is_forward=bool(forward),
        n_before=_checked_whole(n_before),
    )


def _checked_value(value: object, sort: Sort) -> Scalar:
    if value is None and sort.may_be_null:
        return None
    match sort.kind:
        case Kind.TEXT if isinstance(value, str) and "\0" not in value:
            return value
        case Kind.WHOLE:
            return _checked_whole(value, low=-BIGINT)
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return _checked_number(value)
        case Kind.DATE | Kind.MOMENT if isinstance(value, str):
            return _checked_date(value, sort.kind)
    raise CursorError


def _checked_whole(value: object, *, low: int = 0) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and low <= value < BIGINT:
        return value
    raise CursorError


def _checked_number(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise CursorError from None
    if number != number or number in (float("inf"), float("-inf")):
        raise CursorError
    return number


def _checked_date(value: str, kind: Kind) -> date | datetime:
    try:
        return date.fromisoformat(value) if kind == Kind.DATE else datetime.fromisoformat(value)
    except ValueError:
        raise CursorError from None


def _checked_id(value: object) -> int | str:
    if isinstance(value, str):
        try:
            return str(UUID(value))
        except ValueError:
            raise CursorError from None
    return _checked_whole(value)


# -- which rows ---------------------------------------------------------------------------------


def segments(sort: Sort, cursor: Cursor | None) -> list[Segment]:
    """Return the runs to read, in order, for the page that lies at ``cursor``.

    Forward: values in the sort's direction, then the rows without a value. Backward: the same
    runs turned round. Without NULLs there is one run.
    """
    is_forward = cursor is None or cursor.is_forward
    is_up = sort.is_ascending if is_forward else not sort.is_ascending
    edge = (cursor.value, cursor.row_id) if cursor else None
    if not sort.may_be_null:
        return [Segment(None, edge, is_up)]
    at_null = cursor is not None and cursor.value is None
    valued = Segment(False, None if at_null else edge, is_up)
    empty = Segment(True, edge if at_null else None, is_up)
    if is_forward:
        return [empty] if at_null else [valued, empty]
    return [empty, valued] if at_null else [valued]


def fetch(
    rows: "QuerySet[Any, Row]",
    sort: Sort,
    *,
    after: str = "",
    size: int = 50,
    count: Count | None = None,
) -> Page[Row]:
    """Return the page of ``rows`` at the cursor ``after`` ('' for the first page).

    Raises CursorError when the cursor is malformed or belongs to another sort. Reads at most
    ``size`` + 1 rows in at most two queries.
    """
    cursor = decode(after, sort) if after else None
    found: list[Row] = []
    for segment in segments(sort, cursor):
        wanted = size + 1 - len(found)
        if wanted > 0:
            found += _read(rows, sort, segment)[:wanted]
    return page_of(found, sort, cursor, size=size, count=count)


def page_of(
    found: list[Row],
    sort: Sort,
    cursor: Cursor | None,
    *,
    size: int,
    count: Count | None = None,
) -> Page[Row]:
    """Make a page of the rows read (up to ``size`` + 1, in reading order)."""
    has_more, found = len(found) > size, found[:size]
    if cursor is not None and not cursor.is_forward:
        found.reverse()
        before = max(cursor.n_before - len(found), 0) if has_more else 0
        has_next, has_previous = True, has_more
    else:
        before = cursor.n_before if cursor else 0
        has_next, has_previous = has_more, cursor is not None
    if not found:
        return Page(rows=[], n_before=before, count=count)
    return Page(
        rows=found,
        n_before=before,
        next=_edge(found[-1], sort, True, before + len(found)) if has_next else "",
        previous=_edge(found[0], sort, False, before) if has_previous else "",
        count=count,
    )


def _edge(row: object, sort: Sort, is_forward: bool, n_before: int) -> str:
    value = row
    for part in sort.column.split("__"):
        value = getattr(value, part, None)
    row_id = getattr(row, sort.id_column)
    shown = row_id if isinstance(row_id, int) else str(row_id)
    return encode(Cursor(_scalar(value), shown, is_forward, n_before), sort)


def _scalar(value: Any) -> Scalar:
    known = value is None or isinstance(value, str | int | float | date)
    return value if known else float(value)


def _read(rows: "QuerySet[Any, Row]", sort: Sort, segment: Segment) -> "QuerySet[Any, Row]":
    chosen = rows if segment.is_null is None else rows.filter(**{_null(sort): segment.is_null})
    if segment.edge is not None:
        chosen = chosen.filter(_behind(sort, segment))
    return chosen.order_by(*_reading_order(sort, is_up=segment.is_up))


def _reading_order(sort: Sort, *, is_up: bool) -> list[OrderBy]:
    """Return the order that is the sort's index, read forwards or backwards, to the letter.

    The NULLS part and the leading column stay even inside one segment: PostgreSQL compares the
    wanted order with the index literally and would sort all rows otherwise.
    """
    value, row_id = F(sort.column), F(sort.id_column)
    is_forward = is_up == sort.is_ascending
    last = True if sort.may_be_null and is_forward else None
    first = True if sort.may_be_null and not is_forward else None
    if is_up:
        return [value.asc(nulls_last=last, nulls_first=first), row_id.asc()]
    return [value.desc(nulls_last=last, nulls_first=first), row_id.desc()]


def _null(sort: Sort) -> str:
    return f"{sort.column}__isnull"


def _behind(sort: Sort, segment: Segment) -> Q:
    """Return the condition 'strictly behind the edge' for the direction of reading."""
    assert segment.edge is not None  # noqa: S101 - narrows the type; the caller has looked
    value, row_id = segment.edge
    if segment.is_null:
        return Q(**{f"{sort.id_column}__{'gt' if segment.is_up else 'lt'}": row_id})
    here, edge = Pair(F(sort.column), F(sort.id_column)), Pair(Value(value), Value(row_id))
    return Q(After(here, edge) if segment.is_up else Before(here, edge))


class Pair(Func):
    """``(a, b)``. The output field is nominal: a row has no type of its own in Django."""

    template = "(%(expressions)s)"
    arity = 2
    output_field = BooleanField()


class After(Func):
    """``(a, b) > (x, y)`` as PostgreSQL's row comparison, which one index on (a, b) serves."""

    template = "(%(expressions)s)"
    arg_joiner = " > "
    arity = 2
    output_field = BooleanField()


class Before(After):
    """``(a, b) < (x, y)``."""

    arg_joiner = " < "


# -- counts -------------------------------------------------------------------------------------


def count_capped(rows: "QuerySet[Any, Any]", *, cap: int = COUNT_CAP) -> Count:
    """Count rows exactly up to ``cap``; beyond it say only that there are more."""
    n = rows.order_by()[: cap + 1].count()
    return Count(cap, is_capped=True) if n > cap else Count(n)


def order_by(sort: Sort) -> list[OrderBy]:
    """Return the ordering of the whole list, for exports: values first, NULLs last, then id."""
    return _reading_order(sort, is_up=sort.is_ascending)
