"""Extracts: one's own, and the way of a new one from the file to its mapping."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange import actions, forms, permissions, reading, terms
from tembusu.foundation.exchange.models import Extract
from tembusu.foundation.exchange.rules import Layout, Proposal
from tembusu.foundation.exchange.selectors import extracts as selectors
from tembusu.foundation.exchange.selectors import layouts
from tembusu.foundation.exchange.terms import (
    DateOrder,
    DateReader,
    ExtractState,
    MappedBy,
    Purpose,
)
from tembusu.foundation.exchange.views import paged
from tembusu.foundation.ui.terms import Badge, Cell, Column, Crumb, Shape, Tone

HOME = Crumb("Extracts", "/extracts/")
COLUMNS = [
    Column("File"),
    Column("What it holds"),
    Column("State"),
    Column("Sent"),
    Column("Rows", is_number=True),
    Column("Refused", is_number=True),
]
BADGES = {
    ExtractState.SENT: Badge("To be mapped", Tone.TURN),
    ExtractState.CHECKING: Badge("Being checked", Tone.INFO),
    ExtractState.CHECKED: Badge("Waits for you", Tone.TURN),
    ExtractState.TAKING: Badge("Being taken", Tone.INFO),
    ExtractState.STOPPED: Badge("Stopped", Tone.WARN, Shape.PAUSE),
    ExtractState.DISCARDED: Badge("Laid aside", Tone.QUIET),
}


def badge(extract: Extract) -> Badge:
    """Return how an extract stands, in a word."""
    n_refused = extract.counts.get("taken.refused", 0)
    if extract.state != ExtractState.DONE:
        return BADGES[ExtractState(extract.state)]
    if n_refused:
        return Badge(f"Done, {n_refused:,} refused", Tone.WARN, Shape.DIAMOND)
    return Badge("Done", Tone.OK, Shape.TICK)


def title_of(extract: Extract) -> str:
    purpose = terms.get_purpose(extract.purpose)
    return purpose.title if purpose else extract.purpose


@login_required
@require_safe
def extract_list(request: HttpRequest) -> HttpResponse:
    own = selectors.list_extracts(request.user)
    page = paged.fetch(request, own)
    context = {
        "page": page,
        "columns": COLUMNS,
        "rows": [line(extract) for extract in page.rows],
        "purposes": permissions.purposes_of(request.user),
    }
    return render(request, "exchange/extracts/list.html", context)


def line(extract: Extract) -> list[object]:
    from tembusu.foundation.ui.wording import moment

    refused = extract.counts.get("taken.refused", extract.counts.get("refused", 0))
    url = reverse("exchange:extract", args=[extract.pk])
    note = str(extract.organisation) if extract.organisation else ""
    return [
        Cell(extract.name, url=url, note=note),
        title_of(extract),
        Cell("", badge=badge(extract)),
        moment(extract.sent_at),
        f"{extract.n_rows:,}" if extract.n_rows else "–",
        f"{refused:,}" if extract.n_rows else "–",
    ]


@login_required
def extract_new(request: HttpRequest, key: str) -> HttpResponse:
    purpose = selectors.get_purpose(request.user, key)
    bodies = selectors.own_bodies(request.user)
    form = forms.UploadForm(request.POST or None, request.FILES or None, bodies=bodies)
    if request.method == "POST" and form.is_valid():
        sent: Any = form.cleaned_data["file"]
        try:
            extract = actions.send_extract(
                purpose=purpose,
                source=sent.file,
                name=sent.name,
                organisation_id=form.organisation_id,
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("exchange:mapping", pk=extract.pk)
    context = {
        "form": form,
        "purpose": purpose,
        "crumbs": [HOME, Crumb("Send a file")],
        "submit_label": "Send the file",
        "cancel_url": reverse("exchange:extracts"),
    }
    return render(request, "exchange/extracts/new.html", context)


@login_required
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where the file says what; proposed, and kept for next time."""
    extract = selectors.get_extract(request.user, pk)
    if extract.state not in (ExtractState.SENT, ExtractState.CHECKED):
        return redirect("exchange:extract", pk=pk)
    purpose = selectors.get_purpose(request.user, extract.purpose)
    try:
        manner = layouts.with_sheet(extract, request.GET.get("sheet", ""))
        form, context = mapping_form(request, extract, purpose, manner)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("exchange:mapping", pk=pk)
    if request.method == "POST" and form.is_valid():
        try:
            actions.map_extract(
                extract=extract,
                places=form.places,
                date_order=form.date_order,
                sheet=manner.sheet,
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("exchange:extract", pk=pk)
    return render(request, "exchange/extracts/mapping.html", context)


def mapping_form(
    request: HttpRequest, extract: Extract, purpose: Purpose, manner: reading.Manner
) -> tuple[forms.MappingForm, dict[str, Any]]:
    extract.manner = manner.as_json()
    line_no, headers = layouts.headers_of(extract, manner)
    proposals = layouts.proposals_of(extract, headers, purpose)
    order, is_mixed = shown_order(extract, purpose, line_no, headers, proposals)
    saved = selectors.saved_mapping(extract)
    known = DateOrder(saved.date_order) if saved else DateOrder.DAY_FIRST
    form = forms.MappingForm(
        request.POST or None,
        purpose=purpose,
        headers=headers,
        samples=samples_of(extract, manner, line_no, len(headers)),
        proposals=proposals,
        order=order or known,
        has_dates=any(isinstance(one.read, DateReader) for one in purpose.columns),
    )
    context = {
        "form": form,
        "extract": extract,
        "purpose": purpose,
        "header_line": line_no,
        "order": order,
        "is_mixed": is_mixed,
        "sheets": [(one, one == manner.sheet) for one in manner.sheets],
        "n_found": sum(one.place is not None for one in proposals.values()),
        "is_saved": any(one.by is MappedBy.SAVED for one in proposals.values()),
        "crumbs": [HOME, Crumb(extract.name, reverse("exchange:extract", args=[extract.pk]))],
        "submit_label": "Check the rows",
        "cancel_url": reverse("exchange:extracts"),
    }
    return form, context


def shown_order(
    extract: Extract,
    purpose: Purpose,
    line_no: int,
    headers: tuple[str, ...],
    proposals: dict[str, Proposal],
) -> tuple[DateOrder | None, bool]:
    """Return the order in which the file's dates are written, as far as they show it."""
    places = {key: one.place for key, one in proposals.items() if one.place is not None}
    return layouts.date_order_of(extract, purpose, Layout(line_no, headers, places))


def samples_of(extract: Extract, manner: reading.Manner, line_no: int, width: int) -> list[str]:
    """Return for each column of the file the first cell of its first rows that is not empty."""
    rows = reading.rows(selectors.path_of(extract), manner)
    below = list(islice((row for row in rows if row.line > line_no), 20))
    found = []
    for no in range(width):
        cells = (row.cells[no] for row in below if no < len(row.cells) and row.cells[no])
        found.append(next(cells, ""))
    return found
