"""Opening a draft: for whom, under which title, and whether the study stands here already."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.registry.actions import drafts as actions
from tembusu.coordination.registry.forms import RegisterForm
from tembusu.coordination.registry.models import StudyIndex
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.selectors import drafts as selectors
from tembusu.coordination.registry.views import labels
from tembusu.coordination.registry.views.drafts import DRAFT_BADGE
from tembusu.coordination.registry.views.study import LIST
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui.terms import Blocked, Crumb


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponseBase:
    """Open a draft, after a look at what stands already."""
    why = selectors.why_not_register(request.user)
    find = " ".join(request.POST.get("find", request.GET.get("find", "")).split())[:200]
    bodies = [] if why else selectors.list_bodies(request.user, find)
    if why:
        return _ask(request, RegisterForm([], looks_up=False), why=why)
    if request.method == "POST":
        return _take(request, bodies, find)
    typed = {"title": request.GET.get("title", "")[:300], "find": find}
    return _ask(request, _form(request, bodies, initial=typed), find=find)


def _form(request: HttpRequest, bodies: Sequence[Any], **more: Any) -> RegisterForm:
    return RegisterForm(bodies, looks_up=selectors.keeps_register(request.user), **more)


def _take(request: HttpRequest, bodies: Sequence[Any], find: str) -> HttpResponseBase:
    if request.POST.get("go") == "find":
        names = ("title", "number", "behalf", "find")
        typed = {name: request.POST[name] for name in names if request.POST.get(name)}
        return _ask(request, _form(request, bodies, initial=typed), find=find)
    form = _form(request, bodies, data=request.POST)
    if form.is_valid() and not bodies:
        form.add_error(
            "find", "Nobody is found by this name. Find the organisation, then choose it."
        )
    if form.is_valid():
        return _open(request, form, bodies, find)
    return _ask(request, form, find=find)


def _ask(request: HttpRequest, form: RegisterForm, **more: Any) -> HttpResponse:
    context = {
        "crumbs": [LIST, Crumb("Register a study")],
        "form": form,
        "has_choice": "behalf" in form.fields,
        "keeps": selectors.keeps_register(request.user),
        "found": _found(form, more.get("find", "")),
        "blocked": [Blocked("Register a study", more["why"])] if more.get("why") else [],
        **more,
    }
    return render(request, "registry/draft_register.html", context)


def _found(form: RegisterForm, find: str) -> str:
    """Return what the search for an organisation found; '' where none was asked for."""
    if "find" not in form.fields or not find:
        return ""
    choice: Any = form.fields.get("behalf")
    if choice is None:
        return (
            f"No organisation has “{find}” in a name. Try fewer words, or ask the platform's"
            " administrator to register it."
        )
    n = sum(1 for value, _ in choice.choices if value)
    if n == selectors.MOST_BODIES:
        return f"The first {n} organisations for “{find}”. Type more of the name to see others."
    return f"{labels.plural(n, 'organisation')} for “{find}”. Choose below."


def _open(
    request: HttpRequest, form: RegisterForm, bodies: Sequence[Any], find: str
) -> HttpResponseBase:
    title, number = form.cleaned_data["title"], form.cleaned_data["number"]
    standing = selectors.by_number(request.user, number) if number else []
    if standing:
        form.add_error(
            "number", f"{standing[0].number} stands here under this number already: see below."
        )
        return _ask(request, form, find=find, similar=lines(standing), is_same=True)
    is_sure = request.POST.get("sure") == rules.mark(title)
    similar = [] if is_sure else selectors.similar(request.user, title)
    if similar:
        sure = rules.mark(title)
        return _ask(request, form, find=find, similar=lines(similar), sure=sure)
    body = next(one for one in bodies if str(one.pk) == form.cleaned_data["behalf"])
    person: Any = request.user
    at = timezone.now()
    try:
        draft = actions.start_registration(title=title, on_behalf_of=body, by=person, at=at)
    except Refusal as refusal:
        form.add_error("title", str(refusal))
        return _ask(request, form, find=find)
    if number:
        rows = {"secondary_ids": [{"id_text": number}]}
        actions.save_draft(draft=draft, answers=rows, revision=draft.revision, by=person, at=at)
    messages.success(
        request, f"{draft.study.number} is opened as a draft; only those who work on it see it."
    )
    return redirect("registry:draft_section", pk=draft.study_id, key=rules.sections()[0].key)


def lines(rows: Sequence[StudyIndex]) -> list[dict[str, Any]]:
    """Return studies as the question 'Is it one of these?' shows them."""
    return [
        {
            "pk": row.pk,
            "title": row.title or row.number,
            "numbers": ", ".join(dict.fromkeys([row.number, *row.registry_nos])),
            "by": row.sponsor_name,
            "status": labels.status(row.status) if row.is_public else DRAFT_BADGE,
            "url": reverse("registry:study" if row.is_public else "registry:draft", args=[row.pk]),
        }
        for row in rows
    ]
