"""Small cells are held back, and can't be worked out from what is shown."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tembusu.insight.rules.suppression import Row, is_total_open, suppress

NONE: dict[str, int] = {}


def rows(*counts, own=()):
    known = dict(zip(range(len(counts)), own, strict=False))
    return [
        Row(str(at), {"n": n}, {"n": known.get(at, 0)} if own else NONE)
        for at, n in enumerate(counts)
    ]


@pytest.mark.parametrize(
    ("counts", "shown", "is_total_shown"),
    [
        ([10, 12, 30], {"0", "1", "2"}, True),
        ([3, 12, 30], {"2"}, True),  # one small cell takes another with it
        ([12, 30, 3], {"1"}, True),  # in the order given, however large
        (
            [3, 2, 30],
            set(),
            True,
        ),  # two small cells could be told from their sum: a third hides them
        ([3, 5, 30], {"2"}, True),
        ([0, 12, 30], {"2"}, True),  # nought is small, too
        ([0, 5, 30, 40], {"3"}, True),  # five together would tell that one is nought
        ([0, 0, 30, 40], {"3"}, True),
        ([5], {"0"}, True),
        ([4], set(), False),
        ([4, 0], set(), False),  # the whole is small: its total is held back, too
        ([4, 9], set(), True),  # nothing but the total is left
        ([4, 4, 4, 3], set(), False),  # all small, and the sum tells nearly all
        ([4, 3, 1, 2], set(), True),
        ([], set(), False),
    ],
)
def test_rows_are_held_back_until_the_rest_tells_no_small_count(counts, shown, is_total_shown):
    published = suppress(rows(*counts), threshold=5)
    assert published.shown == shown
    assert published.is_total_shown is is_total_shown


@pytest.mark.parametrize(
    ("counts", "own", "shown", "is_total_shown"),
    [
        ([23, 30, 40], [20, 0, 0], {"2"}, True),  # three that the reader does not know
        ([20, 30], [20, 0], set(), True),
        ([23], [20], set(), False),  # the total less one's own would tell the three
        ([3, 30, 40], [3, 0, 0], {"2"}, True),  # that nobody else is there is a small count
    ],
)
def test_what_the_reader_knows_hides_nothing(counts, own, shown, is_total_shown):
    published = suppress(rows(*counts, own=own), threshold=5)
    assert published.shown == shown
    assert published.is_total_shown is is_total_shown


def test_a_row_is_held_back_for_any_small_part():
    held = [
        Row("a", {"within": 30, "missed": 2}, NONE),
        Row("b", {"within": 20, "missed": 9}, NONE),
        Row("c", {"within": 40, "missed": 12}, NONE),
    ]
    assert suppress(held, threshold=5).shown == {"c"}


def test_nought_may_be_told_of_a_part_that_is_open_at_nought():
    held = [Row(key, {"n": 30, "waiting": 0}, NONE) for key in "ab"]
    assert suppress(held, threshold=5).shown == set()
    assert suppress(held, threshold=5, open_at_nought=frozenset({"waiting"})).shown == {"a", "b"}


def test_a_threshold_that_protects_nobody_is_refused():
    with pytest.raises(ValueError, match="threshold below 3"):
        suppress(rows(9), threshold=2)


def test_a_total_is_open_where_enough_of_it_is_unknown():
    assert is_total_open({"n": 25}, {"n": 20}, threshold=5)
    assert not is_total_open({"n": 24}, {"n": 20}, threshold=5)


# -- the attack ------------------------------------------------------------------------------------

THREE = 3  # a threshold small enough to try every table


def seen(counts, threshold=THREE, own=()):
    """Return all that a reader sees of a table."""
    published = suppress(rows(*counts, own=own), threshold=threshold)
    cells = tuple(n if str(at) in published.shown else None for at, n in enumerate(counts))
    return cells, sum(counts) if published.is_total_shown else None


@pytest.mark.parametrize("n_rows", [2, 3, 4])
def test_who_knows_the_method_and_subtracts_all_that_is_shown_pins_no_small_cell(n_rows):
    """Every table up to 8 in a cell, grouped by what a reader sees: a held cell has several values."""
    worlds = {}
    for counts in itertools.product(range(9 if n_rows < 4 else 7), repeat=n_rows):
        worlds.setdefault(seen(counts), []).append(counts)
    edge = 8 if n_rows < 4 else 6  # tables with a cell at the edge have companions beyond it
    for (cells, _), tables in worlds.items():
        for at, cell in enumerate(cells):
            values = {table[at] for table in tables}
            if cell is None and max(max(table) for table in tables) < edge:
                assert len(values) > 1, (cells, tables)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.data())
@settings(max_examples=400)
def test_the_total_less_what_is_shown_is_no_small_count(counts, data):
    own = [data.draw(st.integers(0, n)) for n in counts]
    published = suppress(rows(*counts, own=own), threshold=5)
    unknown = [n - mine for n, mine in zip(counts, own, strict=True)]
    for at, n in enumerate(unknown):
        if str(at) in published.shown:
            assert n >= 5
    held = [n for at, n in enumerate(unknown) if str(at) in published.held_back]
    if held and published.is_total_shown:
        assert len(held) > 1
        assert sum(held) > 5


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
@settings(max_examples=300)
def test_no_part_of_what_is_held_back_is_a_small_count(pairs):
    held = [Row(str(at), {"a": a, "b": b}, NONE) for at, (a, b) in enumerate(pairs)]
    published = suppress(held, threshold=5, open_at_nought=frozenset({"b"}))
    if published.held_back and published.is_total_shown:
        for part, least in (("a", 6), ("b", 6)):
            left = sum(row.parts[part] for row in held if row.key in published.held_back)
            assert left >= least or (part == "b" and left == 0)
