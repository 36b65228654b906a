"""Cells to values, and what a fault says."""

from datetime import date
from decimal import Decimal

import pytest

from tembusu.foundation.exchange import terms
from tembusu.foundation.exchange.terms import DateOrder, Fault
from tembusu.foundation.exchange.terms.readers import hint_of_order


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-14", date(2026, 3, 14)),
        ("2026/3/4", date(2026, 3, 4)),
        ("2026-03-14 09:30:00", date(2026, 3, 14)),
        ("2026-03-14T09:30:00Z", date(2026, 3, 14)),
        ("2026-03-14T09:30:00.123+08:00", date(2026, 3, 14)),
        ("14/03/2026", date(2026, 3, 14)),
        ("03/04/2026", date(2026, 4, 3)),
        ("14.3.26", date(2026, 3, 14)),
        ("14/03/2026 09:30", date(2026, 3, 14)),
        ("14 Mar 2026", date(2026, 3, 14)),
        ("14-Mar-26", date(2026, 3, 14)),
        ("14Mar2026", date(2026, 3, 14)),
        ("1st September 1999", date(1999, 9, 1)),
        ("March 14, 2026", date(2026, 3, 14)),
        ("29/02/2024", date(2024, 2, 29)),
        ("46095", date(2026, 3, 14)),
    ],
)
def test_a_day_is_read_in_any_usual_way(cell, day):
    assert terms.date()(cell) == day


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("31/02/2025", "'31/02/2025' is a date that does not exist."),
        ("29/02/2025", "does not exist"),
        ("2026-13-01", "does not exist"),
        ("02/14/2026", "has no month 14: this file's dates are written day first"),
        ("14 Mrz 2026", "there is no month 'mrz'"),
        ("soon", "'soon' is no date. Write 2026-03-14 or 14 Mar 2026."),
        ("2026-03", "is no date"),
        ("0026-03-14", "lies outside of 1900 to 2100"),
        ("12", "is no date"),
    ],
)
def test_what_is_no_day_says_why(cell, says):
    with pytest.raises(Fault, match=says.replace("'", ".")):
        terms.date()(cell)


def test_a_day_is_read_in_the_files_order():
    assert terms.date().ordered(DateOrder.MONTH_FIRST)("03/04/2026") == date(2026, 3, 4)
    with pytest.raises(Fault, match="month first"):
        terms.date().ordered(DateOrder.MONTH_FIRST)("14/03/2026")


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        ("14/03/2026", DateOrder.DAY_FIRST),
        ("03/14/2026", DateOrder.MONTH_FIRST),
        ("03/04/2026", None),
        ("2026-03-14", None),
        ("14 Mar 2026", None),
    ],
)
def test_a_date_may_show_its_order(cell, order):
    assert hint_of_order(cell) == order


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (terms.text(), "Tan Wei Ling 陈", "Tan Wei Ling 陈"),
        (terms.integer(), "12", 12),
        (terms.integer(), "12.0", 12),
        (terms.integer(), "1,200", 1200),
        (terms.integer(), "\u22125", -5),
        (terms.number(), "1,250.50", Decimal("1250.50")),
        (terms.number(), "3e2", Decimal("3e2")),
        (terms.yes_no(), "Yes", True),
        (terms.yes_no(), "FALSE", False),
        (terms.yes_no(), "x", True),
        (terms.choice({"Approved": 1, "approval": 1, "Not_approved": 2}), "not  APPROVED", 2),
        (terms.reference({"A": 1}.get, what="study"), "A", 1),
    ],
)
def test_a_cell_is_read(read, cell, value):
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell", "says"),
    [
        (terms.text(at_most=3), "four", "has 4 characters; at most 3"),
        (terms.text(), "a\0b", "control character"),
        (terms.integer(), "12.5", "no whole number"),
        (terms.integer(), "1,25", "with a point before the decimals"),
        (terms.integer(least=0), "-1", "is less than 0"),
        (terms.integer(most=9), "10", "is more than 9"),
        (terms.number(), "NaN", "is no number"),
        (terms.number(), "Infinity", "is no number"),
        (terms.number(), "1_000", "is no number"),
        (terms.number(), "٣", "is no number"),
        (terms.yes_no(), "maybe", "neither yes nor no"),
        (terms.choice({"Approved": 1, "Rejected": 2}), "fine", "none of: Approved, Rejected"),
        (terms.reference({"A": 1}.get, what="study"), "B", "no study that is known here"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why(read, cell, says):
    with pytest.raises(Fault, match=says):
        read(cell)


def test_a_long_cell_is_quoted_in_part():
    with pytest.raises(Fault) as raised:
        terms.date()("x" * 5000)
    assert len(str(raised.value)) < 200


def test_two_columns_of_one_key_are_refused():
    column = terms.Column("a", "A", terms.text())
    with pytest.raises(ValueError, match="one key"):
        terms.Purpose("x", "X", "", (column, column), bool, None, None)
