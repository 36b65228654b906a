"""Pathways: what sites go along, their versions, and what becomes of a proposed one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms import DecideForm
from tembusu.coordination.startup.models import PathwayVersion
from tembusu.coordination.startup.rules import comparing
from tembusu.coordination.startup.selectors import pathways
from tembusu.coordination.startup.selectors.sheets import plan_of
from tembusu.coordination.startup.terms import MilestonePlan, PathwayPlan, VersionState
from tembusu.coordination.startup.views import pictures
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import (
    Badge,
    Blocked,
    Cell,
    Change,
    Column,
    Crumb,
    Fact,
    Shape,
    Tone,
)

MARKS = {
    VersionState.PROPOSED: (Tone.WARN, Shape.HALF),
    VersionState.IN_FORCE: (Tone.OK, Shape.TICK),
    VersionState.REPLACED: (Tone.QUIET, Shape.RING),
    VersionState.DECLINED: (Tone.QUIET, Shape.SQUARE),
}
LIST = (
    Column("Pathway"),
    Column("In force"),
    Column("Milestones", is_number=True),
    Column("Sites under way", is_number=True),
    Column("Proposed"),
)
MILESTONES = (
    Column("Milestone"),
    Column("Stage"),
    Column("Party"),
    Column("Comes after"),
    Column("Target"),
    Column("Evidence"),
)
VERSIONS = (
    Column("Version"),
    Column("Stands"),
    Column("Made"),
    Column("Decided"),
    Column("Reason"),
)


@login_required
@require_safe
def pathway_list(request: HttpRequest) -> HttpResponse:
    """Show all pathways with the version in force and what is proposed."""
    rows = [_listed(one) for one in pathways.list_pathways(request.user)]
    context = {"columns": LIST, "rows": rows}
    return render(request, "startup/pathways.html", context)


def _listed(one: pathways.Listed) -> list[object]:
    version = one.version
    state = VersionState(version.state)
    proposed: object = "–"
    if one.proposed:
        first = one.proposed[0]
        more = f"and {len(one.proposed) - 1} more" if len(one.proposed) > 1 else ""
        proposed = Cell(f"Version {first.number}", more, version_url(first))
    return [
        Cell(version.plan["title"], version.plan["intro"], version_url(version)),
        f"Version {version.number}" if state is VersionState.IN_FORCE else state.label,
        len(version.plan["milestones"]),
        one.n_going,
        proposed,
    ]


@login_required
@require_safe
def pathway(request: HttpRequest, key: str, number: int | None = None) -> HttpResponse:
    """Show one version of a pathway: its milestones, what needs what, and the other versions."""
    version = pathways.get_version(request.user, key, number)
    plan = plan_of(version)
    held = pathways.versions_of(version)
    state = VersionState(version.state)
    may_edit = pathways.may_edit(request.user)
    context = {
        "version": version,
        "plan": plan,
        "crumbs": crumbs(version),
        "marks": [mark(version)],
        "net": pictures.net(plan, critical=(), states={}),
        "net_label": "Milestones from left to right by what they need; the table has the same",
        "milestone_columns": MILESTONES,
        "milestones": [milestone_row(plan, one) for one in plan.milestones],
        "facts": facts(version, plan),
        "reasons": [(one.label, plan.party(one.party)) for one in plan.reasons],
        "version_columns": VERSIONS,
        "versions": [version_row(one) for one in held],
        "may_decide": may_edit and state is VersionState.PROPOSED,
        "may_edit": may_edit,
        "waiting": [one for one in held if one.state == VersionState.PROPOSED],
        "is_proposed": state is VersionState.PROPOSED,
        "blocked": blocked(request.user, version),
    }
    return render(request, "startup/pathway.html", context)


def mark(version: PathwayVersion) -> Badge:
    state = VersionState(version.state)
    return Badge(state.label, *MARKS[state])


def version_url(version: PathwayVersion) -> str:
    return reverse("startup:version", args=[version.plan["key"], version.number])


def crumbs(version: PathwayVersion, *more: Crumb) -> list[Crumb]:
    """Return the way from start-up to a page of this version."""
    return [
        Crumb("Start-up", reverse("startup:paths")),
        Crumb("Pathways", reverse("startup:pathways")),
        Crumb(str(version), version_url(version)),
        *more,
    ]


def milestone_row(plan: PathwayPlan, one: MilestonePlan) -> list[object]:
    """Return a milestone's line of the table."""
    notes = [
        "Opens the site" if one.is_gate else "",
        "May come before what it needs" if one.may_precede else "",
        f"Only for {', '.join(one.obligations)}" if one.obligations else "",
        f"Completed by the decision of {_body(plan, one.decided_by)}" if one.decided_by else "",
        f"Completed by sending to {_body(plan, one.sent_to)}" if one.sent_to else "",
    ]
    return [
        Cell(one.label, ". ".join(note for note in notes if note)),
        one.stage.label,
        plan.party(one.party),
        comparing.labels_of(plan, one.needs) or "–",
        comparing.target_text(plan, one.target) or "–",
        Cell(one.evidence or "–", "required" if one.is_evidence_required else ""),
    ]


