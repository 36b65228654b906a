"""A measure by groups, studies in a funnel, and what became of all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Chip
from tembusu.insight.rules import pictures
from tembusu.insight.rules.figures import Figure
from tembusu.insight.rules.telling import Told
from tembusu.insight.selectors import dashboard
from tembusu.insight.selectors.dashboard import View
from tembusu.insight.terms import WHOLE, Dimension
from tembusu.insight.views import drawn, feet, filters, words
from tembusu.insight.views.dashboard import Page, open_page, shared

OUTCOMES = (("reached", "Opened"), ("withdrawn", "Site withdrawn"), ("stopped", "Study stopped"))
HEADING = (
    "By", "Group", "n", "Reached", "Unfinished", "Lower quartile (days)", "Median (days)",
    "95% from", "95% to", "Upper quartile (days)", "Judged", "Within target", "Share within (%)",
)  # fmt: skip


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    page = open_page(request)
    view, measure = page.view, _measure(page.view)
    context = {
        **shared(request, page, "insight:groups"),
        "measure": view.definitions[measure],
        "measures": _measures(request, view, measure),
        "tables": _tables(request, page, measure),
        "outcomes": _outcomes(request, page),
        "studies": _studies(request, page, measure),
        "csv_url": "groups.csv" + filters.query(request.GET, measure=measure),
    }
    return render(request, "insight/groups.html", context)


@login_required
@require_safe
def groups_csv(request: HttpRequest) -> HttpResponseBase:
    """The groups as the page shows them, one row each."""
    view = filters.look(request)
    measure = _measure(view)
    rows: list[list[object]] = []
    for dimension in Dimension:
        held = dashboard.grouped(view, dimension, measure)
        names = _names(view, dimension, list(held.told))
        rows += [_csv_row(view, dimension.label, names[key], one) for key, one in held.told.items()]
        if held.n_held_back:
            rows.append([dimension.label, f"{held.n_held_back} groups held back", *[None] * 11])
    if view.reader.sees_all:
        by_month = dashboard.by_month(view, measure).told
        rows += [_csv_row(view, "Month of selection", key, one) for key, one in by_month.items()]
    return csv_response("start-up-groups.csv", HEADING, rows)


def _csv_row(view: View, by: str, name: str, one: Figure) -> list[object]:
    lower, median, upper = one.quartiles
    share = one.share
    return [
        by,
        name,
        one.n,
        one.n_reached if view.reader.sees_all else None,
        one.n_unfinished if view.reader.sees_all else None,
        lower.value,
        median.value,
        median.lower,
        median.upper,
        upper.value,
        share.n if share else None,
        share.n_within if share else None,
        words.percent(share.fraction) if share else None,
    ]


def _measure(view: View) -> str:
    """Return the measure asked for; for those from whom cells are held back, always the whole.

    :raises Http404: for a measure that nobody defined
    """
    measure = view.asked.measure if view.reader.sees_all else WHOLE
    if measure not in view.definitions:
        raise Http404("There is no such measure.")
    return measure


def _measures(request: HttpRequest, view: View, measure: str) -> list[Chip]:
    if not view.reader.sees_all:
        return []
    return [
        Chip(
            one.text.label,
            url=filters.plain(request.GET, measure="" if key == WHOLE else key),
            is_current=key == measure,
        )
        for key, one in view.definitions.items()
        if view.block.measure(key) is not None
    ]


def _names(view: View, dimension: Dimension, values: list[str]) -> dict[str, str]:
    names = dashboard.names_of(dimension, values)
    if dimension is Dimension.INSTITUTION and not view.reader.sees_all:
        return words.without_others(names, drawn.own_institutions(view))
    return names


def _tables(request: HttpRequest, page: Page, measure: str) -> list[dict[str, Any]]:
    """Return a table for each dimension; to those who see every figure, one of the months, too.

    Months and the quarters of the overview overlap: small cells could be told by subtraction.
    """
    view, found = page.view, []
    for dimension in Dimension:
        held = dashboard.grouped(view, dimension, measure)
        names = _names(view, dimension, list(held.told))
        held = _by_name(held, names)
        urls = {key: _group_url(request, view, dimension, key, measure) for key in held.told}
        found.append(_table(page, dimension.label, held, names, urls, measure))
    if view.reader.sees_all:
        held = dashboard.by_month(view, measure)
        names = {key: f"{date.fromisoformat(key + '-01'):%b %Y}" for key in held.told}
        urls = {key: _month_url(request, view, key, measure) for key in held.told}
        found.append(_table(page, "Month of selection", held, names, urls, measure))
    return found


def _by_name(held: Told, names: Mapping[str, str]) -> Told:
    told = sorted(held.told.items(), key=lambda each: (names[each[0]], each[0]))
    return replace(held, told=dict(told))


def _table(
    page: Page,
    label: str,
    held: Told,
    names: dict[str, str],
    urls: dict[str, str],
    measure: str,
) -> dict[str, Any]:
    """Return a line for each group, in the order of `held`."""
    view = page.view
    known = [
        value
        for one in held.told.values()
        for value in (one.quartiles[2].value, one.median.upper)
        if value is not None
    ]
    ticks = pictures.nice(max(known, default=10))
    lines = [
        drawn.group_line(names[key], one, ticks[-1]) | {"url": urls[key]}
        for key, one in held.told.items()
    ]
    n = f"{len(held.told)} groups"
    if held.n_held_back:
        n += f"; {held.n_held_back} held back"
    foot = feet.foot(view, page.age, n=n, definitions=[view.definitions[measure]])
    ticked = [(round(100 * tick / ticks[-1], 2), f"{tick:,}") for tick in ticks]
    return {"label": label, "ticks": ticked, "lines": lines, "foot": foot}


def _group_url(
    request: HttpRequest, view: View, dimension: Dimension, key: str, measure: str
) -> str:
    if not view.reader.sees_all:
        return ""
    return filters.cases_url(request, view.asked, measure=measure, **{dimension.value: key})


def _month_url(request: HttpRequest, view: View, key: str, measure: str) -> str:
    if view.asked.is_fixed:
        return ""
    return filters.cases_url(request, view.asked, measure=measure, **{"from": key, "to": key})


def _outcomes(request: HttpRequest, page: Page) -> dict[str, Any] | None:
    """Return the share opened, withdrawn and stopped by each day, with its table."""
    held = dashboard.outcomes(page.view)
    if held is None or not held.sets.n_cases:
        return None
    seen = max(30.0, held["reached"].last_seen)
    ticks = pictures.nice(min(seen, 730.0))
    last = float(ticks[-1])
    curves = [(key, label, pictures.incidence_curve(held[key], last)) for key, label in OUTCOMES]
    rows = []
    for day in ticks[1:]:
        told = [held[key].reached_by(day).value for key, _ in OUTCOMES]
        known = [value for value in told if value is not None]
        rest = f"{words.percent(1 - sum(known))}%" if len(known) == len(told) else "–"
        shares = ["–" if value is None else f"{words.percent(value)}%" for value in told]
        rows.append((f"Day {day}", [*shares, rest]))
    foot = feet.foot(
        page.view,
        page.age,
        n=f"n {held.sets.n_cases:,}",
        definitions=[page.view.definitions[WHOLE]],
        cases_url=filters.cases_url(request, page.view.asked, measure=WHOLE, which="left"),
    )
    return {"curves": curves, "ticks": pictures.marks(ticks), "rows": rows, "foot": foot}


def _studies(request: HttpRequest, page: Page, measure: str) -> dict[str, Any] | None:
    """Return studies in a funnel; for those who see every figure."""
    view = page.view
    if not view.reader.sees_all or view.target(measure) is None:
        return None
    units = dashboard.studies(view, measure)
    names = {unit.key: unit.key for unit in units}
    picture = drawn.funnel(view, units, names, measure, are_all_named=False)
    if picture is None:
        return None
    n = f"{picture['n_units']:,} studies"
    foot = feet.foot(
        view,
        page.age,
        n=n,
        definitions=[view.definitions[measure]],
        cases_url=filters.cases_url(request, view.asked, measure=measure),
    )
    return {**picture, "foot": foot}
