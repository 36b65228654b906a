"""The menu: rooms say in their ``apps.py`` where they are found and who may see it.

Register from ``AppConfig.ready``; registering the same address name again replaces the entry, so
a repeated start-up leaves one. An item whose address does not exist is left out of the menu.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

PERSON = "person"  # the group shown under the person's name instead of on the left


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: its group's heading, its label, its address name and its place (lower first).

    ``pages`` are the address names of further pages that belong to it, wherever they lie;
    ``counted`` says after the number what it counts: 'wait for a decision'.
    """

    group: str
    label: str
    url_name: str
    order: int
    may_see: Callable[[Any], bool]
    count: Callable[[Any], int | None] | None = None
    pages: frozenset[str] = frozenset()
    counted: str = ""


@dataclass(frozen=True, slots=True)
class SearchTarget:
    """Where the search field of the top bar leads, and what can be found there."""

    url_name: str
    label: str
    placeholder: str
    parameter: str = "q"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the menu shows it. ``current`` is the value of ``aria-current`` or ''."""

    label: str
    url: str
    current: str = ""
    count: int | None = None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    links: tuple[Link, ...]


_items: dict[str, NavItem] = {}
_search: list[SearchTarget] = []


def register(item: NavItem) -> None:
    """Put ``item`` into the menu of everyone who ``may_see`` it."""
    _items[item.url_name] = item


def register_search(target: SearchTarget) -> None:
    """Give the search field of the top bar its target; the last one registered holds."""
    _search[:] = [target]


def search_target() -> SearchTarget | None:
    return _search[0] if _search else None


def items() -> list[NavItem]:
    """Return every registered item in the order of the menu."""
    return sorted(_items.values(), key=lambda item: (item.order, item.label))


def menu(user: Any, path: str, page: str = "") -> list[Group]:
    """Return the left menu of ``user`` on the page ``path``, groups by their first item.

    :param page: the address name of the page, such as ``registry:studies``
    """
    return groups(_seen(user, person=False), user, path, page)


def person_links(user: Any, path: str, page: str = "") -> list[Link]:
    """Return the entries under the person's name."""
    seen = _seen(user, person=True)
    return [link for group in groups(seen, user, path, page) for link in group.links]


def groups(shown: Iterable[NavItem], user: Any, path: str, page: str = "") -> list[Group]:
    """Return ``shown`` as groups of links, the entry to which the page belongs marked."""
    addressed = [(item, url) for item in shown if (url := address(item.url_name))]
    owned = [url for item, url in addressed if page and page in item.pages]
    nearest = owned[0] if owned else nearest_url([url for _, url in addressed], path)
    found: dict[str, list[Link]] = {}
    for item, url in addressed:
        current = "" if url != nearest else "page" if url == path else "true"
        count = item.count(user) if item.count else None
        found.setdefault(item.group, []).append(Link(item.label, url, current, count, item.counted))
    return [Group(label, tuple(links)) for label, links in found.items()]


def nearest_url(urls: Iterable[str], path: str) -> str:
    """Return the longest of ``urls`` that ``path`` equals or lies under, or ''."""
    under = [url for url in urls if path == url or (url.endswith("/") and path.startswith(url))]
    rooted = [url for url in under if url != "/" or path == "/"]
    return max(rooted, key=len, default="")


def address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _seen(user: Any, *, person: bool) -> list[NavItem]:
    return [item for item in items() if (item.group == PERSON) is person and item.may_see(user)]
