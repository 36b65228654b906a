"""Partial dates: what is read, what is refused, what may be compared."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialformats.dates import DateError, PartialDate, Precision, iso_text

partial_dates = st.dates(min_value=date(1, 1, 1)).flatmap(
    lambda day: st.sampled_from((4, 7, 10)).map(lambda n: day.isoformat()[:n])
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013", "2013"),
        ("2013-01", "2013-01"),
        ("2013-01-31", "2013-01-31"),
        ("2013-01-31T10:12", "2013-01-31"),
        ("2013-01-31T10:12:00Z", "2013-01-31"),
        ("January 1985", "1985-01"),
        ("February 3, 2023", "2023-02-03"),
        ("Feb 3, 2023", "2023-02-03"),
        ("Sept. 2001", "2001-09"),
        ("3 February 2023", "2023-02-03"),
        ("03/02/2023", "2023-02-03"),
        ("2023/2/3", "2023-02-03"),
        ("20230203", "2023-02-03"),
        ("February 29, 2024", "2024-02-29"),
        ("  May 2020 ", "2020-05"),
    ],
)
def test_a_date_is_read_in_every_spelling_registers_use(text, expected):
    assert PartialDate.parse(text).text == expected


def test_a_slashed_date_is_read_month_first_where_the_register_is_american():
    assert PartialDate.parse("03/12/2023", day_first=False).text == "2023-03-12"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023-02-30", "does not exist"),
        ("February 29, 2023", "does not exist"),
        ("2023-13", "does not exist"),
        ("2023-00", "does not exist"),
        ("0000-01-01", "does not exist"),
        ("31/31/2023", "does not exist"),
        ("Fooember 2020", "names no month"),
        ("soon", "is not a date"),
        ("", "is not a date"),
        ("2023-1-1", "is not a date"),
        ("23-01-01", "is not a date"),
        ("٢٠٢٣-٠١-٠١x", "is not a date"),
    ],
)
def test_a_date_that_is_none_is_refused_and_says_why(text, said):
    with pytest.raises(DateError, match=said):
        PartialDate.parse(text)


def test_a_partial_date_cannot_be_made_of_another_spelling():
    with pytest.raises(DateError, match="not written"):
        PartialDate("May 2020")


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2024", Precision.YEAR, date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", Precision.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", Precision.MONTH, date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02-07", Precision.DAY, date(2024, 2, 7), date(2024, 2, 7)),
    ],
)
def test_a_partial_date_spans_every_day_it_may_mean(text, precision, first, last):
    partial = PartialDate(text)
    assert (partial.precision, partial.earliest(), partial.latest()) == (precision, first, last)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2024-02", "2024-03", True),
        ("2024-02-28", "2024-02", False),
        ("2024", "2024-06", False),
        ("2023", "2024-01-01", True),
    ],
)
def test_one_date_surely_precedes_another_only_when_no_day_overlaps(left, right, expected):
    assert PartialDate(left).surely_before(PartialDate(right)) is expected
    assert PartialDate(left).surely_before(PartialDate(right).earliest()) is expected


@given(partial_dates)
def test_reading_a_partial_date_again_changes_nothing(text):
    assert iso_text(text) == text
    assert PartialDate.parse(iso_text(text)).text == text


@given(partial_dates)
def test_the_first_day_is_never_after_the_last(text):
    partial = PartialDate(text)
    assert partial.earliest() <= partial.latest()
    assert partial.earliest().isoformat().startswith(text)
    assert partial.latest().isoformat().startswith(text)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_survives_the_american_spelling(day):
    assert iso_text(f"{day:%B} {day.day}, {day.year}") == day.isoformat()


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_named_error(text):
    with suppress(DateError):
        PartialDate(iso_text(text))
