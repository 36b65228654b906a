"""Two studies beside each other, field by field, in the order of a study's own page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.coordination.registry.models import Study
from tembusu.coordination.registry.rules import form, records
from tembusu.coordination.registry.selectors import studies
from tembusu.coordination.registry.views import labels, values
from tembusu.coordination.registry.views.study import LIST
from tembusu.foundation.ui.terms import Change, Crumb

# As the overview has them; then what the registration form asks beyond it, then the rest.
ORDER = (
    "brief_title",
    "acronym",
    "official_title",
    "overall_status",
    "why_stopped",
    "brief_summary",
    "detailed_description",
    "conditions",
    "keywords",
    "study_type",
    "phases",
    "primary_purpose",
    "allocation",
    "intervention_model",
    "observational_model",
    "time_perspective",
    "masking",
    "who_masked",
    "enrolment_count",
    "countries",
    "locations",
    "has_dmc",
    "registered_dtc",
    "start_dtc",
    "primary_completion_dtc",
    "completion_dtc",
    "interventions",
    "arms",
    "lead_sponsor",
    "collaborators",
    "support_sources",
    "officials",
    "public_contacts",
    "scientific_contacts",
    "org_study_no",
    "secondary_ids",
    "ethics_reviews",
)


@login_required
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show two studies beside each other, field by field."""
    pair = [request.GET.get(name, "") for name in ("a", "b")]
    if not all(one.isascii() and one.isdigit() and len(one) <= 18 for one in pair):
        raise Http404("Two studies are compared by their ids.")
    one, other = (studies.get_study(request.user, int(pk)) for pk in pair)
    context = {
        "crumbs": [LIST, Crumb("Two studies compared")],
        "studies": [(study, _title(study)) for study in (one, other)],
        "changes": differences(one, other),
    }
    return render(request, "registry/compare_studies.html", context)


def _title(study: Study) -> str:
    return values.title(studies.effective_record(study).values, study.number)


def differences(one: Study, other: Study, merged: Mapping[str, Any] | None = None) -> list[Change]:
    """Return the fields of which two studies say different things, as texts.

    :param merged: what they say once they are one, to tell whose value holds then
    """
    left, right = (studies.effective_record(study).values for study in (one, other))
    found = []
    for name in ordered({_shown_with(d.field) for d in records.compare(left, right)}):
        before, after = values.with_kind(name, left), values.with_kind(name, right)
        then = None if merged is None else values.with_kind(name, merged)
        holds = {after: "after", before: "before"}.get(then, "") if then else ""
        if before != after:
            found.append(Change(labels.field(name), before, after, holds))
    return found


def _shown_with(field: str) -> str:
    """Return the field beside whose value this one is shown: a date's kind stands with its date."""
    return records.CHIEF.get(field, field) if field.endswith("_kind") else field


def ordered(fields: set[str]) -> Sequence[str]:
    """Return fields as a study's page has them, without those that name a registry's entry."""
    asked = [question.field for question in form.all_questions(form.sections())]
    place = {name: no for no, name in reversed(list(enumerate([*ORDER, *asked])))}
    told = sorted(fields - records.OWN_FIELDS)
    return sorted(told, key=lambda name: place.get(name, len(ORDER) + len(asked)))
