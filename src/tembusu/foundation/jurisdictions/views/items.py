"""The items of the reference data: the list, one item with its periods, and changing it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import actions, permissions
from tembusu.foundation.jurisdictions.actions.items import ItemRefused
from tembusu.foundation.jurisdictions.forms import ItemForm, initial_of
from tembusu.foundation.jurisdictions.rules import periods, values, wording
from tembusu.foundation.jurisdictions.rules.shapes import SHAPES
from tembusu.foundation.jurisdictions.selectors import browse
from tembusu.foundation.jurisdictions.selectors.browse import Line, Period, Shown
from tembusu.foundation.jurisdictions.terms import Item, ItemKind, Theme, VersionKind
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import links
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import (
    Badge,
    Blocked,
    Cell,
    Chip,
    Column,
    Crumb,
    Fact,
    Shape,
    Tab,
    Tone,
)
from tembusu.foundation.ui.wording import day

LIST = Crumb("Rules of the country", "/reference-data/")
COLUMNS = [Column("Item"), Column("Value"), Column("Holds"), Column("Source"), Column("Checked")]
STANDINGS = {
    "unverified": "Not verified",
    "empty": "Value not known",
    "planned": "Change is planned",
}


# -- list -----------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return what the address asks for; what it says wrongly is as if it were not said."""
    params, today = request.GET, timezone.localdate()
    theme = params.get("theme", "")
    standing = params.get("standing", "")
    try:
        on = parse_date(params.get("on", "")) or today
    except ValueError:
        on = today
    return {
        "on": on,
        "theme": Theme(theme) if theme in set(Theme) else None,
        "standing": standing if standing in STANDINGS else "",
        "text": params.get("q", "").replace("\0", ""),
    }


