"""Granting roles and ending them."""

from datetime import datetime

from django.urls import reverse

from tembusu.foundation.core import audit, notices
from tembusu.foundation.people import permissions, rules, selectors
from tembusu.foundation.people.actions import scopes
from tembusu.foundation.people.models import Membership, Organisation, Person, Scope
from tembusu.foundation.people.terms import Role, ScopeKind


@audit.act
def grant_role(
    *,
    person: Person,
    role: Role,
    scope: Scope,
    by: Person | None,
    at: datetime,
    reason: str = "",
) -> Membership:
    """Grant a role on a scope to a person, who is told.

    :raises PermissionDenied: if ``by`` holds no role that gives this one here
    :raises RoleRefused: if the role can't be held here, is held already, would unblind the person,
        or is asked for oneself
    """
    if by is not None:
        permissions.check_can_grant(by, role, scope.pk)
    rules.check_not_own(person_id=person.pk, by_id=by.pk if by else None)
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    check_grantable(person=locked, role=role, scope=scope)

    membership = Membership.objects.create(
        person=person, role=role, scope=scope, granted_by=by, granted_at=at
    )
    selectors.forget(person, by)
    audit.record(
        "people.membership.granted",
        on=membership_records(membership),
        by=by,
        at=at,
        change={"role": [None, role], "person": person.full_name, "scope": scope.pk},
        reason=reason,
    )
    if by is not None:
        text = f"{by.full_name} granted you the role {role.label}{at_body(scope)}."
        notices.notify(person=person, text=text, url=reverse("people:account"), at=at)
    return membership


def check_grantable(*, person: Person | None, role: Role, scope: Scope) -> None:
    """Refuse a role that can't be held on this scope, or not by this person.

    :raises RoleRefused: saying why and what to do
    """
    kind, body = selectors.scope_kind(scope.pk)
    rules.check_seat(role, scope=kind, organisation=body)
    if person is None:
        return
    if not person.is_active:
        raise rules.RoleRefused(f"The account of {person.full_name} is closed. Reopen it first.")
    active = Membership.objects.filter(person=person, ended_at=None)
    if active.filter(role=role, scope=scope).exists():
        raise rules.RoleRefused(f"{person.full_name} holds this role here already.")
    near = _same_study(scope)
    if near:
        held = active.filter(scope_id__in=near).values_list("role", flat=True)
        rules.check_compatible(role, held=[Role(one) for one in held])


def _same_study(scope: Scope) -> list[int]:
    """Return the ids of the study's scope and its sites', where the scope belongs to a study."""
    above = selectors.ancestors(scope.pk)
    study = Scope.objects.filter(pk__in=above, kind=ScopeKind.STUDY).first()
    return selectors.descendants(study.pk) if study else []


def at_body(scope: Scope) -> str:
    """Return ' at Kempas Hospital' where the scope stands for a body, else ''."""
    body = Organisation.objects.filter(scope=scope).first()
    return f" at {body.name}" if body else ""


def membership_records(membership: Membership) -> list[str]:
    """Return the ledger names of a membership, its person and its body."""
    names = [audit.ref(membership), audit.ref(membership.person)]
    body = Organisation.objects.filter(scope_id=membership.scope_id).first()
    return [*names, audit.ref(body)] if body else names


@audit.act
def end_role(*, membership: Membership, reason: str, by: Person | None, at: datetime) -> Membership:
    """End a role, with a reason. Anybody may lay down their own; others need the right to grant it.

    :raises PermissionDenied: if ``by`` could not grant the role, and it is not their own
    :raises RoleRefused: if it has ended, no reason is given, or nobody could grant it again
    """
    role = Role(membership.role)
    if by is not None and membership.person_id != by.pk:
        permissions.check_can_grant(by, role, membership.scope_id)
    why = rules.check_reason(reason)
    if role is Role.PLATFORM_ADMINISTRATOR:
        # Two administrators who end each other at the same moment queue up here.
        Scope.objects.select_for_update(no_key=True).get(pk=scopes.platform_scope().pk)
    given, membership = (
        membership,
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "scope")
        .get(pk=membership.pk),
    )
    if membership.ended_at is not None:
        raise rules.RoleRefused("This role has ended already.")
    rules.check_end(role=role, n_others=n_others(membership.person_id, role))

    membership.ended_at, membership.ended_by, membership.reason = at, by, why
    membership.save(update_fields=["ended_at", "ended_by", "reason"])
    selectors.forget(given.person, by)
    audit.record(
        "people.membership.ended",
        on=membership_records(membership),
        by=by,
        at=at,
        change={"role": [role, None], "person": membership.person.full_name},
        reason=why,
    )
    if by is not None and by.pk != membership.person_id:
        text = f"{by.full_name} ended your role {role.label}{at_body(membership.scope)}: {why}"
        notices.notify(person=membership.person, text=text, url=reverse("people:account"), at=at)
    return membership


def n_others(person_id: int, role: Role) -> int:
    """Return how many other people with an open account hold the role now."""
    rows = Membership.objects.filter(role=role, ended_at=None, person__is_active=True)
    return rows.exclude(person_id=person_id).values("person").distinct().count()
