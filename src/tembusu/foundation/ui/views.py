"""The gallery of components and shells, and the switch of colours. All of it is public."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from tembusu.foundation.ui import context, specimens
from tembusu.foundation.ui.forms_shown import DecisionForm, StudyForm

THEME_AGE = timedelta(days=365)


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's choice of colours in a cookie; anything unknown follows the system."""
    chosen = request.POST.get("theme", "")
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(wanted if is_ours else "/")
    if chosen in context.THEMES:
        response.set_cookie(
            context.THEME_COOKIE,
            chosen,
            max_age=THEME_AGE,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(context.THEME_COOKIE)
    return response


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    form = StudyForm(specimens.WRONG_ENTRY, auto_id="shown_%s")
    values = {**specimens.components(), **shown_theme(request), "form": form}
    return render(request, "ui/gallery/components.html", values)


@login_not_required
def shell(request: HttpRequest, shell: str) -> HttpResponse:
    """One of the page shells, filled with synthetic records. Posting changes nothing."""
    if shell not in specimens.SHELLS:
        raise Http404(f"There is no shell named {shell}.")
    values: dict[str, object] = {**specimens.shell(shell, request.GET), **shown_theme(request)}
    if shell in {"form", "decision"}:
        made = StudyForm if shell == "form" else DecisionForm
        values["form"] = made(_entered(request))
    return render(request, f"ui/gallery/{shell}.html", values)


@login_not_required
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The next state of the gallery's job, as htmx asks for it."""
    step = request.GET.get("step", "")
    job = specimens.job_at(int(step) if step.isdecimal() else 0)
    return render(request, "ui/gallery/progress.html", {"job": job})


@login_not_required
@require_safe
def error(request: HttpRequest, code: int) -> HttpResponse:
    """An error page as people would see it, with its own status."""
    if code not in {400, 403, 404, 500}:
        raise Http404("There is no page for this error.")
    return render(request, f"{code}.html", shown_theme(request), status=code)


def _entered(request: HttpRequest) -> Mapping[str, Any] | None:
    """Return what was sent; ``?wrong`` shows a form as it comes back with faults."""
    if request.method == "POST":
        return request.POST
    return specimens.WRONG_ENTRY if "wrong" in request.GET else None


def shown_theme(request: HttpRequest) -> dict[str, str]:
    """Return the theme that the address asks for, so that both can be looked at side by side."""
    asked = request.GET.get("theme", "")
    return {"theme": asked} if asked in context.THEMES else {}
