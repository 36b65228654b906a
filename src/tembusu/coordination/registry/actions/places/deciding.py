"""A person's decisions: which organisation a location's name stands for, and taking them back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import index
from tembusu.coordination.registry.actions.places.sites import follow_locations
from tembusu.coordination.registry.models import Place, StudyLocation
from tembusu.coordination.registry.rules import moves
from tembusu.coordination.registry.rules.matching import Method, is_placeholder
from tembusu.coordination.registry.selectors.places import mark, stands
from tembusu.coordination.registry.terms import STUDIES_CHANGED, PlaceState
from tembusu.foundation.core import audit, outbox, states
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people_actions
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import OrganisationKind

if TYPE_CHECKING:
    from tembusu.foundation.people.models import Organisation

# What of a place a decision changes, and undoing it puts back.
MEANING = (
    "state",
    "organisation_id",
    "confidence",
    "method",
    "explanation",
    "alternatives",
    "decided_by_id",
    "decided_at",
)


REGISTERED = "registry.place.organisation_registered"


class PlaceRefused(Refusal):
    """A decision on a location's name that may not be taken."""


class StalePlace(PlaceRefused):
    """Somebody decided the name after the user read it."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision, or undoing it, touched.

    :ivar undone: the organisation that was registered with the decision that is undone
    :ivar kept: why that organisation stays; '' where it was withdrawn
    """

    place: Place
    study_ids: frozenset[int]
    undone: "Organisation | None" = None
    kept: str = ""

    @property
    def n_studies(self) -> int:
        return len(self.study_ids)


@audit.act
def settle_place(
    *,
    place: Place,
    organisation_id: int,
    by: Any,
    at: datetime,
    reason: str = "",
    seen: str | None = None,
) -> Decided:
    """Say which organisation a location's name stands for, for all its occurrences, now and later.

    :param seen: ``mark(place)`` as the user read it; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register
    :raises StalePlace: if somebody decided the name meanwhile
    :raises PlaceRefused: if the organisation is closed, or the same was decided before
    """
    permissions.check_can_settle_places(by)
    index.take_turn()
    place = _locked(place, seen)
    _settle(place, organisation_id, by=by, at=at, reason=reason)
    [decided] = _follow([place], by=by, at=at, reason=reason)
    return decided


@audit.act
def settle_with_new(
    *,
    place: Place,
    kind: OrganisationKind,
    name: str,
    city: str,
    country: str,
    by: Any,
    at: datetime,
    seen: str | None = None,
) -> Decided:
    """Register the organisation that a location's name stands for, and settle the name with it.

    :param seen: ``mark(place)`` as the user read it; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register and may register organisations
    :raises PlaceRefused: if the name says no institution
    :raises Refusal: if people's rules refuse it, such as one that is registered already
    """
    permissions.check_can_settle_places(by)
    if is_placeholder(name, city):
        raise PlaceRefused(f"“{name}” names no institution.")
    body = people_actions.register_organisation(
        kind=kind, name=name, city=city, country=country, by=by, at=at
    )
    decided = settle_place(place=place, organisation_id=body.pk, by=by, at=at, seen=seen)
    audit.record(REGISTERED, on=[place, body], by=by, at=at, change={"name": body.name})
    return decided


@audit.act
def accept_proposals(*, seen: Mapping[int, str], by: Any, at: datetime) -> list[Decided]:
    """Settle names with the organisations that are proposed for them, all at once.

    Names that somebody decided meanwhile, and those without a proposal, are left as they are.

    :param seen: ``mark(place)`` by place id, as the user read them
    :raises PermissionDenied: unless the user keeps the register
    """
    permissions.check_can_settle_places(by)
    index.take_turn()
    rows = Place.objects.select_for_update().filter(pk__in=seen, state=PlaceState.PROPOSED)
    accepted = []
    for place in rows.order_by("pk"):
        if mark(place) != seen[place.pk] or not place.alternatives:
            continue
        try:
            _settle(place, place.alternatives[0][0], by=by, at=at, reason="")
        except PlaceRefused:
            continue  # the organisation was closed since
        accepted.append(place)
    return _follow(accepted, by=by, at=at, reason="")


@audit.act
def reject_place(
    *, place: Place, by: Any, at: datetime, reason: str, seen: str | None = None
) -> Decided:
    """Say that a location's name stands for no organisation that could be told.

    :param seen: ``mark(place)`` as the user read it; None asks for nothing
    :raises PermissionDenied: unless the user keeps the register
    :raises StalePlace: if somebody decided the name meanwhile
    :raises PlaceRefused: if no reason is given
    """
    permissions.check_can_settle_places(by)
    if not reason.strip():
        raise PlaceRefused("Say why this name stands for no organisation.")
    index.take_turn()
    place = _locked(place, seen)
    _decide(place, PlaceState.REJECTED, None, by=by, at=at, reason=reason)
    [decided] = _follow([place], by=by, at=at, reason=reason)
    return decided


