"""Two studies that are one: choosing the other, reading both, merging; and parting them again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import merging as actions
from tembusu.coordination.registry.forms import MergeForm, PartForm
from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.rules.merging import listed
from tembusu.coordination.registry.selectors import merging as selectors
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.views import comparing, labels, values
from tembusu.coordination.registry.views.curation import crumbs
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.terms import Blocked


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Merge this study with another, after both were read side by side."""
    study = studies.get_study(request.user, pk)
    number = " ".join(request.GET.get("other", "").replace("\0", " ").split())[:60]
    found, is_itself = (
        selectors.find_other(request.user, study, number) if number else (None, False)
    )
    other = studies.get_study(request.user, found.pk) if found else None
    why = people.why_not(request.user, permissions.MERGE_STUDIES, study.scope_id)
    context: dict[str, Any] = {
        "crumbs": crumbs(study, "Merge"),
        "study": study,
        "title": _title(study),
        "number": number,
        "is_unknown": bool(number) and other is None and not is_itself,
        "is_itself": is_itself,
        "blocked": [Blocked("Merge", why)] if why else [],
    }
    if other is None or why:
        return render(request, "registry/merge.html", {**context, "form": None})
    form = _form(request, study, other)
    if request.method == "POST" and form.is_valid():
        done = _merge(request, study, other, form)
        if done is not None:
            return redirect("registry:study", pk=done.pk)
    return _show(request, context, study, other, form)


def _form(request: HttpRequest, study: Study, other: Study) -> MergeForm:
    pairs = [(str(one.pk), f"{one.number}: {_title(one)}"[:160]) for one in (study, other)]
    known = selectors.known_side(study, other)
    return MergeForm(
        pairs,
        data=request.POST or None,
        initial={"stays": str(known.pk)} if known else None,
        why_preset=f"{known.number} is chosen: it alone stands in another registry."
        if known
        else "",
        unlike=listed(selectors.unlike(study, other)),
    )


def _merge(request: HttpRequest, study: Study, other: Study, form: MergeForm) -> Study | None:
    stays, goes = (study, other) if form.cleaned_data["stays"] == str(study.pk) else (other, study)
    person: Any = request.user
    try:
        actions.merge_studies(
            study=goes,
            into=stays,
            by=person,
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
            unlike_checked=form.cleaned_data.get("checked", False),
        )
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(
        request,
        f"{goes.number} is now part of {stays.number}; its number leads there. If they turn out to"
        " be two, part them again from this page.",
    )
    return stays


def _show(
    request: HttpRequest, context: dict[str, Any], study: Study, other: Study, form: MergeForm
) -> HttpResponse:
    sides = [_side(study), _side(other)]
    why_not = selectors.why_not_one(study, other)
    merged = None if why_not else _certain(selectors.merged_values(study, other), sides)
    more = {
        "form": form,
        "other": other,
        "other_title": _title(other),
        "changes": comparing.differences(study, other, merged),
        "sides": sides,
        "unlike": listed(selectors.unlike(study, other)),
        "curated_twice": _both(sides),
        "blocked": [_refusal(reason, numbers) for reason, numbers in why_not],
    }
    return render(request, "registry/merge.html", {**context, **more})


def _refusal(reason: str, numbers: Any) -> Blocked:
    if not numbers:
        return Blocked("Merge", reason)
    pairs = " and ".join(f"{no} ({study})" for no, study in numbers.items())
    where = labels.registry(reason)
    return Blocked(
        f"One study in {where}",
        f"Both stand in {where} under numbers of their own, {pairs}: it holds them for two trials."
        " Ask it to correct its record first.",
    )


def _side(study: Study) -> dict[str, Any]:
    held = selectors.holdings(study)
    return {
        "study": study,
        "title": _title(study),
        "registrations": [one.registry_no for one in held.registrations],
        "curated": [labels.field(name) for name in held.curated],
        "n_sites": held.n_sites,
        "has_draft": held.has_draft,
    }


def _both(sides: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields curated in both: of these, the value of the study that stays holds."""
    left, right = sides
    return [name for name in left["curated"] if name in right["curated"]]


def _certain(merged: Mapping[str, Any], sides: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Leave out what hangs on which number stays: what is curated in both."""
    left, right = (set(side["curated"]) for side in sides)
    return {name: one for name, one in merged.items() if labels.field(name) not in left & right}


def _title(study: Study) -> str:
    return values.title(studies.effective_record(study).values, study.number)


# -- parting --------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Undo a merge, after reading what goes back and what stays."""
    study = studies.get_study(request.user, pk)
    stayed = selectors.get_stayed(study)
    if stayed is None:
        raise Http404("This study is not merged.")
    why = people.why_not(request.user, permissions.MERGE_STUDIES, study.scope_id)
    form = PartForm(request.POST or None)
    if request.method == "POST" and why == "" and form.is_valid():
        person: Any = request.user
        try:
            actions.part_studies(
                study=study, by=person, at=timezone.now(), reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{study.number} and {stayed.number} are two studies again.")
            return redirect("registry:study", pk=study.pk)
    context = {
        "crumbs": crumbs(stayed, "Part"),
        "study": study,
        "stayed": stayed,
        "merged": selectors.merge_event(study),
        "form": form,
        "blocked": [Blocked("Part", why)] if why else [],
        "first": selectors.to_part_first(study, stayed),
    }
    return render(request, "registry/part.html", context)
