"""Sites: the parts that organisations have in studies, as the studies' locations give them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from tembusu.coordination.registry.models import Place, Study, StudyLocation, StudySite
from tembusu.foundation.people import actions as people
from tembusu.foundation.people.terms import ScopeKind

# Of a study's index only this follows from its sites; the rest need not be worked out again.
INDEX_SITES = """
UPDATE registry_studyindex i SET site_scope_ids = now.scopes, facets = now.facets
FROM (
  SELECT held.study_id,
    ARRAY(SELECT scope.id
      FROM registry_studysite s JOIN people_organisation o ON o.id = s.organisation_id,
        unnest(ARRAY[s.scope_id, o.scope_id]) WITH ORDINALITY scope (id, no)
      WHERE s.study_id = held.study_id ORDER BY s.id, scope.no) AS scopes,
    ARRAY(SELECT facet COLLATE "C" FROM unnest(held.facets) facet WHERE facet NOT LIKE 'organisation:%%'
      UNION SELECT 'organisation:' || s.organisation_id
      FROM registry_studysite s WHERE s.study_id = held.study_id ORDER BY 1)::varchar[] AS facets
  FROM registry_studyindex held WHERE held.study_id = ANY(%s)) now
WHERE i.study_id = now.study_id
  AND (i.site_scope_ids, i.facets) IS DISTINCT FROM (now.scopes, now.facets)
"""


@dataclass(slots=True)
class SitesOfStudy:
    """The organisations at which a study runs, and the scopes of their parts in it."""

    organisation_ids: list[int] = field(default_factory=list)
    scope_ids: list[int] = field(default_factory=list)


def follow_locations(study_ids: Collection[int], *, at: datetime) -> None:
    """Let studies have the sites that their locations give, and the index say so."""
    rows = StudyLocation.objects.filter(
        study_id__in=study_ids, place__organisation__isnull=False
    ).order_by()
    pairs = set(rows.values_list("study_id", "place__organisation_id").distinct())
    end_unlisted(study_ids, pairs)
    make_sites(pairs, at=at)
    with connection.cursor() as cursor:
        cursor.execute(INDEX_SITES, [list(study_ids)])


def end_unlisted(study_ids: Collection[int], listed: Collection[tuple[int, int]]) -> None:
    """Take back the sites that no location gives any more, but for those where somebody has a role,
    or which are kept.

    :param listed: (study id, organisation id)
    """
    sites = StudySite.objects.filter(study_id__in=study_ids, scope__memberships=None, is_kept=False)
    rows = sites.values_list("id", "study_id", "organisation_id", "scope__parent_id")
    ended = {
        pk: above for pk, study, organisation, above in rows if (study, organisation) not in listed
    }
    held = _with_roles({above for above in ended.values() if above is not None})
    StudySite.objects.filter(
        pk__in=[pk for pk, above in ended.items() if above not in held]
    ).delete()


def _with_roles(scope_ids: Collection[int]) -> set[int]:
    """Return which scopes are sites of merged studies where somebody has a role.

    The site of the study that stays hangs below them, so that the role reaches it.
    """
    sites = StudySite.objects.filter(scope_id__in=scope_ids)
    rows = list(sites.values_list("scope_id", "scope__parent_id", "scope__memberships"))
    found = {scope for scope, _, membership in rows if membership is not None}
    above = {parent for _, parent, _ in rows if parent is not None}
    reached = _with_roles(above) if above else set()
    return found | {scope for scope, parent, _ in rows if parent in reached}


def make_sites(pairs: Iterable[tuple[int, int]], *, at: datetime) -> None:
    """Make each active organisation's part in a study where it is not there yet.

    :param pairs: (study id, organisation id), of organisations for which places stand
    """
    wanted = set(pairs)
    study_ids = {study for study, _ in wanted}
    held = StudySite.objects.filter(study_id__in=study_ids)
    missing = wanted - set(held.values_list("study_id", "organisation_id"))
    if not missing:
        return
    active = Place.objects.filter(
        organisation_id__in={organisation for _, organisation in missing},
        organisation__is_active=True,
    )
    open_ids = set(active.order_by().values_list("organisation_id", flat=True).distinct())
    made = sorted(pair for pair in missing if pair[1] in open_ids)
    studies = Study.objects.select_related("scope").in_bulk({study for study, _ in made})
    scopes = people.make_scopes(
        kind=ScopeKind.STUDY_SITE, parents=[studies[study].scope for study, _ in made]
    )
    StudySite.objects.bulk_create(
        StudySite(study_id=study, organisation_id=organisation, scope=scope, made_at=at)
        for (study, organisation), scope in zip(made, scopes, strict=True)
    )


def sites_of(study_ids: Sequence[int]) -> dict[int, SitesOfStudy]:
    """Return the sites of each of the studies, by study id."""
    sites: dict[int, SitesOfStudy] = defaultdict(SitesOfStudy)
    rows = StudySite.objects.filter(study_id__in=study_ids).order_by("id")
    for study, organisation, scope, above in rows.values_list(
        "study_id", "organisation_id", "scope_id", "organisation__scope_id"
    ):
        sites[study].organisation_ids.append(organisation)
        sites[study].scope_ids += [scope, above]
    return sites
