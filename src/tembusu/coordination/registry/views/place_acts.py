"""Decisions on names of locations, and undoing them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from tembusu.coordination.registry import forms
from tembusu.coordination.registry.actions import places as actions
from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import labels
from tembusu.coordination.registry.views.place import prefilled, show
from tembusu.coordination.registry.views.queue import read_queue
from tembusu.coordination.registry.views.undoing import end_offer, offer_undo, read, say_undone
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind

MOST_AT_ONCE = 200


@login_required
@require_http_methods(["GET", "POST"])
def place_settle(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say that a name stands for one organisation."""
    place = selectors.get_place(request.user, pk)
    if request.method != "POST":
        return opened_again(place)
    body = people.get_organisation(request.user, whole(request.POST.get("organisation", "")))
    person: Any = request.user
    try:
        decided = actions.settle_place(
            place=place,
            organisation_id=body.pk,
            by=person,
            at=timezone.now(),
            seen=request.POST.get("seen"),
        )
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect(read_queue(request.POST).place_url(pk))
    offer_undo(request, f"“{place.name}” is {body.name}: settled in {studies(decided)}.", [decided])
    return redirect(after(request, place))


@login_required
@require_http_methods(["GET", "POST"])
def place_reject(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say that a name stands for no institution, with the reason."""
    place = selectors.get_place(request.user, pk)
    if request.method != "POST":
        return opened_again(place)
    form = forms.RejectForm(request.POST)
    person: Any = request.user
    if form.is_valid():
        try:
            decided = actions.reject_place(
                place=place,
                by=person,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
                seen=request.POST.get("seen"),
            )
        except Refusal as refusal:
            form.add_error("reason", str(refusal))
            place = selectors.get_place(request.user, pk)
        else:
            said = f"“{place.name}” stands for no institution, in {studies(decided)}."
            offer_undo(request, said, [decided])
            return redirect(after(request, place))
    return show(request, place, form, forms.NewOrganisationForm(initial=prefilled(place)))


@login_required
@require_http_methods(["GET", "POST"])
def place_register(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Register the institution that a name stands for, and settle the name with it."""
    place = selectors.get_place(request.user, pk)
    if request.method != "POST":
        return opened_again(place)
    form = forms.NewOrganisationForm(request.POST)
    person: Any = request.user
    if form.is_valid():
        given = form.cleaned_data
        try:
            decided = actions.settle_with_new(
                place=place,
                kind=OrganisationKind(given["kind"]),
                name=given["name"],
                city=given["city"],
                country=given["country"],
                by=person,
                at=timezone.now(),
                seen=request.POST.get("seen"),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            place = selectors.get_place(request.user, pk)
        else:
            name = decided.place.organisation
            said = f"{name} is registered, and “{place.name}” is settled in {studies(decided)}."
            offer_undo(request, said, [decided])
            return redirect(after(request, place))
    return show(request, place, forms.RejectForm(), form)


@login_required
@require_POST
def place_accept_many(request: HttpRequest) -> HttpResponseBase:
    """Accept the proposals of the ticked names, all as one act."""
    selectors.check_sees_places(request.user)
    ids = [whole(one) for one in request.POST.getlist("row")[:MOST_AT_ONCE]]
    rows = selectors.list_places(request.user, state=PlaceState.PROPOSED).filter(pk__in=ids)
    person: Any = request.user
    done = actions.accept_proposals(
        seen={place.pk: selectors.mark(place) for place in rows}, by=person, at=timezone.now()
    )
    if done:
        offer_undo(request, f"{labels.plural(len(done), 'name')} settled, in {in_all(done)}.", done)
    else:
        messages.warning(request, "Nothing was settled: tick names that have a proposal.")
    if done and len(done) < len(ids):
        left = labels.plural(len(ids) - len(done), "name")
        messages.warning(request, f"Left as before, for lack of a proposal now: {left}.")
    return redirect(after(request))


@login_required
@require_POST
def place_undo(request: HttpRequest) -> HttpResponseBase:
    """Put names back to what they meant before they were decided."""
    selectors.check_sees_places(request.user)
    seen = read(request.POST.getlist("decision")[:MOST_AT_ONCE])
    end_offer(request)
    person: Any = request.user
    try:
        done = actions.undo_decisions(seen=seen, by=person, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect(after(request))
    say_undone(request, done)
    return redirect(after(request))


def opened_again(place: Place) -> HttpResponseBase:
    """Lead who opens the address of a decision, as after a reload, to the page of the name."""
    return redirect("registry:place", pk=place.pk)


def whole(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


def after(request: HttpRequest, place: Place | None = None) -> str:
    """Return where to go on: the page from which it was decided, or the next name of its queue."""
    back = request.POST.get("back", "")
    if back.startswith("/places/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    queue = read_queue(request.POST)
    return queue.url_after(request.user, place) if place else queue.list_url


def studies(decided: actions.Decided) -> str:
    return labels.plural(decided.n_studies, "study", "studies")


def in_all(done: list[actions.Decided]) -> str:
    """Return in how many studies several names occur; one that has two of them counts once."""
    n = len({pk for one in done for pk in one.study_ids})
    return labels.plural(n, "study", "studies")
