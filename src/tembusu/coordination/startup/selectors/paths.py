"""Site pathways one by one and in lists, scoped to a user."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from tembusu.coordination.registry.selectors import studies as registry
from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.terms import PARTIES, PathState
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Act, Role
from tembusu.foundation.ui.paging import Kind, Sort

WAITING = Sort("waiting", "waiting_since", Kind.DATE, may_be_null=True)
SELECTED = Sort("selected", "selected_date", Kind.DATE, is_ascending=False)
DUE = Sort("due", "due_date", Kind.DATE, may_be_null=True)
CHANGED = Sort("changed", "changed_at", Kind.MOMENT, is_ascending=False)
SORTS = {one.key: one for one in (WAITING, SELECTED, DUE, CHANGED)}

GOING = (PathState.UNDER_WAY, PathState.OPEN)
STUCK_AFTER = timedelta(days=30)  # without a target, so long at one party's hands is long

# Which party's turn is the turn of whoever holds such a role.
PARTY_OF: Mapping[Role, str] = {
    Role.SITE_COORDINATOR: "site",
    Role.PRINCIPAL_INVESTIGATOR: "site",
    Role.INSTITUTION_REPRESENTATIVE: "institution",
    Role.CLUSTER_RESEARCH_OFFICE: "institution",
    Role.SPONSOR_MANAGER: "sponsor",
    Role.CRO_MANAGER: "cro",
    Role.COORDINATING_ANALYST: "coordinating_body",
    Role.COORDINATING_LEAD: "coordinating_body",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which site pathways a list is asked for."""

    text: str = ""
    state: str = ""
    stage: str = ""
    party: str = ""
    area: str = ""
    sponsor: str = ""
    is_mine: bool = False
    is_stuck: bool = False

    @property
    def is_narrowed(self) -> bool:
        return self != Asked(is_mine=self.is_mine, is_stuck=self.is_stuck)


def get_path(user: Any, pk: int) -> SitePathway:
    """Return a site pathway if this user may see it; otherwise it does not exist for them (404)."""
    found: SitePathway = get_object_or_404(whole(SitePathway.objects.visible_to(user)), pk=pk)
    return found


def get_path_of_site(user: Any, study_site_id: int) -> SitePathway:
    """Return the pathway of a study-site, or 404."""
    rows = whole(SitePathway.objects.visible_to(user))
    found: SitePathway = get_object_or_404(rows, study_site_id=study_site_id)
    return found


def whole(rows: Any) -> Any:
    """Return site pathways with what their pages name."""
    return rows.select_related(
        "version__pathway", "study_site__study__index", "study_site__organisation"
    ).defer("study_site__study__index__document")


def list_paths(user: Any, asked: Asked, *, today: date) -> QuerySet[SitePathway]:
    """Return the site pathways that this user may see, narrowed; not ordered."""
    rows = whole(SitePathway.objects.visible_to(user))
    exact = {
        "state": asked.state,
        "stage": asked.stage,
        "therapeutic_area": asked.area,
        "sponsor_kind": asked.sponsor,
    }
    rows = rows.filter(**{column: value for column, value in exact.items() if value})
    if asked.party:
        rows = rows.filter(holders__contains=[asked.party])
    if asked.is_mine:
        rows = rows.filter(holders__overlap=sorted(parties_of(user)), state__in=GOING)
    if asked.is_stuck:
        rows = rows.filter(stuck(today), state=PathState.UNDER_WAY)
    for word in asked.text.split()[:6]:
        rows = rows.filter(
            Q(study_site__study__number__icontains=word)
            | Q(study_site__study__index__title__icontains=word)
            | Q(study_site__organisation__name__icontains=word)
        )
    return rows  # type: ignore[no-any-return]


def stuck(today: date) -> Q:
    """Return what makes a site pathway stuck: overdue, or long at one party's hands."""
    return Q(due_date__lt=today) | Q(waiting_since__lt=today - STUCK_AFTER)


def parties_of(user: Any) -> set[str]:
    """Return the parties for which the user acts anywhere."""
    return {PARTY_OF[role] for role in people.roles_anywhere(user) if role in PARTY_OF}


def list_for_study(user: Any, study: Any) -> list[SitePathway]:
    """Return a study's site pathways that this user may see, by institution."""
    rows = whole(SitePathway.objects.visible_to(user)).filter(study_site__study=study)
    return list(rows.order_by("study_site__organisation__name", "pk"))


def get_study(user: Any, pk: int) -> Any:
    """Return a study whose start-up the user may see or begin; otherwise 404."""
    study = registry.get_study(user, pk)
    sees = SitePathway.objects.visible_to(user).filter(study_site__study=study).exists()
    if sees or may_select(user, study):
        return study
    raise Http404("No start-up here.")


def may_select(user: Any, study: Any) -> bool:
    """Say whether the user selects sites for the study: as its sponsor, or as an institution."""
    if people.may(user, permissions.SELECT_SITE, study.scope_id):
        return True
    return people.holds_anywhere(user, permissions.FOR_INSTITUTION)


def count_states(rows: QuerySet[SitePathway], column: str) -> dict[str, int]:
    """Return how many rows there are for each value of a column."""
    found = rows.order_by().values_list(column).annotate(n=Count("pk"))
    return {str(value): n for value, n in found}


def may(user: Any, act: Act, path: SitePathway) -> bool:
    return permissions.may(user, act, path)


def why_not(user: Any, act: Act, path: SitePathway) -> str:
    """Return why the user may not do this for the study-site, or '' where they may."""
    if permissions.may(user, act, path):
        return ""
    return people.why_not(user, act, path.study_site.scope_id)


def recordable(user: Any, ids: Collection[int] | None = None) -> list[SitePathway]:
    """Return the study-sites under way whose milestones the user records, at most 300."""
    rows = whole(SitePathway.objects.visible_to(user)).filter(state__in=GOING)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    if not people.holds_anywhere(user, permissions.RECORD_MILESTONE.everywhere):
        scopes = people.scopes_of(user, permissions.RECORD_MILESTONE.roles)
        rows = rows.filter(
            Q(study_site__scope_id__in=scopes) | Q(study_site__organisation__scope_id__in=scopes)
        )
    return list(rows.order_by("study_site__study__number", "study_site__organisation__name")[:300])


def party_label(key: str) -> str:
    """Return how a party is called where no pathway is at hand."""
    return PARTIES.get(key) or key.replace("_", " ").capitalize()
