"""Matching again, when the organisations changed, the names that nobody decided."""

from datetime import datetime
from typing import Any

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import index
from tembusu.coordination.registry.actions.places.placing import NAMELESS, Matching, apply_match
from tembusu.coordination.registry.actions.places.sites import follow_locations
from tembusu.coordination.registry.models import Place, StudyLocation
from tembusu.coordination.registry.rules import moves
from tembusu.coordination.registry.terms import STUDIES_CHANGED, PlaceState
from tembusu.foundation.core import audit, outbox, states

FIELDS = ("state", "organisation", "confidence", "method", "explanation", "alternatives")


@audit.act
def rematch_places(*, by: Any, at: datetime) -> dict[str, int]:
    """Match every name that nobody decided against today's organisations.

    :param by: None where the command line does it
    :return: how many names changed, and how many studies that touches
    """
    if by is not None:
        permissions.check_can_settle_places(by)
    index.take_turn()
    found = Matching.load()
    undecided = Place.objects.select_for_update().filter(decided_at=None)
    changed = [place for place in undecided if _is_changed(place, found)]
    Place.objects.bulk_update(changed, FIELDS, batch_size=1000)
    rows = StudyLocation.objects.filter(place__in=[place.pk for place in changed])
    study_ids = sorted(set(rows.values_list("study_id", flat=True)))
    follow_locations(study_ids, at=at)
    counts = {"names": len(changed), "studies": len(study_ids)}
    audit.record("registry.place.rematched", on=changed[:50], by=by, at=at, change=counts)
    if study_ids:
        outbox.write(STUDIES_CHANGED, {"study_ids": study_ids}, at=at)
    return counts


def _is_changed(place: Place, found: Matching) -> bool:
    """Match a name again, and say whether it means something else now."""
    present = PlaceState(place.state)
    before = (present, place.organisation_id, place.alternatives)
    name = "" if place.name == NAMELESS else place.name
    apply_match(place, found.match(name, place.city, place.country))
    states.check_move(moves.MATCHING, present=present, to=PlaceState(place.state))
    return before != (place.state, place.organisation_id, place.alternatives)
