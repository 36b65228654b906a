"""One study-site: where it stands, whose turn it is and since when, the one next act, what happened."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import SiteMilestone, SitePathway
from tembusu.coordination.startup.rules import dates, moves, standing
from tembusu.coordination.startup.selectors import cases, paths, pathways, sheets
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import (
    MilestonePlan,
    MilestoneState,
    PathState,
    Stage,
)
from tembusu.coordination.startup.views import labels
from tembusu.foundation.core import trail
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import (
    Act,
    Badge,
    Blocked,
    Change,
    Crumb,
    Fact,
    Step,
    StepState,
    Tab,
    TrailEntry,
    Turn,
)
from trialtime.attribution import SHARED, Attribution

TRAIL_ON_THE_TAB = 60
MOVES: Mapping[MilestoneState, Sequence[tuple[str, str]]] = {
    MilestoneState.NOT_STARTED: (
        ("complete", "Complete"),
        ("start", "Start"),
        ("hold", "Put on hold"),
        ("drop", "Does not apply"),
    ),
    MilestoneState.STARTED: (
        ("complete", "Complete"),
        ("hold", "Put on hold"),
        ("drop", "Does not apply"),
    ),
    MilestoneState.ON_HOLD: (
        ("resume", "Resume"),
        ("complete", "Complete"),
        ("drop", "Does not apply"),
    ),
    MilestoneState.COMPLETED: (("reopen", "Reopen"), ("hold", "Add a past hold")),
    MilestoneState.NOT_APPLICABLE: (("reopen", "Reopen"),),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A milestone as the page shows it."""

    plan: MilestonePlan
    row: SiteMilestone
    badge: Badge
    party: str
    dates: Sequence[tuple[str, str]]
    notes: Sequence[str]
    due: Badge | None
    acts: Sequence[Act]
    is_now: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A study-site as its pages need it."""

    path: SitePathway
    sheet: Sheet
    stands: standing.Standing
    today: date
    may_record: bool


def load(request: HttpRequest, pk: int) -> Shown:
    """Return the study-site with its milestones, or 404 where this user may not see it."""
    path = paths.get_path(request.user, pk)
    today = timezone.localdate(timezone.now())
    sheet = sheets.read_sheet(path)
    return Shown(
        path,
        sheet,
        sheet.standing(today),
        today,
        paths.may(request.user, permissions.RECORD_MILESTONE, path),
    )


def frame(request: HttpRequest, shown: Shown, current: str) -> dict[str, Any]:
    """Return what every tab of a study-site shows."""
    path, site = shown.path, shown.path.study_site
    return {
        "path": path,
        "heading": site.organisation.name,
        "lead": labels.title_of(path),
        "crumbs": [
            Crumb("Start-up", reverse("startup:paths")),
            Crumb(site.study.number, reverse("startup:study", args=[site.study_id])),
            Crumb(site.organisation.name, reverse("startup:site", args=[path.pk])),
        ],
        "marks": [labels.path_badge(path.state)],
        "tabs": tabs(path, current),
        "tabs_label": "Parts of this study-site",
    }


def tabs(path: SitePathway, current: str) -> list[Tab]:
    parts = (
        ("site", "Milestones"),
        ("site_time", "Time"),
        ("delegations", "Delegation log"),
        ("site_trail", "Trail"),
    )
    return [
        Tab(label, reverse(f"startup:{name}", args=[path.pk]), is_current=name == current)
        for name, label in parts
    ]


@login_required
@require_safe
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a study-site stands."""
    shown = load(request, pk)
    told = attribution(shown)
    context = {
        **frame(request, shown, "site"),
        "turn": turn(request, shown, told),
        "steps": steps(shown),
        "groups": groups(shown),
        "facts": facts(shown),
        "blocked": blocked(request, shown),
        "acts": acts(request, shown),
        "escalations": list(
            shown.path.escalations.select_related("to_person", "asked_by").order_by("-asked_at")
        ),
        "may_escalate": paths.may(request.user, permissions.ESCALATE, shown.path),
        "today": shown.today,
    }
    return render(request, "startup/site.html", context)


def attribution(shown: Shown) -> Attribution:
    """Say where this study-site's days went."""
    (case,) = cases.read_cases([shown.path.pk])
    return cases.attribution_of(case, shown.today)


