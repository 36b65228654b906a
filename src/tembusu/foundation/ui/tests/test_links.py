import pytest
from django.http import QueryDict

from tembusu.foundation.ui import links


@pytest.mark.parametrize(
    ("query", "changes", "wanted"),
    [
        ("", {}, "?#found"),
        ("q=a&after=x", {}, "?q=a#found"),
        ("q=a", {"sort": "title"}, "?q=a&sort=title#found"),
        ("q=a&sort=title", {"sort": ""}, "?q=a#found"),
        ("q=a&q=b", {"q": "c&d"}, "?q=c%26d#found"),
    ],
)
def test_values_are_set_and_the_cursor_dropped(query, changes, wanted):
    assert links.with_values(QueryDict(query), **changes) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("phase=1&phase=2&after=x", "?phase=2#found"),
        ("phase=1", "?#found"),
        ("phase=3&q=a", "?phase=3&q=a#found"),
    ],
)
def test_one_of_several_values_is_taken_out(query, wanted):
    assert links.without_value(QueryDict(query), "phase", "1") == wanted


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        ("", "?sort=title#found"),
        ("title", "?sort=-title#found"),
        ("-title", "?sort=title#found"),
        ("updated", "?sort=title#found"),
    ],
)
def test_a_sort_goes_up_first_and_turns_when_it_holds(current, wanted):
    assert links.turned_sort(QueryDict("after=x"), "title", current) == wanted


def test_another_value_is_put_on_and_the_cursor_dropped():
    found = links.with_another(QueryDict("phase=1&after=x"), "phase", "2")
    assert found == "?phase=1&phase=2#found"


def test_another_page_keeps_filters_and_sort():
    assert links.with_cursor(QueryDict("q=a&after=x"), "y") == "?q=a&after=y#found"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("/studies/1/sites/", "/studies/1/sites/#part"),
        ("/places/?state=settled", "/places/?state=settled#found"),
        ("?whose=mine#found", "?whose=mine#found"),
        ("#sites", "#sites"),
    ],
)
def test_a_tab_leads_to_where_the_focus_goes_on(url, wanted):
    assert links.leading(url) == wanted
