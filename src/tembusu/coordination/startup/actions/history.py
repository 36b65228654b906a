"""Past years' start-ups are brought in whole, a batch at a time, so that figures have a past to tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.registry import actions as registry
from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions import writing
from tembusu.coordination.startup.models import (
    Hold,
    PathwayVersion,
    SiteMilestone,
    SitePathway,
)
from tembusu.coordination.startup.rules import past
from tembusu.coordination.startup.selectors import sheets, studies
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import (
    MilestonePlan,
    MilestoneState,
    PastCase,
    PastMilestone,
    StartupRefused,
)
from tembusu.foundation.core import audit
from tembusu.foundation.people import selectors as people

ROWS_AT_ONCE = 2_000


class UnknownPathway(StartupRefused):
    """No version of such a pathway is in force."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a batch.

    :ivar ids: of the site pathways that were made
    :ivar n_there: study-sites whose start-up was here already; nothing of theirs is changed
    """

    ids: tuple[int, ...]
    n_there: int


@audit.act
def take_history(*, cases: Sequence[PastCase], by: Any, at: datetime) -> Brought:
    """Bring in one batch of past start-ups; all of it, or nothing.

    Sites that the register does not have yet are made. A study-site that has a start-up here keeps it,
    so the same batch again does nothing. When each date was told at the time stays with it; that it was
    brought in now stands in the ledger.

    :raises PermissionDenied: unless the user brings in history; None is the system itself
    :raises UnknownPathway: naming a pathway of which no version is in force
    :raises StartupRefused: naming the study-site and what contradicts what
    """
    if by is not None:
        people.check(by, permissions.TAKE_HISTORY)
    versions = {one.pathway.key: one for one in studies.versions_in_force()}
    today = localdate(at)
    for case in cases:
        _check(case, versions, today)
    pairs = [(case.study_id, case.institution_id) for case in cases]
    sites = registry.keep_sites(pairs=pairs, by=None, at=at)
    there = set(
        SitePathway.objects.filter(study_site_id__in=sites.values()).values_list(
            "study_site_id", flat=True
        )
    )
    wanted: dict[int, PastCase] = {}
    for case in cases:
        site_id = sites[case.study_id, case.institution_id]
        if site_id not in there:
            wanted.setdefault(site_id, case)
    made = list(_sheets(wanted, versions, at))
    for sheet in made:
        writing.settle(sheet, today)
    _save(made)
    audit.record_many(_notes(wanted, made, by, at))
    ids = tuple(sheet.path.pk for sheet in made)
    writing.announce(ids, at=at)
    return Brought(ids, len(cases) - len(made))


def _check(case: PastCase, versions: Mapping[str, PathwayVersion], today: Any) -> None:
    if case.pathway not in versions:
        raise UnknownPathway(
            f"No version of the pathway {case.pathway} is in force. In force are"
            f" {', '.join(sorted(versions)) or 'none'}."
        )
    try:
        past.check_past(case, sheets.plan_of(versions[case.pathway]), today=today)
    except StartupRefused as refused:
        where = f"Study {case.study_id} at institution {case.institution_id}"
        raise type(refused)(f"{where}: {refused}") from refused


def _sheets(
    wanted: Mapping[int, PastCase], versions: Mapping[str, PathwayVersion], at: datetime
) -> Iterator[Sheet]:
    """Yield the rows of each start-up, not saved yet."""
    untold = [one.study_id for one in wanted.values() if one.sponsor_kind == "unknown"]
    facts = studies.facts_of(sorted(set(untold)))
    for site_id, case in wanted.items():
        version = versions[case.pathway]
        plan, told = sheets.plan_of(version), facts.get(case.study_id)
        path = SitePathway(
            study_site_id=site_id,
            version=version,
            state=case.state,
            selected_date=case.selected_date,
            opened_date=case.opened_date,
            left_date=case.left_date,
            left_reason=case.left_reason,
            sponsor_kind=told.sponsor_kind if told else case.sponsor_kind,
            phase=told.phase if told else case.phase,
            therapeutic_area=told.area if told else case.therapeutic_area,
            made_at=at,
            changed_at=at,
        )
        rows, holds = {}, {}
        for one, of in zip(case.milestones, plan.milestones, strict=True):
            rows[of.key] = _row(path, one, of, at)
            if one.holds:
                holds[of.key] = _holds(rows[of.key], one, at)
        yield Sheet(path, plan, rows, holds)


def _row(path: SitePathway, one: PastMilestone, of: MilestonePlan, at: datetime) -> SiteMilestone:
    told = one.recorded_at or at
    is_completed = one.state is MilestoneState.COMPLETED
    return SiteMilestone(
        site_pathway=path,
        key=of.key,
        stage=of.stage.value,
        party=of.party,
        state=one.state,
        started_date=one.started_date,
        started_recorded_at=told if one.started_date else None,
        completed_date=one.completed_date,
        completed_recorded_at=told if is_completed else None,
        evidence=one.evidence,
        reason=one.reason,
    )


def _holds(row: SiteMilestone, one: PastMilestone, at: datetime) -> list[Hold]:
    return [
        Hold(
            milestone=row,
            waiting_on=turn.party,
            reason_code=turn.reason or "other",
            start_date=turn.start_date,
            end_date=turn.end_date,
            recorded_at=one.recorded_at or at,
        )
        for turn in one.holds
    ]


def _save(made: Sequence[Sheet]) -> None:
    SitePathway.objects.bulk_create([sheet.path for sheet in made], batch_size=ROWS_AT_ONCE)
    rows = [row for sheet in made for row in sheet.rows.values()]
    SiteMilestone.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    holds = [hold for sheet in made for held in sheet.holds.values() for hold in held]
    Hold.objects.bulk_create(holds, batch_size=ROWS_AT_ONCE)


def _notes(
    wanted: Mapping[int, PastCase], made: Sequence[Sheet], by: Any, at: datetime
) -> Iterator[Any]:
    for sheet in made:
        case = wanted[sheet.path.study_site_id]
        change = {"pathway": str(sheet.path.version), "on": case.selected_date.isoformat()}
        on = [audit.ref(sheet.path), f"registry.Study:{case.study_id}"]
        yield audit.describe("startup.site.brought_in", on=on, by=by, at=at, change=change)
