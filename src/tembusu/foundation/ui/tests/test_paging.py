"""Keyset paging: cursors, the runs of rows, and whole walks over a list in memory and in SQL."""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tembusu.foundation.ui import paging
from tembusu.foundation.ui.paging import Count, Cursor, CursorError, Kind, Segment, Sort

TITLE = Sort("title", "title")
MAYBE = Sort("planned", "value", Kind.WHOLE, may_be_null=True)
UUID_TEXT = "0b0e9a34-9f8a-4c57-9c0e-2f3f5a1f7a11"


@dataclass(frozen=True)
class Row:
    pk: int
    value: int | None


def packed(body):
    text = body if isinstance(body, str) else json.dumps(body)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        (TITLE, ""),
        (TITLE, "鼻咽癌 – naïve"),
        (TITLE, "x" * 3000),
        (Sort("n", "n", Kind.WHOLE), -(2**63)),
        (Sort("rank", "rank", Kind.NUMBER), 0.1 + 0.2),
        (Sort("on", "on", Kind.DATE), date(2026, 11, 21)),
        (Sort("at", "at", Kind.MOMENT), datetime(2026, 11, 21, 9, 12, 7, 123456, tzinfo=UTC)),
        (MAYBE, None),
    ],
)
@pytest.mark.parametrize("row_id", [7, UUID_TEXT])
@pytest.mark.parametrize("is_forward", [True, False])
def test_a_cursor_comes_back_as_it_was_sent(sort, value, row_id, is_forward):
    cursor = Cursor(value, row_id, is_forward, n_before=250)
    assert paging.decode(paging.encode(cursor, sort), sort) == cursor


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("", TITLE),
        ("!!", TITLE),
        ("é", TITLE),
        ("a", TITLE),
        ("A" * 20_000, TITLE),
        (packed("[[" * 3000), TITLE),
        (packed("{}"), TITLE),
        (packed([1, 2]), TITLE),
        (packed(["title", "a", 1, 1]), TITLE),
        (packed(["-title", "a", 1, 1, 0]), TITLE),
        (packed(["title", "a", 1, 2, 0]), TITLE),
        (packed(["title", None, 1, 1, 0]), TITLE),
        (packed(["title", 5, 1, 1, 0]), TITLE),
        (packed(["title", "a\0b", 1, 1, 0]), TITLE),
        (packed(["title", "a", "1 OR 1=1", 1, 0]), TITLE),
        (packed(["title", "a", True, 1, 0]), TITLE),
        (packed(["title", "a", -1, 1, 0]), TITLE),
        (packed(["title", "a", 1, 1, -5]), TITLE),
        (packed(["title", "a", 2**63, 1, 0]), TITLE),
        (packed(["planned", "a", 1, 1, 0]), MAYBE),
        (packed(["planned", 2**63, 1, 1, 0]), MAYBE),
        (packed(["planned", 1.5, 1, 1, 0]), MAYBE),
        (packed('["rank", NaN, 1, 1, 0]'), Sort("rank", "rank", Kind.NUMBER)),
        (packed('["rank", 1e999, 1, 1, 0]'), Sort("rank", "rank", Kind.NUMBER)),
        (packed(["rank", 10**400, 1, 1, 0]), Sort("rank", "rank", Kind.NUMBER)),
        (packed(["on", "2026-02-31", 1, 1, 0]), Sort("on", "on", Kind.DATE)),
        (packed(["at", "yesterday", 1, 1, 0]), Sort("at", "at", Kind.MOMENT)),
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused_in_words(text, sort):
    with pytest.raises(CursorError, match="Open the list from its start"):
        paging.decode(text, sort)


@given(st.text(max_size=200))
def test_any_text_is_a_cursor_or_is_refused(text):
    with suppress(CursorError):
        assert isinstance(paging.decode(text, TITLE), Cursor)


@pytest.mark.parametrize(
    ("sort", "cursor", "runs"),
    [
        (TITLE, None, [Segment(None, None, True)]),
        (TITLE.reversed(), None, [Segment(None, None, False)]),
        (TITLE, Cursor("b", 2), [Segment(None, ("b", 2), True)]),
        (TITLE, Cursor("b", 2, False), [Segment(None, ("b", 2), False)]),
        (TITLE.reversed(), Cursor("b", 2, False), [Segment(None, ("b", 2), True)]),
        (MAYBE, None, [Segment(False, None, True), Segment(True, None, True)]),
        (MAYBE.reversed(), None, [Segment(False, None, False), Segment(True, None, False)]),
        (MAYBE, Cursor(4, 2), [Segment(False, (4, 2), True), Segment(True, None, True)]),
        (MAYBE, Cursor(None, 2), [Segment(True, (None, 2), True)]),
        (MAYBE, Cursor(4, 2, False), [Segment(False, (4, 2), False)]),
        (
            MAYBE,
            Cursor(None, 2, False),
            [Segment(True, (None, 2), False), Segment(False, None, False)],
        ),
    ],
)
def test_runs_put_rows_without_a_value_last_in_both_directions(sort, cursor, runs):
    assert paging.segments(sort, cursor) == runs


