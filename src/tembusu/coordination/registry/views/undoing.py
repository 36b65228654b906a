"""Undoing decisions on names of locations: the offer, until the next act, and what is said then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from tembusu.coordination.registry.actions import places as actions
from tembusu.coordination.registry.models import Place
from tembusu.coordination.registry.selectors import places as selectors
from tembusu.coordination.registry.views import labels

KEY = "places_decided"


@dataclass(frozen=True, slots=True)
class Offer:
    """What was decided, and the marks by which it is undone.

    :ivar is_new: it was not shown before; what is new takes the focus
    """

    said: str
    marks: Sequence[str]
    is_new: bool


def offer_undo(request: HttpRequest, said: str, done: Iterable[actions.Decided]) -> None:
    request.session[KEY] = [said, [written(one.place) for one in done], True]


def standing_offer(request: HttpRequest) -> Offer | None:
    """Return the offer to undo the last decision, to be shown on every page of names."""
    held = request.session.get(KEY)
    if not held:
        return None
    offer = Offer(*held)
    if offer.is_new:
        request.session[KEY] = [offer.said, offer.marks, False]
    return offer


def end_offer(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def say_undone(request: HttpRequest, done: Sequence[actions.Decided]) -> None:
    """Say what the names stand for again, and what became of organisations registered for them."""
    if len(done) == 1:
        [place] = [one.place for one in done]
        said = [f"Undone: “{place.name}” {selectors.stands(place)}, as before."]
    else:
        said = [f"Undone: {labels.plural(len(done), 'name')} are as before."] if done else []
    said += [
        f"{one.undone.name}, which that decision registered, is withdrawn."
        for one in done
        if one.undone and not one.kept
    ]
    if said:
        messages.success(request, " ".join(said))
    for one in done:
        if one.undone and one.kept:
            url = reverse("people:organisation", args=[one.undone.pk])
            messages.warning(
                request, format_html('{} <a href="{}">Open {}</a>', one.kept, url, one.undone.name)
            )


def written(place: Place) -> str:
    """Return a decision as a form carries it: the place, and the mark of its present decision."""
    return f"{place.pk} {selectors.mark(place)}"


def read(marks: Iterable[str]) -> Mapping[int, str]:
    """Return marks by place id; what is no mark is left out."""
    pairs = (mark.partition(" ") for mark in marks)
    return {
        int(pk): seen for pk, _, seen in pairs if pk.isascii() and pk.isdigit() and len(pk) <= 18
    }
