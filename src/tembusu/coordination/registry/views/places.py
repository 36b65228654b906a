"""The review queue: which organisation a location's name stands for, once for all of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import labels, undoing
from tembusu.coordination.registry.views.queue import Queue, queue_in, words
from tembusu.coordination.registry.views.study import fetch
from tembusu.foundation.ui import links
from tembusu.foundation.ui.terms import Badge, Chip, Shape, Tab, Tone

PAGE = 40
MOST_COUNTRIES = 16
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
    queue = replace(queue_in(request.GET), state=state)
    country, text = words(request.GET, "country"), words(request.GET, "q")
    rows = selectors.list_places(request.user, state=state, country=country, text=text)
    page = fetch(request, rows, selectors.QUEUE, PAGE)
    lands = selectors.count_countries(request.user, state)
    context = {
        "state": state,
        "heading": f"Places: {dict(TABS)[state]}",
        "waiting": waiting(request.user),
        "page": page,
        "lines": lines(request.user, page.rows, queue),
        "tabs": tabs(request, state),
        "lands": [land(request, name, n, country) for name, n in lands[:MOST_COUNTRIES]],
        "filters": held(request, text, country),
        "is_narrowed": bool(country or text),
        "why_empty": EMPTY[state],
        "may_bulk": state is PlaceState.PROPOSED,
        "decided": undoing.standing_offer(request),
    }
    return render(request, "registry/places/list.html", context)


def chosen_state(request: HttpRequest) -> PlaceState:
    """Return the state that the address names; else proposals, or where there are none the open."""
    given = request.GET.get("state", "")
    if given in set(PlaceState):
        return PlaceState(given)
    waiting = selectors.count_by_state(request.user).get(PlaceState.PROPOSED)
    return PlaceState.PROPOSED if waiting else PlaceState.UNRESOLVED


def waiting(user: Any) -> str:
    """Return what the number in the menu counts: '4 names wait for a decision: 3 proposals, …'."""
    n_home = selectors.count_at_home(user)
    n = selectors.count_open(user) or 0
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    return (
        f"{labels.plural(n, 'name')} {'waits' if n == 1 else 'wait'} for a decision:"
        f" {labels.plural(n - n_home, 'proposal')}, and {n_home:,} in {home} that"
        f" {'is' if n_home == 1 else 'are'} not resolved."
    )


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


def lines(user: Any, places: Sequence[Place], queue: Queue) -> list[dict[str, Any]]:
    n_studies = selectors.count_studies([place.pk for place in places])
    near = selectors.options(user, places)
    return [
        {
            **line(place, near[place.pk], n_studies.get(place.pk, 0)),
            "url": queue.place_url(place.pk),
        }
        for place in places
    ]


def line(place: Place, near: Sequence[selectors.Option], n_studies: int) -> dict[str, Any]:
    state = PlaceState(place.state)
    return {
        "place": place,
        "badge": BADGES[state],
        "where": selectors.where(place.city, place.country),
        "settles": settles(place, n_studies),
        "seen": selectors.mark(place),
        "proposal": near[0] if near and state is PlaceState.PROPOSED else None,
        "others": near[1:] if state is PlaceState.PROPOSED else near,
        "is_open": state is not PlaceState.SETTLED,
    }


def settles(place: Place, n_studies: int) -> str:
    """Return what one decision does: 'settles 37 locations in 21 studies'."""
    return f"settles {spread(place, n_studies)}"


def spread(place: Place, n_studies: int) -> str:
    """Return where a name occurs: '37 locations in 21 studies'."""
    n = labels.plural(place.n_locations, "location")
    return f"{n} in {labels.plural(n_studies, 'study', 'studies')}"
