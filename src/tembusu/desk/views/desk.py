"""The desk: what waits on me, for whom I wait, what changed, what lapses."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tembusu.desk import actions, rules, selectors
from tembusu.desk.terms import Asked, Band, Change, Desk, Line, Order, Sheet
from tembusu.desk.views import shown
from tembusu.foundation.core.http import UserRequest
from tembusu.foundation.ui import links
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.paging import Count, Page
from tembusu.foundation.ui.terms import Chip, Tab

LINES_ON_A_PAGE = 50
IN_A_CARD = 4
IN_A_MENU = 30
TITLES = {
    Sheet.MINE: "Waits on me",
    Sheet.WAITING: "I wait for",
    Sheet.CHANGED: "Changed",
    Sheet.LAPSES: "Lapses soon",
}
BANDS = {
    Band.OVERDUE: "Overdue",
    Band.TODAY: "Due today",
    Band.WEEK: "Due in 7 days",
    Band.LATER: "Due later",
    Band.UNDATED: "No due day",
}
ORDERS = {Order.URGENT: "Most urgent first", Order.LONGEST: "Longest waiting first"}
CSV_HEADING = ("due", "act", "record", "study", "waits_on", "since", "room", "address")
CSV_OF_CHANGES = ("at", "record", "study", "what", "by", "more", "address")


@login_required
@require_safe
def desk(request: UserRequest) -> HttpResponse:
    try:
        asked = rules.read_asked(request.GET.dict())
        first = rules.read_place(request.GET.get(links.CURSOR, ""))
    except rules.AddressRefused as refusal:
        return render(request, "desk/refused_address.html", {"why": str(refusal)}, status=400)
    held = selectors.desk_of(request.user, timezone.now())
    context = {
        "desk": held,
        "asked": asked,
        "title": TITLES[asked.sheet],
        "standing": rules.say_standing(held.lines, held.today),
        "tabs": tabs(held, asked),
        "menus": menus(request.GET, held, asked),
        "filters": chips(request.GET, held, asked),
        "is_narrowed": rules.is_narrowed(asked),
        "orders": orders(request.GET, asked),
        "order": ORDERS[asked.order],
        "csv_url": f"{reverse('desk:export')}?{request.GET.urlencode()}",
        **_rows(held, asked, first),
        **_cards(held, asked),
    }
    return render(request, "desk/desk.html", context)


def _rows(held: Desk, asked: Asked, first: int) -> dict[str, Any]:
    """Return one page of the sheet that was asked for."""
    if asked.sheet is Sheet.CHANGED:
        changes = rules.narrow_changes(held.changes.rows, asked)
        told = [shown.change_row(one) for one in changes[first : first + LINES_ON_A_PAGE]]
        page = page_of(told, first, len(changes))
        return {"page": page, "columns": shown.CHANGE_COLUMNS, "changes": told}
    lines = rules.narrow(held.lines, asked, held.today)
    rows = lines[first : first + LINES_ON_A_PAGE]
    works = shown.works(rows, held.today, is_first_page=first == 0)
    return {"page": page_of(works, first, len(lines)), "works": works}


def _cards(held: Desk, asked: Asked) -> dict[str, Any]:
    """Return what lies beside one's own lines: a few of each other sheet."""
    if asked.sheet is not Sheet.MINE or rules.is_narrowed(asked):
        return {}
    waiting = rules.in_order(rules.on_sheet(held.lines, Sheet.WAITING), Order.URGENT)
    lapses = rules.in_order(rules.on_sheet(held.lines, Sheet.LAPSES), Order.URGENT)
    return {
        "cards": True,
        "waiting": shown.waited(waiting[:IN_A_CARD], held.today),
        "n_waiting": len(waiting),
        "lapses": shown.works(lapses[:IN_A_CARD], held.today),
        "n_lapses": len(lapses),
        "changed": held.changes.rows[:IN_A_CARD],
        "n_changed": len(held.changes.rows),
    }


def page_of(rows: Sequence[Any], first: int, n_rows: int) -> Page[Any]:
    """Return a page of a sheet, which is whole in memory: its cursor is the place of a line."""
    last = first + len(rows)
    return Page(
        rows=rows,
        n_before=first,
        next=str(last) if last < n_rows else "",
        previous=str(max(0, first - LINES_ON_A_PAGE)) if first else "",
        count=Count(n_rows),
    )


def tabs(held: Desk, asked: Asked) -> list[Tab]:
    """Return the sheets with how much lies on each."""
    counts = {sheet: len(rules.on_sheet(held.lines, sheet)) for sheet in Sheet}
    counts[Sheet.CHANGED] = len(held.changes.rows)
    return [
        Tab(
            TITLES[sheet],
            f"?{QueryDict(f'sheet={sheet.value}').urlencode()}",
            counts[sheet],
            sheet is asked.sheet,
        )
        for sheet in Sheet
    ]


# -- filters ------------------------------------------------------------------------------------


def room_label(room: str) -> str:
    """Return what people call a room."""
    known = {config.label: config.verbose_name for config in apps.get_app_configs()}
    return str(known.get(room, room.capitalize()))


