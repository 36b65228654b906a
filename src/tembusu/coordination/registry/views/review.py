"""The review: curated values over which a registry says something new, decided one by one or in bulk."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from tembusu.coordination.registry.actions import curation as actions
from tembusu.coordination.registry.forms import DecideForm
from tembusu.coordination.registry.models import CuratedField
from tembusu.coordination.registry.rules import curation
from tembusu.coordination.registry.selectors import curation as selectors
from tembusu.coordination.registry.views import labels, values
from tembusu.coordination.registry.views.drafts import whole
from tembusu.coordination.registry.views.study import LIST, fetch
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.ui import links
from tembusu.foundation.ui.downloads import csv_response
from tembusu.foundation.ui.terms import Chip, Crumb

PAGE = 30
HEADING = (
    "Number",
    "Study",
    "Field",
    "Curated",
    "The registry says",
    "Curated by",
    "On",
    "Reason",
    "Differs since",
)


@login_required
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """List the curated values over which a registry says something new, the oldest first."""
    selectors.check_sees_review(request.user)
    known = selectors.fields_differing(request.user)
    field, text = _asked(request)
    rows = selectors.list_differing(request.user, field=field, text=text)
    page = fetch(request, rows, selectors.QUEUE, PAGE)
    query = request.GET.copy()
    query.pop(links.CURSOR, None)
    context = {
        "page": page,
        "lines": [review_line(one) for one in page.rows],
        "fields": [_field_chip(request, one, chosen=field) for one in known],
        "filters": _held(request, text, field),
        "may_decide": True,
        "is_narrowed": bool(text or field),
        "csv_url": f"{reverse('registry:review_export')}?{query.urlencode()}",
        "back": request.get_full_path(),
    }
    return render(request, "registry/curation_review.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Return all differences that the queue shows as CSV."""
    selectors.check_sees_review(request.user)
    field, text = _asked(request)
    rows = selectors.list_differing(request.user, field=field, text=text)
    lines = (
        review_line(one) for one in rows.order_by("differs_since", "pk").iterator(chunk_size=500)
    )
    cells = (
        [
            line["study"].number,
            line["title"],
            line["label"],
            line["curated"],
            line["imported"],
            line["by"],
            line["on"].date(),
            line["reason"],
            line["since"].date(),
        ]
        for line in lines
    )
    return csv_response("review.csv", HEADING, cells)


def _asked(request: HttpRequest) -> tuple[str, str]:
    """Return the field and the words by which the queue is narrowed."""
    field = request.GET.get("field", "")
    text = " ".join(request.GET.get("q", "").replace("\0", " ").split())[:200]
    return (field if field in selectors.fields_differing(request.user) else "", text)


def _field_chip(request: HttpRequest, name: str, *, chosen: str) -> Chip:
    label = labels.field(name)
    if name == chosen:
        return Chip(label, remove_url=links.with_values(request.GET, field=""))
    return Chip(label, url=links.with_values(request.GET, field=name))


def _held(request: HttpRequest, text: str, field: str) -> list[Chip]:
    pairs = (("q", "Study holds", text), ("field", "Field", labels.field(field) if field else ""))
    return [
        Chip(label, value, remove_url=links.with_values(request.GET, **{name: ""}))
        for name, label, value in pairs
        if value
    ]


def review_line(one: CuratedField) -> dict[str, Any]:
    """Return a difference as the queue shows it, with the fingerprint a decision sends back."""
    index = getattr(one.study, "index", None)
    held = selectors.beside(one)
    curated = {name: row.value for name, row in held.items()}
    imported = {name: row.imported_value for name, row in held.items()}
    return {
        "pk": one.pk,
        "key": f"{one.pk}:{curation.mark(one.field, held, imported)}",
        "study": one.study,
        "title": index.title if index else one.study.number,
        "field": one.field,
        "label": labels.field(one.field),
        "curated": values.with_kind(one.field, curated),
        "imported": values.with_kind(one.field, imported),
        "by": one.curated_by,
        "on": one.curated_at,
        "since": one.differs_since,
        "reason": one.reason,
    }


@login_required
@require_POST
def decide(request: HttpRequest) -> HttpResponseBase:
    """Keep curated values, or take the registry's, each as a decision of its own.

    One is decided at once; those that were ticked are listed first, and decided when confirmed.
    """
    selectors.check_sees_review(request.user)
    go, _, single = request.POST.get("go", "").partition("|")
    keys = [single] if single else request.POST.getlist("row")[: PAGE * 5]
    if go not in ("keep", "take") or not keys:
        messages.warning(request, "Nothing was decided: tick differences, then choose what holds.")
        return redirect(_after(request))
    form = DecideForm(request.POST if single or "confirmed" in request.POST else None)
    if not form.is_valid():
        return _confirm(request, go, keys, form)
    n_done, refused = _decide_each(request, go, keys, reason=form.cleaned_data["reason"])
    _tell(request, go, n_done, refused)
    return redirect(_after(request))


def _confirm(
    request: HttpRequest, go: str, keys: Sequence[str], form: DecideForm
) -> HttpResponseBase:
    """List what a bulk act would decide, as it was when it was ticked."""
    found = [selectors.get_differing(request.user, whole(key.partition(":")[0])) for key in keys]
    lines = [review_line(one) for one in found if one and one.differs_since]
    lines = [line for line in lines if line["key"] in keys]
    if not lines:
        _tell(request, go, 0, ["Nothing was decided: what was ticked was decided meanwhile."])
        return redirect(_after(request))
    context = {
        "crumbs": [LIST, Crumb("Review", reverse("registry:review")), Crumb("Decide")],
        "form": form,
        "go": go,
        "lines": lines,
        "keys": [line["key"] for line in lines],
        "gone": len(keys) - len(lines),
        "back": _after(request),
    }
    return render(request, "registry/curation_decide.html", context)


def _decide_each(
    request: HttpRequest, go: str, keys: Sequence[str], *, reason: str
) -> tuple[int, list[str]]:
    """Decide each difference; return how many were, and why the others were not."""
    act = actions.keep_curated if go == "keep" else actions.accept_import
    person: Any = request.user
    n_done, refused = 0, []
    for key in keys:
        number, _, seen = key.partition(":")
        held = selectors.get_differing(request.user, whole(number))
        try:
            if held is None:
                raise actions.CurationRefused("Somebody decided this difference already.")
            act(curated=held, by=person, at=timezone.now(), reason=reason, seen=seen)
        except Refusal as refusal:
            where = f"{held.study.number}, {labels.field(held.field)}: " if held else ""
            refused.append(f"{where}{refusal}")
        else:
            n_done += 1
    return n_done, refused


def _tell(request: HttpRequest, go: str, n_done: int, refused: list[str]) -> None:
    if n_done:
        what = "curated values kept" if go == "keep" else "registry values taken"
        what = what if n_done > 1 else what.replace("values", "value")
        messages.success(request, f"{n_done} {what}.")
    for one in refused[:5]:
        messages.warning(request, one)


def _after(request: HttpRequest) -> str:
    """Return where to go on: the page from which the decision was made."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if back.startswith("/studies/") and is_ours else reverse("registry:review")
