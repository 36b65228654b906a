"""Ties locations to organisations: when records come in, and when somebody decides."""

from tembusu.coordination.registry.actions.places.deciding import (
    Decided,
    PlaceRefused,
    StalePlace,
    accept_proposals,
    reject_place,
    settle_place,
    settle_with_new,
    undo_decisions,
)
from tembusu.coordination.registry.actions.places.merging import (
    Moves,
    merge_places,
    place_apart,
)
from tembusu.coordination.registry.actions.places.placing import (
    NAMELESS,
    Located,
    Matching,
    place_studies,
)
from tembusu.coordination.registry.actions.places.rematching import rematch_places
from tembusu.coordination.registry.actions.places.sites import SitesOfStudy

__all__ = [
    "NAMELESS",
    "Decided",
    "Located",
    "Matching",
    "Moves",
    "PlaceRefused",
    "SitesOfStudy",
    "StalePlace",
    "accept_proposals",
    "merge_places",
    "place_apart",
    "place_studies",
    "reject_place",
    "rematch_places",
    "settle_place",
    "settle_with_new",
    "undo_decisions",
]
