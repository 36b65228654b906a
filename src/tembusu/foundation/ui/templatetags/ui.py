"""The components of every screen: ``{% load ui %}``. The gallery at ``/ui/`` shows them all.

Each tag takes plain values or the dataclasses of ``ui.terms`` and draws one small template of
``ui/components``. Nothing is marked safe here: texts are escaped where they are drawn.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from tembusu.foundation.ui import charts, links, wording
from tembusu.foundation.ui import forms as ui_forms
from tembusu.foundation.ui.paging import Page
from tembusu.foundation.ui.terms import (
    Act,
    Badge,
    Bar,
    Blocked,
    Cell,
    Change,
    Chip,
    Choice,
    Column,
    Crumb,
    Fact,
    JobProgress,
    KeyFigure,
    Meter,
    Point,
    Shape,
    Step,
    Tab,
    Tone,
    TrailEntry,
    Turn,
    Work,
)

register = template.Library()
Context = Mapping[str, Any]

KINDS = {"primary", "secondary", "plain", "danger"}
SIZES = {"", "small", "large", "wide"}
MESSAGE_TONES = {"success": Tone.OK, "warning": Tone.WARN, "error": Tone.BAD}


def component(name: str) -> str:
    return f"ui/components/{name}.html"


# -- acts ---------------------------------------------------------------------------------------


@register.inclusion_tag(component("button"))
def button(label: str, href: str = "", kind: str = "secondary", **more: str) -> Context:
    """A link (``href``) or a button. kind: primary, secondary, plain, danger; size: small, large.

    ``name``, ``value``, ``type``, ``form``, ``dialog`` (id of the dialog it opens) and ``hint``
    (read out after the label) are passed on. One primary button per decision.
    """
    size = more.get("size", "")
    if kind not in KINDS or size not in SIZES:
        raise template.TemplateSyntaxError(f"button: no kind {kind!r} of size {size!r}.")
    classes = " ".join(f"button-{word}" for word in (kind, size) if word)
    return {"label": label, "href": href, "classes": classes, "type": "submit", **more}


@register.inclusion_tag(component("act"), takes_context=True)
def act(context: Context, act: Act, kind: str = "secondary", size: str = "") -> Context:
    """An ``Act``: a link, or a form with one button that posts."""
    return {"act": act, "kind": kind, "size": size, "csrf_token": context.get("csrf_token", "")}


@register.inclusion_tag(component("menu"), takes_context=True)
def menu_button(context: Context, label: str, acts: Sequence[Act], size: str = "") -> Context:
    """A button that opens a small menu of acts."""
    csrf_token = context.get("csrf_token", "")
    return {"label": label, "acts": acts, "size": size, "csrf_token": csrf_token}


@register.inclusion_tag(component("export_menu"))
def export_menu(csv_url: str = "", json_url: str = "") -> Context:
    """A menu of the files that hold all pages of a list; nothing where there is no file."""
    return {"csv_url": csv_url, "json_url": json_url}


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """A native dialog; a ``button`` with ``dialog=name`` opens it."""
    values = {"content": content, "name": name, "title": title}
    return render_to_string(component("dialog"), values)


# -- status -------------------------------------------------------------------------------------


@register.inclusion_tag(component("badge"))
def badge(word: str | Badge, tone: str = "quiet", shape: str = "") -> Context:
    """A status: shape, word and tone. Takes a ``Badge`` or the three as text."""
    if not isinstance(word, Badge):
        word = Badge(str(word), Tone(tone), Shape(shape) if shape else None)
    return {"badge": word}


@register.inclusion_tag(component("turn"), takes_context=True)
def turn_panel(context: Context, turn: Turn) -> Context:
    """Whose turn it is, since when, until when, and the one act."""
    return {"turn": turn, "csrf_token": context.get("csrf_token", "")}


@register.inclusion_tag(component("blocked"))
def blocked(items: Blocked | Sequence[Blocked]) -> Context:
    """What is not possible yet, each with its reason."""
    return {"items": [items] if isinstance(items, Blocked) else items}


@register.inclusion_tag(component("steps"))
def stepper(steps: Sequence[Step], label: str = "Steps") -> Context:
    """Where a record stands on its path."""
    return {"steps": steps, "label": label}


@register.inclusion_tag(component("meter"))
def meter(value: Meter) -> Context:
    """'18 of 24', a bar, and what is missing."""
    return {"meter": value}


@register.inclusion_tag(component("progress"), takes_context=True)
def progress(context: Context, job: JobProgress) -> Context:
    """A job: how far, cancel, result. Polls ``poll_url`` while open and when htmx is there."""
    return {"job": job, "csrf_token": context.get("csrf_token", "")}


# -- finding the way ----------------------------------------------------------------------------


@register.inclusion_tag(component("crumbs"))
def crumbs(items: Sequence[Crumb]) -> Context:
    return {"crumbs": items}


@register.inclusion_tag(component("tabs"))
def tabs(items: Sequence[Tab], label: str) -> Context:
    """Links to the parts of a record or list, with counts; ``label`` names the set.

    Each leads to where the focus goes on: one with a query to the count of its list, others to
    the heading of their part.
    """
    return {"tabs": [(tab, links.leading(tab.url)) for tab in items], "label": label}


@register.inclusion_tag(component("chips"))
def chips(items: Sequence[Chip], label: str = "Filters") -> Context:
    """Filters: those that hold can be taken off, the others put on."""
    return {"chips": items, "label": label}


@register.inclusion_tag(component("pager"), takes_context=True)
def pager(context: Context, page: Page[Any], csv_url: str = "", label: str = "Pages") -> Context:
    """Where in the list, previous, next, and the same rows as CSV."""
    params = context["request"].GET
    sides = (("previous", page.previous), ("next", page.next))
    urls = {f"{side}_url": links.with_cursor(params, at) for side, at in sides if at}
    return {"page": page, "csv_url": csv_url, "label": label, **urls}


@register.inclusion_tag(component("found"))
def found(page: Page[Any], label: str) -> Context:
    """How many there are and which of them are shown; takes the focus when the list changes."""
    return {"page": page, "label": label}


# -- containers ---------------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: str, title: str = "", note: str = "", link: str = "", url: str = ""
) -> SafeString:
    """One thought: heading, a quiet remark or a link beside it, content."""
    values = {"content": content, "title": title, "note": note, "link": link, "url": url}
    return render_to_string(component("card"), values)


@register.simple_block_tag
def callout(content: str, tone: str = "info", title: str = "") -> SafeString:
    """A remark that must be seen: tone info, ok, warn or bad."""
    values = {"content": content, "badge": Badge("", Tone(tone)), "title": title}
    return render_to_string(component("callout"), values)


@register.inclusion_tag(component("empty_state"))
def empty_state(title: str, text: str = "", label: str = "", url: str = "") -> Context:
    """What would be here, and how to get it."""
    return {"title": title, "text": text, "label": label, "url": url}


@register.inclusion_tag(component("messages"))
def messages(items: Sequence[Any], takes_focus: bool = True) -> Context:
    """Django's messages: good news, warnings, faults.

    They take the focus when the page opens: a live region that is there from the start is not
    read out. A page that shows them as an example keeps the focus where it is.
    """
    shown = [(m, Badge("", MESSAGE_TONES.get(m.level_tag, Tone.INFO))) for m in items or ()]
    return {"messages": shown, "takes_focus": takes_focus}


# -- data ---------------------------------------------------------------------------------------


@register.inclusion_tag(component("facts"))
def facts(items: Sequence[Fact]) -> Context:
    return {"facts": items}


@register.inclusion_tag(component("table"), takes_context=True)
def table(
    context: Context,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    sort: str = "",
    density: str = "",
    form: str = "",
    keys: Sequence[object] = (),
) -> Context:
    """A table. Cells are plain values or ``Cell``; the first of each row is its heading.

    density: '' makes each row a block where there is little room, with the sorts in a menu;
    'tight', for figures, scrolls sideways inside its own region. ``form`` adds boxes named 'row'
    that belong to the ``bulk_bar`` of that id and carry ``keys``, one for each row.
    """
    heads = [_head(context, column, sort) for column in columns]
    lines = [
        {
            "key": key,
            "cells": [(_cell(value), column) for value, column in zip(row, columns, strict=True)],
        }
        for row, key in zip(rows, keys or [""] * len(rows), strict=True)
    ]
    return {
        "caption": caption,
        "heads": heads,
        "sorts": [head for head in heads if head["url"]],
        "lines": lines,
        "density": density,
        "form": form,
    }


@register.inclusion_tag(component("sort_header"), takes_context=True)
def sort_header(context: Context, label: str, key: str, sort: str, number: bool = False) -> Context:
    """A column heading that sorts: ``key`` in the address, ``sort`` the order that holds."""
    return {"head": _head(context, Column(label, key, is_number=number), sort)}


@register.inclusion_tag(component("worklist"))
def worklist(items: Sequence[Work], name: str = "row", form: str = "") -> Context:
    """Acts that wait, with boxes for bulk acts named ``name`` that belong to the form ``form``."""
    return {"items": items, "name": name, "form": form}


@register.simple_block_tag(takes_context=True)
def bulk_bar(context: Context, content: str, form: str, action: str = "") -> SafeString:
    """Acts on the ticked rows: draws the form with the id ``form``, its buttons are the content."""
    values = {"content": content, "form": form, "action": action}
    return render_to_string(component("bulk_bar"), values, request=context.get("request"))


@register.inclusion_tag(component("search_box"), takes_context=True)
def search_box(context: Context, label: str, placeholder: str = "", name: str = "q") -> Context:
    """The search field of a list; keeps the filters and the sort that hold."""
    params = context["request"].GET
    kept = [
        (key, value)
        for key, values in params.lists()
        for value in values
        if key not in {name, links.CURSOR}
    ]
    return {
        "label": label,
        "placeholder": placeholder,
        "name": name,
        "kept": kept,
        "value": params.get(name, ""),
    }


@register.inclusion_tag(component("filter_menu"))
def filter_menu(label: str, choices: Sequence[Chip]) -> Context:
    """A filter of which one value is chosen: links with their counts, what holds is marked."""
    return {"label": label, "choices": choices, "n_held": sum(bool(c.remove_url) for c in choices)}


@register.simple_block_tag
def filter_form(
    content: str,
    kept: Sequence[tuple[str, object]] = (),
    n_held: int = 0,
    bare_url: str = "",
) -> SafeString:
    """The filters of a list, ticked together and applied at once; where little room, one sheet.

    ``kept`` are the values of the address that it does not ask for; the content is ``filter_ticks``.
    """
    values = {"content": content, "kept": kept, "n_held": n_held, "bare_url": bare_url}
    return render_to_string(component("filter_form"), values)


@register.inclusion_tag(component("filter_ticks"))
def filter_ticks(label: str, name: str, choices: Sequence[Choice]) -> Context:
    """A filter of which several values may be ticked, inside a ``filter_form``."""
    n_held = sum(choice.is_held for choice in choices)
    return {"label": label, "name": name, "choices": choices, "n_held": n_held}


@register.inclusion_tag(component("trail"))
def trail(entries: Sequence[TrailEntry], filters: Sequence[Chip] = (), url: str = "") -> Context:
    """What happened, newest first."""
    return {"entries": entries, "filters": filters, "url": url}


@register.inclusion_tag(component("diff"))
def diff(before: object, after: object) -> Context:
    """Two values as one text, with what went and what came."""
    return {"pieces": wording.difference(_text(before), _text(after))}


@register.inclusion_tag(component("comparison"))
def comparison(
    changes: Sequence[Change], before: str = "Before", after: str = "After", *, is_edit: bool = True
) -> Context:
    """Field by field, two things side by side: the versions of one, or two that are no edit."""
    lines = [(c, wording.difference(_text(c.before), _text(c.after))) for c in changes]
    return {"lines": lines, "before": before, "after": after, "is_edit": is_edit}


@register.inclusion_tag(component("key_figures"))
def key_figures(figures: Sequence[KeyFigure]) -> Context:
    return {"figures": figures}


@register.inclusion_tag(component("bar_chart"))
def bar_chart(title: str, rows: Sequence[Bar]) -> Context:
    """Bars with their numbers; it is its own table."""
    return {"title": title, "bars": charts.bars(rows)}


@register.inclusion_tag(component("trend_chart"))
def trend_chart(
    title: str,
    points: Sequence[Point],
    target: float | None = None,
    target_label: str = "",
    from_zero: bool = True,
) -> Context:
    """A line over time with its intervals; ``title`` says the finding. Put the table beside it."""
    drawn = charts.trend(points, target=target, from_zero=from_zero)
    return {"title": title, "trend": drawn, "target_label": target_label}


@register.inclusion_tag(component("sparkline"))
def sparkline(title: str, values: Sequence[float]) -> Context:
    """A word-sized line; ``title`` says in words what it shows."""
    points = [Point("", value) for value in values]
    return {"title": title, "trend": charts.trend(points, from_zero=False)}


# -- forms --------------------------------------------------------------------------------------


@register.inclusion_tag("ui/forms/sections.html")
def form_body(form: BaseForm) -> Context:
    """The fields of a form by section, without summary and buttons."""
    return {"form": form, "sections": ui_forms.bound_sections(form)}


@register.inclusion_tag(component("error_summary"))
def error_summary(*forms: BaseForm) -> Context:
    """What is wrong, each line a link to its field; takes the focus."""
    return {"faults": [fault for form in forms for fault in ui_forms.faults(form)]}


@register.filter
def field_kind(bound: BoundField) -> str:
    return ui_forms.kind(bound)


# -- wording ------------------------------------------------------------------------------------


@register.filter
def day(value: date | datetime | str | None) -> str:
    return wording.day(value)


@register.filter
def moment(value: datetime | date | None) -> str:
    return wording.moment(value)


@register.filter
def since(value: datetime | date | None, now: datetime | None = None) -> str:
    return wording.since(value, now or timezone.now())


@register.filter
def thousands(value: float | None) -> str:
    return wording.thousands(value)


@register.filter
def filesize(n_bytes: int | None) -> str:
    return wording.filesize(n_bytes)


@register.filter
def initials(name: str) -> str:
    """Return up to two letters that stand for a person: first and last word."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


def _head(context: Context, column: Column, sort: str) -> dict[str, Any]:
    key = column.sort_key
    request = context.get("request")
    held = {key: "ascending", f"-{key}": "descending"}.get(sort, "") if key else ""
    url = links.turned_sort(request.GET, key, sort) if key and request else ""
    return {"column": column, "direction": held, "url": url}


def _cell(value: object) -> Cell:
    return value if isinstance(value, Cell) else Cell(wording.NOT_GIVEN if value is None else value)


def _text(value: object) -> str:
    return "" if value is None else str(value)
