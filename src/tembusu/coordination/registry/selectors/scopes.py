"""How studies and sites are called where a role is held on them."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from tembusu.coordination.registry.models import Study, StudySite
from tembusu.foundation.people.terms import ScopeKind, ScopeName, register_scope_names


def study_names(scope_ids: Collection[int]) -> Mapping[int, ScopeName]:
    """Return each study by its scope's id: 'TMB-000147 A trial of…'."""
    found = Study.objects.filter(scope_id__in=scope_ids).select_related("index")
    return {one.scope_id: ScopeName(_called(one), _page(one.pk)) for one in found}


def site_names(scope_ids: Collection[int]) -> Mapping[int, ScopeName]:
    """Return each site by its scope's id: 'TMB-000147 A trial of… at Rain Tree General Hospital'."""
    found = StudySite.objects.filter(scope_id__in=scope_ids)
    return {
        one.scope_id: ScopeName(f"{_called(one.study)} at {one.organisation}", _page(one.study_id))
        for one in found.select_related("study__index", "organisation")
    }


def _called(study: Study) -> str:
    index = getattr(study, "index", None)
    return f"{study.number} {index.title}" if index else study.number


def _page(study_id: int) -> str:
    return reverse("registry:study", args=[study_id])


def register() -> None:
    """Let people's pages call studies and sites by their names."""
    register_scope_names(ScopeKind.STUDY, study_names)
    register_scope_names(ScopeKind.STUDY_SITE, site_names)
