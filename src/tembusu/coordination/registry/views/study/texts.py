"""Who may take part, and what is measured."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tembusu.coordination.registry.rules import eligibility
from tembusu.coordination.registry.selectors import studies as selectors
from tembusu.coordination.registry.views import values
from tembusu.coordination.registry.views.study.frame import OUTCOMES, frame, load


@login_required
@require_safe
def eligibility_page(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    said = shown.values
    source = shown.sources(selectors.list_curated(shown.study))
    facts = source.facts(
        [
            ("Sex", "sex", ""),
            ("Ages", "minimum_age", eligibility.ages(said)),
            ("Healthy volunteers", "healthy_volunteers", ""),
            ("Gender", "gender_description", ""),
            ("Population", "study_population", ""),
            ("Sampling", "sampling_method", ""),
        ],
        keep_empty={"sex", "minimum_age", "healthy_volunteers"},
    )
    context = {
        **frame(request, shown, "eligibility"),
        "criteria": eligibility.part(said.get("eligibility_text") or ""),
        "facts": facts,
        "says_more": any(fact.value for fact in facts),
        "source": source,
    }
    return render(request, "registry/study/eligibility.html", context)


@login_required
@require_safe
def outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    shown = load(request, pk)
    groups = [
        (label, [values.unmarked(one) for one in shown.values.get(kind) or []])
        for kind, label in OUTCOMES.items()
    ]
    context = {
        **frame(request, shown, "outcomes"),
        "groups": [(label, found) for label, found in groups if found],
    }
    return render(request, "registry/study/outcomes.html", context)
