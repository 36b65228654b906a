"""A study-site's milestones in hand: its plan, its rows and its holds, read together."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from tembusu.coordination.startup.models import (
    Hold,
    PathwayVersion,
    SiteMilestone,
    SitePathway,
)
from tembusu.coordination.startup.rules import plans, standing
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestoneFacts,
    MilestoneState,
    PathwayPlan,
)
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.jurisdictions.terms import Theme
from trialtime.calendars import Calendar

FIRST_YEAR, YEARS_AHEAD = 2010, 6


@dataclass(slots=True)
class Sheet:
    """All that is known of one study-site's start-up.

    :ivar rows: milestones by key
    :ivar holds: holds by the milestone's key, the first to begin first
    """

    path: SitePathway
    plan: PathwayPlan
    rows: dict[str, SiteMilestone]
    holds: dict[str, list[Hold]] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, MilestoneFacts]:
        """Return what rules know of each milestone."""
        return {one.key: self.facts_of(one.key) for one in self.plan.milestones}

    def facts_of(self, key: str) -> MilestoneFacts:
        row = self.rows[key]
        turns = tuple(
            CaseTurn(one.waiting_on, one.start_date, one.end_date, one.reason_code)
            for one in self.holds.get(key, ())
        )
        return MilestoneFacts(
            key=key,
            label=self.plan.milestone(key).label,
            state=MilestoneState(row.state),
            started_date=row.started_date,
            completed_date=row.completed_date,
            completed_by=str(row.completed_by) if row.completed_by_id else "",
            completed_recorded_at=row.completed_recorded_at,
            holds=turns,
        )

    def standing(self, today: date) -> standing.Standing:
        """Return what may go on now; nothing on a pathway that has ended."""
        if self.path.left_date is not None:
            return standing.Standing(())
        return standing.standing(
            self.plan,
            self.facts,
            selected=self.path.selected_date,
            as_of=today,
            calendar=calendar_for(today),
        )


def calendar_for(today: date) -> Calendar:
    """Return the country's working days, of past years that are brought in and of years ahead."""
    items = jurisdictions.pack(today).items
    said = repr([(one.key, one.value) for one in items if one.theme is Theme.CALENDAR])
    return _calendar(said, today.year + YEARS_AHEAD)


@lru_cache(maxsize=4)
def _calendar(said: str, last_year: int) -> Calendar:
    """Make a calendar once for what the pack says of it; a change there says something else."""
    return jurisdictions.calendar(FIRST_YEAR, last_year)


_PLANS: dict[str, PathwayPlan] = {}


def plan_of(version: PathwayVersion) -> PathwayPlan:
    """Return a version's plan. What a hash names never changes, so each is read once."""
    if version.digest not in _PLANS:
        _PLANS[version.digest] = plans.read_plan(version.plan)
    return _PLANS[version.digest]


def read_sheets(paths: Collection[SitePathway]) -> list[Sheet]:
    """Return the sheets of study-sites in their order, in two queries; their versions are loaded."""
    ids = [path.pk for path in paths]
    rows: dict[int, dict[str, SiteMilestone]] = defaultdict(dict)
    held: dict[int, dict[str, list[Hold]]] = defaultdict(lambda: defaultdict(list))
    by_path = {path.pk: path for path in paths}
    found = SiteMilestone.objects.filter(site_pathway_id__in=ids).select_related("completed_by")
    for row in found:
        row.site_pathway = by_path[row.site_pathway_id]
        rows[row.site_pathway_id][row.key] = row
    by_row = {row.pk: row for one in rows.values() for row in one.values()}
    holds = Hold.objects.filter(milestone__site_pathway_id__in=ids)
    for hold in holds.order_by("start_date", "id"):
        row = by_row[hold.milestone_id]
        held[row.site_pathway_id][row.key].append(hold)
    return [
        Sheet(path, plan_of(path.version), rows[path.pk], dict(held[path.pk])) for path in paths
    ]


def read_sheet(path: SitePathway) -> Sheet:
    """Return the sheet of one study-site."""
    return read_sheets([path])[0]


def with_sites() -> Any:
    """Return site pathways with what their pages name: study, institution, version."""
    return SitePathway.objects.select_related(
        "version__pathway", "study_site__study", "study_site__organisation"
    )
