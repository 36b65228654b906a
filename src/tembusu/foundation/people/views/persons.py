"""Somebody's account, as the platform administrator looks after it."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, forms, permissions, selectors, sign_in
from tembusu.foundation.people.models import Person
from tembusu.foundation.people.terms import Role
from tembusu.foundation.people.views.organisations import person_of
from tembusu.foundation.ui.terms import Badge, Blocked, Cell, Column, Crumb, Fact, Tone
from tembusu.foundation.ui.wording import day

ROLE_COLUMNS = [Column("Role"), Column("Held at"), Column("Since")]


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = selectors.get_account(request.user, pk)
    if person.pk == request.user.pk:
        return redirect("people:account")
    held = list(selectors.own_memberships(person))
    places = selectors.name_scopes(row.scope for row in held)
    has_factor = sign_in.has_second_factor(person)
    values = {
        "person": person,
        "crumbs": [Crumb("Accounts"), Crumb(person.full_name)],
        "facts": facts_of(person),
        "factor": Badge("On", Tone.OK) if has_factor else Badge("Off", Tone.QUIET),
        "has_factor": has_factor,
        "role_columns": ROLE_COLUMNS,
        "roles": [
            [
                Role(row.role).label,
                Cell(places[row.scope_id].name, url=places[row.scope_id].url),
                day(row.granted_at),
            ]
            for row in held
        ],
    }
    return render(request, "people/person.html", values)


def facts_of(person: Person) -> list[Fact]:
    return [
        Fact("Name", person.full_name),
        Fact("E-mail address", person.email),
        Fact("Registered", day(person.registered_at)),
        Fact("Account", "open" if person.is_active else "closed"),
    ]


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
    url = reverse("people:person", args=[pk])
    values = {
        "form": form,
        "crumbs": [Crumb(person.full_name, url), Crumb("Second factor")],
        "person": person,
        "facts": facts_of(person),
        "question": f"Take away the second factor of {person.full_name}?",
        "submit_label": "Take it away",
        "cancel_url": url,
        "blocked": []
        if sign_in.has_second_factor(person)
        else [Blocked("Take it away", "This account has no second factor.")],
    }
    return render(request, "people/second_factor_reset.html", values)