def _body(plan: PathwayPlan, party: str) -> str:
    return f"the {plan.party(party).lower()}"


def facts(version: PathwayVersion, plan: PathwayPlan) -> list[Fact]:
    """Return who made a version and decided on it, for which studies, and how many sites go along it."""
    decided = wording.day(version.decided_at) if version.decided_at else ""
    return [
        Fact("For studies", comparing.applies_text(plan) or "all"),
        Fact("Made by", _who(version.made_by), wording.day(version.made_at)),
        Fact("Decided by", _who(version.decided_by) if decided else "", decided),
        Fact("Why", version.reason),
        Fact("Sites under way along it", pathways.n_along(version)),
    ]


def _who(person: Any) -> str:
    return str(person) if person else "The release"


def version_row(one: PathwayVersion) -> list[object]:
    return [
        Cell(f"Version {one.number}", url=version_url(one)),
        Cell("", badge=mark(one)),
        Cell(wording.day(one.made_at), _who(one.made_by)),
        Cell(wording.day(one.decided_at), _who(one.decided_by)) if one.decided_at else "–",
        one.reason or "–",
    ]


def blocked(user: Any, version: PathwayVersion) -> list[Blocked]:
    """Return what this reader can't do with pathways, with the reason."""
    if pathways.may_edit(user):
        return []
    return [Blocked("Change the pathway", "The coordinating body's lead decides on pathways.")]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Ask what becomes of a proposed version, with what it changes beside."""
    version = pathways.get_version(request.user, key, number)
    people.check(request.user, permissions.EDIT_PATHWAY)
    form = DecideForm(request.POST or None)
    if request.method == "POST":
        is_decided = form.is_valid() and _decide(request, form, version)
        if is_decided:
            return redirect("startup:version", key=key, number=number)
    present = pathways.in_force(version)
    state = VersionState(version.state)
    why = f"Version {number} is {state.label.lower()} already. Nothing is left to decide."
    context = {
        "version": version,
        "present": present,
        "crumbs": crumbs(version, Crumb("Decide")),
        "changes": changes(present, version),
        "n_along": pathways.n_along(present) if present else 0,
        "form": form,
        "blocked": [] if state is VersionState.PROPOSED else [Blocked("Decide", why)],
        "cancel_url": version_url(version),
    }
    return render(request, "startup/decide.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, form: forms.Form, version: PathwayVersion) -> bool:
    said = form.cleaned_data
    to = VersionState(said["to"])
    try:
        actions.decide_version(
            version=version, to=to, reason=said["reason"], by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"Version {version.number} is {to.label.lower()}.")
    return True


def changes(present: PathwayVersion | None, version: PathwayVersion) -> Sequence[Change]:
    """Return what a version changes against the one in force."""
    if present is None or present.pk == version.pk:
        return []
    found = comparing.compare(plan_of(present), plan_of(version))
    return [Change(one.what, one.before or None, one.after or None) for one in found]
