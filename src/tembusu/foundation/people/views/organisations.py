"""The list of bodies, one body, and what may be done with it."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, forms, permissions, selectors
from tembusu.foundation.people.models import Organisation, OrganisationName
from tembusu.foundation.people.terms import DatedName, NameKind, OrganisationKind
from tembusu.foundation.ui import links, paging
from tembusu.foundation.ui.countries import country_name
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import (
    Act,
    Badge,
    Blocked,
    Cell,
    Chip,
    Column,
    Crumb,
    Fact,
    Tab,
    Tone,
)
from tembusu.foundation.ui.wording import day

PAGE = 50
SORTS = {
    "name": paging.Sort("name", "name"),
    "city": paging.Sort("city", "city"),
    "country": paging.Sort("country", "country"),
}
LIST = Crumb("Organisations", "/people/organisations/")


# -- list ---------------------------------------------------------------------------------------


def chosen_sort(params: Any) -> paging.Sort:
    """Return the sort that the address names, by name where it names none that we have."""
    wanted = params.get(links.SORT, "name")
    sort = SORTS.get(wanted.removeprefix("-"), SORTS["name"])
    return sort.reversed() if wanted.startswith("-") and wanted[1:] in SORTS else sort


def chosen_rows(request: HttpRequest) -> QuerySet[Organisation]:
    """Return the rows that the address asks for, within what the reader may see."""
    kinds = [kind for kind in request.GET.getlist("kind") if kind in set(OrganisationKind)]
    return selectors.list_organisations(
        request.user,
        text=request.GET.get("q", "").replace("\0", ""),
        kinds=[OrganisationKind(kind) for kind in kinds],
        countries=[code.upper() for code in request.GET.getlist("country")],
    )


@login_required
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    rows, sort = chosen_rows(request), chosen_sort(request.GET)
    try:
        page = paging.fetch(
            rows.select_related("parent"),
            sort,
            after=request.GET.get(links.CURSOR, ""),
            size=PAGE,
            count=paging.count_capped(rows),
        )
    except paging.CursorError as fault:
        raise Http404(str(fault)) from fault
    values = {
        "page": page,
        "sort": sort.name,
        "columns": LIST_COLUMNS,
        "rows": [list_line(row) for row in page.rows],
        "filters": held_filters(request),
        "kinds": choices(request, "kind", OrganisationKind.choices()),
        "countries": choices(request, "country", named_countries(request)),
        "csv_url": f"{reverse('people:organisations_export')}?{request.GET.urlencode()}",
        "why_not": selectors.why_not(request.user, permissions.REGISTER_ORGANISATION),
        "is_narrowed": bool(request.GET),
    }
    return render(request, "people/organisations.html", values)


LIST_COLUMNS = [
    Column("Name", "name"),
    Column("Kind"),
    Column("Country", "country"),
    Column("City", "city"),
    Column("Belongs to"),
]


def list_line(row: Organisation) -> list[object]:
    note = "" if row.is_active else "closed"
    return [
        Cell(row.name, note=note, url=reverse("people:organisation", args=[row.pk])),
        OrganisationKind(row.kind).label,
        Cell(country_name(row.country), note=row.country),
        row.city,
        row.parent.name if row.parent else "",
    ]


def named_countries(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the countries to choose from, by name."""
    codes = selectors.countries_of(request.user)
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: pair[1])


def choices(request: HttpRequest, name: str, pairs: Sequence[tuple[str, str]]) -> list[Chip]:
    """Return a filter's choices as links that put each on or take it off."""
    held = request.GET.getlist(name)
    made = []
    for value, label in pairs:
        if value in held:
            made.append(Chip(label, remove_url=links.without_value(request.GET, name, value)))
        else:
            made.append(Chip(label, url=links.with_another(request.GET, name, value)))
    return made


def held_filters(request: HttpRequest) -> list[Chip]:
    """Return the filters that hold as chips that take them off."""
    chips = []
    if text := request.GET.get("q", "").strip():
        label = "Name begins with" if len(text) < 3 else "Name holds"
        if not selectors.is_called(request.user, text.replace("\0", "")):
            label = "Name is like"
        chips.append(Chip(label, text, remove_url=links.with_values(request.GET, q="")))
    for name, label in (("kind", "Kind"), ("country", "Country")):
        for value in request.GET.getlist(name):
            url = links.without_value(request.GET, name, value)
            chips.append(Chip(label, shown_value(name, value), remove_url=url))
    return chips


