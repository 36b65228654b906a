"""Saved views: keep the list that is open under a name, give it another, let it go."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_POST, require_safe

from tembusu.coordination.registry import forms
from tembusu.coordination.registry.actions import views as actions
from tembusu.coordination.registry.selectors import search
from tembusu.coordination.registry.selectors import views as selectors
from tembusu.coordination.registry.views import filters
from tembusu.coordination.registry.views.filters import Asked
from tembusu.coordination.registry.views.portfolio import LIST, organisation_names, refused
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui.terms import Chip, Crumb

ALL = Crumb("Saved views", "/studies/views/")
WHOSE = {True: "My studies", False: "All studies"}


@login_required
@require_safe
def view_list(request: HttpRequest) -> HttpResponse:
    lines = [(view, said(view.query)) for view in selectors.list_views(request.user)]
    return render(request, "registry/views.html", {"crumbs": [LIST, ALL], "lines": lines})


def said(query: str) -> list[str]:
    """Return in words what a view shows; one whose filters are of an older time says so."""
    params = QueryDict(query)
    try:
        asked = filters.read(params)
    except filters.AddressRefused as refusal:
        return [f"no longer valid: {refusal}"]
    words = (
        [] if not asked.filters.is_mine and asked.is_narrowed else [WHOSE[asked.filters.is_mine]]
    )
    words += [f"“{asked.text}”"] if asked.text else []
    words += [f"{chip.label}: {chip.value}" for chip in held(params, asked)]
    return [*words, filters.sort_label(asked)]


def held(params: QueryDict, asked: Asked) -> list[Chip]:
    return filters.chips(params, asked, organisation_names(asked, {}))


def name_for(params: QueryDict, asked: Asked) -> str:
    """Propose a name: the words as they were understood, then the values of the filters."""
    words = [search.understand(asked.text, mends=asked.mends).mended or asked.text]
    named = {facet.label for facet in filters.FACETS}
    words += [
        chip.value if chip.label in named else f"{chip.label} {chip.value}"
        for chip in held(params, asked)
    ]
    return Truncator(", ".join(word for word in words if word)).chars(actions.LONGEST_NAME)


@login_required
def view_new(request: HttpRequest) -> HttpResponse:
    params = filters.kept(request.GET)
    query = filters.canonical(params)
    try:
        asked = filters.read(params)
    except filters.AddressRefused as refusal:
        return refused(request, str(refusal))
    form = forms.ViewForm(
        request.POST if request.method == "POST" else None,
        initial={"name": name_for(params, asked)},
    )
    taken = ""
    if request.method == "POST" and form.is_valid():
        person: Any = request.user
        try:
            # What is replaced is the view whose name was said, not one that is typed since.
            view = actions.save_view(
                name=form.cleaned_data["name"],
                query=query,
                by=person,
                at=timezone.now(),
                replace=request.POST.get("replace", "") == form.cleaned_data["name"],
            )
        except actions.NameTaken as refusal:
            taken = form.cleaned_data["name"]
            form.add_error("name", str(refusal))
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"Saved as “{view.name}”.")
            return redirect(f"{reverse('registry:studies')}?{view.query}")
    context = {
        "crumbs": [LIST, Crumb("Save this view")],
        "form": form,
        "said": said(query),
        "taken": taken,
        "title": "Save this view",
        "submit_label": "Save the view",
        "cancel_url": f"{reverse('registry:studies')}?{query}",
    }
    return render(request, "registry/view_form.html", context)


@login_required
def view_rename(request: HttpRequest, pk: int) -> HttpResponse:
    view = selectors.get_view(request.user, pk)
    form = forms.ViewForm(
        request.POST if request.method == "POST" else None, initial={"name": view.name}
    )
    if request.method == "POST" and form.is_valid():
        person: Any = request.user
        try:
            actions.rename_view(
                view=view, name=form.cleaned_data["name"], by=person, at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "The view has its new name.")
            return redirect("registry:views")
    context = {
        "crumbs": [LIST, ALL, Crumb("Rename")],
        "form": form,
        "said": said(view.query),
        "title": "Rename this view",
        "submit_label": "Rename the view",
        "cancel_url": reverse("registry:views"),
    }
    return render(request, "registry/view_form.html", context)


@login_required
@require_POST
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = selectors.get_view(request.user, pk)
    person: Any = request.user
    actions.delete_view(view=view, by=person, at=timezone.now())
    messages.success(request, f"“{view.name}” is deleted. The studies are untouched.")
    return redirect("registry:views")
