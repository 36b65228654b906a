"""Reviews: a board with its cut-offs and meetings, a regulator with its working days, and questions.

A question stops the clock: the milestone is held by whoever must answer, from the day of the question up
to that of the answer. The body's own days are what the parameters say; answers come on top.
"""

import random
from dataclasses import dataclass
from datetime import date

from tembusu.coordination.startup.demo.parameters import Review, read_delay
from tembusu.coordination.startup.demo.world import PastSite, World, draw
from tembusu.coordination.startup.terms import CaseTurn, MilestonePlan, PathwayPlan
from trialtime.calendars import add_working_days

REGULATOR_ASKS = 0.5  # share of its own days after which the regulator asks
AGENDA_FROM_DAYS = 21  # a wait for the board's meeting that somebody would write down


@dataclass(frozen=True, slots=True)
class _Asking:
    """What a review asks with: of whom, why, and how long answer and second look take."""

    milestone: MilestonePlan
    site: PastSite
    plan: PathwayPlan
    world: World
    table: str

    def turn(self, day: date, dice: random.Random) -> CaseTurn:
        """Return the days in which a question waited for its answer."""
        table = self.world.parameters.tables[self.table]
        reason = str(table["reason"])
        party = next((one.party for one in self.plan.reasons if one.key == reason), "sponsor")
        pace = self.world.pace(self.milestone, party)
        answer = read_delay(table["answer"], f"{self.table}.answer")
        amount = draw(answer, dice, pace, self.world.effects(self.site, party))
        return CaseTurn(party, day, pace.after(day, max(amount, 1)), reason)


def review_by_board(
    start: date,
    milestone: MilestonePlan,
    site: PastSite,
    plan: PathwayPlan,
    world: World,
    dice: random.Random,
) -> tuple[date, tuple[CaseTurn, ...]]:
    """Return when an ethics board approved, and the days in which it waited for an answer.

    :param start: the day on which it received the submission
    """
    shares = world.parameters.board_shares(plan.key)
    kind = dice.choices(list(shares), list(shares.values()))[0]
    review, steady = world.parameters.board[kind], world.paces["steady"]
    board = world.parameters.tables["board"]
    turns: list[CaseTurn] = []
    if kind == "full":
        cut_off = world.next_cut_off(start)
        meeting = add_working_days(cut_off, int(board["meeting_after"]), world.calendar)
        if (meeting - start).days >= AGENDA_FROM_DAYS:
            turns.append(CaseTurn(milestone.party, start, meeting, str(board["agenda_reason"])))
        start = meeting
    amount = draw(review.delay, dice, steady, (world.effect("study", site.study_id), 0.0))
    part = dice.random()
    day = steady.after(start, amount * part)
    asking = _Asking(milestone, site, plan, world, "board")
    again = read_delay(board["after_answer"], "board.after_answer")
    chance = review.queries
    while dice.random() < chance:
        turns.append(asking.turn(day, dice))
        day = steady.after(turns[-1].end_date or day, max(draw(again, dice, steady), 1))
        chance = float(board["another_query"])
    return steady.after(day, amount * (1 - part)), tuple(turns)


def review_by_regulator(
    start: date,
    milestone: MilestonePlan,
    site: PastSite,
    plan: PathwayPlan,
    world: World,
    dice: random.Random,
) -> tuple[date, tuple[CaseTurn, ...]]:
    """Return when a regulator decided, and the days in which it waited for an answer."""
    review, steady = _route(site, milestone, world), world.paces["steady"]
    amount = draw(review.delay, dice, steady)
    if dice.random() >= review.queries:
        return steady.after(start, amount), ()
    day = steady.after(start, amount * REGULATOR_ASKS)
    turn = _Asking(milestone, site, plan, world, "regulator").turn(day, dice)
    rest = max(amount * (1 - REGULATOR_ASKS), 1)
    return steady.after(turn.end_date or day, rest), (turn,)


def _route(site: PastSite, milestone: MilestonePlan, world: World) -> Review:
    """Return the slowest of the reviews that the study needs and the milestone stands for."""
    known = world.parameters.regulator
    asked = [known[one] for one in site.obligations if one in known]
    return max(asked or list(known.values()), key=lambda one: one.delay.median)
