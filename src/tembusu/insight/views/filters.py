"""What an address of the figures asks for, and how that is shown and taken off."""

from datetime import date
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from tembusu.foundation.ui import links
from tembusu.foundation.ui.terms import Chip, Tab
from tembusu.insight.rules import asked as rules
from tembusu.insight.rules.asked import Asked
from tembusu.insight.rules.papers import shifted
from tembusu.insight.selectors import dashboard, readers
from tembusu.insight.selectors.dashboard import View
from tembusu.insight.terms import Dimension


def look(request: HttpRequest) -> View:
    """Return what the request's address asks to see, under its reader's eye.

    :raises PermissionDenied: for somebody with no part in start-up
    """
    reader = readers.reader_of(request.user)
    today = timezone.localdate()
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    asked = rules.read(parameters, sees_all=reader.sees_all, today=today)
    return dashboard.look(asked, reader, today)


def plain(params: QueryDict, **changes: str) -> str:
    """Return a query changed in some values, without the place that lists lead to."""
    return links.with_values(params, **changes).removesuffix(links.FOUND) or "?"


def chips(request: HttpRequest, view: View) -> list[Chip]:
    """Return the filters that hold, each with the address without it."""
    found = []
    if not view.asked.is_fixed:
        found.append(Chip("Selected", rules.period(view.asked.lens), remove_url=_default(request)))
    for dimension, values in view.asked.lens.held.items():
        names = dashboard.names_of(dimension, list(values))
        found += [
            Chip(
                dimension.label,
                names[value],
                remove_url=links.without_value(request.GET, dimension.value, value).removesuffix(
                    links.FOUND
                ),
            )
            for value in values
        ]
    if view.asked.is_own:
        found.append(Chip("Only", "your own cases", remove_url=plain(request.GET, whose="")))
    return found


def _default(request: HttpRequest) -> str:
    return plain(request.GET, **{"from": "", "to": ""})


def menus(request: HttpRequest, view: View) -> list[tuple[str, list[Chip]]]:
    """Return the filters that may be chosen: (label, choices)."""
    if view.asked.is_fixed:
        return [("Year", _years(request, view)), ("Whose", _whose(request, view))]
    found = [("Selected in", _periods(request, view))]
    for dimension in Dimension:
        values = dashboard.values_held(view, dimension)
        names = dashboard.names_of(dimension, values)
        held = view.asked.lens.held.get(dimension, ())
        choices = [
            _choice(request, dimension.value, value, names[value], is_held=value in held)
            for value in sorted(values, key=lambda each: names[each])
        ]
        if choices:
            found.append((dimension.label, choices))
    return found


def _choice(request: HttpRequest, name: str, value: str, label: str, *, is_held: bool) -> Chip:
    if not is_held:
        return Chip(label, url=plain(request.GET, **{name: value}))
    gone = links.without_value(request.GET, name, value).removesuffix(links.FOUND)
    return Chip(label, remove_url=gone)


def _periods(request: HttpRequest, view: View) -> list[Chip]:
    today = view.as_of
    this = today.replace(day=1)
    spans: list[tuple[str, date, date]] = [
        ("The last 12 months", shifted(this, -11), this),
        ("The last 24 months", shifted(this, -23), this),
        ("The last 5 years", shifted(this, -59), this),
    ]
    first = view.standing.first_month
    for year in range(today.year, (first.year if first else today.year) - 1, -1):
        spans.append((str(year), date(year, 1, 1), min(date(year, 12, 1), this)))
    held = (view.asked.lens.first_month, view.asked.lens.last_month)
    return [
        Chip(label, url=plain(request.GET, **{"from": f"{a:%Y-%m}", "to": f"{b:%Y-%m}"}))
        if (a, b) != held
        else Chip(label, remove_url=_default(request))
        for label, a, b in spans
    ]


def _years(request: HttpRequest, view: View) -> list[Chip]:
    held = view.asked.lens.first_month.year
    first = view.standing.first_month
    years = range(view.as_of.year, (first.year if first else view.as_of.year) - 1, -1)
    return [
        Chip(str(year), remove_url=plain(request.GET, year=""))
        if year == held and request.GET.get("year")
        else Chip(str(year), url=plain(request.GET, year=str(year)))
        for year in years
    ]


def _whose(request: HttpRequest, view: View) -> list[Chip]:
    label = "Only your own cases"
    if view.asked.is_own:
        return [Chip(label, remove_url=plain(request.GET, whose=""))]
    return [Chip(label, url=plain(request.GET, whose=rules.OWN))]


def query(view_params: QueryDict, **changes: str) -> str:
    """Return the filters of a page for the address of another: '?from=…&cluster=…'."""
    kept = view_params.copy()
    for name in ("measure", "which", "by", "stage", "party", links.CURSOR, links.SORT):
        kept.pop(name, None)
    for name, value in changes.items():
        if value:
            kept[name] = value
    return f"?{kept.urlencode()}" if kept else ""


def tabs(request: HttpRequest, view: View, current: str) -> list[Tab]:
    """Return the pages of figures, with the filters that hold."""
    held = query(request.GET)
    pages = [("Overview", "insight:dashboard"), ("Groups", "insight:groups")]
    if view.reader.sees_all and not view.asked.is_own:
        pages.append(("Process map", "insight:process"))
    return [
        Tab(label, reverse(name) + held + "#main", is_current=name == current)
        for label, name in pages
    ]


def cases_url(request: HttpRequest, asked: Asked, **changes: Any) -> str:
    """Return the address of the cases behind a figure of this page."""
    return reverse("insight:cases") + query(request.GET, **changes) + links.FOUND