def shown_value(name: str, value: str) -> str:
    if name == "kind" and value in set(OrganisationKind):
        return OrganisationKind(value).label
    return country_name(value) if name == "country" else value


@login_required
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream exactly the rows that the list shows, all pages of them, in its order."""
    rows = chosen_rows(request).select_related("parent")
    ordered = rows.order_by(*paging.order_by(chosen_sort(request.GET)))
    heading = ("name", "kind", "country", "city", "belongs_to", "ror_id")
    return csv_response("organisations.csv", heading, _cells(ordered))


def _cells(rows: QuerySet[Organisation]) -> Iterator[list[str]]:
    for row in rows.iterator(chunk_size=2000):
        parent = row.parent.name if row.parent else ""
        yield [row.name, row.kind, row.country, row.city, parent, row.ror_id or ""]


# -- one body -----------------------------------------------------------------------------------


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    body = selectors.get_organisation(request.user, pk)
    parts = selectors.list_organisations(request.user, parent=body).order_by("name", "pk")
    n_parts = paging.count_capped(parts)
    values = {
        "organisation": body,
        "crumbs": [LIST, Crumb(body.name)],
        "tabs": tabs(request, body, "overview"),
        "kind": OrganisationKind(body.kind).label,
        "country": country_name(body.country),
        "facts": body_facts(request, body),
        "names": [name_line(row) for row in selectors.list_names(body)],
        "name_columns": NAME_COLUMNS,
        "parts": parts[:PAGE],
        "n_parts": n_parts,
        "acts": possible(request, body),
        "blocked": impossible(request, body),
    }
    return render(request, "people/organisation.html", values)


def tabs(request: HttpRequest, body: Organisation, current: str) -> list[Tab]:
    """Return the parts of a body's record; members only where the reader may see them."""
    made = [
        Tab("Overview", reverse("people:organisation", args=[body.pk]), None, current == "overview")
    ]
    if selectors.may(request.user, permissions.SEE_MEMBERS, body.scope_id):
        n_members = selectors.list_memberships(request.user, body.scope_id).count()
        url = reverse("people:members", args=[body.scope_id])
        made.append(Tab("Members and roles", url, n_members, current == "members"))
    made.append(Tab("Trail", reverse("core:trail", args=["organisation", body.pk])))
    return made


def body_facts(request: HttpRequest, body: Organisation) -> list[Fact]:
    parent = body.parent
    sees = parent is not None and (
        selectors.list_organisations(request.user).filter(pk=parent.pk).exists()
    )
    parent_url = reverse("people:organisation", args=[parent.pk]) if parent and sees else ""
    ror_url = f"https://ror.org/{body.ror_id}" if body.ror_id else ""
    return [
        Fact("Kind", OrganisationKind(body.kind).label),
        Fact("Belongs to", parent.name if parent else "no other organisation", url=parent_url),
        Fact("Country", country_name(body.country)),
        Fact("City", body.city),
        Fact("ROR id", body.ror_id or "", url=ror_url),
        Fact("Registered here", day(body.registered_at)),
    ]


NAME_COLUMNS = [Column("Name"), Column("What it is"), Column("From"), Column("Until")]


def name_line(row: OrganisationName) -> list[object]:
    kind = NameKind(row.kind)
    tone = Tone.OK if kind is NameKind.OFFICIAL else Tone.QUIET
    still = "not known" if kind is NameKind.FORMER else "still in use"
    until = day(row.valid_to) if row.valid_to else still
    began = day(row.valid_from) if row.valid_from else "not known"
    return [row.name, Cell("", badge=Badge(kind.label, tone)), began, until]


ACTS = (
    (permissions.RENAME_ORGANISATION, "Rename", "people:organisation_rename"),
    (permissions.ADD_ALIAS, "Add a name", "people:organisation_add_name"),
    (permissions.PLACE_ORGANISATION, "Change what it belongs to", "people:organisation_place"),
)


def possible(request: HttpRequest, body: Organisation) -> list[Act]:
    return [
        Act(label, reverse(name, args=[body.pk]))
        for permission, label, name in ACTS
        if selectors.may(request.user, permission, body.scope_id)
    ]


