"""The acts on one study-site: its milestones' moves, leaving, coming back."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms import FORMS, LeaveForm, ReasonForm
from tembusu.coordination.startup.terms import PathState
from tembusu.coordination.startup.views import site
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui.terms import Crumb

TITLES: Mapping[str, str] = {
    "start": "Start",
    "complete": "Complete",
    "hold": "Put on hold",
    "resume": "Resume",
    "drop": "Does not apply",
    "reopen": "Reopen",
}
ACTIONS: Mapping[str, Callable[..., Any]] = {
    "start": actions.start_milestone,
    "complete": actions.complete_milestone,
    "hold": actions.hold_milestone,
    "resume": actions.resume_milestone,
    "drop": actions.drop_milestone,
    "reopen": actions.reopen_milestone,
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, key: str, move: str) -> HttpResponse:
    """Move one milestone."""
    shown = site.load(request, pk)
    if key not in shown.sheet.rows or move not in ACTIONS:
        raise Http404("No such milestone here.")
    if not shown.may_record:
        permissions.check(request.user, permissions.RECORD_MILESTONE, shown.path)
    plan = shown.sheet.plan
    form = FORMS[move](
        request.POST or None,
        plan=plan,
        key=key,
        today=shown.today,
        initial=_initial(shown, key),
    )
    milestone = plan.milestone(key)

    def act() -> str:
        ACTIONS[move](
            path=shown.path, key=key, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        return f"Recorded: {milestone.label}."

    return _ask(request, shown, form, act, f"{TITLES[move]}: {milestone.label}")


def _initial(shown: site.Shown, key: str) -> dict[str, Any]:
    today = shown.today.isoformat()
    first = shown.sheet.plan.reasons[0] if shown.sheet.plan.reasons else None
    return {
        "day": today,
        "start_date": today,
        "waiting_on": first.party if first else "",
        "evidence": shown.sheet.rows[key].evidence,
    }


def _ask(
    request: HttpRequest,
    shown: site.Shown,
    form: forms.Form,
    act: Callable[[], str],
    title: str,
) -> HttpResponse:
    """Show a form until its act is done; what is refused keeps what was typed."""
    here = reverse("startup:site", args=[shown.path.pk])
    if request.method == "POST" and form.is_valid():
        try:
            said = act()
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect(here)
    found = site.frame(request, shown, "site")
    context = {
        "heading": title,
        "lead": f"{shown.path.study_site.study.number} at {shown.path.study_site.organisation}",
        "crumbs": [*found["crumbs"], Crumb(title)],
        "form": form,
        "submit_label": title.split(":")[0],
        "cancel_url": here,
        "facts": site.facts(shown),
    }
    status = 422 if form.errors else 200
    return render(request, "startup/form.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a site, or stop it with its study."""
    shown = site.load(request, pk)
    permissions.check(request.user, permissions.END_PATHWAY, shown.path)
    form = LeaveForm(request.POST or None, initial={"day": shown.today.isoformat()})

    def act() -> str:
        said = form.cleaned_data
        path = actions.leave_path(
            path=shown.path,
            to=PathState(said["to"]),
            day=said["day"],
            reason=said["reason"],
            by=request.user,
            at=timezone.now(),
        )
        return f"{PathState(path.state).label}."

    return _ask(request, shown, form, act, "Withdraw or stop")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reinstate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a site was withdrawn or stopped."""
    shown = site.load(request, pk)
    permissions.check(request.user, permissions.END_PATHWAY, shown.path)
    form = ReasonForm(request.POST or None)

    def act() -> str:
        actions.reinstate_path(
            path=shown.path,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        )
        return "The site goes on."

    return _ask(request, shown, form, act, "Reinstate")
