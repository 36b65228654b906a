import pytest
from django.http import QueryDict

from tembusu.foundation.ui import links


@pytest.mark.parametrize(
    ("query", "changes", "wanted"),
    [
        ("", {}, "?"),
        ("q=a&after=x", {}, "?q=a"),
        ("q=a", {"sort": "title"}, "?q=a&sort=title"),
        ("q=a&sort=title", {"sort": ""}, "?q=a"),
        ("q=a&q=b", {"q": "c&d"}, "?q=c%26d"),
    ],
)
def test_values_are_set_and_the_cursor_dropped(query, changes, wanted):
    assert links.with_values(QueryDict(query), **changes) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("phase=1&phase=2&after=x", "?phase=2"),
        ("phase=1", "?"),
        ("phase=3&q=a", "?phase=3&q=a"),
    ],
)
def test_one_of_several_values_is_taken_out(query, wanted):
    assert links.without_value(QueryDict(query), "phase", "1") == wanted


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        ("", "?sort=title"),
        ("title", "?sort=-title"),
        ("-title", "?sort=title"),
        ("updated", "?sort=title"),
    ],
)
def test_a_sort_goes_up_first_and_turns_when_it_holds(current, wanted):
    assert links.turned_sort(QueryDict("after=x"), "title", current) == wanted
