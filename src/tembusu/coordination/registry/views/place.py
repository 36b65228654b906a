"""One name of locations: what it stands for, the decision on it, where it occurs."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tembusu.coordination.registry import forms
from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.rules.matching_names import is_placeholder
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.selectors import story
from tembusu.coordination.registry.terms import PlaceState
from tembusu.coordination.registry.views import places, undoing
from tembusu.coordination.registry.views.queue import read_queue, words
from tembusu.coordination.registry.views.study import fetch
from tembusu.foundation.core import audit, trail
from tembusu.foundation.ui import paging
from tembusu.foundation.ui.terms import Change, Crumb, TrailEntry

SHOWN_STUDIES = 8
STUDIES_ON_A_PAGE = 50
LIST = Crumb("Places", "/places/")
NEWEST = paging.Sort("newest", "pk", paging.Kind.WHOLE, is_ascending=False)
TITLES = {
    "registry.place.settled": "Settled",
    "registry.place.rejected": "Stands for no institution",
    "registry.place.undone": "Decision undone",
    "registry.place.rematched": "Matched again",
}


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
    wanted = words(request.GET, "find")
    queue = read_queue(request.POST or request.GET)
    found = selectors.find_bodies(request.user, wanted, near=place) if wanted else None
    studies = selectors.list_studies(place)
    n_studies = selectors.count_studies([place.pk]).get(place.pk, 0)
    where_it_occurs = places.spread(place, n_studies)
    is_one = place.n_locations == 1
    context = {
        "crumbs": [Crumb("Places", queue.list_url), Crumb(place.name[:80])],
        "queue": queue,
        "place": place,
        "is_known": place.state in (PlaceState.SETTLED, PlaceState.REJECTED),
        "badge": places.BADGES[PlaceState(place.state)],
        "where": selectors.where(place.city, place.country),
        "becomes": f"{where_it_occurs} {'becomes' if is_one else 'become'}",
        "become_none": f"{where_it_occurs} {'stays' if is_one else 'stay'}",
        "seen": selectors.mark(place),
        "undo_mark": undoing.written(place),
        "near": selectors.options(request.user, [place])[place.pk],
        "proposed": place.state == PlaceState.PROPOSED,
        "studies": studies[:SHOWN_STUDIES],
        "n_studies": n_studies,
        "n_more": max(0, n_studies - SHOWN_STUDIES),
        "find": wanted,
        "found": found.options if found else [],
        "n_found": found.n if found else 0,
        "reject_form": reject,
        "register_form": register,
        "entries": decisions(place),
        "decided": undoing.standing_offer(request),
        # The one that came back: by it the title says that something is to be put right.
        "form": register if register.is_bound else reject,
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


def decisions(place: Place) -> list[TrailEntry]:
    """Return what was decided about a name, newest first."""
    told = trail.entries(
        [audit.ref(place)],
        [story.place_source(place)],
        titles=TITLES,
        details=lambda event, change: (),
    )
    return [
        TrailEntry(
            at=one.at,
            title=one.title,
            who=one.by,
            reason=one.reason,
            changes=[Change(c.field, c.before, c.after) for c in one.shown],
            is_turning=one.kind == "act",
        )
        for one in told[:20]
        if one.event in TITLES
    ]


@login_required
@require_safe
def place_studies(request: HttpRequest, pk: int) -> HttpResponse:
    """List every study in which a name occurs."""
    place = selectors.get_place(request.user, pk)
    here = reverse("registry:place", args=[place.pk])
    context = {
        "crumbs": [LIST, Crumb(place.name[:80], here), Crumb("Where it occurs")],
        "place": place,
        "where": selectors.where(place.city, place.country),
        "page": fetch(request, selectors.list_studies(place), NEWEST, STUDIES_ON_A_PAGE),
    }
    return render(request, "registry/places/studies.html", context)
