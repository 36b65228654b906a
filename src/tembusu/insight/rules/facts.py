"""From a case's milestones to the facts that figures are made of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from tembusu.insight.terms import (
    PARTICIPANT,
    WHOLE,
    CaseFacts,
    CountsFrom,
    Ending,
    PartyDays,
    StageFact,
    Step,
)
from trialtime import attribution as trialtime
from trialtime.attribution import SEVERAL, SHARED, Attribution
from trialtime.clocks import Turn

if TYPE_CHECKING:
    from tembusu.coordination.startup.terms import Case, CaseMilestone

LEFT_OUT = "not_applicable"
FIRST_PARTICIPANT = "first_participant"  # the stage whose last milestone is the first participant
UNKNOWN = "unknown"
FAR_YEARS = 200


def attribution_of(case: "Case") -> Attribution:
    """Return where a case's days went, from its start to its end.

    An unfinished case is read long after today: who holds it now, and since when, does not depend on
    the day of reading, so that facts made on different days are equal.
    """
    opened = case.end_kind == "opened"
    steps = [
        trialtime.Step(
            key=one.key,
            needs=one.needs,
            party=one.party,
            end_date=case.end_date if opened and one.key == case.gate else one.completed_date,
            turns=tuple(Turn(turn.party, turn.start_date, turn.end_date) for turn in one.turns),
            is_left_out=one.state == LEFT_OUT,
        )
        for one in case.milestones
    ]
    far = case.start_date.replace(year=case.start_date.year + FAR_YEARS, day=1)
    return trialtime.attribute(
        steps, start_date=case.start_date, as_of=case.end_date or far, end_step=case.gate or None
    )


def facts_of(case: "Case", counts_from: Mapping[str, CountsFrom]) -> CaseFacts:
    """Return what the figures keep of one case.

    :param counts_from: by measure; a stage without an entry counts from the day it could begin
    """
    attribution = attribution_of(case)
    kept = [one for one in case.milestones if one.state != LEFT_OUT]
    ready = ready_days(case.milestones, case.start_date)
    stages = [_whole(case), *_stages(case, kept, ready, counts_from), *_participant(case, kept)]
    last = attribution.parts[-1] if attribution.parts and case.end_kind is None else None
    return CaseFacts(
        case_id=case.id,
        study_id=case.study_id,
        study_site_id=case.study_site_id,
        number=case.number,
        institution_id=case.institution_id,
        cluster_id=case.cluster_id or 0,
        sponsor=case.sponsor_kind or UNKNOWN,
        phase=case.phase or UNKNOWN,
        area=case.therapeutic_area or UNKNOWN,
        start_date=case.start_date,
        stages=tuple(sorted(stages, key=lambda fact: fact.measure)),
        parts=parts_of(attribution, case.milestones) if case.end_kind == "opened" else (),
        steps=steps_of(kept, case.start_date),
        waiting_on="" if last is None else _one(last.parties, SHARED),
        waiting_since=None if last is None else _held_since(attribution),
    )


def _one(names: Sequence[str], many: str) -> str:
    return names[0] if len(names) == 1 else many


def _held_since(attribution: Attribution) -> date:
    """Return since when, without a break, the parties of the last part have held the case."""
    parts = list(attribution.parts)
    since, parties = parts[-1].start_date, parts[-1].parties
    for part in reversed(parts):
        if part.parties != parties:
            break
        since = part.start_date
    return since


# -- measures --------------------------------------------------------------------------------------


def _whole(case: "Case") -> StageFact:
    """Return how the way from selected to open stands."""
    ending = {
        None: Ending.UNFINISHED,
        "opened": Ending.REACHED,
        "withdrawn": Ending.WITHDRAWN,
        "stopped": Ending.STOPPED,
    }[case.end_kind]
    end = None if case.end_date is None else max(case.start_date, case.end_date)
    return StageFact(WHOLE, case.start_date, ending, end)


def _left(case: "Case") -> tuple[Ending, date | None]:
    """Return how and when the study-site was left, before or after it had opened."""
    kind, day = case.left_kind, case.left_date
    if case.end_kind in ("withdrawn", "stopped"):
        kind, day = case.end_kind, case.end_date
    if kind is None:
        return Ending.UNFINISHED, None
    return Ending(kind), day


def _participant(case: "Case", kept: Sequence["CaseMilestone"]) -> list[StageFact]:
    """Return how the way from selected to the first participant stands, where it is recorded."""
    last = [one for one in kept if one.stage == FIRST_PARTICIPANT]
    if not last:
        return []
    return [_fact(PARTICIPANT, case.start_date, last, _left(case))]


def _stages(
    case: "Case",
    kept: Sequence["CaseMilestone"],
    ready: Mapping[str, date | None],
    counts_from: Mapping[str, CountsFrom],
) -> list[StageFact]:
    by_stage: dict[str, list[CaseMilestone]] = {}
    for one in kept:
        by_stage.setdefault(one.stage, []).append(one)
    found = []
    for stage, milestones in sorted(by_stage.items()):
        how = counts_from.get(stage, CountsFrom.READY)
        begun = _begun(case, milestones, ready, how)
        if begun is not None:
            found.append(_fact(stage, begun, milestones, _left(case)))
    return found


def _begun(
    case: "Case",
    milestones: Sequence["CaseMilestone"],
    ready: Mapping[str, date | None],
    how: CountsFrom,
) -> date | None:
    """Return the day from which a stage counts, or None where it has not begun.

    Where nobody recorded a start, ``started`` falls back on the day the milestone could begin, if
    it was finished; so no finished stage is lost to a missing date.
    """
    if how is CountsFrom.SELECTED:
        return case.start_date
    days: list[date] = []
    for one in milestones:
        could = ready[one.key]
        if how is CountsFrom.STARTED and one.completed_date is None:
            could = None
        if one.started_date is not None:
            could = (
                one.started_date if how is CountsFrom.STARTED else _first(could, one.started_date)
            )
        if one.completed_date is not None:
            could = _first(could, one.completed_date)
        if could is not None:
            days.append(could)
    return max(case.start_date, min(days)) if days else None


def _first(one: date | None, other: date) -> date:
    return other if one is None else min(one, other)


def _fact(
    measure: str,
    begun: date,
    milestones: Sequence["CaseMilestone"],
    left: tuple[Ending, date | None],
) -> StageFact:
    ends = [one.completed_date for one in milestones if one.completed_date is not None]
    if len(ends) == len(milestones):
        return StageFact(measure, begun, Ending.REACHED, max(begun, max(ends)))
    ending, day = left
    if day is not None:
        day = max(begun, day)
    return StageFact(measure, begun, ending, day)


def ready_days(milestones: Sequence["CaseMilestone"], start_date: date) -> dict[str, date | None]:
    """Return, by milestone, the day on which all it needs was finished; None where it is not yet.

    What does not apply is passed through to what it needed itself; what needs nothing could begin
    on the first day.
    """
    known = {one.key: one for one in milestones}
    through: dict[str, date | None] = {}

    def finished(key: str) -> date | None:
        if key not in known:
            return start_date
        if known[key].state != LEFT_OUT:
            return known[key].completed_date
        if key not in through:
            through[key] = start_date  # a circle of what does not apply ends here
            through[key] = could_begin(key)
        return through[key]

    def could_begin(key: str) -> date | None:
        last = start_date
        for need in known[key].needs:
            end = finished(need)
            if end is None:
                return None
            last = max(last, end)
        return last

    return {key: could_begin(key) for key in known}


# -- where the days went ---------------------------------------------------------------------------


def parts_of(
    attribution: Attribution, milestones: Collection["CaseMilestone"]
) -> tuple[PartyDays, ...]:
    """Return a case's days by stage and party; they add up to the days it took.

    'several' stands where stages ran side by side on the critical path, 'shared' where parties did.
    """
    stage_of = {one.key: one.stage for one in milestones}
    days: dict[tuple[str, str], int] = {}
    for part in attribution.parts:
        stages = sorted({stage_of[key] for key in part.steps})
        owner = (_one(stages, SEVERAL), _one(part.parties, SHARED))
        days[owner] = days.get(owner, 0) + part.days
    return tuple(PartyDays(stage, party, n) for (stage, party), n in sorted(days.items()))


def steps_of(milestones: Sequence["CaseMilestone"], start_date: date) -> tuple[Step, ...]:
    """Return which milestone followed which, in the order in which they were completed.

    Milestones completed on one day follow in the order of the pathway. The first follows
    ``selected``.
    """
    done = [(one.completed_date, one.key) for one in milestones if one.completed_date is not None]
    done.sort(key=lambda each: each[0])
    found, before, day = [], "selected", start_date
    for end, key in done:
        found.append(Step(before, key, max(0, (end - day).days)))
        before, day = key, max(day, end)
    return tuple(found)
