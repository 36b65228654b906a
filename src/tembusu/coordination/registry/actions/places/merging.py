"""Two studies become one: its sites, with whoever has a role there, and its locations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tembusu.coordination.registry.actions.places.placing import Located, place_studies
from tembusu.coordination.registry.models import Study
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import ScopeKind


def merge_places(*, study: Study, into: Study, values: Mapping[str, Any], at: datetime) -> None:
    """Give a study the sites of one that is merged into it, and the locations of both as one record.

    :param values: what the study that stays says, now that it has the registrations of both
    """
    _move_sites(study, into)
    place_studies([Located(study, where=()), Located(into, values=values)], at=at)


def _move_sites(study: Study, into: Study) -> None:
    there = {site.organisation_id: site for site in into.sites.select_related("scope")}
    for site in study.sites.select_related("scope"):
        people.move_scope(scope=_top(site.scope), parent=into.scope)
        if twin := there.get(site.organisation_id):
            people.move_scope(scope=_top(twin.scope), parent=site.scope)
        else:
            site.study = into
            site.save(update_fields=["study"])


def _top(scope: Any) -> Any:
    """Return the first of a chain of sites, which an earlier merge may have made."""
    while scope.parent is not None and scope.parent.kind == ScopeKind.STUDY_SITE:
        scope = scope.parent
    return scope
