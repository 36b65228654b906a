"""The acts on one study-site: its milestones' moves, leaving, coming back."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms import FORMS, LeaveForm, ReasonForm, VersionForm
from tembusu.coordination.startup.selectors import studies
from tembusu.coordination.startup.terms import PathState
from tembusu.coordination.startup.views import asking, site
from tembusu.coordination.startup.views.asking import Question, ask
from tembusu.foundation.people import selectors as people

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
    permissions.check(request.user, permissions.RECORD_MILESTONE, shown.path)
    plan = shown.sheet.plan
    form = FORMS[move](
        request.POST or None,
        plan=plan,
        key=key,
        today=shown.today,
        initial=_initial(shown, key),
    )
    given = {"path": shown.path, "key": key, "by": request.user, "at": timezone.now()}
    label = plan.milestone(key).label
    question = Question(
        title=f"{TITLES[move]}: {label}",
        act=partial(ACTIONS[move], **given),
        done=f"Recorded: {label}.",
        back=asking.home(shown.path),
        submit=TITLES[move],
        facts=asking.facts(shown),
    )
    return ask(request, shown.path, form, question)


def _initial(shown: site.Shown, key: str) -> dict[str, Any]:
    today = shown.today.isoformat()
    first = shown.sheet.plan.reasons[0] if shown.sheet.plan.reasons else None
    return {
        "day": today,
        "start_date": today,
        "waiting_on": first.party if first else "",
        "evidence": shown.sheet.rows[key].evidence,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a site, or stop it with its study."""
    shown = site.load(request, pk)
    permissions.check(request.user, permissions.END_PATHWAY, shown.path)
    form = LeaveForm(request.POST or None, initial={"day": shown.today.isoformat()})
    question = Question(
        title="Withdraw or stop",
        act=partial(actions.leave_path, path=shown.path, by=request.user, at=timezone.now()),
        done="Its start-up has ended.",
        back=asking.home(shown.path),
        read=lambda said: {**said, "to": PathState(said["to"])},
        facts=asking.facts(shown),
    )
    return ask(request, shown.path, form, question)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reinstate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a site was withdrawn or stopped."""
    shown = site.load(request, pk)
    permissions.check(request.user, permissions.END_PATHWAY, shown.path)
    question = Question(
        title="Reinstate",
        act=partial(actions.reinstate_path, path=shown.path, by=request.user, at=timezone.now()),
        done="The site goes on.",
        back=asking.home(shown.path),
        facts=asking.facts(shown),
    )
    return ask(request, shown.path, ReasonForm(request.POST or None), question)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a site go on along another version of a pathway."""
    shown = site.load(request, pk)
    people.check(request.user, permissions.EDIT_PATHWAY)
    present = shown.path.version
    others = {str(one.pk): one for one in studies.versions_in_force() if one.pk != present.pk}
    same = [key for key, one in others.items() if one.pathway_id == present.pathway_id]
    form = VersionForm(
        request.POST or None,
        versions=[(key, str(one)) for key, one in others.items()],
        initial={"version": same[0] if same else ""},
    )
    question = Question(
        title="Change pathway",
        act=partial(actions.move_to_version, path=shown.path, by=request.user, at=timezone.now()),
        done="The site goes on along the other version; what was recorded stays.",
        back=asking.home(shown.path),
        read=lambda said: {**said, "version": others[said["version"]]},
        facts=asking.facts(shown),
    )
    return ask(request, shown.path, form, question)
