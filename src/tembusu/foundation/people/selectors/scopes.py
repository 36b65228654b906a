"""Reads of scopes: what each stands for, how it is called, who may see its members."""

from collections.abc import Collection, Iterable

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tembusu.foundation.people.models import Organisation, Scope
from tembusu.foundation.people.selectors.reach import User, holds_anywhere, scopes_of
from tembusu.foundation.people.terms import (
    OrganisationKind,
    ScopeKind,
    ScopeName,
    scope_names,
)


def scope_kind(scope_id: int) -> tuple[ScopeKind, OrganisationKind | None]:
    """Return what a scope stands for and, for a body, the body's kind."""
    scope = Scope.objects.select_related("organisation").get(pk=scope_id)
    body = getattr(scope, "organisation", None)
    return ScopeKind(scope.kind), OrganisationKind(body.kind) if body else None


def get_scope(user: User, pk: int) -> Scope:
    """Return a scope whose members this user may see; otherwise Http404."""
    scope = get_object_or_404(Scope.objects.select_related("organisation"), pk=pk)
    if not nameable(user, [scope]):
        raise Http404("There is nothing here that you may see.")
    return scope


def scopes_by_id(ids: Collection[int]) -> dict[int, Scope]:
    return Scope.objects.in_bulk(ids)


def nameable(user: User, scopes: Iterable[Scope]) -> list[Scope]:
    """Return those scopes of which this user may know what they stand for.

    The administrator knows those of bodies and of the platform, not of studies.
    """
    from tembusu.foundation.people import permissions

    own = scopes_of(user)
    kept = {ScopeKind.ORGANISATION, ScopeKind.PLATFORM}
    if not holds_anywhere(user, permissions.SEES_EVERY_PERSON):
        kept = set()
    return [scope for scope in scopes if scope.pk in own or scope.kind in kept]


def platform_scope_id() -> int | None:
    """Return the id of the platform's scope, once somebody administers it."""
    return Scope.objects.filter(kind=ScopeKind.PLATFORM).values_list("pk", flat=True).first()


def name_scopes(scopes: Iterable[Scope]) -> dict[int, ScopeName]:
    """Return how the records behind these scopes are called, in one query for each kind."""
    by_kind: dict[ScopeKind, list[int]] = {}
    for scope in scopes:
        by_kind.setdefault(ScopeKind(scope.kind), []).append(scope.pk)
    named: dict[int, ScopeName] = {}
    for kind, ids in by_kind.items():
        names = scope_names(kind)
        known = names(ids) if names else {}
        named.update({pk: known.get(pk, ScopeName(f"{kind.label} {pk}")) for pk in ids})
    return named


def name_bodies(ids: Collection[int]) -> dict[int, ScopeName]:
    """Name the scopes of bodies; the platform has one name."""
    rows = Organisation.objects.filter(scope_id__in=list(ids))
    return {
        body.scope_id: ScopeName(body.name, reverse("people:organisation", args=[body.pk]))
        for body in rows
    }


def name_platform(ids: Collection[int]) -> dict[int, ScopeName]:
    return {pk: ScopeName("The platform", reverse("people:members", args=[pk])) for pk in ids}
