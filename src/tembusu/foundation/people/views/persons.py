"""Accounts, as the platform administrator looks after them."""

from collections.abc import Iterator
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, forms, permissions, selectors, sign_in
from tembusu.foundation.people.models import Person
from tembusu.foundation.people.terms import Role, ScopeKind, ScopeName
from tembusu.foundation.people.views.organisations import person_of
from tembusu.foundation.ui import links, paging
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Badge, Blocked, Cell, Chip, Column, Crumb, Fact, Tone
from tembusu.foundation.ui.wording import day

PAGE = 50
BY_NAME = paging.Sort("name", "full_name")
LIST = Crumb("Accounts", "/people/persons/")
COLUMNS = [Column("Name", "name"), Column("E-mail address"), Column("Registered"), Column("State")]
ROLE_COLUMNS = [Column("Role"), Column("Held at"), Column("Since")]
STATES = {"open": True, "closed": False}


# -- list -----------------------------------------------------------------------------------------


def chosen_rows(request: HttpRequest) -> QuerySet[Person]:
    selectors.check(request.user, permissions.SEE_ACCOUNTS)
    text = request.GET.get("q", "").replace("\0", "")
    is_open = STATES.get(request.GET.get("state", ""))
    return selectors.list_accounts(request.user, text=text, is_open=is_open)


def chosen_sort(request: HttpRequest) -> paging.Sort:
    return BY_NAME.reversed() if request.GET.get(links.SORT) == "-name" else BY_NAME


@login_required
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    rows, sort = chosen_rows(request), chosen_sort(request)
    try:
        page = paging.fetch(
            rows,
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
        "columns": COLUMNS,
        "rows": [account_line(person) for person in page.rows],
        "filters": held_filters(request),
        "states": [
            Chip(state.capitalize(), url=links.with_values(request.GET, state=state))
            for state in STATES
        ],
        "csv_url": f"{reverse('people:persons_export')}?{request.GET.urlencode()}",
    }
    return render(request, "people/persons.html", values)


def account_line(person: Person) -> list[object]:
    return [
        Cell(person.full_name, url=reverse("people:person", args=[person.pk])),
        person.email,
        day(person.registered_at),
        Cell("", badge=state_badge(person)),
    ]


def state_badge(person: Person) -> Badge:
    return Badge("Open", Tone.OK) if person.is_active else Badge("Closed", Tone.QUIET)


def held_filters(request: HttpRequest) -> list[Chip]:
    chips = []
    if text := request.GET.get("q", "").strip():
        chips.append(Chip("Holds", text, remove_url=links.with_values(request.GET, q="")))
    if (state := request.GET.get("state", "")) in STATES:
        url = links.with_values(request.GET, state="")
        chips.append(Chip("State", state.capitalize(), remove_url=url))
    return chips


@login_required
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream exactly the rows that the list shows, all pages of them, in its order."""
    rows = chosen_rows(request).order_by(*paging.order_by(chosen_sort(request)))
    return csv_response("accounts.csv", ("name", "email", "registered", "state"), _cells(rows))


def _cells(rows: QuerySet[Person]) -> Iterator[list[str]]:
    for person in rows.iterator(chunk_size=2000):
        state = "open" if person.is_active else "closed"
        yield [person.full_name, person.email, day(person.registered_at), state]


# -- one account ----------------------------------------------------------------------------------


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = selectors.get_account(request.user, pk)
    if person.pk == request.user.pk:
        return redirect("people:account")
    has_factor = sign_in.has_second_factor(person)
    values = {
        "person": person,
        "crumbs": [LIST, Crumb(person.full_name)],
        "facts": facts_of(person),
        "state": state_badge(person),
        "is_erased": selectors.is_erased(person),
        "factor": Badge("On", Tone.OK) if has_factor else Badge("Off", Tone.QUIET),
        "has_factor": has_factor,
        "role_columns": ROLE_COLUMNS,
        "roles": role_lines(request, person),
    }
    return render(request, "people/person.html", values)


def role_lines(request: HttpRequest, person: Person) -> list[list[object]]:
    """Return the person's roles; where the reader may not know the place, its kind alone."""
    held = list(selectors.own_memberships(person))
    known = selectors.nameable(request.user, [row.scope for row in held])
    places = selectors.name_scopes(known)
    lines: list[list[object]] = []
    for row in held:
        place = places.get(row.scope_id, ScopeName(f"A {ScopeKind(row.scope.kind).label.lower()}"))
        lines.append([Role(row.role).label, Cell(place.name, url=place.url), day(row.granted_at)])
    return lines


def facts_of(person: Person) -> list[Fact]:
    return [
        Fact("Name", person.full_name),
        Fact("E-mail address", person.email),
        Fact("Registered", day(person.registered_at)),
        Fact("Account", "open" if person.is_active else "closed"),
    ]


# -- acts -----------------------------------------------------------------------------------------


def _decision(person: Person, title: str, form: Any) -> dict[str, Any]:
    url = reverse("people:person", args=[person.pk])
    return {
        "form": form,
        "crumbs": [LIST, Crumb(person.full_name, url), Crumb(title)],
        "person": person,
        "facts": facts_of(person),
        "cancel_url": url,
    }


@login_required
@reauthentication_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    person = selectors.get_account(request.user, pk)
    selectors.check(request.user, permissions.CLOSE_ACCOUNT)
    form = forms.CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_account(
                person=person, by=person_of(request), at=timezone.now(), **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The account of {person.full_name} is closed.")
            return redirect("people:person", pk=pk)
    values = {
        **_decision(person, "Close", form),
        "role_columns": ROLE_COLUMNS,
        "roles": role_lines(request, person),
        "question": f"Close the account of {person.full_name}?",
        "submit_label": "Close the account",
    }
    return render(request, "people/person_close.html", values)


@login_required
@reauthentication_required
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    person = selectors.get_account(request.user, pk)
    selectors.check(request.user, permissions.CLOSE_ACCOUNT)
    form = forms.ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen_account(
                person=person, by=person_of(request), at=timezone.now(), **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The account of {person.full_name} is open again.")
            return redirect("people:person", pk=pk)
    values = {
        **_decision(person, "Open again", form),
        "question": f"Open the account of {person.full_name} again?",
        "submit_label": "Open it again",
    }
    return render(request, "people/person_reopen.html", values)


@login_required
@reauthentication_required
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    person = selectors.get_account(request.user, pk)
    selectors.check(request.user, permissions.RESET_SECOND_FACTOR)
    form = forms.ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reset_second_factor(
                person=person, by=person_of(request), at=timezone.now(), **form.cleaned_data
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{person.full_name} sets up a new one at the next sign-in.")
            return redirect("people:person", pk=pk)
    has_factor = sign_in.has_second_factor(person)
    values = {
        **_decision(person, "Second factor", form),
        "question": f"Take away the second factor of {person.full_name}?",
        "submit_label": "Take it away",
        "blocked": []
        if has_factor
        else [Blocked("Take it away", "This account has no second factor.")],
    }
    return render(request, "people/second_factor_reset.html", values)