def impossible(request: HttpRequest, body: Organisation) -> list[Blocked]:
    """Return what the reader can't do here, each with its reason."""
    reasons = [
        Blocked(label, why)
        for permission, label, _ in ACTS
        if (why := selectors.why_not(request.user, permission, body.scope_id))
    ]
    if why := selectors.why_not(request.user, permissions.SEE_MEMBERS, body.scope_id):
        reasons.append(Blocked("See members and roles", why))
    return reasons


# -- acts ---------------------------------------------------------------------------------------


PARENTS_OFFERED = 12


def possible_parents(request: HttpRequest, text: str) -> list[Organisation]:
    """Return the bodies of this name to which others may belong, within what the reader may see."""
    rows = selectors.list_organisations(request.user, text=text, kinds=permissions.PARENT_KINDS)
    ordered = rows.order_by("name", "pk")
    return list(ordered.filter(name__iexact=text)[:PARENTS_OFFERED] or ordered[:PARENTS_OFFERED])


@login_required
def register(request: HttpRequest) -> HttpResponse:
    selectors.check(request.user, permissions.REGISTER_ORGANISATION)
    form = forms.OrganisationForm(request.POST or None, find=partial(possible_parents, request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        acronym = given["acronym"]
        names = [DatedName(acronym, NameKind.ACRONYM)] if acronym else []
        try:
            body = actions.register_organisation(
                kind=OrganisationKind(given["kind"]),
                name=given["name"],
                country=given["country"],
                city=given["city"],
                ror_id=given["ror_id"],
                parent=given["parent"],
                named_since=given["named_since"],
                other_names=names,
                by=person_of(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{body.name} is registered.")
            return redirect("people:organisation", pk=body.pk)
    values = {
        "form": form,
        "crumbs": [LIST, Crumb("Register")],
        "title": "Register an organisation",
        "submit_label": "Register",
        "cancel_url": reverse("people:organisations"),
    }
    return render(request, "people/form.html", values)


def person_of(request: HttpRequest) -> Any:
    """Return the signed-in person; views behind ``login_required`` only."""
    return request.user


def _body_form(
    request: HttpRequest, body: Organisation, form: django_forms.Form, title: str, submit: str
) -> HttpResponse:
    url = reverse("people:organisation", args=[body.pk])
    values = {
        "form": form,
        "crumbs": [LIST, Crumb(body.name, url), Crumb(title)],
        "title": title,
        "lead": body.name,
        "submit_label": submit,
        "cancel_url": url,
    }
    return render(request, "people/form.html", values)


def _done(request: HttpRequest, body: Organisation, text: str) -> HttpResponseRedirect:
    messages.success(request, text)
    return redirect("people:organisation", pk=body.pk)


@login_required
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    body = selectors.get_organisation(request.user, pk)
    selectors.check(request.user, permissions.RENAME_ORGANISATION, body.scope_id)
    today: date = timezone.localdate()
    form = forms.RenameForm(request.POST or None, initial={"name": body.name, "on": today})
    if request.method == "POST" and form.is_valid():
        try:
            renamed = actions.rename_organisation(
                organisation=body, **form.cleaned_data, by=person_of(request), at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, body, f"The new name is {renamed.name}.")
    return _body_form(request, body, form, "Rename", "Record the new name")


@login_required
def add_name(request: HttpRequest, pk: int) -> HttpResponse:
    body = selectors.get_organisation(request.user, pk)
    selectors.check(request.user, permissions.ADD_ALIAS, body.scope_id)
    form = forms.AliasForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "kind": NameKind(form.cleaned_data["kind"])}
        try:
            actions.add_alias(organisation=body, **given, by=person_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, body, f"{body.name} is now also found as {given['name']}.")
    return _body_form(request, body, form, "Add a name", "Add the name")


@login_required
def place(request: HttpRequest, pk: int) -> HttpResponse:
    body = selectors.get_organisation(request.user, pk)
    selectors.check(request.user, permissions.PLACE_ORGANISATION)
    form = forms.PlaceForm(
        request.POST or None,
        initial={"parent": body.parent.name if body.parent else ""},
        find=partial(possible_parents, request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.place_organisation(
                organisation=body, **form.cleaned_data, by=person_of(request), at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, body, f"{body.name} has its new place.")
    return _body_form(request, body, form, "Change what it belongs to", "Record the place")
