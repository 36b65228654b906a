"""Facts as columns are the facts: made, changed, written, read and laid together."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tembusu.insight.rules import columns
from tembusu.insight.tests.making import any_case, facts


def some(n, seed=1):
    random = np.random.default_rng(seed)
    return [facts(any_case(pk, random)) for pk in range(1, n + 1)]


@given(st.integers(0, 30), st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_reading_what_was_written_gives_the_facts_back(n, seed):
    held = some(n, seed)
    assert columns.facts_in(columns.read(columns.write(columns.block_of(held)))) == held


@given(st.permutations(range(12)))
@settings(max_examples=30, deadline=None)
def test_the_order_in_which_facts_come_changes_no_byte(order):
    held = some(12)
    assert columns.write(columns.block_of(held[at] for at in order)) == columns.write(
        columns.block_of(held)
    )


@given(st.data(), st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_a_changed_block_is_as_if_made_anew_to_the_last_byte(data, seed):
    held, other = some(14, seed), some(20, seed + 1)
    gone = data.draw(st.sets(st.integers(1, 16)))
    come = [one for one in other if data.draw(st.booleans())]
    expected = {one.case_id: one for one in held if one.case_id not in gone}
    expected |= {one.case_id: one for one in come}
    found = columns.changed(columns.block_of(held), gone, come)
    assert columns.write(found) == columns.write(columns.block_of(expected.values()))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(0, 999))
@settings(max_examples=25, deadline=None)
def test_blocks_laid_together_hold_the_facts_of_all(sizes, seed):
    held = some(sum(sizes), seed)
    blocks, first = [], 0
    for size in sizes:
        blocks.append(columns.block_of(held[first : first + size]))
        first += size
    assert columns.facts_in(columns.joined(blocks)) == held


def test_an_empty_block_is_a_block():
    nothing = columns.read(columns.write(columns.block_of([])))
    assert (nothing.n, nothing.measure("whole")) == (0, None)


def test_a_case_without_parts_or_measures_is_kept():
    bare = replace(some(1)[0], stages=(), parts=(), steps=(), waiting_on="", waiting_since=None)
    assert columns.facts_in(columns.block_of([bare])) == [bare]


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(1999, 12, 31)])
def test_any_day_is_kept(day):
    one = replace(some(1)[0], start_date=day)
    assert columns.facts_in(columns.block_of([one]))[0].start_date == day
