"""What every page knows: the deployment's brand, the reader's theme, the menu."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import cached_property

from tembusu.foundation.ui import navigation

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


@dataclass(frozen=True, slots=True)
class Brand:
    """A deployment's name and marks (the setting ``TEMBUSU_BRAND``).

    ``logo`` is a path below the static files; empty shows the tree. ``footer`` are lines of text.
    """

    name: str = "Tembusu"
    strapline: str = ""
    logo: str = ""
    footer: tuple[str, ...] = field(default=())


class Menu:
    """The menu of one request, made only when a page shows it."""

    def __init__(self, request: HttpRequest) -> None:
        self.user: Any = getattr(request, "user", None) or AnonymousUser()
        self.path = request.path
        self.page = getattr(request.resolver_match, "view_name", "")

    def groups(self) -> list[navigation.Group]:
        return navigation.menu(self.user, self.path, self.page)

    @cached_property
    def person(self) -> list[navigation.Link]:
        return navigation.person_links(self.user, self.path, self.page)

    def search(self) -> dict[str, str] | None:
        target = navigation.search_target()
        url = navigation.address(target.url_name) if target else ""
        if target is None or not url:
            return None
        return {
            "url": url,
            "label": target.label,
            "placeholder": target.placeholder,
            "parameter": target.parameter,
        }


def brand(pack: Mapping[str, Any]) -> Brand:
    """Return the brand pack; an unknown key is an error, so that a typing slip is noticed."""
    known = {**pack, "footer": tuple(pack.get("footer", ()))}
    return Brand(**known)


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: ``brand``, ``theme`` ('' follows the system), ``menu`` and the rest."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "brand": brand(getattr(settings, "TEMBUSU_BRAND", {})),
        "theme": theme if theme in THEMES else "",
        "menu": Menu(request),
        "synthetic": bool(getattr(settings, "TEMBUSU_SYNTHETIC", False)),
        "here": request.get_full_path(),
        "error_shell": lambda: error_shell(request),
    }


def error_shell(request: HttpRequest) -> str:
    """Return the shell of a page that says what went wrong: whoever is signed in keeps the menu."""
    user = getattr(request, "user", None)
    return "ui/page.html" if user is not None and user.is_authenticated else "ui/plain.html"
