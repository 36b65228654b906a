"""Putting a stuck study-site before a named person, and that person's answer."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.startup import actions, permissions
from tembusu.coordination.startup.forms import ReasonForm
from tembusu.coordination.startup.forms.log import EscalateForm, ReplyForm
from tembusu.coordination.startup.models import Escalation, SitePathway
from tembusu.coordination.startup.selectors import paths, sheets
from tembusu.coordination.startup.terms import MilestoneState
from tembusu.coordination.startup.views import asking
from tembusu.coordination.startup.views.asking import Question, ask
from tembusu.foundation.people import selectors as people

WITHIN = timedelta(days=7)


def answerable(path: SitePathway) -> list[tuple[str, str]]:
    """Return those who may be asked: whoever acts for a party of this study-site."""
    roles = permissions.RECORD_MILESTONE.roles
    scopes = [path.study_site.scope_id, path.study_site.organisation.scope_id]
    ids = {one for scope in scopes for one in people.ancestors(scope)}
    found = {one.pk: one.full_name for scope in ids for one in people.holders(roles, scope)}
    return [(str(pk), name) for pk, name in sorted(found.items(), key=lambda pair: pair[1])]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a named person about a stuck study-site."""
    path = paths.get_path(request.user, pk)
    permissions.check(request.user, permissions.ESCALATE, path)
    at = timezone.now()
    sheet = sheets.read_sheet(path)
    still = [
        (one.key, one.label)
        for one in sheet.plan.milestones
        if not MilestoneState(sheet.rows[one.key].state).is_settled
    ]
    form = EscalateForm(
        request.POST or None,
        persons=answerable(path),
        milestones=still,
        initial={"reply_by": (timezone.localdate(at) + WITHIN).isoformat()},
    )

    question = Question(
        title="Escalate",
        act=partial(actions.escalate, path=path, by=request.user, at=at),
        done="Asked.",
        back=asking.home(path),
        read=_with_person,
    )
    return ask(request, path, form, question)


def _with_person(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "to_person": people.person_by_id(int(said["to_person"]))}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an escalation, or close it."""
    row = get_object_or_404(Escalation.objects.select_related("to_person"), pk=pk)
    path = paths.get_path(request.user, row.site_pathway_id)
    given: dict[str, Any] = {"escalation": row, "by": request.user, "at": timezone.now()}
    more: dict[str, Any] = {"back": asking.home(path), "lead": row.question}
    if row.to_person_id == request.user.pk:
        act = partial(actions.reply_escalation, **given)
        question = Question("Answer", act, "Answered.", **more)
        return ask(request, path, ReplyForm(request.POST or None), question)
    if not paths.may(request.user, permissions.ESCALATE, path):
        raise Http404("Nothing was asked of you here.")
    close = Question("Close", partial(actions.close_escalation, **given), "Closed.", **more)
    return ask(request, path, ReasonForm(request.POST or None), close)
