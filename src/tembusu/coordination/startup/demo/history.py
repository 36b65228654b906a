"""Years of past start-ups, made up site by site from stated parameters: pure, and the same each time.

>>> from datetime import date
>>> from trialtime.calendars import national_calendar
>>> world = make_world(
...     first_date=date(2021, 1, 1), as_of=date(2025, 12, 31), seed=7,
...     calendar=lambda first, last: national_calendar("SG", first_year=first, last_year=last),
... )
>>> world.length
4.996577686516085

`make_history` then walks each site (``walking``) and cuts what happened to what the records say on the
day of reading (``telling``). `docs/explanation/past-start-ups.md` tells each assumption and shows what
comes out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from tembusu.coordination.startup.demo.parameters import Parameters, read_delay, shipped
from tembusu.coordination.startup.demo.telling import tell
from tembusu.coordination.startup.demo.walking import walk
from tembusu.coordination.startup.demo.world import PastSite, World, draw
from tembusu.coordination.startup.terms import (
    Case,
    CaseMilestone,
    MilestonePlan,
    PastCase,
    PathState,
    PathwayPlan,
)
from trialtime.calendars import Calendar

YEARS_AHEAD = 4  # so that what was not over on the day of reading still ends within the calendar


def make_world(
    *,
    first_date: date,
    as_of: date,
    seed: int,
    calendar: Callable[[int, int], Calendar],
    last_date: date | None = None,
    parameters: Parameters | None = None,
) -> World:
    """Return what a run draws from.

    :param first_date: the day on which the years of the run begin
    :param as_of: the day on which the records are read
    :param calendar: gives the calendar from a year to another
    :param last_date: the day on which the years of the run end; that of reading if None
    :param parameters: those of the release if None
    """
    last = last_date or as_of
    known = calendar(first_date.year, last.year + YEARS_AHEAD)
    return World(parameters or shipped(), seed, known, first_date, last, as_of)


def make_history(
    sites: Iterable[PastSite], pathways: Mapping[str, PathwayPlan], world: World
) -> Iterator[PastCase]:
    """Yield each site's start-up as the records have it on the day of reading, in the order given.

    Sites share what their sponsors, institutions and studies are, and their study's end; nothing else
    depends on which other sites there are.

    :param pathways: each pathway by its key
    :raises KeyError: if a site goes along a pathway that is not among them
    """
    sites = list(sites)
    first: dict[int, date] = {}
    for site in sites:
        before = first.get(site.study_id, site.selected_date)
        first[site.study_id] = min(before, site.selected_date)
    for site in sites:
        plan = pathways[site.pathway]
        happened = walk(site, plan, world)
        yield tell(site, plan, happened, world, study_first_date=first[site.study_id])


def first_days(world: World, n: int) -> list[date]:
    """Return the days on which so many studies begin to select sites, in order.

    Spread over the years of the run, by month as the parameters say, on working days.
    """
    dice = world.dice("beginnings")
    weights = world.parameters.tables["season"]["beginnings"]["months"]
    days = (world.last_date - world.first_date).days
    found: list[date] = []
    while len(found) < n:
        day = world.first_date + timedelta(days=dice.randrange(days))
        if dice.random() * max(weights) < weights[day.month - 1]:
            found.append(world.paces["steady"].after(day - timedelta(days=1), 1))
    return sorted(found)


def selected_days(world: World, study_id: int, first: date, n: int) -> list[date]:
    """Return the days on which a study selects its sites: the first on its own, the others later."""
    table = world.parameters.tables["season"]["sites"]
    delay, pace = read_delay(table, "season.sites"), world.paces["usual"]
    dice = world.dice("sites", study_id)
    later = [pace.after(first, draw(delay, dice, pace)) for _ in range(n - 1)]
    return [min(day, world.last_date) for day in (first, *sorted(later))]


def as_case(past: PastCase, plan: PathwayPlan, pk: int) -> Case:
    """Return a past case as ``selectors.cases.read_cases`` would, without a database.

    :param pk: stands for the ids that the database would give
    """
    by_key = {one.key: one for one in plan.milestones}
    end_kind, end_date = _end(past)
    return Case(
        id=pk,
        study_id=past.study_id,
        study_site_id=pk,
        number=f"TB-{past.study_id:06d}",
        institution_id=past.institution_id,
        cluster_id=None,
        sponsor_kind=past.sponsor_kind,
        phase=past.phase,
        therapeutic_area=past.therapeutic_area,
        start_date=past.selected_date,
        end_kind=end_kind,
        end_date=end_date,
        milestones=tuple(
            _as_milestone(by_key[one.key], past, place) for place, one in enumerate(past.milestones)
        ),
        left_kind=past.state.value if past.left_date else None,
        left_date=past.left_date,
        gate=plan.gate.key,
    )


def _as_milestone(plan: MilestonePlan, past: PastCase, place: int) -> CaseMilestone:
    one = past.milestones[place]
    return CaseMilestone(
        key=one.key,
        stage=plan.stage.value,
        party=plan.party,
        needs=plan.needs,
        state=one.state.value,
        started_date=one.started_date,
        completed_date=one.completed_date,
        due_date=None,
        turns=one.holds,
    )


def _end(past: PastCase) -> tuple[str | None, date | None]:
    if past.opened_date is not None:
        return "opened", past.opened_date
    if past.left_date is not None:
        return PathState(past.state).value, past.left_date
    return None, None


def plans_by_key(plans: Sequence[PathwayPlan]) -> dict[str, PathwayPlan]:
    """Return plans by their keys."""
    return {plan.key: plan for plan in plans}
