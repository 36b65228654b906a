"""Sites that people plan, rather than a registry's locations: they stay until people end them."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions.places.sites import INDEX_SITES
from tembusu.coordination.registry.models import Study, StudySite
from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions as people
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import OrganisationKind, ScopeKind

if TYPE_CHECKING:
    from tembusu.foundation.people.models import Organisation


class SiteRefused(Refusal):
    """An organisation that can't be a site of the study."""


@audit.act
def keep_site(*, study: Study, organisation: "Organisation", by: Any, at: datetime) -> StudySite:
    """Make an institution a site of a study, or keep the site that a registry gave it.

    :raises PermissionDenied: unless the user plans sites for the study or for the institution
    :raises SiteRefused: if the organisation is no institution, or no longer active
    """
    permissions.check_can_plan_site(by, study, organisation)
    if organisation.kind != OrganisationKind.INSTITUTION or not organisation.is_active:
        raise SiteRefused(
            f"{organisation.name} is no active institution. Choose a hospital or clinic that is."
        )
    locked = Study.objects.select_for_update().select_related("scope").get(pk=study.pk)
    site = StudySite.objects.filter(study=locked, organisation=organisation).first()
    if site is not None and site.is_kept:
        return site
    if site is None:
        scope = people.make_scope(kind=ScopeKind.STUDY_SITE, parent=locked.scope)
        site = StudySite(study=locked, organisation=organisation, scope=scope, made_at=at)
    site.is_kept = True
    site.save()
    people_selectors.forget(by)
    _index([locked.pk])
    audit.record(
        "registry.site.kept", on=[locked, site], by=by, at=at, change={"site": organisation.name}
    )
    return site


@audit.act
def keep_sites(
    *, pairs: Collection[tuple[int, int]], by: Any, at: datetime
) -> dict[tuple[int, int], int]:
    """Make or keep many sites at once, for imports; return their ids by (study id, institution id).

    The caller has found the institutions; whatever organisation is named becomes a site.

    :raises PermissionDenied: unless the user keeps the register; None is the system itself
    """
    if by is not None:
        permissions.check_can_settle_places(by)
    wanted = set(pairs)
    held = StudySite.objects.filter(study_id__in={study for study, _ in wanted})
    found = {(s, o): pk for pk, s, o in held.values_list("pk", "study_id", "organisation_id")}
    there = [found[pair] for pair in wanted if pair in found]
    StudySite.objects.filter(pk__in=there, is_kept=False).update(is_kept=True)
    missing = sorted(wanted - set(found))
    studies = Study.objects.select_related("scope").in_bulk({study for study, _ in missing})
    scopes = people.make_scopes(
        kind=ScopeKind.STUDY_SITE, parents=[studies[study].scope for study, _ in missing]
    )
    made = StudySite.objects.bulk_create(
        StudySite(study=studies[study], organisation_id=body, scope=scope, is_kept=True, made_at=at)
        for (study, body), scope in zip(missing, scopes, strict=True)
    )
    _index(sorted({study for study, _ in missing}))
    audit.record_many(
        audit.describe("registry.site.kept", on=[one.study, one], by=by, at=at) for one in made
    )
    found |= {(one.study_id, one.organisation_id): one.pk for one in made}
    return {pair: found[pair] for pair in wanted}


def _index(study_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INDEX_SITES, [study_ids])
