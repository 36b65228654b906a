"""Which organisation here is the regulator, board or cluster that the pack names."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import actions, permissions, selectors
from tembusu.foundation.jurisdictions.actions.bodies import FITTING
from tembusu.foundation.jurisdictions.forms import TieForm, UntieForm
from tembusu.foundation.jurisdictions.models import AuthorityBody
from tembusu.foundation.jurisdictions.selectors import browse
from tembusu.foundation.jurisdictions.terms import Authority
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.terms import Badge, Blocked, Cell, Column, Crumb, Shape, Tone
from tembusu.foundation.ui.wording import day

LIST = Crumb("Bodies", "/reference-data/bodies/")
OFFERED = 12
COLUMNS = [
    Column("In the rules"),
    Column("Kind"),
    Column("Organisation here"),
    Column("Standing"),
    Column("Act", is_hidden_label=True),
]


@login_required
@require_safe
def body_list(request: HttpRequest) -> HttpResponse:
    ties = browse.list_ties(request.user)
    why = people.why_not(request.user, permissions.TIE)
    found = selectors.authorities(timezone.localdate())
    context = {
        "columns": COLUMNS if not why else COLUMNS[:-1],
        "rows": [_row(one, ties.get(one.key), may_tie=not why) for one in found],
        "n_open": sum(one.key not in ties for one in found),
        "blocked": [Blocked("Say which organisation a body is", why)] if why else [],
    }
    return render(request, "jurisdictions/bodies.html", context)


def _row(authority: Authority, tied: AuthorityBody | None, *, may_tie: bool) -> list[object]:
    item_url = reverse("jurisdictions:item", args=["authorities", authority.key])
    row: list[object] = [
        Cell(authority.name, note=authority.short, url=item_url),
        authority.kind.label,
        Cell(
            tied.organisation.name if tied else "none yet",
            note=f"since {day(tied.tied_at)}" if tied else "",
        ),
        Cell("", badge=Badge("Tied", Tone.OK, Shape.TICK) if tied else Badge("Not tied")),
    ]
    if may_tie:
        url = reverse("jurisdictions:body_tie", args=[authority.key])
        row.append(Cell("Change" if tied else "Tie", url=url, hint=authority.name))
    return row


def _authority(request: HttpRequest, key: str) -> Authority:
    browse.check_sees(request.user)
    found = selectors.authority(key, timezone.localdate())
    if found is None:
        raise Http404("No such body.")
    return found


def _fitting(request: HttpRequest, authority: Authority, text: str) -> list[Any]:
    rows = people.list_organisations(request.user, text=text, kinds=FITTING[authority.kind])
    ordered = rows.order_by("name", "pk")
    return list(ordered.filter(name__iexact=text)[:OFFERED] or ordered[:OFFERED])


@login_required
@require_http_methods(["GET", "POST"])
def tie(request: HttpRequest, key: str) -> HttpResponse:
    authority = _authority(request, key)
    people.check(request.user, permissions.TIE)
    form = TieForm(request.POST or None, find=partial(_fitting, request, authority))
    if request.method == "POST" and form.is_valid() and form.cleaned_data["body"]:
        given, person = form.cleaned_data, request.user
        try:
            row = actions.tie_body(
                authority=key,
                organisation=given["body"],
                reason=given["reason"],
                by=person,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{row.organisation.name} is {authority.name} here.")
            return redirect("jurisdictions:bodies")
    tied = browse.list_ties(request.user).get(key)
    more = {
        "present": tied.organisation.name if tied else "",
        "untie_url": reverse("jurisdictions:body_untie", args=[key]),
    }
    title = "Tie to an organisation"
    return _form(request, authority, form, title, "Tie them", page="tie", **more)


@login_required
@require_http_methods(["GET", "POST"])
def untie(request: HttpRequest, key: str) -> HttpResponse:
    authority = _authority(request, key)
    people.check(request.user, permissions.TIE)
    form = UntieForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person: Any = request.user
            actions.untie_body(
                authority=key, reason=form.cleaned_data["reason"], by=person, at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"No organisation is {authority.name} here any more.")
            return redirect("jurisdictions:bodies")
    return _form(request, authority, form, "Untie from its organisation", "Untie them")


def _form(
    request: HttpRequest,
    authority: Authority,
    form: Any,
    title: str,
    submit: str,
    *,
    page: str = "form",
    **more: str,
) -> HttpResponse:
    context = {
        **more,
        "form": form,
        "title": title,
        "lead": f"{authority.name} ({authority.kind.label.lower()})",
        "crumbs": [LIST, Crumb(authority.short), Crumb(title)],
        "submit_label": submit,
        "cancel_url": LIST.url,
    }
    return render(request, f"jurisdictions/{page}.html", context)