@login_required
@require_safe
def item_list(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    lines = browse.list_items(request.user, **asked)
    groups = [
        (theme, SHAPES[theme].says, [_row(one) for one in lines if one.item.theme is theme])
        for theme in Theme
    ]
    pack = browse.present_pack(request.user)
    context = {
        "pack": pack,
        "groups": [group for group in groups if group[2]],
        "n": len(lines),
        "on": asked["on"],
        "is_other_day": asked["on"] != timezone.localdate(),
        "columns": COLUMNS,
        "kept": [(name, value) for name, value in request.GET.items() if name != "on"],
        "filters": _held_filters(request, asked),
        "themes": _choices(request, "theme", [(one.value, one.label) for one in Theme]),
        "standings": _choices(request, "standing", list(STANDINGS.items())),
        "versions": [_version_line(one) for one in browse.list_versions(request.user, 5)],
        "csv_url": f"{reverse('jurisdictions:export')}?{request.GET.urlencode()}",
    }
    return render(request, "jurisdictions/items.html", context)


def _choices(request: HttpRequest, name: str, pairs: Sequence[tuple[str, str]]) -> list[Chip]:
    held = request.GET.get(name, "")
    return [
        Chip(label, remove_url=links.without_value(request.GET, name, value))
        if value == held
        else Chip(label, url=links.with_values(request.GET, **{name: value}))
        for value, label in pairs
    ]


def _held_filters(request: HttpRequest, asked: dict[str, Any]) -> list[Chip]:
    chips = []
    if asked["text"]:
        off = links.with_values(request.GET, q="")
        chips.append(Chip("Holds the words", asked["text"], remove_url=off))
    if asked["theme"]:
        off = links.with_values(request.GET, theme="")
        chips.append(Chip("Theme", asked["theme"].label, remove_url=off))
    if asked["standing"]:
        off = links.with_values(request.GET, standing="")
        chips.append(Chip(STANDINGS[asked["standing"]], remove_url=off))
    if asked["on"] != timezone.localdate():
        off = links.with_values(request.GET, on="")
        chips.append(Chip("As it holds on", day(asked["on"]), remove_url=off))
    return chips


def _row(line: Line) -> list[object]:
    item = line.item
    url = reverse("jurisdictions:item", args=[item.theme.value, item.key])
    planned = line.planned
    note = ""
    if planned is not None and planned.effective_from:
        note = f"{wording.summary(planned) or 'not known'} from {day(planned.effective_from)}"
    holds = wording.in_force(item)
    return [
        Cell(item.label, note=item.key, url=url),
        Cell(wording.summary(item) or "not known", note=note),
        Cell(holds, note="" if line.is_held else "does not hold on this day"),
        source_cell(item.source),
        Cell("", badge=checked(item)),
    ]


def source_cell(source: str) -> Cell:
    host = source.split("/")[2].removeprefix("www.")
    return Cell(host, url=source, hint=source)


def checked(item: Item) -> Badge:
    """Return how far an item was verified, by word and shape."""
    if item.is_empty:
        return Badge("Not known", Tone.QUIET)
    if item.is_verified:
        return Badge("Verified", Tone.OK, Shape.TICK)
    return Badge("Not verified", Tone.WARN)


def _version_line(version: Any) -> dict[str, Any]:
    who = version.made_by.get_full_name() if version.made_by else "the system"
    how = {
        VersionKind.SEED: "begun from the file",
        VersionKind.EDIT: "a value changed",
        VersionKind.PROPOSAL: "the file's proposal accepted",
    }[VersionKind(version.kind)]
    return {"version": version, "who": who, "how": how}


@login_required
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream exactly the items that the list shows."""
    lines = browse.list_items(request.user, **_asked(request))
    heading = (
        "theme", "key", "label", "value", "unit", "holds_from", "holds_no_longer_from", "source",
        "verified", "note",
    )  # fmt: skip
    return csv_response("reference-data.csv", heading, _cells(lines))


def _cells(lines: Sequence[Line]) -> Iterator[list[object]]:
    for line in lines:
        item = line.item
        yield [
            item.theme.value,
            item.key,
            item.label,
            values.typed(item.value, item.kind),
            item.unit,
            item.effective_from or "",
            item.effective_to or "",
            item.source,
            "yes" if item.is_verified else "no",
            item.note,
        ]


# -- one item -------------------------------------------------------------------------------------


@login_required
@require_safe
def detail(request: HttpRequest, theme: str, key: str) -> HttpResponse:
    shown = browse.get_item(request.user, theme, key, timezone.localdate())
    why = people.why_not(request.user, permissions.CHANGE)
    item = shown.now
    context = {
        "crumbs": [LIST, Crumb(item.theme.label, f"{LIST.url}?theme={theme}"), Crumb(item.label)],
        "item": item,
        "value": wording.summary(item),
        "checked": checked(item),
        "tabs": _tabs(shown),
        "facts": _facts(item),
        "parts": [Fact(term, text) for term, text in wording.parts(item)],
        "period_columns": PERIOD_COLUMNS,
        "periods": [_period_row(one) for one in shown.periods],
        "change_url": "" if why else reverse("jurisdictions:item_change", args=[theme, key]),
        "blocked": [Blocked("Change", why)] if why else [],
    }
    return render(request, "jurisdictions/item.html", context)


def _tabs(shown: Shown) -> list[Tab]:
    item = shown.now
    own = reverse("jurisdictions:item", args=[item.theme.value, item.key])
    tabs = [Tab("Overview", own, None, True)]
    if shown.row is not None:
        tabs.append(Tab("Trail", reverse("core:trail", args=["reference-item", shown.row])))
    return tabs


def _facts(item: Item) -> list[Fact]:
    return [
        Fact("Theme", item.theme.label, note=SHAPES[item.theme].says),
        Fact("Key", item.key),
        Fact("Holds", wording.in_force(item)),
        Fact("Source", item.source, url=item.source),
        Fact("Note", item.note or "none"),
    ]


PERIOD_COLUMNS = [
    Column("Holds"),
    Column("Value"),
    Column("Checked"),
    Column("Since version"),
    Column("Reason"),
]


def _period_row(period: Period) -> list[object]:
    item, version = period.item, period.version
    who = ""
    if version is not None:
        by = version.made_by.get_full_name() if version.made_by else "the system"
        who = f"{by}, {day(version.made_at)}"
    seeded = "Begun from the file" if version is None or version.kind == VersionKind.SEED else ""
    return [
        wording.in_force(item),
        wording.summary(item) or "not known",
        Cell("", badge=checked(item)),
        Cell(version.number if version else "not kept yet", note=who),
        seeded or (version.reason if version else ""),
    ]


# -- changing it ----------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, theme: str, key: str) -> HttpResponse:
    today = timezone.localdate()
    shown = browse.get_item(request.user, theme, key, today)
    people.check(request.user, permissions.CHANGE)
    item = shown.now
    form = ItemForm(
        request.POST or None,
        item=item,
        earliest=_earliest(shown, today),
        initial=initial_of(item, shown.mark),
    )
    if request.method == "POST":
        is_kept = form.is_valid() and _changed(request, form)
        if is_kept:
            messages.success(request, f"{item.label}: the change is kept.")
            return redirect("jurisdictions:item", theme=theme, key=key)
    url = reverse("jurisdictions:item", args=[theme, key])
    context = {
        "form": form,
        "item": item,
        "value": wording.summary(item) or "not known",
        "holds": wording.in_force(item),
        "is_table": item.kind is ItemKind.TABLE,
        "crumbs": [LIST, Crumb(item.label, url), Crumb("Change")],
        "submit_label": "Keep the change",
        "cancel_url": url,
    }
    return render(request, "jurisdictions/item_change.html", context)


def _earliest(shown: Shown, today: date) -> str:
    first = periods.earliest_change([one.item for one in shown.periods], today)
    if first is None:
        return "Any day: no clock ran without a value."
    assumed = first if first > today else today + timedelta(days=1)
    return f"{day(assumed)} or later: clocks that have started keep their rule."


def _changed(request: HttpRequest, form: ItemForm) -> bool:
    """Make the change, or say beside the field what is wrong and keep what was typed."""
    person: Any = request.user
    try:
        actions.change_item(
            theme=form.item.theme,
            key=form.item.key,
            wanted=form.wanted,
            mark=form.cleaned_data["mark"],
            reason=form.cleaned_data["reason"],
            by=person,
            at=timezone.now(),
        )
    except ItemRefused as refusal:
        form.add_error(refusal.field or None, str(refusal))
    except periods.PastIsKept as refusal:
        form.add_error("starts", str(refusal))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        _refresh_mark(form, request)
    return form.is_valid()


def _refresh_mark(form: ItemForm, request: HttpRequest) -> None:
    """Let the next attempt be judged by what the page shows now."""
    shown = browse.get_item(
        request.user, form.item.theme.value, form.item.key, timezone.localdate()
    )
    form.data = {**form.data.dict(), "mark": shown.mark}  # type: ignore[attr-defined]
