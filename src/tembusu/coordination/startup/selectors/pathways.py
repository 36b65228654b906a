"""Pathways and their versions, for those who see start-up anywhere."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import Http404

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import Pathway, PathwayVersion, SitePathway
from tembusu.coordination.startup.terms import PathState, VersionState
from tembusu.foundation.people import selectors as people


@dataclass(frozen=True, slots=True)
class Listed:
    """A pathway as the list shows it.

    :ivar version: the one in force; the newest where none is
    :ivar n_going: study-sites that go along any of its versions now
    """

    version: PathwayVersion
    n_going: int
    proposed: tuple[PathwayVersion, ...]


def sees(user: Any) -> bool:
    """Say whether the user reads pathways: whoever sees some study-site's start-up."""
    act = permissions.SEE_PATHWAY
    return people.holds_anywhere(user, act.roles | act.everywhere)


def check_sees(user: Any) -> None:
    """Hide pathways from whoever sees no start-up.

    :raises Http404: saying nothing of what there is
    """
    if not sees(user):
        raise Http404("No page here.")


def may_edit(user: Any) -> bool:
    """Say whether the user decides on pathways."""
    return people.may(user, permissions.EDIT_PATHWAY)


def list_pathways(user: Any) -> list[Listed]:
    """Return all pathways, each with its version in force, in the order in which they were made."""
    check_sees(user)
    going = dict(
        SitePathway.objects.filter(state=PathState.UNDER_WAY)
        .order_by()
        .values_list("version__pathway_id")
        .annotate(n=Count("pk"))
    )
    found = []
    for one in Pathway.objects.order_by("pk").prefetch_related("versions"):
        held = sorted(one.versions.all(), key=lambda version: version.number)
        if held:
            proposed = tuple(each for each in held if each.state == VersionState.PROPOSED)
            found.append(Listed(_shown(held), going.get(one.pk, 0), proposed))
    return found


def _shown(versions: list[PathwayVersion]) -> PathwayVersion:
    in_force = (one for one in versions if one.state == VersionState.IN_FORCE)
    return next(in_force, versions[-1])


def get_version(user: Any, key: str, number: int | None = None) -> PathwayVersion:
    """Return a pathway's version; without a number, the one in force, or the newest.

    :raises Http404: if there is none, or the user sees no start-up
    """
    check_sees(user)
    rows = PathwayVersion.objects.filter(pathway__key=key).select_related(
        "pathway", "made_by", "decided_by"
    )
    if number is not None:
        rows = rows.filter(number=number)
    found = sorted(rows, key=lambda version: version.number)
    if not found:
        raise Http404("No such pathway.")
    return _shown(found)


def versions_of(version: PathwayVersion) -> list[PathwayVersion]:
    """Return all versions of the same pathway, newest first."""
    rows = PathwayVersion.objects.filter(pathway_id=version.pathway_id)
    return list(rows.select_related("pathway", "made_by", "decided_by").order_by("-number"))


def in_force(version: PathwayVersion) -> PathwayVersion | None:
    """Return the version in force of the same pathway."""
    rows = PathwayVersion.objects.filter(pathway_id=version.pathway_id)
    return rows.filter(state=VersionState.IN_FORCE).first()


def n_along(version: PathwayVersion) -> int:
    """Return how many study-sites go along just this version now."""
    return SitePathway.objects.filter(version=version, state=PathState.UNDER_WAY).count()