def read(rows, sort, cursor, size):
    """The reference: what the database does with the runs, on a list."""
    found = []
    for run in paging.segments(sort, cursor):
        kept = [r for r in rows if run.is_null is None or (r.value is None) is run.is_null]
        placed = sorted(kept, key=lambda r: (r.value or 0, r.pk), reverse=not run.is_up)
        if run.edge:
            edge = (run.edge[0] or 0, run.edge[1])
            behind = (lambda key, e=edge: key > e) if run.is_up else (lambda key, e=edge: key < e)
            placed = [r for r in placed if behind((r.value or 0, r.pk))]
        found += placed[: size + 1 - len(found)]
    return paging.page_of(found, sort, cursor, size=size)


def walked(fetch, sort, *, backwards=False):
    pages, after = [], ""
    while True:
        page = fetch(after)
        pages.append(page)
        after = page.previous if backwards else page.next
        if not after:
            return pages


@given(
    values=st.lists(st.none() | st.integers(-3, 3), max_size=25),
    size=st.integers(1, 7),
    is_ascending=st.booleans(),
)
def test_a_walk_shows_every_row_once_in_order_and_back_again(values, size, is_ascending):
    sort = Sort("planned", "value", Kind.WHOLE, is_ascending, may_be_null=True)
    rows = [Row(index, value) for index, value in enumerate(values)]
    sign = 1 if is_ascending else -1
    wanted = sorted(rows, key=lambda r: (r.value is None, sign * (r.value or 0), sign * r.pk))

    def fetch(after):
        return read(rows, sort, paging.decode(after, sort) if after else None, size)

    forward = walked(fetch, sort)
    assert [row for page in forward for row in page.rows] == wanted
    assert [page.n_before for page in forward] == [size * i for i in range(len(forward))]
    if len(forward) > 1:
        back, after = [], forward[-1].previous
        while after:
            page = fetch(after)
            back.insert(0, page)
            after = page.previous
        assert [page.rows for page in back] == [page.rows for page in forward[:-1]]
        assert back[0].n_before == 0


def test_a_page_says_where_it_stands():
    page = paging.page_of([Row(i, i) for i in range(51)], MAYBE, Cursor(0, 0, True, 50), size=50)
    assert (page.first, page.last) == (51, 100)


def test_an_empty_page_stands_nowhere():
    page = paging.page_of([], MAYBE, None, size=50)
    assert (page.first, page.last, page.next, page.previous) == (0, 0, "", "")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (Count(0), "0"),
        (Count(1284), "1,284"),
        (Count(10_000, is_capped=True), "more than 10,000"),
    ],
)
def test_a_count_says_when_it_stopped_counting(count, words):
    assert str(count) == words


@pytest.fixture
def many(db):
    """3,000 rows with ties and gaps in a temporary table that hides django_content_type."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE django_content_type (id bigint PRIMARY KEY,"
            " app_label text, model text NOT NULL)"
        )
        cursor.execute(
            "INSERT INTO django_content_type SELECT i,"
            " CASE WHEN i %% 5 = 0 THEN NULL ELSE 'v' || (i * 7919 %% 97) END,"
            " 'm' || (i * 31 %% 401) FROM generate_series(1, 3000) i",
            [],
        )
        cursor.execute("CREATE INDEX up ON django_content_type (app_label, id)")
        cursor.execute(
            "CREATE INDEX down ON django_content_type (app_label DESC NULLS LAST, id DESC)"
        )
        cursor.execute("CREATE INDEX model_up ON django_content_type (model, id)")
        cursor.execute("ANALYZE django_content_type")
    yield ContentType.objects.all()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_content_type")


SORTS = [
    Sort("label", "app_label", may_be_null=True),
    Sort("label", "app_label", is_ascending=False, may_be_null=True),
    Sort("model", "model"),
    Sort("model", "model", is_ascending=False),
]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
def test_a_walk_in_the_database_equals_the_whole_ordering(many, sort):
    whole = list(many.order_by(*paging.order_by(sort)).values_list("pk", flat=True))
    pages = walked(lambda after: paging.fetch(many, sort, after=after, size=170), sort)
    assert [row.pk for page in pages for row in page.rows] == whole
    back = paging.fetch(many, sort, after=pages[-1].previous, size=170)
    assert [row.pk for row in back.rows] == [row.pk for row in pages[-2].rows]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.name)
@pytest.mark.parametrize("is_forward", [True, False])
def test_a_page_is_read_from_the_sorts_index_without_sorting(many, sort, is_forward):
    edge = ("v50", 1500) if sort.key == "label" else ("m200", 1500)
    for run in paging.segments(sort, Cursor(*edge, is_forward)):
        plan = paging._read(many, sort, run)[:50].explain()
        assert "Index" in plan
        assert "Sort" not in plan


def test_counting_stops_at_the_cap(many):
    assert paging.count_capped(many, cap=100) == Count(100, is_capped=True)
    assert paging.count_capped(many, cap=3000) == Count(3000)
    assert paging.count_capped(many.none()) == Count(0)
