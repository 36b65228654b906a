"""The national start-up dashboard, and the same figures as a file."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import KeyFigure
from tembusu.insight.rules import asked as rules
from tembusu.insight.rules.figures import Figure
from tembusu.insight.selectors import blocks, dashboard, papers, tables
from tembusu.insight.selectors.dashboard import Measured, View
from tembusu.insight.terms import PARTICIPANT, WHOLE, Dimension
from tembusu.insight.views import drawn, feet, filters, words
from tembusu.insight.views.feet import Foot

FIRST_PARTICIPANT = "first_participant"


@dataclass(frozen=True, slots=True)
class Page:
    """What every page of figures shares: the filters, the age, whose figures they are."""

    view: View
    age: str
    standing: blocks.Standing


def open_page(request: HttpRequest) -> Page:
    """Read what a page of figures needs.

    :raises PermissionDenied: for somebody with no part in start-up
    """
    view = filters.look(request)
    return Page(view, feet.age(view.standing, timezone.now()), view.standing)


def shared(request: HttpRequest, page: Page, current: str) -> dict[str, Any]:
    """Return what the templates of all pages of figures read."""
    return {
        "tabs": filters.tabs(request, page.view, current),
        "filters": filters.chips(request, page.view),
        "menus": filters.menus(request, page.view),
        "period": rules.period(page.view.asked.lens),
        "is_own": page.view.asked.is_own,
        "is_held_back": not page.view.reader.sees_all,
        "standing": page.standing,
        "is_empty": not page.view.mask.any(),
    }


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    page = open_page(request)
    view = page.view
    held = {one.definition.measure: one for one in dashboard.measured(view)}
    whole = held.get(WHOLE)
    context = {
        **shared(request, page, "insight:dashboard"),
        "figures": _key_figures(request, view, held),
        "curve": _curve(request, page, whole),
        "forest": _forest(request, page, held),
        "days": _days(request, page),
        "funnel": _funnel(request, page),
        "trend": _trend(request, page),
        "csv_url": "figures.csv" + filters.query(request.GET),
        "papers_url": reverse("insight:papers") if papers.may_make(request.user) else "",
    }
    return render(request, "insight/dashboard.html", context)


@login_required
@require_safe
def figures_csv(request: HttpRequest) -> HttpResponseBase:
    """The measures as the page shows them, one row each."""
    view = filters.look(request)
    return csv_response("start-up-figures.csv", tables.HEADING, tables.figure_rows(view))


# -- headline --------------------------------------------------------------------------------------


def _key_figures(request: HttpRequest, view: View, held: dict[str, Measured]) -> list[KeyFigure]:
    found = []
    for measure, label in (
        (WHOLE, "Selected to open, median"),
        (PARTICIPANT, "Selected to first participant, median"),
    ):
        if measure in held:
            found.append(_median(request, view, held[measure], label))
    for measure, label in ((WHOLE, "Open within"), (FIRST_PARTICIPANT, "First participant within")):
        if measure in held and view.target(measure) is not None:
            found.append(_share(request, view, held[measure], label))
    waiting = dashboard.waiting(view)
    if waiting is not None:
        found.append(
            KeyFigure(
                f"Over {dashboard.STUCK_DAYS} days with one party",
                f"{waiting.n_stuck:,}",
                unit="study-sites",
                note=f"of {waiting.n_unfinished:,} in start-up today, whenever selected",
                url=filters.cases_url(request, view.asked, which="stuck"),
                url_label="Open the list and escalate",
            )
        )
    return found


def _median(request: HttpRequest, view: View, one: Measured, label: str) -> KeyFigure:
    if one.now is None:
        return KeyFigure(label, words.HELD_BACK, note=words.WHY_HELD_BACK)
    median = one.now.median
    before = one.before.median.value if one.before else None
    notes = [words.n_of(one.now, view)]
    if before is not None:
        notes.append(f"before {before:,.0f}")
    return KeyFigure(
        label,
        words.days(median.value),
        unit="days" if median.value is not None else "",
        interval=words.interval(median, "95% interval "),
        note=" · ".join(notes),
        url=filters.cases_url(request, view.asked, measure=one.definition.measure),
    )


def _share(request: HttpRequest, view: View, one: Measured, label: str) -> KeyFigure:
    label = f"{label} {view.target(one.definition.measure):,} days"
    if one.now is None or one.now.share is None:
        return KeyFigure(label, words.HELD_BACK, note=words.WHY_HELD_BACK)
    share = one.now.share
    before = one.before.share.fraction if one.before and one.before.share else None
    waits = f", {share.n_waiting:,} not due yet" if view.reader.sees_all else ""
    notes = [f"n {share.n:,} judged{waits}"]
    if before is not None:
        notes.append(f"before {words.percent(before)}%")
    return KeyFigure(
        label,
        "–" if share.fraction is None else f"{words.percent(share.fraction)}%",
        interval=words.share_interval(share, "95% interval "),
        note=" · ".join(notes),
        url=filters.cases_url(request, view.asked, measure=one.definition.measure, which="within"),
    )


# -- cards -----------------------------------------------------------------------------------------


def _foot(request: HttpRequest, page: Page, n: str, measures: list[str], **changes: str) -> Foot:
    view = page.view
    held = [view.definitions[measure] for measure in measures if measure in view.definitions]
    url = filters.cases_url(request, view.asked, **changes)
    return feet.foot(view, page.age, n=n, definitions=held, cases_url=url)


def _curve(request: HttpRequest, page: Page, whole: Measured | None) -> dict[str, Any] | None:
    if whole is None or whole.now is None:
        return None
    picture = drawn.curve(whole, whole.now, page.view)
    n = words.n_of(whole.now, page.view)
    return {**picture, "foot": _foot(request, page, n, [WHOLE], measure=WHOLE)}


def _forest(request: HttpRequest, page: Page, held: dict[str, Measured]) -> dict[str, Any]:
    lines = drawn.forest(list(held.values()))
    for line in lines["lines"]:
        line["url"] = filters.cases_url(request, page.view.asked, measure=line["measure"])
    foot = _foot(
        request, page, "Kaplan–Meier; unfinished, withdrawn and stopped censored", list(held)
    )
    return {**lines, "foot": foot}


def _days(request: HttpRequest, page: Page) -> dict[str, Any] | None:
    held = dashboard.lost_days(page.view)
    if held is None or not held.lost.n:
        return None
    n = f"n {held.lost.n:,} opened"
    if not page.view.reader.sees_all:
        n = f"Opened ones of n {int(page.view.mask.sum()):,} selected"
    foot = _foot(request, page, n, [WHOLE], measure=WHOLE, which="reached")
    return {**drawn.days(held), "foot": foot}


def _funnel(request: HttpRequest, page: Page) -> dict[str, Any] | None:
    view = page.view
    groups = dashboard.grouped(view, Dimension.INSTITUTION, WHOLE)
    names = dashboard.names_of(Dimension.INSTITUTION, list(groups.told))
    if not view.reader.sees_all:
        names = words.without_others(names, drawn.own_institutions(view))
    picture = drawn.funnel(view, drawn.units_of(groups), names)
    if picture is None:
        return None
    n = f"{picture['n_units']} institutions"
    if groups.n_held_back:
        n += f"; {groups.n_held_back} more are held back"
    return {**picture, "foot": _foot(request, page, n, [WHOLE], measure=WHOLE)}


def _trend(request: HttpRequest, page: Page) -> dict[str, Any] | None:
    held = dashboard.quarterly(page.view, WHOLE)
    if not held:
        return None
    told: list[tuple[str, Figure | None]] = held
    n = f"n {sum(each.n for _, each in told if each):,}"
    foot = feet.foot(
        page.view,
        page.age,
        n=n,
        definitions=[page.view.definitions[WHOLE]],
        cases_url=filters.cases_url(request, page.view.asked, measure=WHOLE),
        period=f"{held[0][0]} – {held[-1][0]}",
    )
    target = page.view.target(WHOLE)
    return {**drawn.trend(told, target), "foot": foot, "target": target, "height": drawn.TREND}
