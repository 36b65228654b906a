"""Curation: what a study says, field by field, and a value of staff's own over it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tembusu.coordination.registry import permissions
from tembusu.coordination.registry.actions import curation as actions
from tembusu.coordination.registry.forms import CurateForm
from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.rules import form as rules
from tembusu.coordination.registry.rules import records
from tembusu.coordination.registry.rules.doubts import doubts
from tembusu.coordination.registry.selectors import curation as selectors
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.selectors.curation import Standing
from tembusu.coordination.registry.terms import Question
from tembusu.coordination.registry.views import labels, sources, values
from tembusu.coordination.registry.views.drafts import resized, whole
from tembusu.coordination.registry.views.review import review_line
from tembusu.coordination.registry.views.study import LIST
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui.terms import Blocked, Crumb

# -- the fields of a study ------------------------------------------------------------------------


@login_required
@require_safe
def fields(request: HttpRequest, pk: int) -> HttpResponse:
    """List what the study says, field by field, with where each value comes from."""
    study = studies.get_study_within(request.user, pk)
    record = studies.effective_record(study)
    curated = list(studies.list_curated(study))
    source = sources.Sources(
        record, list(studies.list_registrations(study)), curated, names_curators=True
    )
    held = {one.field: one for one in curated}
    why = why_not(request.user, study)
    context = {
        "crumbs": crumbs(study, "Curate"),
        "study": study,
        "heading": values.title(record.values, study.number),
        "parts": [
            (part, [_line(q, record.values, source, held) for q in part.questions if _is_chief(q)])
            for part in rules.sections()
        ],
        "origin": source.chief_line,
        "doubts": doubts(record.values),
        "differing": [review_line(one) for one in curated if one.differs_since],
        "may_decide": not why,
        "until": sources.until_decided(may_decide=not why),
        "blocked": [Blocked("Curate", why)] if why else [],
        "back": request.get_full_path(),
    }
    return render(request, "registry/curation.html", context)


def _line(question: Question, said: Any, source: sources.Sources, held: Any) -> dict[str, Any]:
    if question.field == "countries" and not said.get("countries"):
        said = {**said, "countries": records.countries(said)}
    return {
        "field": question.field,
        "label": question.label,
        "text": _said(question, said),
        "source": source.of(question.field),
        "is_curated": question.field in held,
    }


def _is_chief(question: Question) -> bool:
    """Say whether a question stands by itself: that on a date's kind stands with the date's."""
    return question.field not in records.CHIEF


def _asked_with(field: str) -> list[Question]:
    """Return the question on a field, then those of the form on what is said of it."""
    asked = {one.field: one for one in rules.all_questions(rules.sections())}
    return [asked[name] for name in records.unit(field) if name in asked]


def crumbs(study: Study, *more: str) -> list[Crumb]:
    own = Crumb(study.number, reverse("registry:study", args=[study.pk]))
    return [LIST, own, *(Crumb(one) for one in more)]


def why_not(user: Any, study: Study) -> str:
    """Return why this user may not curate, or why this study is not curated; '' where they may."""
    if study.state != "published":
        return f"{study.number} is not published; only published studies are curated."
    return people.why_not(user, permissions.CURATE_STUDY, study.scope_id)


# -- one field ------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def curate_field(request: HttpRequest, pk: int, field: str) -> HttpResponseBase:
    """Show what is said of a field and by whom, and take a value over it."""
    study = studies.get_study_within(request.user, pk)
    if chief := records.CHIEF.get(field):
        return redirect("registry:curate_field", pk=study.pk, field=chief)
    asked = _asked_with(field)
    if not asked or asked[0].field != field:
        raise Http404("No such field.")
    held = selectors.standing(study, field)
    is_open = why_not(request.user, study) == ""
    if request.method == "POST" and is_open:
        return _decide(request, study, asked, held)
    blank = whole(request.GET.get("blank"))
    return _show(request, study, asked, held, CurateForm(asked, held.values, n_blank=blank))


def _decide(
    request: HttpRequest, study: Study, asked: Sequence[Question], held: Standing
) -> HttpResponseBase:
    question = asked[0]
    go, _, row = request.POST.get("go", "curate").partition(":")
    form = CurateForm(asked, held.values, data=resized(request.POST, go, row))
    if go in ("add", "remove"):
        # Only the page changes; it is judged when the value is set.
        form.errors.clear()
        return _show(request, study, asked, held, form)
    if not form.is_valid():
        return _show(request, study, asked, held, form)
    person: Any = request.user
    seen = request.POST.get("seen", "")
    try:
        if go in ("take", "keep"):
            done = _settle(request, held, go, reason=form.reason, seen=seen)
        else:
            given = form.values()
            actions.curate_field(
                study=study,
                field=question.field,
                value=given.pop(question.field),
                beside=given,
                by=person,
                at=timezone.now(),
                reason=form.reason,
                seen=seen,
                doubts_checked=form.cleaned_data["checked"],
            )
            done = f"{question.label}: your value holds now. No import overwrites it."
    except Refusal as refusal:
        form.add_error(_at_fault(refusal, form, question, go), str(refusal))
        fresh = selectors.standing(study, question.field)
        return _show(request, study, asked, fresh, form)
    messages.success(request, done)
    return redirect(f"{reverse('registry:curate', args=[study.pk])}#field-{question.field}")


def _at_fault(refusal: Refusal, form: CurateForm, question: Question, go: str) -> str | None:
    """Return the control that a refusal speaks of; None where it speaks of none."""
    if isinstance(refusal, actions.DoubtsUnchecked):
        return "checked"
    if isinstance(refusal, actions.MisfitRefused) and question.field in form.fields:
        return question.field
    return "reason" if go == "curate" and not form.reason.strip() else None


def _settle(request: HttpRequest, held: Standing, go: str, *, reason: str, seen: str) -> str:
    if held.curated is None:
        raise actions.CurationRefused("Somebody dropped this curated value already.")
    person: Any = request.user
    act = actions.accept_import if go == "take" else actions.keep_curated
    act(curated=held.curated, by=person, at=timezone.now(), reason=reason, seen=seen)
    label = labels.field(held.field)
    return (
        f"{label}: the registry’s value holds again."
        if go == "take"
        else f"{label}: your value stays."
    )


def _show(
    request: HttpRequest, study: Study, asked: Sequence[Question], held: Standing, form: CurateForm
) -> HttpResponse:
    why, question = why_not(request.user, study), asked[0]
    context = {
        "crumbs": [
            *crumbs(study)[:2],
            Crumb("Curate", reverse("registry:curate", args=[study.pk])),
            Crumb(question.label),
        ],
        "study": study,
        "question": question,
        "heading": f"Curate: {question.label}",
        "study_title": values.title(studies.effective_record(study).values, study.number),
        "form": form,
        "seen": held.mark,
        "said": [
            {
                "registry": labels.registry(one.registration.registry),
                "row": one.registration,
                "text": _said(question, one.values),
                "is_source": one.is_source,
            }
            for one in held.said
        ],
        "curated": held.curated,
        "curated_text": _said(question, held.values) if held.curated else "",
        "imported_text": _said(question, held.imported),
        "blocked": [Blocked("Curate", why)] if why else [],
        "trail_url": reverse("registry:study_trail", args=[study.pk]),
    }
    return render(request, "registry/curation_field.html", context)


def _said(question: Question, said: Mapping[str, Any]) -> str:
    return values.with_kind(question.field, said, values.words(question, said.get(question.field)))
