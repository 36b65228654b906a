"""The review queue: which organisation a location's name stands for, once for all of them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from tembusu.coordination.registry import forms
from tembusu.coordination.registry.actions import places as actions
from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.rules.matching_names import is_placeholder
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import labels
from tembusu.coordination.registry.views.study import fetch
from tembusu.foundation.core import audit, trail
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people_actions
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind
from tembusu.foundation.ui import links
from tembusu.foundation.ui.terms import Badge, Change, Chip, Crumb, Shape, Tab, Tone, TrailEntry

PAGE = 40
MOST_FOUND = 12
MOST_COUNTRIES = 16
OCCURRENCES = 20
LIST = Crumb("Places", "/places/")
BADGES = {
    PlaceState.PROPOSED: Badge("Proposal", Tone.WARN, Shape.DIAMOND),
    PlaceState.UNRESOLVED: Badge("Not resolved", Tone.QUIET, Shape.RING),
    PlaceState.PLACEHOLDER: Badge("No particular place", Tone.QUIET, Shape.SQUARE),
    PlaceState.SETTLED: Badge("Settled", Tone.OK, Shape.TICK),
    PlaceState.REJECTED: Badge("No institution", Tone.QUIET, Shape.SQUARE),
}
TABS = (
    (PlaceState.PROPOSED, "Proposals"),
    (PlaceState.UNRESOLVED, "Not resolved"),
    (PlaceState.PLACEHOLDER, "No particular place"),
    (PlaceState.SETTLED, "Settled"),
    (PlaceState.REJECTED, "No institution"),
)
EMPTY = {
    PlaceState.PROPOSED: "No proposal waits. New ones appear when an import brings a name that is "
    "near to an institution, but not near enough to be sure.",
    PlaceState.UNRESOLVED: "Every name that could be told is settled or proposed.",
    PlaceState.PLACEHOLDER: "Names such as “Research Site” stand here; there are none.",
    PlaceState.SETTLED: "Nothing is settled yet. Register institutions, or decide names.",
    PlaceState.REJECTED: "Nobody has decided that a name stands for no institution.",
}


@login_required
@require_safe
def place_list(request: HttpRequest) -> HttpResponse:
    selectors.check_sees_places(request.user)
    state = chosen_state(request)
    country, text = asked(request, "country"), asked(request, "q")
    rows = selectors.list_places(request.user, state=state, country=country, text=text)
    page = fetch(request, rows, selectors.QUEUE, PAGE)
    lands = selectors.count_countries(request.user, state)
    context = {
        "state": state,
        "page": page,
        "lines": lines(request.user, page.rows),
        "tabs": tabs(request, state),
        "lands": [land(request, name, n, country) for name, n in lands[:MOST_COUNTRIES]],
        "filters": held(request, text, country),
        "is_narrowed": bool(country or text),
        "why_empty": EMPTY[state],
        "may_bulk": state is PlaceState.PROPOSED,
    }
    return render(request, "registry/places/list.html", context)


def chosen_state(request: HttpRequest) -> PlaceState:
    """Return the state that the address names; else proposals, or where there are none the open."""
    given = request.GET.get("state", "")
    if given in set(PlaceState):
        return PlaceState(given)
    waiting = selectors.count_by_state(request.user).get(PlaceState.PROPOSED)
    return PlaceState.PROPOSED if waiting else PlaceState.UNRESOLVED


def asked(request: HttpRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\0", " ").split())[:200]


def tabs(request: HttpRequest, state: PlaceState) -> list[Tab]:
    counts = selectors.count_by_state(request.user)
    start = reverse("registry:places")
    return [
        Tab(label, f"{start}?state={one}", counts.get(one, 0), one is state) for one, label in TABS
    ]


def land(request: HttpRequest, name: str, n: int, chosen: str) -> Chip:
    label = name or "No country given"
    if name and name == chosen:
        return Chip(label, remove_url=links.with_values(request.GET, country=""), count=n)
    return Chip(label, url=links.with_values(request.GET, country=name), count=n)


def held(request: HttpRequest, text: str, country: str) -> list[Chip]:
    pairs = (("q", "Name holds", text), ("country", "Country", country))
    return [
        Chip(label, value, remove_url=links.with_values(request.GET, **{name: ""}))
        for name, label, value in pairs
        if value
    ]


def lines(user: Any, places: Sequence[Place]) -> list[dict[str, Any]]:
    n_studies = selectors.count_studies([place.pk for place in places])
    near = selectors.options(user, places)
    return [line(place, near[place.pk], n_studies.get(place.pk, 0)) for place in places]


def line(place: Place, near: Sequence[selectors.Option], n_studies: int) -> dict[str, Any]:
    state = PlaceState(place.state)
    return {
        "place": place,
        "badge": BADGES[state],
        "where": selectors.where(place.city, place.country),
        "settles": settles(place, n_studies),
        "proposal": near[0] if near and state is PlaceState.PROPOSED else None,
        "others": near[1:] if state is PlaceState.PROPOSED else near,
        "is_open": state is not PlaceState.SETTLED,
    }


def settles(place: Place, n_studies: int) -> str:
    """Return what one decision does: 'settles 37 locations in 21 studies'."""
    n = labels.plural(place.n_locations, "location")
    return f"settles {n} in {labels.plural(n_studies, 'study', 'studies')}"


# -- one name -----------------------------------------------------------------------------------


@login_required
@require_safe
def place_detail(request: HttpRequest, pk: int) -> HttpResponse:
    place = selectors.get_place(request.user, pk)
    return show(
        request, place, forms.RejectForm(), forms.NewOrganisationForm(initial=prefilled(place))
    )


def show(
    request: HttpRequest,
    place: Place,
    reject: forms.RejectForm,
    register: forms.NewOrganisationForm,
) -> HttpResponse:
    state = PlaceState(place.state)
    wanted = asked(request, "find")
    context = {
        "crumbs": [LIST, Crumb(place.name[:80])],
        **lines(request.user, [place])[0],
        "state": state,
        "occurrences": selectors.list_occurrences(place)[:OCCURRENCES],
        "n_studies": selectors.count_studies([place.pk]).get(place.pk, 0),
        "find": wanted,
        "found": find(request.user, wanted) if wanted else [],
        "reject_form": reject,
        "register_form": register,
        "entries": decisions(place),
        "is_wrong": bool(reject.errors or register.errors),
    }
    return render(request, "registry/places/place.html", context)


def prefilled(place: Place) -> dict[str, str]:
    code = country_key(place.country)
    return {
        "name": "" if is_nameless(place) else place.name,
        "city": place.city,
        "country": code.upper() if len(code) == 2 else settings.TEMBUSU_HOME_COUNTRY,
    }


def is_nameless(place: Place) -> bool:
    """Say whether the text names no institution: 'Local Institution', 'Research Site'."""
    return place.state == PlaceState.PLACEHOLDER or is_placeholder(
        place.name, place.city, place.country
    )


def find(user: Any, text: str) -> list[selectors.Option]:
    """Return organisations whose names hold a text, those that begin with it first."""
    rows = people.list_organisations(user, text=text).filter(is_active=True).order_by("name", "pk")
    found = list(rows[: MOST_FOUND * 4])
    found.sort(key=lambda body: (not body.name.casefold().startswith(text.casefold()), body.name))
    return [
        selectors.Option(body.pk, body.name, selectors.where(body.city, body.country), 0)
        for body in found[:MOST_FOUND]
    ]


def decisions(place: Place) -> list[TrailEntry]:
    """Return what was decided about a name, newest first."""
    source = trail.RowSource(
        Place, {"id": place.pk}, "", frozenset({"id", "key", "alternatives", "name"})
    )
    titles = {
        "registry.place.settled": "Settled",
        "registry.place.rejected": "Stands for no institution",
        "registry.place.rematched": "Matched again",
    }
    told = trail.entries([audit.ref(place)], [source], titles=titles)
    return [
        TrailEntry(
            at=one.at,
            title=one.title,
            who=one.by,
            reason=one.reason,
            changes=[Change(c.field, c.before, c.after) for c in one.changes],
            is_turning=one.kind == "act",
        )
        for one in told[:20]
        if one.event in titles
    ]


# -- decisions ----------------------------------------------------------------------------------


@login_required
@require_POST
def place_settle(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say that a name stands for one organisation."""
    place = selectors.get_place(request.user, pk)
    body = people.get_organisation(request.user, whole(request.POST.get("organisation", "")))
    person: Any = request.user
    n = actions.settle_place(place=place, organisation_id=body.pk, by=person, at=timezone.now())
    said = f"“{place.name}” is {body.name}: settled in {labels.plural(n, 'study', 'studies')}."
    messages.success(request, said)
    return redirect(after(request))


