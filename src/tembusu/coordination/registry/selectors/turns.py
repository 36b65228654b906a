"""What waits in a study, on whom, and the part that the reader has in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.models import CuratedField, Registration, Study, StudySite
from tembusu.coordination.registry.rules.turns import Matter, Waiting, in_turn
from tembusu.coordination.registry.selectors import drafts
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Role, ScopeKind

KEEPERS = "the coordinating body"


@dataclass(frozen=True, slots=True)
class Part:
    """A role by which a person works with a study, where it is held, since when, with whom."""

    role: Role
    where: str
    since: Any
    scope_id: int


def list_waiting(user: Any, study: Study, *, n_doubts: int) -> list[Waiting]:
    """Return what waits in a study that the user works with, what concerns the user first.

    :param n_doubts: how many doubts the study's record raises (see ``rules.doubts``)
    """
    found = [*_differences(user, study), *_draft(user, study), *_doubts(user, study, n_doubts)]
    return in_turn(found)


def _differences(user: Any, study: Study) -> list[Waiting]:
    rows = CuratedField.objects.filter(study=study, differs_since__isnull=False)
    found = rows.aggregate(n=Count("pk"), since=Min("differs_since"))
    if not found["n"]:
        return []
    is_yours = people.may(user, permissions.CURATE_STUDY, study.scope_id)
    return [Waiting(Matter.DIFFERENCES, found["since"], is_yours, KEEPERS, found["n"])]


def _doubts(user: Any, study: Study, n_doubts: int) -> list[Waiting]:
    """Return the doubts about a record, since a registry last changed it."""
    rows = Registration.objects.filter(study=study)
    since = rows.aggregate(since=Max("changed_at"))["since"] if n_doubts else None
    if since is None:
        return []
    is_yours = people.may(user, permissions.CURATE_STUDY, study.scope_id)
    return [Waiting(Matter.DOUBTS, since, is_yours, KEEPERS, n_doubts)]


def _draft(user: Any, study: Study) -> list[Waiting]:
    """Return the draft that is not published. A keeper may write in any, but need not."""
    draft = drafts.list_drafts(user).filter(study=study).first()
    if draft is None:
        return []
    works = people.holds(user, permissions.EDIT_DRAFT.roles, study.scope_id)
    holder = study.sponsor.name if study.sponsor else KEEPERS
    return [Waiting(Matter.DRAFT, draft.saved_at, works or draft.saved_by_id == user.pk, holder)]


def list_parts(user: Any, study: Study) -> Sequence[Part]:
    """Return the roles by which a user has a part in a study: in it, at its sites, in their bodies."""
    sites = list(StudySite.objects.filter(study=study).select_related("organisation"))
    ids = {study.scope_id} | {site.scope_id for site in sites}
    ids |= {site.organisation.scope_id for site in sites}
    at_site = {site.scope_id: f"at {site.organisation.name}" for site in sites}
    found = []
    for held in people.own_memberships_over(user, ids, permissions.SEE_UNPUBLISHED.roles):
        if held.scope.kind == ScopeKind.ORGANISATION:
            where = f"at {held.scope.organisation.name}"
        else:
            where = at_site.get(held.scope_id, "in this study")
        found.append(Part(Role(held.role), where, held.granted_at, held.scope_id))
    return found
