"""Addresses of the same list, changed in one thing: a filter taken off, a sort turned, a page on.

Each drops ``after`` (the page's cursor), which holds for one filter and one sort only, and leads to
``FOUND``: the line that counts the list. It takes the focus, so that after the page was loaded anew
the keyboard goes on there and a screen reader says what was found; scripts are not needed for it.
``PART`` is the same for the heading of a record's part.
"""

from django.http import QueryDict

CURSOR = "after"
SORT = "sort"
FOUND = "#found"
PART = "#part"


def with_values(params: QueryDict, **changes: str) -> str:
    """Return the query with the named parameters set; an empty value takes one out."""
    changed = params.copy()
    changed.pop(CURSOR, None)
    for name, value in changes.items():
        if value:
            changed[name] = value
        else:
            changed.pop(name, None)
    return _query(changed)


def without_value(params: QueryDict, name: str, value: str) -> str:
    """Return the query with one of the values of a repeatable parameter taken out."""
    changed = params.copy()
    changed.pop(CURSOR, None)
    changed.setlist(name, [held for held in params.getlist(name) if held != value])
    return _query(changed)


def with_another(params: QueryDict, name: str, value: str) -> str:
    """Return the query with one more value of a repeatable parameter."""
    changed = params.copy()
    changed.pop(CURSOR, None)
    changed.appendlist(name, value)
    return _query(changed)


def with_cursor(params: QueryDict, cursor: str) -> str:
    """Return the query of another page of the same list."""
    changed = params.copy()
    changed[CURSOR] = cursor
    return _query(changed)


def turned_sort(params: QueryDict, key: str, current: str) -> str:
    """Return the query that sorts by ``key``: upwards first, downwards when it already does."""
    return with_values(params, **{SORT: f"-{key}" if current == key else key})


def leading(url: str) -> str:
    """Return the address of a tab with the place where the focus goes on, unless it names one."""
    if "#" in url:
        return url
    return url + (FOUND if "?" in url else PART)


def _query(params: QueryDict) -> str:
    return f"?{params.urlencode()}{FOUND}"