def party_days(shown: Shown, told: Attribution) -> list[tuple[str, int]]:
    """Return the days on each side, most first; they add up to the days that passed."""
    found = [
        ("Shared" if key == SHARED else shown.sheet.plan.party(key), n)
        for key, n in told.days_by_party().items()
        if n
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def turn(request: HttpRequest, shown: Shown, told: Attribution) -> Turn:
    """Return whose turn it is, since when, the three ways of time, and the one act."""
    path = shown.path
    times = [("Days since selected", f"{told.elapsed:,}")]
    times += [(f"{label}’s side", labels.n_days(n)) for label, n in party_days(shown, told)[:4]]
    if not PathState(path.state).is_going:
        left = f"{PathState(path.state).label} on {wording.day(path.left_date)}"
        return Turn("Ended", left, times, note=path.left_reason)
    if not shown.stands.waiting:
        return Turn("Done", "All milestones are settled", times)
    if path.due_date:
        badge = labels.due_badge(path.due_date, shown.today)
        times.append(
            ("Due", f"{wording.day(path.due_date)}, {badge.word.lower() if badge else ''}")
        )
    act = next_act(request, shown)
    since = shown.stands.since
    days = (shown.today - since).days if since else 0
    headline = (
        f"{labels.parties(path, shown.stands.holders)} since {wording.day(since)}"
        f" ({labels.n_days(days)})"
    )
    note = "" if act else "You may see this, and not record it."
    return Turn("Waits on", headline, times, act=act, note=note)


def next_act(request: HttpRequest, shown: Shown) -> Act | None:
    """Return the next act of this reader: on what waits on their own party, else on what waits."""
    if not shown.may_record:
        return None
    mine = paths.parties_of(request.user)
    waiting = sorted(shown.stands.waiting, key=lambda one: one.party not in mine)
    first = waiting[0]
    label = shown.sheet.plan.milestone(first.key).label
    move, word = ("resume", "Resume") if first.is_on_hold else ("complete", "Complete")
    return Act(f"{word}: {label}", move_url(shown.path, first.key, move))


def move_url(path: SitePathway, key: str, move: str) -> str:
    return reverse("startup:move", args=[path.pk, key, move])


def steps(shown: Shown) -> list[Step]:
    """Return the stages as steps: done, at hand, or to come."""
    by_stage: dict[str, list[SiteMilestone]] = defaultdict(list)
    for one in shown.sheet.plan.milestones:
        by_stage[one.stage.value].append(shown.sheet.rows[one.key])
    now = {shown.sheet.plan.milestone(one.key).stage.value for one in shown.stands.waiting}
    found = []
    for key, rows in by_stage.items():
        settled = [MilestoneState(row.state).is_settled for row in rows]
        state = StepState.DONE if all(settled) else StepState.NEXT
        state = StepState.NOW if key in now else state
        found.append(Step(Stage(key).label, state, f"{sum(settled)} of {len(rows)}"))
    return found


def groups(shown: Shown) -> list[tuple[str, list[Line]]]:
    """Return the milestones by stage, in the pathway's order."""
    found: dict[str, list[Line]] = {}
    facts = shown.sheet.facts
    for one in shown.sheet.plan.milestones:
        found.setdefault(one.stage.label, []).append(_line(shown, one, facts))
    return list(found.items())


def _line(shown: Shown, one: MilestonePlan, facts: Mapping[str, Any]) -> Line:
    row = shown.sheet.rows[one.key]
    waiting = next((w for w in shown.stands.waiting if w.key == one.key), None)
    state = MilestoneState(row.state)
    party = shown.sheet.plan.party(waiting.party if waiting else one.party)
    due = labels.due_badge(waiting.due_date, shown.today) if waiting else None
    return Line(
        one,
        row,
        labels.milestone_badge(state),
        party,
        _dates(row),
        [*_notes(shown, one, row), *_after(shown, one, is_now=waiting is not None)],
        due,
        _acts(shown, one, state, is_now=waiting is not None),
        waiting is not None,
    )


def _dates(row: SiteMilestone) -> list[tuple[str, str]]:
    """Return when it happened, and when it was told where that was later."""
    found = []
    for word, day, told in (
        ("Started", row.started_date, row.started_recorded_at),
        ("Completed", row.completed_date, row.completed_recorded_at),
    ):
        if day is not None:
            late = told is not None and dates.is_late_record(day, timezone.localtime(told))
            recorded = f", recorded {wording.day(told)}" if late else ""
            found.append((word, f"{wording.day(day)}{recorded}"))
    return found


def _notes(shown: Shown, one: MilestonePlan, row: SiteMilestone) -> list[str]:
    found = [f"Evidence: {row.evidence}"] if row.evidence else []
    if row.evidence_ref:
        found.append("Shown by its submission.")
    if row.reason:
        word = "Does not apply" if row.state == MilestoneState.NOT_APPLICABLE else "Reopened"
        found.append(f"{word}: {row.reason}")
    known = {reason.key: reason.label for reason in shown.sheet.plan.reasons}
    for hold in shown.sheet.holds.get(one.key, ()):
        until = wording.day(hold.end_date) if hold.end_date else "now"
        why = known.get(hold.reason_code, hold.reason_code)
        note = f" ({hold.note})" if hold.note else ""
        on = shown.sheet.plan.party(hold.waiting_on)
        found.append(f"On hold {wording.day(hold.start_date)} to {until}, on {on}: {why}{note}")
    return found


def _after(shown: Shown, one: MilestonePlan, *, is_now: bool) -> list[str]:
    """Return what has to be settled first, for a milestone that can't go on yet."""
    if is_now or MilestoneState(shown.sheet.rows[one.key].state).is_settled:
        return []
    still = [
        shown.sheet.plan.milestone(need).label
        for need in one.needs
        if not MilestoneState(shown.sheet.rows[need].state).is_settled
    ]
    return [f"Comes after: {', '.join(still)}."] if still else []


def _acts(shown: Shown, one: MilestonePlan, state: MilestoneState, *, is_now: bool) -> list[Act]:
    if not shown.may_record or not PathState(shown.path.state).is_going:
        return []
    offered = MOVES[state]
    if not is_now and state is MilestoneState.NOT_STARTED and not one.may_precede:
        offered = [pair for pair in offered if pair[0] == "drop"]
    if one.is_gate:
        offered = [pair for pair in offered if pair[0] != "drop"]
    return [Act(label, move_url(shown.path, one.key, move)) for move, label in offered]


def version_url(path: SitePathway) -> str:
    return reverse("startup:version", args=[path.version.plan["key"], path.version.number])


def facts(shown: Shown) -> list[Fact]:
    path = shown.path
    found = [
        Fact("Selected", wording.day(path.selected_date)),
        Fact("Opened", wording.day(path.opened_date) if path.opened_date else ""),
        Fact("Pathway", str(path.version), url=version_url(path)),
        Fact("Sponsor", path.sponsor_kind.capitalize()),
        Fact("Area", labels.area(path.therapeutic_area)),
    ]
    if path.left_date:
        found.append(Fact(PathState(path.state).label, wording.day(path.left_date)))
    return found


def blocked(request: HttpRequest, shown: Shown) -> list[Blocked]:
    """Return what can't be done now, each with its reason."""
    found = []
    path = shown.path
    if path.state == PathState.UNDER_WAY:
        lacks = standing.gate_lacks(shown.sheet.plan, shown.sheet.facts)
        if lacks:
            named = ", ".join(one.label for one in lacks)
            found.append(Blocked("Open the site", f"Still to be settled: {named}."))
    for label, act in (
        ("Record milestones", permissions.RECORD_MILESTONE),
        ("Withdraw the site", permissions.END_PATHWAY),
        ("Escalate", permissions.ESCALATE),
    ):
        if why := paths.why_not(request.user, act, path):
            found.append(Blocked(label, why))
    return found


def acts(request: HttpRequest, shown: Shown) -> list[Act]:
    """Return what may be done with the study-site as a whole."""
    path, found = shown.path, []
    if paths.may(request.user, permissions.END_PATHWAY, path):
        if moves.PATH_MOVES[PathState(path.state)] >= {PathState.WITHDRAWN}:
            found.append(Act("Withdraw or stop", reverse("startup:leave", args=[path.pk])))
        else:
            found.append(Act("Reinstate", reverse("startup:reinstate", args=[path.pk])))
    if paths.may(request.user, permissions.ESCALATE, path):
        found.append(Act("Escalate", reverse("startup:escalate", args=[path.pk])))
    if path.state == PathState.UNDER_WAY and pathways.may_edit(request.user):
        found.append(Act("Change pathway", reverse("startup:change_version", args=[path.pk])))
    return found


@login_required
@require_safe
def site_trail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what happened, newest first."""
    shown = load(request, pk)
    story = trail.story("study-site")
    told = [one for one in trail.tell(story, shown.path) if not one.is_spare] if story else []
    context = {
        **frame(request, shown, "site_trail"),
        "entries": [entry_shown(one) for one in told[:TRAIL_ON_THE_TAB]],
        "n_entries": len(told),
        "trail_url": reverse("core:trail", args=["study-site", pk]),
    }
    return render(request, "startup/trail.html", context)


def entry_shown(entry: Any) -> TrailEntry:
    """Return a line of the core's trail as the component draws it."""
    return TrailEntry(
        at=entry.at,
        title=entry.title,
        who=entry.by,
        reason=entry.reason,
        changes=[Change(one.field, one.before, one.after) for one in entry.shown[:12]],
        is_turning=entry.kind in ("act", "import"),
    )
