"""Two studies become one, or two again: sites, with whoever has a role there, and locations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tembusu.coordination.registry.actions.places.placing import Located, place_studies
from tembusu.coordination.registry.models import Study
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import ScopeKind

# The id of each scope that moved, and of the one below which it stood before.
Moves = list[tuple[int, int | None]]


def merge_places(*, study: Study, into: Study, values: Mapping[str, Any], at: datetime) -> Moves:
    """Give a study the sites of one that is merged into it, and the locations of both as one record.

    :param values: what the study that stays says, now that it has the registrations of both
    """
    moves = _move_sites(study, into)
    place_studies([Located(study, where=()), Located(into, values=values)], at=at)
    return moves


def place_apart(parted: Sequence[tuple[Study, Mapping[str, Any]]], *, at: datetime) -> None:
    """Give studies that are two again the locations that each of them says."""
    place_studies([Located(study, values=values) for study, values in parted], at=at)


def _move_sites(study: Study, into: Study) -> Moves:
    moves: Moves = []
    there = {site.organisation_id: site for site in into.sites.select_related("scope")}
    for site in study.sites.select_related("scope").order_by("pk"):
        moves.append(_move_scope(_top(site.scope), into.scope))
        if twin := there.get(site.organisation_id):
            moves.append(_move_scope(_top(twin.scope), site.scope))
        else:
            site.study = into
            site.save(update_fields=["study"])
    return moves


def _move_scope(scope: Any, parent: Any) -> tuple[int, int | None]:
    before = scope.parent_id
    people.move_scope(scope=scope, parent=parent)
    return scope.pk, before


def _top(scope: Any) -> Any:
    """Return the first of a chain of sites, which an earlier merge may have made."""
    while scope.parent is not None and scope.parent.kind == ScopeKind.STUDY_SITE:
        scope = scope.parent
    return scope
