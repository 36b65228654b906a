"""The delegation log of a study-site: entries, signatures, trainings."""

from functools import partial
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.actions.delegations import MEANING
from tembusu.coordination.startup.forms.log import (
    ChangeForm,
    DelegationForm,
    SignForm,
    TrainingForm,
)
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors import delegations, paths
from tembusu.coordination.startup.terms import DelegationState
from tembusu.coordination.startup.views import site
from tembusu.coordination.startup.views.asking import Question, ask
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.people import selectors as people
from tembusu.foundation.people.terms import Role
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Badge, Blocked, Cell, Column, Shape, Tone

STATES = {
    DelegationState.UNSIGNED: (Tone.WARN, Shape.RING),
    DelegationState.SIGNED: (Tone.OK, Shape.TICK),
    DelegationState.CHANGED: (Tone.BAD, Shape.TRIANGLE),
    DelegationState.ENDED: (Tone.QUIET, Shape.SQUARE),
}
COLUMNS = (
    Column("Person"),
    Column("Tasks"),
    Column("From"),
    Column("Until"),
    Column("Signature"),
    Column("Qualified"),
    Column("Act"),
)
TEAM = (
    Role.PRINCIPAL_INVESTIGATOR,
    Role.SITE_COORDINATOR,
    Role.DATA_MANAGER,
    Role.STATISTICIAN,
    Role.MONITOR,
)


@login_required
@require_safe
def delegations_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who does what at a study-site, under which signature."""
    shown = site.load(request, pk)
    may_write = paths.may(request.user, permissions.DELEGATE, shown.path)
    may_sign = paths.may(request.user, permissions.SIGN_DELEGATION, shown.path)
    why = paths.why_not(request.user, permissions.DELEGATE, shown.path)
    context = {
        **site.frame(request, shown, "delegations"),
        "columns": COLUMNS,
        "rows": [
            _cells(one, may_write=may_write, may_sign=may_sign)
            for one in delegations.list_entries(shown.path, today=shown.today)
        ],
        "may_write": may_write,
        "blocked": [Blocked("Enter somebody", why)] if why else [],
    }
    return render(request, "startup/delegations.html", context)


def _cells(entry: delegations.Entry, *, may_write: bool, may_sign: bool) -> list[object]:
    row = entry.row
    signed = f"{row.signed_by}, {wording.moment(row.signed_at)}" if row.signed_at else ""
    lacks = "; ".join(one.says for one in entry.lacks)
    override = f"Overridden: {row.override_reason}" if row.override_reason else ""
    needs_sign = entry.state in (DelegationState.UNSIGNED, DelegationState.CHANGED)
    act: Cell = Cell("")
    if needs_sign and may_sign:
        act = Cell("Sign", url=reverse("startup:sign", args=[row.pk]), hint=str(row.person))
    elif may_write:
        act = Cell("Change", url=reverse("startup:delegation", args=[row.pk]), hint=str(row.person))
    qualified = Badge("Training lacking", Tone.WARN) if lacks else Badge("Qualified", Tone.OK)
    return [
        Cell(str(row.person)),
        ", ".join(entry.tasks),
        wording.day(row.start_date),
        wording.day(row.end_date) if row.end_date else "–",
        Cell("", note=signed, badge=Badge(entry.state.label, *STATES[entry.state])),
        Cell("", note=override or lacks, badge=qualified),
        act,
    ]


def team(path: SitePathway) -> list[tuple[str, str]]:
    """Return those who hold a role at the study-site, on its study or its institution's site."""
    scopes = [path.study_site.scope_id]
    found = {one.pk: one.full_name for scope in scopes for one in people.holders(TEAM, scope)}
    return [(str(pk), name) for pk, name in sorted(found.items(), key=lambda pair: pair[1])]


def _log(path: SitePathway) -> str:
    return reverse("startup:delegations", args=[path.pk])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter somebody in the log."""
    path = paths.get_path(request.user, pk)
    permissions.check(request.user, permissions.DELEGATE, path)
    at = timezone.now()
    form = DelegationForm(
        request.POST or None,
        persons=team(path),
        tasks=delegations.tasks(),
        initial={"start_date": timezone.localdate(at).isoformat()},
    )
    question = Question(
        title="Enter somebody",
        act=partial(actions.record_delegation, path=path, by=request.user, at=at),
        done="Entered. The principal investigator signs next.",
        back=_log(path),
        read=_with_person,
    )
    return ask(request, path, form, question)


def _with_person(said: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed, with the person for the number that was chosen."""
    return {**said, "person": people.person_by_id(int(said["person"]))}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the tasks or the end of an entry."""
    path, row = delegations.get_delegation(request.user, pk)
    permissions.check(request.user, permissions.DELEGATE, path)
    end = row.end_date.isoformat() if row.end_date else ""
    initial = {"tasks": row.tasks, "end_date": end}
    form = ChangeForm(request.POST or None, tasks=delegations.tasks(), initial=initial)
    given: dict[str, Any] = {"delegation": row, "by": request.user, "at": timezone.now()}
    question = Question(
        title=f"Change {row.person}",
        act=partial(actions.change_delegation, **given),
        done="Changed. The signature has to be given again.",
        back=_log(path),
        submit="Change",
    )
    return ask(request, path, form, question)


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign an entry, after the password or the second factor was given again."""
    path, row = delegations.get_delegation(request.user, pk)
    permissions.check(request.user, permissions.SIGN_DELEGATION, path)
    form = SignForm(request.POST or None, initial={"override": row.override_reason})
    known = delegations.tasks()
    named = ", ".join(known.get(one, one) for one in row.tasks)
    until = f" to {wording.day(row.end_date)}" if row.end_date else ""
    given: dict[str, Any] = {"delegation": row, "by": request.user, "at": timezone.now()}
    question = Question(
        title="Sign",
        act=partial(actions.sign_delegation, **given),
        done=f"Signed for {row.person}.",
        back=_log(path),
        lead=f"{row.person}: {named}; from {wording.day(row.start_date)}{until}. “{MEANING}”",
    )
    return ask(request, path, form, question)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a training of somebody of the team."""
    path = paths.get_path(request.user, pk)
    permissions.check(request.user, permissions.DELEGATE, path)
    at = timezone.now()
    form = TrainingForm(
        request.POST or None,
        persons=team(path),
        trainings=[(one.key, one.label) for one in jurisdictions.trainings(timezone.localdate(at))],
    )
    question = Question(
        title="Record a training",
        act=partial(actions.record_qualification, path=path, by=request.user, at=at),
        done="Recorded.",
        back=_log(path),
        read=_with_person,
    )
    return ask(request, path, form, question)
