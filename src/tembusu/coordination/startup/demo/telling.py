"""What the records say of a site on a day: cut short, told late, with gaps.

What ended after that day is still open. A site that was withdrawn, or whose study was stopped, keeps
what was done before. Some days were never written down: such a milestone stands as not applicable with
``NOT_RECORDED`` as its reason, since what needed it went on.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from tembusu.coordination.startup.demo.walking import Happening
from tembusu.coordination.startup.demo.world import DAYS_IN_YEAR, PastSite, World
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestonePlan,
    MilestoneState,
    PastCase,
    PastMilestone,
    PathState,
    PathwayPlan,
)

NOT_RECORDED = "Not recorded at the time; the day is not known"
OFFICE_HOURS = (1, 10)  # of UTC
START_LAG = 2.0  # usual working days until somebody begins, on average


@dataclass(frozen=True, slots=True)
class Leaving:
    """How and when a site left, if it did."""

    state: PathState
    day: date
    reason: str


def tell(
    site: PastSite,
    plan: PathwayPlan,
    happened: Mapping[str, Happening],
    world: World,
    *,
    study_first_date: date,
) -> PastCase:
    """Return a site's start-up as the records have it on the day of reading.

    :param study_first_date: when the study's first site was selected, from which it may be stopped
    """
    dice = world.dice("records", site.study_id, site.institution_id)
    opened = happened[plan.gate.key].end
    leaving = _leaving(site, opened, world, study_first_date)
    cut = min(world.as_of, leaving.day) if leaving else world.as_of
    records = _Records(plan, happened, world, cut, is_going=leaving is None, dice=dice)
    milestones = [records.milestone(one) for one in plan.milestones]
    is_open = opened <= cut
    return PastCase(
        study_id=site.study_id,
        institution_id=site.institution_id,
        pathway=plan.key,
        selected_date=site.selected_date,
        milestones=tuple(milestones),
        state=leaving.state if leaving else PathState.OPEN if is_open else PathState.UNDER_WAY,
        opened_date=opened if is_open else None,
        left_date=leaving.day if leaving else None,
        left_reason=leaving.reason if leaving else "",
        sponsor_kind=site.sponsor_kind,
        phase=site.phase,
        therapeutic_area=site.therapeutic_area,
    )


def _leaving(site: PastSite, opened: date, world: World, study_first: date) -> Leaving | None:
    """Return the first of a site's withdrawal and its study's stop, if it came by the day of reading."""
    ends = world.parameters.tables["ends"]
    study, own = (
        world.dice("stop", site.study_id),
        world.dice("withdraw", site.study_id, site.institution_id),
    )
    stopped = _after(study_first, float(ends["study_stops"]), study)
    gone = _after(site.selected_date, float(ends["site_withdraws"]), own)
    if gone > opened:
        gone = _after(opened, float(ends["open_site_withdraws"]), own)
    reasons = study.choice(ends["stopped"]), own.choice(ends["withdrawn"])
    # A study that was stopped before it asked this site would not have asked it.
    stopped = stopped if stopped > site.selected_date else date.max
    found = min(
        Leaving(PathState.STOPPED, stopped, reasons[0]),
        Leaving(PathState.WITHDRAWN, gone, reasons[1]),
        key=lambda one: one.day,
    )
    return found if found.day <= world.as_of else None


def _after(day: date, monthly: float, dice: random.Random) -> date:
    """Return the day of something that happens at random, with this chance in a month."""
    days = dice.expovariate(monthly) * DAYS_IN_YEAR / 12
    return day + timedelta(days=1 + int(days)) if days < 100 * DAYS_IN_YEAR else date.max


@dataclass(slots=True)
class _Records:
    """What is written down of one site's milestones."""

    plan: PathwayPlan
    happened: Mapping[str, Happening]
    world: World
    cut: date
    is_going: bool
    dice: random.Random

    def milestone(self, plan: MilestonePlan) -> PastMilestone:
        """Return what the records say of one milestone."""
        happened = self.happened[plan.key]
        if happened.ready > self.cut or not self._is_reached(plan):
            return PastMilestone(plan.key, MilestoneState.NOT_STARTED)
        if happened.left_out:
            return PastMilestone(
                plan.key,
                MilestoneState.NOT_APPLICABLE,
                reason=happened.left_out,
                recorded_at=self._told(happened.ready),
            )
        started = self._started(plan, happened)
        if happened.end <= self.cut:
            return self._completed(plan, happened, started)
        return self._open(plan, happened, started)

    def _is_reached(self, plan: MilestonePlan) -> bool:
        """Say whether it came to this milestone: some open sites never enrol anybody."""
        if self.plan.gate.key not in plan.needs:
            return True
        return self.dice.random() >= self.world.parameters.number("ends", "never_enrols")

    def _started(self, plan: MilestonePlan, happened: Happening) -> date | None:
        if self._chance("no_start"):
            return None
        if plan.decided_by:
            return happened.ready
        first = happened.turns[0] if happened.turns else None
        waited = first.end_date if first and first.start_date == happened.ready else None
        lag = self.dice.expovariate(1 / START_LAG)
        start = self.world.pace(plan, plan.party).after(waited or happened.ready, lag)
        return min(start, happened.end)

    def _completed(
        self, plan: MilestonePlan, happened: Happening, started: date | None
    ) -> PastMilestone:
        told = self._told(happened.end)
        is_kept = plan.is_gate or plan.decided_by or not self._followed(plan)
        if not is_kept and self._chance("not_recorded"):
            return PastMilestone(
                plan.key, MilestoneState.NOT_APPLICABLE, reason=NOT_RECORDED, recorded_at=told
            )
        return PastMilestone(
            plan.key,
            MilestoneState.COMPLETED,
            started,
            happened.end,
            told,
            self._evidence(plan, happened.end),
            holds=happened.turns,
        )

    def _followed(self, plan: MilestonePlan) -> bool:
        """Say whether something that needs it was done too, so that a gap is one in the records."""
        return any(
            self.happened[one.key].end <= self.cut
            for one in self.plan.milestones
            if plan.key in one.needs
        )

    def _open(
        self, plan: MilestonePlan, happened: Happening, started: date | None
    ) -> PastMilestone:
        holds = tuple(self._cut_hold(one) for one in happened.turns if one.start_date <= self.cut)
        if not self.is_going:
            holds = tuple(one for one in holds if one.end_date and one.end_date > one.start_date)
        is_held = any(one.end_date is None for one in holds)
        if started is not None and started > self.cut:
            started = None
        state = MilestoneState.ON_HOLD if is_held else MilestoneState.STARTED
        if not is_held and started is None:
            state = MilestoneState.NOT_STARTED
        days = [one.start_date for one in holds] + ([started] if started else [])
        told = self._told(max(days)) if days else None
        return PastMilestone(plan.key, state, started, None, told, holds=holds)

    def _cut_hold(self, hold: CaseTurn) -> CaseTurn:
        if hold.end_date is None or hold.end_date <= self.cut:
            return hold
        return replace(hold, end_date=None if self.is_going else self.cut)

    def _told(self, day: date) -> datetime:
        """Return when somebody wrote a day down: that week, some days later, or in a catch-up."""
        records, dice = self.world.parameters.tables["records"], self.dice
        drawn = dice.random()
        if drawn < float(records["same_week"]):
            late = float(dice.randrange(0, 5))
        elif drawn < 1 - float(records["catch_up"]):
            late = dice.expovariate(1 / float(records["late_mean_days"]))
        else:
            late = dice.expovariate(1 / float(records["catch_up_mean_days"]))
        latest = (self.world.as_of - day).days
        hour = time(dice.randrange(*OFFICE_HOURS), dice.randrange(60), tzinfo=UTC)
        if int(late) >= latest:  # told today at the latest, and before anybody reads it
            return datetime.combine(self.world.as_of, time(0, tzinfo=UTC))
        return datetime.combine(day + timedelta(days=int(late)), hour)

    def _evidence(self, plan: MilestonePlan, day: date) -> str:
        if not plan.evidence:
            return ""
        if not plan.is_evidence_required and self._chance("no_evidence"):
            return ""
        what = plan.evidence.split(",")[0]
        if self._chance("vague_evidence"):
            return f"{what} (see the site's file)"
        return f"{what} {day.year}-{self.dice.randrange(1, 9999):04d}"

    def _chance(self, name: str) -> bool:
        return self.dice.random() < self.world.parameters.number("records", name)
