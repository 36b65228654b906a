"""Where a study-site's time went: swim lanes, targets, the critical chain, and when it will open."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.coordination.startup.selectors import times
from tembusu.coordination.startup.terms import MilestoneState
from tembusu.coordination.startup.views import labels, pictures, site
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Bar, Column, KeyFigure
from trialtime.attribution import SEVERAL, Attribution

PIECES = (
    Column("Party"),
    Column("Milestone"),
    Column("From"),
    Column("To"),
    Column("Days", is_number=True),
)
SPANS = (
    Column("Milestone"),
    Column("From"),
    Column("To"),
    Column("Due"),
    Column("Days over", is_number=True),
)
CHAIN = (Column("Milestone"), Column("From"), Column("To"), Column("Days", is_number=True))


@login_required
@require_safe
def site_time(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a study-site's time went."""
    shown = site.load(request, pk)
    told = site.attribution(shown)
    plan = shown.sheet.plan
    found = times.pieces(shown.sheet, shown.today)
    spans = times.spans(shown.sheet, shown.today)
    critical = [one.step for one in told.critical]
    settled = {key: MilestoneState(row.state).is_settled for key, row in shown.sheet.rows.items()}
    context = {
        **site.frame(request, shown, "site_time"),
        "figures": figures(shown, told),
        "party_bars": [
            Bar(label, n, labels.n_days(n)) for label, n in site.party_days(shown, told)
        ],
        "step_bars": [
            Bar(_step(shown, key), n, labels.n_days(n))
            for key, n in sorted(told.days_by_step().items(), key=lambda pair: -pair[1])
            if n
        ],
        "elapsed": told.elapsed,
        "lanes": pictures.lanes(found, plan.parties),
        "piece_columns": PIECES,
        "pieces": [
            [
                plan.party(one.party),
                one.label + (" (on hold)" if one.is_hold else ""),
                wording.day(one.start_date),
                "now" if one.is_open else wording.day(one.end_date),
                one.days,
            ]
            for one in found
        ],
        "targets": pictures.targets(spans),
        "span_columns": SPANS,
        "spans": [
            [
                one.label,
                wording.day(one.start_date),
                "now" if one.is_open else wording.day(one.end_date),
                wording.day(one.due_date) if one.due_date else "–",
                one.days_over or "–",
            ]
            for one in spans
        ],
        "net": pictures.net(plan, critical=critical, states=settled),
        "chain_columns": CHAIN,
        "chain": [
            [
                plan.milestone(one.step).label,
                wording.day(one.start_date),
                wording.day(one.end_date),
                (one.end_date - one.start_date).days,
            ]
            for one in told.critical
        ],
    }
    return render(request, "startup/time.html", context)


def _step(shown: site.Shown, key: str) -> str:
    return "Several at once" if key == SEVERAL else shown.sheet.plan.milestone(key).label


def figures(shown: site.Shown, told: Attribution) -> list[KeyFigure]:
    """Return the headline numbers: days passed, and when the site will open."""
    until = "to today" if shown.path.opened_date is None else "to open"
    if shown.path.left_date and shown.path.opened_date is None:
        until = "to the day it left"
    found = [KeyFigure("Days since selected", f"{told.elapsed:,}", "days", note=until)]
    ahead = times.forecast(shown.sheet, shown.today)
    if ahead is not None:
        found.append(_ahead(ahead))
    elif shown.path.opened_date is None and shown.path.left_date is None:
        note = "Too few past sites tell how long this takes."
        found.append(KeyFigure("Forecast of opening", "–", note=note))
    return found


def _ahead(ahead: times.Forecast) -> KeyFigure:
    def said(day: Any) -> str:
        return wording.day(day) if day else "not told"

    return KeyFigure(
        "Forecast of opening",
        said(ahead.middle),
        interval=f"8 in 10 between {said(ahead.early)} and {said(ahead.late)}",
        note=f"From {ahead.n:,} past and present sites of {ahead.among}, given that this one is not"
        " open yet.",
    )
