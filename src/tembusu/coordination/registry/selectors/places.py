"""Names of locations that stand for organisations, or wait to be told; for keepers alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import CombinedExpression
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import Place, Study, StudyLocation
from tembusu.coordination.registry.rules.matching_countries import country_key
from tembusu.coordination.registry.terms import PlaceState
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.paging import Kind, Sort, count_capped

# Those of the home country first, then the names that most locations bear.
QUEUE = Sort("queue", "rank", Kind.WHOLE)
AWAY = 1_000_000_000
MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Option:
    """An organisation that a name may stand for, and how near it is (0 to 1)."""

    organisation_id: int
    name: str
    where: str
    nearness: float

    @property
    def pct(self) -> int:
        return round(100 * self.nearness)


@dataclass(frozen=True, slots=True)
class FoundBodies:
    """The first organisations found by a text, and how many there are, counted up to the cap."""

    options: Sequence[Option]
    n: int


def check_sees_places(user: Any) -> None:
    """The queue exists only for those who may decide in it.

    :raises Http404: for everybody else
    """
    if not people.may(user, permissions.SETTLE_PLACES):
        raise Http404("No page here.")


def list_places(
    user: Any, *, state: PlaceState | None = None, country: str = "", text: str = ""
) -> QuerySet[Place]:
    """Return the names in the order of the queue's ``rank``; none to those who may not decide."""
    places = Place.objects.select_related("organisation", "decided_by").filter(n_locations__gt=0)
    if not people.may(user, permissions.SETTLE_PLACES):
        return places.none()
    if state is not None:
        places = places.filter(state=state)
    if country:
        places = places.filter(country=country)
    for word in text.split()[:6]:
        places = places.filter(name__icontains=word)
    return places.annotate(rank=_rank())


def _rank() -> CombinedExpression:
    home = Case(
        When(country=settings.TEMBUSU_HOME_COUNTRY_NAME, then=Value(0)),
        default=Value(AWAY),
        output_field=IntegerField(),
    )
    return home - F("n_locations")


def next_place(queue: QuerySet[Any], *, after: Place) -> int | None:
    """Return the name that follows another in a queue's order, whether that still stands in it."""
    rank = Place.objects.annotate(rank=_rank()).get(pk=after.pk).rank
    behind = queue.filter(Q(rank__gt=rank) | Q(rank=rank, pk__gt=after.pk))
    return behind.order_by("rank", "pk").values_list("pk", flat=True).first()


def get_place(user: Any, pk: int) -> Place:
    """Return one name, or 404."""
    check_sees_places(user)
    return get_object_or_404(Place.objects.select_related("organisation", "decided_by"), pk=pk)


def mark(place: Place) -> str:
    """Return by what a later act knows that nobody decided the name in the meantime."""
    return place.decided_at.isoformat() if place.decided_at else ""


def stands(place: Place) -> str:
    """Return what a name stands for, to stand after it: 'is Kempas Medical Centre'."""
    return f"is {place.organisation}" if place.organisation else PlaceState(place.state).says


def count_by_state(user: Any) -> Mapping[PlaceState, int]:
    """Return how many names are in each state."""
    if not people.may(user, permissions.SETTLE_PLACES):
        return {}
    rows = (
        Place.objects.filter(n_locations__gt=0)
        .order_by()
        .values_list("state")
        .annotate(Count("id"))
    )
    found = dict(rows)
    return {state: found.get(state.value, 0) for state in PlaceState}


def count_open(user: Any) -> int | None:
    """Return how many names wait: proposals of any country, and the home country's unknown ones."""
    if not people.may(user, permissions.SETTLE_PLACES):
        return None
    return count_capped(_standing().filter(Q(state=PlaceState.PROPOSED) | _at_home())).n


def open_since(user: Any) -> date | None:
    """Return the day on which the oldest of the names that wait was first written; None for none."""
    if not people.may(user, permissions.SETTLE_PLACES):
        return None
    waiting = _standing().filter(Q(state=PlaceState.PROPOSED) | _at_home())
    oldest = waiting.order_by("pk").values("pk")[:1]
    history: Any = Place._meta.apps.get_model("registry", "PlaceRowhistory")
    first = history.objects.filter(pgh_obj_id__in=oldest).aggregate(at=Min("pgh_created_at"))
    return localdate(first["at"]) if first["at"] else None


def count_at_home(user: Any) -> int:
    """Return how many of the names that wait are unknown ones of the home country."""
    if not people.may(user, permissions.SETTLE_PLACES):
        return 0
    return count_capped(_standing().filter(_at_home())).n


def _standing() -> QuerySet[Place]:
    return Place.objects.filter(n_locations__gt=0)


def _at_home() -> Q:
    return Q(state=PlaceState.UNRESOLVED, country=settings.TEMBUSU_HOME_COUNTRY_NAME)


def count_countries(user: Any, state: PlaceState | None) -> list[tuple[str, int]]:
    """Return the countries of the names in a state with how many, the home country first."""
    home = settings.TEMBUSU_HOME_COUNTRY_NAME
    rows = list_places(user, state=state).order_by().values_list("country").annotate(n=Count("id"))
    pairs = [(str(country), int(n)) for country, n in rows]
    return sorted(pairs, key=lambda pair: (pair[0] != home, -pair[1], pair[0]))


def count_studies(place_ids: Collection[int]) -> Mapping[int, int]:
    """Return in how many studies each name occurs."""
    rows = StudyLocation.objects.filter(place_id__in=place_ids).order_by().values_list("place_id")
    return dict(rows.annotate(n=Count("study_id", distinct=True)))


def options(user: Any, places: Sequence[Place]) -> Mapping[int, list[Option]]:
    """Return for each name the organisations that come near, nearest first."""
    wanted = {pk for place in places for pk, _ in place.alternatives}
    bodies = people.list_organisations(user).filter(pk__in=wanted).in_bulk()
    found = {}
    for place in places:
        near = [(bodies[pk], score) for pk, score in place.alternatives if pk in bodies]
        found[place.pk] = [
            Option(body.pk, body.name, where(body.city, body.country), score)
            for body, score in near
        ]
    return found


def where(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def find_bodies(user: Any, text: str, *, near: Place) -> FoundBodies:
    """Return organisations with a text in one of their names: those of the place's country first,
    of these the ones that begin with it.
    """
    rows = people.list_organisations(user, text=text).filter(is_active=True)
    code = country_key(near.country).upper()
    order = (
        Case(When(country=code, then=0), default=1),
        Case(When(name__istartswith=text, then=0), default=1),
        "name",
        "pk",
    )
    shown = [
        Option(body.pk, body.name, where(body.city, body.country), 0)
        for body in rows.order_by(*order)[:MOST_FOUND]
    ]
    return FoundBodies(shown, count_capped(rows).n if len(shown) == MOST_FOUND else len(shown))


def list_studies(place: Place) -> QuerySet[Study]:
    """Return the studies in which a name occurs, the last first."""
    occurs = StudyLocation.objects.filter(place=place, study=OuterRef("pk"))
    rows = Study.objects.filter(Exists(occurs)).select_related("index")
    return rows.defer("index__document").order_by("-pk")
