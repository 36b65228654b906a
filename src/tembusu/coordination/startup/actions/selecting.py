"""A site is selected: it becomes a study-site that goes along a version of a pathway."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localdate

from tembusu.coordination.registry import actions as registry
from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions import writing
from tembusu.coordination.startup.actions.moving import ReasonMissing
from tembusu.coordination.startup.models import PathwayVersion, SiteMilestone, SitePathway
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.selectors import routes, sheets, studies
from tembusu.coordination.startup.terms import (
    MilestoneState,
    PathwayPlan,
    StartupRefused,
    VersionState,
)
from tembusu.foundation.core import audit
from tembusu.foundation.people import selectors as people

if TYPE_CHECKING:
    from tembusu.coordination.registry.models import Study
    from tembusu.foundation.people.models import Organisation


class SelectedAlready(StartupRefused):
    """The institution is on its way for this study already."""


@audit.act
def select_site(
    *,
    study: "Study",
    organisation: "Organisation",
    selected_date: date,
    by: Any,
    at: datetime,
    version: PathwayVersion | None = None,
    obligations: Mapping[str, str] | None = None,
) -> SitePathway:
    """Select an institution as a site of a study, and begin its start-up.

    :param version: the pathway's version; None lets the study's type and obligations choose
    :param obligations: kinds of regulatory obligation that the study has, each with its reason: what
        the pathway asks for others does not apply. None takes them from the study's kept route; while
        nobody has kept one, all of it stands
    :raises PermissionDenied: unless the user selects sites for the study or the institution
    :raises SelectedAlready: if it is on its way already
    :raises NoPathway: if no pathway in force fits the study
    """
    if by is not None and not _may_select(by, study, organisation):
        people.check(by, permissions.SELECT_SITE, study.scope_id)
    if selected_date > localdate(at):
        raise dates.ContradictoryDates(
            f"The site was selected on {dates.say(selected_date)}, but today is"
            f" {dates.say(localdate(at))}. Record it when it has happened."
        )
    if by is None:
        pairs = registry.keep_sites(pairs=[(study.pk, organisation.pk)], by=None, at=at)
        site_id = pairs[study.pk, organisation.pk]
    else:
        site_id = registry.keep_site(study=study, organisation=organisation, by=by, at=at).pk
    if found := SitePathway.objects.filter(study_site_id=site_id).first():
        raise SelectedAlready(
            f"{organisation.name} was selected for {study.number} on"
            f" {dates.say(found.selected_date)}. Open its page instead."
        )
    if obligations is None and (route := routes.kept_route(study)):
        obligations = route.reasons
    facts = studies.facts_of([study.pk])[study.pk]
    kinds = frozenset(obligations or ())
    version = version or studies.version_for(facts, kinds)
    path = SitePathway.objects.create(
        study_site_id=site_id,
        version=version,
        selected_date=selected_date,
        sponsor_kind=facts.sponsor_kind,
        phase=facts.phase,
        therapeutic_area=facts.area,
        made_at=at,
        changed_at=at,
    )
    plan = sheets.plan_of(version)
    SiteMilestone.objects.bulk_create(_rows(path, plan, obligations))
    sheet = writing.locked(path.pk)
    writing.finish(sheet, [], at=at)
    change = {"pathway": str(version), "on": selected_date.isoformat()}
    audit.record_many([writing.note(sheet, "startup.site.selected", by=by, at=at, change=change)])
    return sheet.path


def _may_select(by: Any, study: Any, organisation: Any) -> bool:
    return any(
        people.may(by, permissions.SELECT_SITE, scope)
        for scope in (study.scope_id, organisation.scope_id)
    )


def _rows(
    path: SitePathway, plan: PathwayPlan, obligations: Mapping[str, str] | None
) -> list[SiteMilestone]:
    """Return the milestones of a new site pathway; those of other obligations do not apply."""
    rows = []
    for one in plan.milestones:
        row = SiteMilestone(site_pathway=path, key=one.key, stage=one.stage.value, party=one.party)
        if (
            obligations is not None
            and one.obligations
            and not set(one.obligations) & set(obligations)
        ):
            row.state = MilestoneState.NOT_APPLICABLE
            row.reason = " ".join(obligations.values()) or "The study has no such obligation."
        rows.append(row)
    return rows


@audit.act
def move_to_version(
    *, path: SitePathway, version: PathwayVersion, reason: str, by: Any, at: datetime
) -> SitePathway:
    """Move a study-site to another version, keeping what it has of the same milestones.

    :raises PermissionDenied: unless the user decides on pathways
    :raises StartupRefused: without a reason, if the version is not in force, or if the version lacks a
        milestone that was begun here, naming those
    """
    people.check(by, permissions.EDIT_PATHWAY)
    sheet = writing.locked(path.pk)
    version = PathwayVersion.objects.get(pk=version.pk)
    if version.state != VersionState.IN_FORCE:
        raise StartupRefused(f"{version} is not in force. Put it in force first.")
    if not reason.strip():
        raise ReasonMissing("Say why this site goes along another version.")
    plan, before = sheets.plan_of(version), str(sheet.path.version)
    kept = {one.key for one in plan.milestones}
    begun = [
        sheet.plan.milestone(key).label
        for key, row in sheet.rows.items()
        if key not in kept and row.state != MilestoneState.NOT_STARTED
    ]
    if begun:
        raise StartupRefused(
            f"{version} has no {', '.join(begun)}, which was recorded here. Nothing was moved."
        )
    gone = [row.pk for key, row in sheet.rows.items() if key not in kept]
    SiteMilestone.objects.filter(pk__in=gone).delete()
    missing = [row for row in _rows(sheet.path, plan, None) if row.key not in sheet.rows]
    SiteMilestone.objects.bulk_create(missing)
    for one in plan.milestones:
        SiteMilestone.objects.filter(site_pathway=path, key=one.key).exclude(
            party=one.party, stage=one.stage
        ).update(party=one.party, stage=one.stage)
    SitePathway.objects.filter(pk=path.pk).update(version=version)
    sheet = writing.locked(path.pk)
    writing.finish(sheet, [], at=at)
    change = {"from": before, "to": str(version)}
    audit.record_many(
        [writing.note(sheet, "startup.site.moved", by=by, at=at, change=change, reason=reason)]
    )
    return sheet.path
