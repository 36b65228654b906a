"""Where a study-site's time went and will go: pieces by party, targets, the chain, a forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.rules import standing
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import PathState
from trialtime.survival import kaplan_meier

FEWEST = 20  # sites that opened, below which no forecast is told
FEWEST_BEHIND = 5  # of them, those that took longer than this one has taken so far
SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Piece:
    """Days in a row for which a party held a milestone, from the first up to, not including, the last.

    :ivar is_open: it goes on today
    """

    key: str
    label: str
    party: str
    start_date: date
    end_date: date
    is_hold: bool = False
    is_open: bool = False

    @property
    def days(self) -> int:
        return (self.end_date - self.start_date).days


@dataclass(frozen=True, slots=True)
class Span:
    """A milestone from the day it could begin to its end, beside its target.

    :ivar due_date: the last day on which it would be, or was, on time
    """

    key: str
    label: str
    start_date: date
    end_date: date
    due_date: date | None
    is_open: bool
    days_over: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the site will open, from how long comparable sites took that were still on their way.

    :ivar n: past cases behind it
    :ivar early: one in ten opened by then
    :ivar middle: half opened by then; None where less than half ever did
    :ivar late: nine in ten opened by then; None likewise
    """

    n: int
    early: date | None
    middle: date | None
    late: date | None
    among: str


def pieces(sheet: Sheet, today: date) -> list[Piece]:
    """Return who held which milestone when, from the day it could begin."""
    found: list[Piece] = []
    facts = sheet.facts
    for one in sheet.plan.milestones:
        span = _span(sheet, one, facts, today)
        if span is None:
            continue
        here = span.start_date
        for hold in facts[one.key].holds:
            first = max(hold.start_date, here)
            last = min(hold.end_date or span.end_date, span.end_date)
            if last <= first:
                continue
            _add(found, one, one.party, here, first)
            is_open = hold.end_date is None and span.is_open
            _add(found, one, hold.party, first, last, is_hold=True, is_open=is_open)
            here = last
        _add(found, one, one.party, here, span.end_date, is_open=span.is_open)
    return found


def _add(found: list[Piece], one: Any, party: str, start: date, end: date, **more: bool) -> None:
    if end > start:
        found.append(Piece(one.key, one.label, party, start, end, **more))


def spans(sheet: Sheet, today: date) -> list[Span]:
    """Return each milestone that began, from the day it could begin, beside its target."""
    facts = sheet.facts
    found = [_span(sheet, one, facts, today) for one in sheet.plan.milestones]
    return [one for one in found if one is not None]


def _span(sheet: Sheet, one: Any, facts: Any, today: date) -> Span | None:
    present, selected = facts[one.key], sheet.path.selected_date
    ready = standing.ready_date(sheet.plan, facts, one, selected)
    start = ready or present.started_date
    end = present.completed_date
    if start is None or (present.state.is_settled and end is None):
        return None
    until = end or min(sheet.path.left_date or today, today)
    if until < start:
        began = present.started_date
        start = began if began and began <= until else until
    row = sheet.rows[one.key]
    over = max(0, (until - row.due_date).days) if row.due_date else 0
    return Span(one.key, one.label, start, until, row.due_date, end is None, over)


def forecast(sheet: Sheet, today: date) -> Forecast | None:
    """Say when a site under way will open, given that it has not opened yet.

    Kaplan-Meier over the nation's past of the same kind of sponsor, those that left censored on the
    day they left; then only what it says of sites that were still on their way after as many days.

    :return: None for a site that is not under way, or where too few cases tell anything
    """
    path = sheet.path
    if PathState(path.state) is not PathState.UNDER_WAY:
        return None
    for among, rows in (
        (f"{path.sponsor_kind} sponsors", _past(path, sponsor_kind=path.sponsor_kind)),
        ("all sites", _past(path)),
    ):
        durations, opened = _durations(rows, today)
        elapsed = (today - path.selected_date).days
        behind = sum(
            is_open and days > elapsed for days, is_open in zip(durations, opened, strict=True)
        )
        if sum(opened) >= FEWEST and behind >= FEWEST_BEHIND:
            return _forecast(durations, opened, path.selected_date, elapsed, among)
    return None


def _past(path: SitePathway, **more: str) -> Any:
    rows = SitePathway.objects.exclude(pk=path.pk).filter(**more)
    return rows.values_list("selected_date", "opened_date", "left_date")


def _durations(rows: Any, today: date) -> tuple[list[int], list[bool]]:
    durations, opened = [], []
    for selected, open_day, left in rows.iterator(chunk_size=5000):
        end = open_day or left or today
        if end >= selected:
            durations.append((end - selected).days)
            opened.append(open_day is not None)
    return durations, opened


def _forecast(
    durations: Sequence[int],
    opened: Sequence[bool],
    selected: date,
    elapsed: int,
    among: str,
) -> Forecast:
    curve = kaplan_meier(durations, opened)
    still = curve.survival_at(elapsed).value or 0.0
    days = [curve.quantile(1 - still * (1 - share)).value for share in SHARES]
    when = [selected + timedelta(days=round(n)) if n is not None else None for n in days]
    return Forecast(len(durations), when[0], when[1], when[2], among)
