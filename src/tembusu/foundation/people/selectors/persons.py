"""Reads of persons, their roles, invitations and tokens."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from tembusu.foundation.core import vault
from tembusu.foundation.people import rules
from tembusu.foundation.people.models import (
    ApiToken,
    Invitation,
    Membership,
    Organisation,
    Person,
)
from tembusu.foundation.people.selectors.reach import User, above, ancestors, holds_anywhere
from tembusu.foundation.people.terms import Role

NEW_ADDRESS = "people.new_address"  # what the links that change an address are sealed for


def get_person(user: User, pk: int) -> Person:
    """Return the person if this user may see them; otherwise Http404."""
    found: Person = get_object_or_404(Person.objects.visible_to(user), pk=pk)
    return found


def person_by_email(email: str) -> Person | None:
    """Return who has this address, for actions that were asked to reach them by it."""
    return Person.objects.filter(email=email.strip().lower()).first()


def get_account(user: User, pk: int) -> Person:
    """Return the person whose account this user may look into: oneself, or any as administrator."""
    from tembusu.foundation.people import permissions

    if pk != user.pk and not holds_anywhere(user, permissions.SEES_EVERY_PERSON):
        raise Http404("There is nothing here that you may see.")
    return get_person(user, pk)


def visible_person_by_email(user: User, email: str) -> Person | None:
    """Return who has this address, if this user may see them."""
    return Person.objects.visible_to(user).filter(email=email.strip().lower()).first()


def list_accounts(user: User, *, text: str = "", is_open: bool | None = None) -> QuerySet[Person]:
    """Return the persons whom this user may see, narrowed; not ordered.

    :param text: part of the name or of the address
    :param is_open: None for open and closed accounts
    """
    rows = Person.objects.visible_to(user)
    if is_open is not None:
        rows = rows.filter(is_active=is_open)
    if wanted := " ".join(text.split()):
        rows = rows.filter(Q(full_name__icontains=wanted) | Q(email__icontains=wanted))
    return rows


@dataclass(frozen=True, slots=True)
class AddressLink:
    """What the link says that changes an account's address."""

    made_for: str
    new: str
    until: datetime


def read_address_link(person: Person, sealed: str) -> AddressLink:
    """Return what a link says that was sealed for this person.

    :raises PersonRefused: if it was sealed for another, or is no link of ours
    """
    padded = sealed.translate(str.maketrans("-_", "+/")) + "=" * (-len(sealed) % 4)
    try:
        asked = json.loads(vault.unseal(padded, owner=person.vault_id, purpose=NEW_ADDRESS))
    except (vault.WrongKey, ValueError) as fault:
        raise rules.PersonRefused(
            "This link is not for your account. Copy the whole link of the e-mail, and sign in as "
            "the person who asked for it."
        ) from fault
    return AddressLink(asked["from"], asked["to"], datetime.fromisoformat(asked["until"]))


def is_erased(person: Person) -> bool:
    """Say whether the person behind an account was erased."""
    return vault.is_erased(person.vault_id)


def has_sign_in(email: str) -> bool:
    """Say whether this address has an account with a password."""
    person = person_by_email(email)
    return person is not None and person.has_usable_password()


def person_by_id(pk: int) -> Person:
    """Return a person for a job that acts in their name."""
    return Person.objects.get(pk=pk)


def list_reachable() -> QuerySet[Person]:
    """Return everybody with an open account and a role, for jobs that write to each of them."""
    held = Membership.objects.filter(person=OuterRef("pk"), ended_at=None)
    return Person.objects.filter(Q(is_active=True) & Exists(held))


def list_members(user: User, organisation: Organisation) -> QuerySet[Membership]:
    """Return who holds roles at a body; empty where not visible."""
    return list_memberships(user, organisation.scope_id)


def list_past_memberships(user: User, scope_id: int) -> QuerySet[Membership]:
    """Return who held roles on one scope before, the last ended first; empty where not visible."""
    rows = Membership.objects.visible_to(user)
    return (
        rows.filter(scope_id=scope_id, ended_at__isnull=False)
        .select_related("person", "granted_by", "ended_by")
        .order_by("-ended_at", "-pk")
    )


def list_memberships(user: User, scope_id: int) -> QuerySet[Membership]:
    """Return the present holders of roles on one scope that this user may see."""
    rows: QuerySet[Membership] = Membership.objects.visible_to(user)
    return (
        rows.filter(scope_id=scope_id, ended_at=None)
        .select_related("person")
        .order_by("role", "person__full_name")
    )


def get_membership(user: User, pk: int) -> Membership:
    """Return the membership if this user may see it; otherwise Http404."""
    visible = Membership.objects.visible_to(user)
    found: Membership = get_object_or_404(
        visible.select_related("person", "scope__organisation"), pk=pk
    )
    return found


def list_invitations(user: User, scope_id: int) -> QuerySet[Invitation]:
    """Return the invitations to roles on one scope, newest first; empty where not visible."""
    rows: QuerySet[Invitation] = Invitation.objects.visible_to(user)
    return rows.filter(scope_id=scope_id).select_related("invited_by").order_by("-id")


def get_invitation(user: User, pk: int) -> Invitation:
    """Return the invitation if this user may see it; otherwise Http404."""
    visible = Invitation.objects.visible_to(user)
    found: Invitation = get_object_or_404(visible.select_related("scope__organisation"), pk=pk)
    return found


def invitation_by_secret(secret: str) -> Invitation | None:
    """Return the invitation whose link carries this secret; whoever holds the link may see it."""
    return (
        Invitation.objects.select_related("scope__organisation", "invited_by")
        .filter(token_sha256=hashlib.sha256(secret.encode()).hexdigest())
        .first()
    )


def own_memberships(person: Person) -> QuerySet[Membership]:
    """Return the roles that a person holds now, with the bodies where they hold them."""
    return (
        Membership.objects.filter(person=person, ended_at=None)
        .select_related("scope__organisation", "scope__parent__organisation")
        .order_by("role", "pk")
    )


def own_memberships_over(
    user: User, scope_ids: Collection[int], roles: Collection[Role]
) -> QuerySet[Membership]:
    """Return those of a user's own roles that are held on one of these scopes or above."""
    return (
        Membership.objects.filter(
            Q(person_id=user.pk),
            ended_at=None,
            role__in=list(roles),
            scope_id__in=above(scope_ids),
        )
        .select_related("scope__organisation")
        .order_by("granted_at", "pk")
    )


def own_tokens(user: User) -> QuerySet[ApiToken]:
    """Return the user's API tokens, newest first."""
    rows: QuerySet[ApiToken] = ApiToken.objects.visible_to(user)
    return rows.order_by("-id")


def get_token(user: User, pk: int) -> ApiToken:
    """Return one of the user's own tokens; otherwise Http404."""
    visible = ApiToken.objects.visible_to(user)
    found: ApiToken = get_object_or_404(visible, pk=pk)
    return found


def holders(roles: Iterable[Role], scope_id: int) -> list[Person]:
    """Return the active persons who hold one of the roles on this scope or above."""
    memberships = Membership.objects.filter(
        role__in=list(roles), scope_id__in=ancestors(scope_id), ended_at=None
    )
    return list(
        Person.objects.filter(
            Q(is_active=True) & Exists(memberships.filter(person=OuterRef("pk")))
        ).order_by("pk")
    )
