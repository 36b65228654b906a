"""What happened at one study-site, day by day, to the end: nobody has looked at it yet.

Milestones are walked in the order of the pathway. Each could begin when the last of its needs was out of
the way, and takes what its parameters say, at the pace of whoever holds it.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tembusu.coordination.startup.demo.parameters import Delay
from tembusu.coordination.startup.demo.reviewing import review_by_board, review_by_regulator
from tembusu.coordination.startup.demo.world import PastSite, World, draw
from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.terms import CaseTurn, MilestonePlan, PathwayPlan, Unit

NO_APPLICATION = "No application to the regulator was needed"
SHORTEST_HOLD = 3  # working days that somebody would write down
LONGEST_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Happening:
    """A milestone as it came about.

    :ivar ready: the day on which it could begin
    :ivar end: the day on which it was done; of what does not apply, that on which it could begin
    :ivar turns: who else held it, and why, within these days
    :ivar left_out: why it did not apply; '' where it did
    """

    key: str
    ready: date
    end: date
    turns: tuple[CaseTurn, ...] = ()
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """The order in which a pathway is walked, the habit of waiting included or not."""

    milestones: tuple[MilestonePlan, ...]
    waits: Mapping[str, str]


def walk(site: PastSite, plan: PathwayPlan, world: World) -> dict[str, Happening]:
    """Return what happened at a site, by milestone in the order of the walk.

    :raises KeyError: if the parameters name a board, a reason or an effect that they do not have
    """
    dice = world.dice("site", site.study_id, site.institution_id)
    route = _route(plan, _waits(site, plan, world))
    found: dict[str, Happening] = {}
    for milestone in route.milestones:
        found[milestone.key] = _happen(milestone, site, plan, route, found, world, dice)
    return found


def _waits(site: PastSite, plan: PathwayPlan, world: World) -> tuple[tuple[str, str], ...]:
    """Return the pair of milestones that an institution of that habit does one after the other."""
    habit = world.parameters.tables["habit"]
    first, last = float(habit["share_at_first"]), float(habit["share_at_last"])
    gone = min(max(world.years(site.selected_date) / max(world.length, 1), 0), 1)
    keys = {one.key for one in plan.milestones}
    if not {habit["milestone"], habit["waits_for"]} <= keys:
        return ()
    chosen = world.dice("habit", site.institution_id).random()
    return (
        ((habit["milestone"], habit["waits_for"]),)
        if chosen < first + (last - first) * gone
        else ()
    )


_ROUTES: dict[tuple[int, tuple[tuple[str, str], ...]], tuple[PathwayPlan, Route]] = {}


def _route(plan: PathwayPlan, waits: tuple[tuple[str, str], ...]) -> Route:
    """Return the order of the walk, made once for each plan; a habit that makes a circle is no habit."""
    held = _ROUTES.get((id(plan), waits))
    if held is not None and held[0] is plan:
        return held[1]
    more = dict(waits)
    needs = {
        one.key: one.needs + ((more[one.key],) if one.key in more else ())
        for one in plan.milestones
    }
    if plans.find_circle(needs):
        more, needs = {}, {one.key: one.needs for one in plan.milestones}
    wider = replace(
        plan, milestones=tuple(replace(one, needs=needs[one.key]) for one in plan.milestones)
    )
    order = [one.key for one in plans.in_order(wider)]
    by_key = {one.key: one for one in plan.milestones}
    route = Route(tuple(by_key[key] for key in order), more)
    _ROUTES[id(plan), waits] = (plan, route)
    return route


def _happen(
    milestone: MilestonePlan,
    site: PastSite,
    plan: PathwayPlan,
    route: Route,
    found: Mapping[str, Happening],
    world: World,
    dice: random.Random,
) -> Happening:
    ready = _ready(milestone.needs, site, found)
    if reason := _left_out(milestone, site, world, dice):
        return Happening(milestone.key, ready, ready, left_out=reason)
    if milestone.may_precede and dice.random() < world.parameters.number("early", "share"):
        before = [need for key in milestone.needs for need in plan.milestone(key).needs]
        ready = _ready(before, site, found)
    start, waited = _habit(milestone, ready, route, found, world)
    if milestone.decided_by == "ethics_board":
        end, turns = review_by_board(start, milestone, site, plan, world, dice)
    elif milestone.decided_by == "regulator":
        end, turns = review_by_regulator(start, milestone, site, plan, world, dice)
    else:
        end, turns = _work(start, milestone, site, plan, world, dice)
    return Happening(milestone.key, ready, end, waited + turns)


def _ready(needs: Sequence[str], site: PastSite, found: Mapping[str, Happening]) -> date:
    return max((found[need].end for need in needs), default=site.selected_date)


def _left_out(milestone: MilestonePlan, site: PastSite, world: World, dice: random.Random) -> str:
    if milestone.obligations and not set(milestone.obligations) & set(site.obligations):
        return NO_APPLICATION
    table = world.parameters.tables["left_out"].get(milestone.key)
    if table and dice.random() < float(table["share"]):
        return str(table["reason"])
    return ""


def _habit(
    milestone: MilestonePlan,
    ready: date,
    route: Route,
    found: Mapping[str, Happening],
    world: World,
) -> tuple[date, tuple[CaseTurn, ...]]:
    """Return when work really began, and the wait before it."""
    wait = route.waits.get(milestone.key)
    if wait is None or found[wait].end <= ready:
        return ready, ()
    habit = world.parameters.tables["habit"]
    until = found[wait].end
    return until, (CaseTurn(str(habit["party"]), ready, until, str(habit["reason"])),)


# -- ordinary work ----------------------------------------------------------------------------------


def _work(
    start: date,
    milestone: MilestonePlan,
    site: PastSite,
    plan: PathwayPlan,
    world: World,
    dice: random.Random,
) -> tuple[date, tuple[CaseTurn, ...]]:
    """Return when an ordinary milestone was done, and who else held it meanwhile."""
    delay = world.parameters.delay(plan.key, milestone.key) or _otherwise(milestone, world)
    pace = world.pace(milestone, milestone.party)
    amount = draw(delay, dice, pace, world.effects(site, milestone.party))
    amount *= _template(start, milestone, plan, world, dice)
    end = pace.after(start, amount)
    if milestone.key == world.parameters.tables["board"]["submitted_by"]:
        end = _in_time(start, end, world, dice)
    if milestone.key in world.parameters.tables["rounds"]:
        return end, _rounds(start, end, milestone, plan, world, dice)
    usual = delay.median * (1 if delay.is_working else pace.working_share)
    return end, _hold(start, end, amount / usual, milestone, plan, world, dice)


def _otherwise(milestone: MilestonePlan, world: World) -> Delay:
    """Return the delay of a milestone that no table names, from its target."""
    other = world.parameters.tables["otherwise"]
    spread, target = float(other["spread"]), milestone.target
    if target is None:
        return Delay(float(other["days_without_target"]), spread)
    days = target.value * float(other["share_of_target"])
    return Delay(days, spread, is_working=target.unit is Unit.WORKING)


def _template(
    start: date, milestone: MilestonePlan, plan: PathwayPlan, world: World, dice: random.Random
) -> float:
    """Return the factor of the master agreement where one was used, else 1."""
    table = world.parameters.tables["master_agreement"]
    if plan.key != table["pathway"] or milestone.key not in table["milestones"]:
        return 1.0
    since = world.years(start) - float(table["introduced_after"]) * world.length
    share = float(table["most"]) * min(max(since / float(table["taken_up_in_years"]), 0), 1)
    return float(table["factor"]) if dice.random() < share else 1.0


def _in_time(start: date, end: date, world: World, dice: random.Random) -> date:
    """Return a day of submission: teams hurry, or wait, for a cut-off of the board that is near."""
    board = world.parameters.tables["board"]
    cut_off = world.next_cut_off(end)
    is_near = (cut_off - end).days <= int(board["aims_from_days"])
    aims = dice.random() < float(board["aims_at_cut_off"])
    return cut_off if is_near and aims and cut_off > start else end


def _rounds(
    start: date,
    end: date,
    milestone: MilestonePlan,
    plan: PathwayPlan,
    world: World,
    dice: random.Random,
) -> tuple[CaseTurn, ...]:
    """Return the turns of the other side in a negotiation that went back and forth."""
    table = world.parameters.tables["rounds"][milestone.key]
    party, days_taken = _party(plan, str(table["reason"])), (end - start).days
    n = 0
    while n < LONGEST_ROUNDS and dice.random() < float(table["chance"]):
        n += 1
    if party is None or days_taken <= 2 * n:
        return ()
    cuts = sorted(dice.sample(range(1, days_taken), k=2 * n))
    days = [date.fromordinal(start.toordinal() + cut) for cut in cuts]
    return tuple(
        CaseTurn(party, first, last, str(table["reason"]))
        for first, last in zip(days[::2], days[1::2], strict=True)
    )


def _hold(
    start: date,
    end: date,
    ratio: float,
    milestone: MilestonePlan,
    plan: PathwayPlan,
    world: World,
    dice: random.Random,
) -> tuple[CaseTurn, ...]:
    """Return the hold that somebody wrote down, more often the longer it took."""
    table = world.parameters.tables["holds"].get(milestone.stage.value)
    if table is None or dice.random() >= float(table["chance"]) * ratio:
        return ()
    reasons = [(key, weight) for key, weight in table["reasons"].items() if _party(plan, key)]
    days = (end - start).days
    if not reasons or days < SHORTEST_HOLD + 1:
        return ()
    reason = dice.choices([key for key, _ in reasons], [weight for _, weight in reasons])[0]
    length = max(SHORTEST_HOLD, round(days * dice.betavariate(3, 2)))
    first = start.toordinal() + dice.randrange(0, max(days - length, 1))
    party = _party(plan, reason) or milestone.party
    last = min(first + length, end.toordinal())
    return (CaseTurn(party, date.fromordinal(first), date.fromordinal(last), reason),)


def _party(plan: PathwayPlan, reason: str) -> str | None:
    return next((one.party for one in plan.reasons if one.key == reason), None)