@audit.act
def undo_decisions(
    *, seen: Mapping[int, str], by: Any, at: datetime, reason: str = ""
) -> list[Decided]:
    """Put names back to what they meant before they were decided, sites and all; all or none.

    An organisation that was registered by one of these decisions is withdrawn, unless something
    stands on it by now.

    :param seen: ``mark(place)`` by place id: the decisions that are to be undone
    :raises PermissionDenied: unless the user keeps the register
    :raises PlaceRefused: if nobody decided one of the names
    :raises StalePlace: if one was decided otherwise, or its decision undone, meanwhile
    """
    permissions.check_can_settle_places(by)
    index.take_turn()
    places = list(Place.objects.select_for_update().filter(pk__in=seen).order_by("pk"))
    made = {}
    for place in places:
        _check_seen(place, seen[place.pk])
        made[place.pk] = _registered_with(place)
        _put_back(place)
    done = _follow(places, by=by, at=at, reason=reason, event="undone")
    return [_withdrawn(one, made[one.place.pk], by=by, at=at) for one in done]


def _registered_with(place: Place) -> "Organisation | None":
    """Return the organisation that the present decision on a name registered, if it did."""
    body = place.organisation
    if body is None or place.decided_at is None:
        return None
    about = [audit.ref(place), audit.ref(body)]
    return body if audit.is_recorded(REGISTERED, about=about, at=place.decided_at) else None


def _withdrawn(done: Decided, body: "Organisation | None", *, by: Any, at: datetime) -> Decided:
    """Withdraw what was registered with a decision that is undone, or say why it stays."""
    if body is None:
        return done
    reason = f"The decision on “{done.place.name}” was undone."
    try:
        people_actions.withdraw_organisation(organisation=body, by=by, at=at, reason=reason)
    except Refusal as refusal:
        done.place.explanation = f"{body.name} is registered since; the decision was undone."
        done.place.save(update_fields=["explanation"])
        return replace(done, undone=body, kept=str(refusal))
    return replace(done, undone=body)


def _locked(place: Place, seen: str | None) -> Place:
    place = Place.objects.select_for_update().get(pk=place.pk)
    if seen is not None:
        _check_seen(place, seen)
    return place


def _check_seen(place: Place, seen: str) -> None:
    if mark(place) == seen:
        return
    who = f"{place.decided_by} decided" if place.decided_by else "Somebody took back"
    raise StalePlace(
        f"{who} “{place.name}” after you opened the page: it {stands(place)} now. Open it and decide"
        " again."
    )


def _settle(place: Place, organisation_id: int, *, by: Any, at: datetime, reason: str) -> None:
    body = people.get_organisation(by, organisation_id)
    if not body.is_active:
        raise PlaceRefused(f"{body.name} is closed. Choose the institution that took its part.")
    if place.decided_at and place.organisation_id == organisation_id:
        raise PlaceRefused(f"“{place.name}” is {body.name} already; nothing was changed.")
    _decide(place, PlaceState.SETTLED, organisation_id, by=by, at=at, reason=reason)


def _decide(
    place: Place,
    to: PlaceState,
    organisation_id: int | None,
    *,
    by: Any,
    at: datetime,
    reason: str,
) -> None:
    states.check_move(moves.DECIDING, present=PlaceState(place.state), to=to)
    place.state, place.organisation_id = to, organisation_id
    place.confidence, place.method, place.alternatives = 1.0, Method.REMEMBERED.value, []
    place.explanation = reason or "Decided by the register's keepers."
    place.decided_by_id, place.decided_at = by.pk, at


def _put_back(place: Place) -> None:
    """Give a place the meaning that its history holds from before the present decision."""
    if place.decided_at is None:
        raise PlaceRefused(f"Nobody decided “{place.name}”, so there is nothing to undo.")
    history: Any = Place.pgh_event_model  # type: ignore[attr-defined]
    rows = history.objects.filter(pgh_obj_id=place.pk).order_by("pgh_id")
    decided = rows.filter(decided_at=place.decided_at).first()
    before = rows.filter(pgh_id__lt=decided.pgh_id).last()
    states.check_move(moves.UNDOING, present=PlaceState(place.state), to=PlaceState(before.state))
    for name in MEANING:
        setattr(place, name, getattr(before, name))


def _follow(
    places: Sequence[Place], *, by: Any, at: datetime, reason: str, event: str = ""
) -> list[Decided]:
    """Write what places mean now, and let sites, index, ledger and other rooms follow."""
    before = Place.objects.in_bulk([place.pk for place in places])
    Place.objects.bulk_update(places, [name.removesuffix("_id") for name in MEANING])
    found = StudyLocation.objects.filter(place__in=places).order_by()
    pairs = list(found.values_list("place_id", "study_id").distinct())
    study_ids = sorted({study for _, study in pairs})
    follow_locations(study_ids, at=at)
    audit.record_many(
        audit.describe(
            f"registry.place.{event or place.state}",
            on=place,
            by=by,
            at=at,
            change={
                "state": [before[place.pk].state, place.state],
                "organisation": [before[place.pk].organisation_id, place.organisation_id],
            },
            reason=reason,
        )
        for place in places
    )
    if study_ids:
        outbox.write(STUDIES_CHANGED, {"study_ids": study_ids}, at=at)
    of_place = defaultdict(set)
    for place_id, study_id in pairs:
        of_place[place_id].add(study_id)
    return [Decided(place, frozenset(of_place[place.pk])) for place in places]