def whole(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


def after(request: HttpRequest) -> str:
    """Return where to go on: the list from which the decision was made."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if back.startswith("/places/") and is_ours else reverse("registry:places")


@login_required
@require_POST
def place_reject(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say that a name stands for no institution, with the reason."""
    place = selectors.get_place(request.user, pk)
    form = forms.RejectForm(request.POST)
    person: Any = request.user
    if form.is_valid():
        try:
            actions.reject_place(
                place=place, by=person, at=timezone.now(), reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, f"“{place.name}” stands for no institution.")
            return redirect(after(request))
    return show(request, place, form, forms.NewOrganisationForm(initial=prefilled(place)))


@login_required
@require_POST
def place_register(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Register the institution that a name stands for, and settle the name with it."""
    place = selectors.get_place(request.user, pk)
    form = forms.NewOrganisationForm(request.POST)
    person: Any = request.user
    if form.is_valid():
        given = form.cleaned_data
        try:
            if is_placeholder(given["name"], given["city"]):
                raise actions.PlaceRefused(f"“{given['name']}” names no institution.")
            body = people_actions.register_organisation(
                kind=OrganisationKind(given["kind"]),
                name=given["name"],
                city=given["city"],
                country=given["country"],
                by=person,
                at=timezone.now(),
            )
            actions.settle_place(place=place, organisation_id=body.pk, by=person, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{body.name} is registered, and “{place.name}” is settled.")
            return redirect(after(request))
    return show(request, place, forms.RejectForm(), form)


@login_required
@require_POST
def place_accept_many(request: HttpRequest) -> HttpResponseBase:
    """Accept the proposals of the ticked names, each as a decision of its own."""
    selectors.check_sees_places(request.user)
    ids = [whole(one) for one in request.POST.getlist("row")[: PAGE * 5]]
    rows = selectors.list_places(request.user, state=PlaceState.PROPOSED).filter(pk__in=ids)
    places = list(rows)
    near = selectors.options(request.user, places)
    person: Any = request.user
    n_names = n_studies = 0
    for place in places:
        if near[place.pk]:
            chosen = near[place.pk][0].organisation_id
            n_studies += actions.settle_place(
                place=place, organisation_id=chosen, by=person, at=timezone.now()
            )
            n_names += 1
    if n_names:
        where = labels.plural(n_studies, "study", "studies")
        messages.success(request, f"{labels.plural(n_names, 'name')} settled, in {where}.")
    else:
        messages.warning(request, "Nothing was settled: tick names that have a proposal.")
    return redirect(after(request))
