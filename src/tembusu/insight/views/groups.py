"""A measure by groups, studies in a funnel, and what became of all."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Chip
from tembusu.insight.rules import pictures
from tembusu.insight.rules.figures import Figure
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
        "tables": [_table(request, page, dimension, measure) for dimension in Dimension],
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


def _table(request: HttpRequest, page: Page, dimension: Dimension, measure: str) -> dict[str, Any]:
    view = page.view
    held = dashboard.grouped(view, dimension, measure)
    names = _names(view, dimension, list(held.told))
    known = [
        value
        for one in held.told.values()
        for value in (one.quartiles[2].value, one.median.upper)
        if value is not None
    ]
    ticks = pictures.nice(max(known, default=10))
    lines = [
        drawn.group_line(names[key], one, ticks[-1])
        | {"url": _group_url(request, view, dimension, key, measure)}
        for key, one in sorted(held.told.items(), key=lambda each: (names[each[0]], each[0]))
    ]
    n = f"{len(held.told)} groups"
    if held.n_held_back:
        n += f"; {held.n_held_back} held back"
    foot = feet.foot(view, page.age, n=n, definitions=[view.definitions[measure]])
    ticked = [(round(100 * tick / ticks[-1], 2), f"{tick:,}") for tick in ticks]
    return {"label": dimension.label, "ticks": ticked, "lines": lines, "foot": foot}


def _group_url(
    request: HttpRequest, view: View, dimension: Dimension, key: str, measure: str
) -> str:
    if not view.reader.sees_all:
        return ""
    return filters.cases_url(request, view.asked, measure=measure, **{dimension.value: key})


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
    groups = dashboard.studies(view, measure)
    picture = drawn.funnel(view, groups, {key: key for key in groups.told}, measure)
    if picture is None:
        return None
    picture["rows"] = [row for row in picture["rows"] if row["reading"] != "As expected"]
    n = f"{picture['n_units']:,} studies"
    foot = feet.foot(
        view,
        page.age,
        n=n,
        definitions=[view.definitions[measure]],
        cases_url=filters.cases_url(request, view.asked, measure=measure),
    )
    return {**picture, "foot": foot}
