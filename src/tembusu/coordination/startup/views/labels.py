"""Start-up's words and marks on screen."""

from collections.abc import Iterable
from datetime import date

from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors.sheets import plan_of
from tembusu.coordination.startup.terms import MilestoneState, PathState, Stage
from tembusu.foundation.ui.terms import Badge, Shape, Tone

PATH_MARKS = {
    PathState.UNDER_WAY: (Tone.INFO, Shape.HALF),
    PathState.OPEN: (Tone.OK, Shape.TICK),
    PathState.WITHDRAWN: (Tone.QUIET, Shape.SQUARE),
    PathState.STOPPED: (Tone.BAD, Shape.SQUARE),
}
MILESTONE_MARKS = {
    MilestoneState.NOT_STARTED: (Tone.QUIET, Shape.RING),
    MilestoneState.STARTED: (Tone.INFO, Shape.HALF),
    MilestoneState.ON_HOLD: (Tone.WARN, Shape.PAUSE),
    MilestoneState.COMPLETED: (Tone.OK, Shape.TICK),
    MilestoneState.NOT_APPLICABLE: (Tone.QUIET, Shape.SQUARE),
}
AREAS = {"eye": "Eye"}


def path_badge(state: str) -> Badge:
    return Badge(PathState(state).label, *PATH_MARKS[PathState(state)])


def milestone_badge(state: str) -> Badge:
    return Badge(MilestoneState(state).label, *MILESTONE_MARKS[MilestoneState(state)])


def due_badge(due: date | None, today: date) -> Badge | None:
    """Return how near a due date is; None where nothing is due."""
    if due is None:
        return None
    days = (due - today).days
    if days < 0:
        return Badge(f"{n_days(-days)} over", Tone.BAD)
    if days <= 7:
        return Badge("Due today" if not days else f"Due in {n_days(days)}", Tone.WARN)
    return Badge(f"Due in {n_days(days)}", Tone.QUIET)


def n_days(n: int) -> str:
    return "1 day" if n == 1 else f"{n:,} days"


def stage(key: str) -> str:
    return Stage(key).label if key else ""


def area(key: str) -> str:
    return key.replace("_", " ").capitalize()


def parties(path: SitePathway, keys: Iterable[str]) -> str:
    """Return parties as one phrase, in the words of the site's own pathway."""
    plan = plan_of(path.version)
    names = [plan.party(key) for key in keys]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def title_of(path: SitePathway) -> str:
    """Return the study's title, or its number where its record has none."""
    study = path.study_site.study
    index = getattr(study, "index", None)
    return (index.title if index else "") or study.number
