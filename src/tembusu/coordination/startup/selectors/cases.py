"""Every study-site's start-up as plain values, read in bulk by what makes figures. Not for screens."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from tembusu.coordination.startup.models import Hold, PathwayVersion, SiteMilestone, SitePathway
from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.terms import (
    Case,
    CaseMilestone,
    CaseTurn,
    MilestoneState,
    PathState,
)
from trialtime.attribution import Attribution, Step, attribute
from trialtime.clocks import Turn

BATCH = 2_000
COLUMNS = (
    "id",
    "version_id",
    "state",
    "selected_date",
    "opened_date",
    "left_date",
    "sponsor_kind",
    "phase",
    "therapeutic_area",
    "study_site_id",
    "study_site__study_id",
    "study_site__study__number",
    "study_site__organisation_id",
    "study_site__organisation__parent_id",
    "study_site__organisation__parent__kind",
)
MILESTONE = (
    "site_pathway_id",
    "key",
    "stage",
    "party",
    "state",
    "started_date",
    "completed_date",
    "due_date",
)
HOLD = (
    "milestone__site_pathway_id",
    "milestone__key",
    "waiting_on",
    "start_date",
    "end_date",
    "reason_code",
)
Turns = dict[tuple[int, str], list[CaseTurn]]


def read_cases(ids: Collection[int] | None = None) -> Iterator[Case]:
    """Yield study-sites' start-ups in the order of their ids, in batches of three queries each.

    Reads whatever there is, whoever asks: for figures alone, which suppress small cells themselves.

    :param ids: of site pathways; None for all
    """
    shapes = _Shapes()
    rows = SitePathway.objects.order_by("id")
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    last = 0
    while batch := list(rows.filter(pk__gt=last).values_list(*COLUMNS)[:BATCH]):
        last = batch[-1][0]
        found = [row[0] for row in batch]
        milestones = _milestones(found, {row[0]: row[1] for row in batch}, shapes)
        for row in batch:
            yield _case(row, tuple(milestones[row[0]]), shapes)


class _Shapes:
    """What each version asks of its milestones, read once."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[Mapping[str, tuple[str, ...]], Mapping[str, int], str]] = {}

    def of(self, version_id: int) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, int], str]:
        """Return needs by milestone, each milestone's place, and the key of the gate."""
        if version_id not in self._held:
            plan = plans.read_plan(PathwayVersion.objects.get(pk=version_id).plan)
            needs = {one.key: one.needs for one in plan.milestones}
            places = {one.key: place for place, one in enumerate(plan.milestones)}
            self._held[version_id] = needs, places, plan.gate.key
        return self._held[version_id]


def _milestones(
    ids: Collection[int], versions: Mapping[int, int], shapes: _Shapes
) -> dict[int, list[CaseMilestone]]:
    turns = _turns(ids)
    found: dict[int, list[CaseMilestone]] = defaultdict(list)
    rows = SiteMilestone.objects.filter(site_pathway_id__in=ids).values_list(*MILESTONE)
    for owner, key, stage, party, state, started, completed, due in rows:
        needs, _, _ = shapes.of(versions[owner])
        found[owner].append(
            CaseMilestone(
                key=key,
                stage=stage,
                party=party,
                needs=needs.get(key, ()),
                state=state,
                started_date=started,
                completed_date=completed,
                due_date=due,
                turns=tuple(turns.get((owner, key), ())),
            )
        )
    for owner, held in found.items():
        _, places, _ = shapes.of(versions[owner])
        held.sort(key=lambda one: places.get(one.key, len(places)))
    return found


def _turns(ids: Collection[int]) -> Turns:
    turns: Turns = defaultdict(list)
    rows = Hold.objects.filter(milestone__site_pathway_id__in=ids).order_by("start_date", "id")
    for owner, key, party, start, end, reason in rows.values_list(*HOLD):
        turns[owner, key].append(CaseTurn(party, start, end, reason))
    return turns


def _case(row: tuple[Any, ...], milestones: tuple[CaseMilestone, ...], shapes: _Shapes) -> Case:
    (
        pk,
        version_id,
        state,
        selected,
        opened,
        left,
        sponsor_kind,
        phase,
        area,
        site_id,
        study_id,
        number,
        institution_id,
        parent_id,
        parent_kind,
    ) = row
    end_kind, end_date = _end(PathState(state), opened, left)
    return Case(
        id=pk,
        study_id=study_id,
        study_site_id=site_id,
        number=number,
        institution_id=institution_id,
        cluster_id=parent_id if parent_kind == "cluster" else None,
        sponsor_kind=sponsor_kind,
        phase=phase,
        therapeutic_area=area,
        start_date=selected,
        end_kind=end_kind,
        end_date=end_date,
        milestones=milestones,
        left_kind=state if left else None,
        left_date=left,
        gate=shapes.of(version_id)[2],
    )


def _end(
    state: PathState, opened: date | None, left: date | None
) -> tuple[str | None, date | None]:
    """Return how and when start-up ended: a site that opened has opened, whatever came later."""
    if opened is not None:
        return "opened", opened
    if left is not None:
        return state.value, left
    return None, None


def steps_of(case: Case) -> list[Step]:
    """Return a case's milestones as steps of which ``trialtime.attribute`` tells where time went."""
    return [
        Step(
            key=one.key,
            needs=one.needs,
            party=one.party,
            end_date=one.completed_date,
            turns=tuple(Turn(t.party, t.start_date, t.end_date) for t in one.turns),
            is_left_out=one.state == MilestoneState.NOT_APPLICABLE,
        )
        for one in case.milestones
    ]


def attribution_of(case: Case, today: date) -> Attribution:
    """Say where a case's days went, from selected to open, to the day it left, or to today."""
    as_of = today
    if case.end_kind != "opened" and case.end_date is not None:
        as_of = case.end_date
    return attribute(
        steps_of(case), start_date=case.start_date, as_of=as_of, end_step=case.gate or None
    )