def menus(params: QueryDict, held: Desk, asked: Asked) -> list[tuple[str, list[Chip]]]:
    """Return the filters of a sheet, each with its values and how many lines each would leave."""
    if asked.sheet is Sheet.CHANGED:
        studies = Counter(one.study for one in held.changes.rows if one.study)
        return _told([("Study", _choices(params, "study", asked.study, studies, str))])
    lines = rules.on_sheet(held.lines, asked.sheet)
    due = {
        band: n
        for band in Band
        if (n := sum(rules.band(line.item.due, held.today) is band for line in lines))
    }
    offered = [
        ("Due", _choices(params, "due", asked.band or "", due, lambda one: BANDS[Band(one)])),
        ("Study", _choices(params, "study", asked.study, _counts(lines, "study"), str)),
    ]
    if asked.sheet is Sheet.WAITING:
        holders = _counts(lines, "holder")
        offered.append(("On whom", _choices(params, "holder", asked.holder, holders, str)))
    rooms = Counter(line.room for line in lines)
    offered.append(("Kind", _choices(params, "room", asked.room, rooms, room_label)))
    return _told(offered)


def _told(offered: Iterable[tuple[str, list[Chip]]]) -> list[tuple[str, list[Chip]]]:
    """Leave out a filter that would narrow nothing."""
    return [(label, chips) for label, chips in offered if len(chips) > 1]


def _counts(lines: Iterable[Line], field: str) -> Counter[str]:
    return Counter(value for line in lines if (value := getattr(line.item, field)))


def _choices(
    params: QueryDict,
    name: str,
    held: str,
    counts: dict[Any, int] | Counter[str],
    label: Callable[[str], str],
) -> list[Chip]:
    """Return the values of a filter, in their own order for due days, else the most frequent first."""
    values = list(counts.items())
    if isinstance(counts, Counter):
        values = sorted(values, key=lambda pair: (-pair[1], pair[0]))[:IN_A_MENU]
    return [
        Chip(
            label(str(value)),
            url=links.with_values(params, **{name: str(value)}),
            remove_url=links.with_values(params, **{name: ""}) if value == held else "",
            count=n,
        )
        for value, n in values
    ]


def chips(params: QueryDict, held: Desk, asked: Asked) -> list[Chip]:
    """Return the filters that hold, to be taken off, and those at hand that would help most."""
    on = [
        ("due", "Due", BANDS[asked.band] if asked.band else ""),
        ("study", "Study", asked.study),
        ("holder", "On", asked.holder),
        ("room", "Kind", room_label(asked.room) if asked.room else ""),
        ("q", "Words", asked.text),
    ]
    found = [
        Chip(label, value, remove_url=links.with_values(params, **{name: ""}))
        for name, label, value in on
        if value
    ]
    if asked.sheet is Sheet.CHANGED or asked.band is not None:
        return found
    lines = rules.on_sheet(held.lines, asked.sheet)
    for band in (Band.OVERDUE, Band.TODAY, Band.WEEK):
        n = sum(rules.band(line.item.due, held.today) is band for line in lines)
        if n:
            found.append(Chip(BANDS[band], url=links.with_values(params, due=band.value), count=n))
    return found


def orders(params: QueryDict, asked: Asked) -> list[Chip]:
    """Return the two orders of a sheet; changes have one."""
    if asked.sheet is Sheet.CHANGED:
        return []
    return [
        Chip(
            ORDERS[order],
            url=links.with_values(params, sort="" if order is Order.URGENT else order.value),
            is_current=order is asked.order,
        )
        for order in Order
    ]


# -- what is done with the desk -----------------------------------------------------------------


@login_required
@require_safe
def export(request: UserRequest) -> HttpResponseBase:
    """Send exactly what a sheet shows, all its pages."""
    try:
        asked = rules.read_asked(request.GET.dict())
    except rules.AddressRefused as refusal:
        return render(request, "desk/refused_address.html", {"why": str(refusal)}, status=400)
    held = selectors.desk_of(request.user, timezone.now())
    name = f"desk-{asked.sheet.value}-{held.today.isoformat()}.csv"
    if asked.sheet is Sheet.CHANGED:
        changes = rules.narrow_changes(held.changes.rows, asked)
        return csv_response(name, CSV_OF_CHANGES, (change_cells(one) for one in changes))
    lines = rules.narrow(held.lines, asked, held.today)
    return csv_response(name, CSV_HEADING, (line_cells(line) for line in lines))


def line_cells(line: Line) -> list[object]:
    """Return a line as cells of a file."""
    item = line.item
    due: date | None = item.due
    return [due, item.what, item.record, item.study, item.holder, item.since, line.room, item.url]


def change_cells(change: Change) -> list[object]:
    """Return a change as cells of a file."""
    at = change.at.isoformat()
    said = [change.record, change.study, change.title, change.by, change.n_more, change.url]
    return [at, *said]


@login_required
@require_POST
def seen(request: UserRequest) -> HttpResponse:
    actions.mark_seen(by=request.user, at=timezone.now())
    messages.success(request, "What changed up to now is marked as seen.")
    return redirect(f"{reverse('desk:desk')}?sheet={Sheet.CHANGED.value}")
