"""The offer to undo a decision on names of locations, shown once on the page that follows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from tembusu.coordination.registry.actions import places as actions
from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.selectors import places as selectors

KEY = "places_decided"


@dataclass(frozen=True, slots=True)
class Offer:
    """What was decided, and the marks by which it is undone."""

    said: str
    marks: Sequence[str]


def offer_undo(request: HttpRequest, said: str, done: Iterable[actions.Decided]) -> None:
    request.session[KEY] = [said, [written(one.place) for one in done]]


def take_offer(request: HttpRequest) -> Offer | None:
    held = request.session.pop(KEY, None)
    return Offer(*held) if held else None


def written(place: Place) -> str:
    """Return a decision as a form carries it: the place, and the mark of its present decision."""
    return f"{place.pk} {selectors.mark(place)}"


def read(marks: Iterable[str]) -> Mapping[int, str]:
    """Return marks by place id; what is no mark is left out."""
    pairs = (mark.partition(" ") for mark in marks)
    return {
        int(pk): seen for pk, _, seen in pairs if pk.isascii() and pk.isdigit() and len(pk) <= 18
    }
