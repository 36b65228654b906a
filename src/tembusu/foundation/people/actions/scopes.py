"""Scopes are made and moved inside the act on the record that they stand for, which is audited."""

from collections.abc import Sequence

from django.db import transaction

from tembusu.foundation.people.models import Scope
from tembusu.foundation.people.terms import ScopeKind


@transaction.atomic
def make_scope(*, kind: ScopeKind, parent: Scope | None = None) -> Scope:
    """Make the scope of a new record, below its parent's: a site's below its study's."""
    return Scope.objects.create(kind=kind, parent=parent)


@transaction.atomic
def make_scopes(*, kind: ScopeKind, parents: Sequence[Scope | None]) -> list[Scope]:
    """Make one scope below each of the parents, in their order; for imports."""
    return Scope.objects.bulk_create([Scope(kind=kind, parent=one) for one in parents])


@transaction.atomic
def move_scope(*, scope: Scope, parent: Scope | None) -> None:
    """Put a scope below another parent, when its record changes hands (a study's new sponsor).

    :raises ValueError: if the parent stands below the scope itself
    """
    from tembusu.foundation.people import selectors

    locked = Scope.objects.select_for_update(no_key=True).get(pk=scope.pk)
    if parent is not None and scope.pk in selectors.ancestors(parent.pk):
        raise ValueError("A scope can't be put below itself.")
    locked.parent = parent
    locked.save(update_fields=["parent"])
    scope.parent = parent


@transaction.atomic
def platform_scope() -> Scope:
    """Return the platform's one scope, making it the first time."""
    found, _ = Scope.objects.get_or_create(kind=ScopeKind.PLATFORM)
    return found
