"""Invitations: the only way in. The link's token is kept as its SHA-256 only."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from tembusu.foundation.core import audit
from tembusu.foundation.people import permissions, rules, selectors
from tembusu.foundation.people.actions import persons, roles, scopes
from tembusu.foundation.people.models import Invitation, Membership, Person, Scope
from tembusu.foundation.people.terms import InvitationState, Role


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@audit.act
def invite_person(
    *, email: str, full_name: str, role: Role, scope: Scope, by: Person | None, at: datetime
) -> tuple[Invitation, str]:
    """Invite somebody by e-mail to a role; return the invitation and the secret of its link.

    :raises PermissionDenied: if ``by`` could not grant the role here
    :raises Refusal: if the role can't be held here or by them, or they are invited already
    """
    if by is not None:
        permissions.check_can_grant(by, role, scope.pk)
    address, name = rules.email_address(email), rules.person_name(full_name)
    invitee = selectors.person_by_email(address)
    rules.check_not_own(person_id=invitee.pk if invitee else None, by_id=by.pk if by else None)
    Scope.objects.select_for_update(no_key=True).get(pk=scope.pk)
    roles.check_grantable(person=invitee, role=role, scope=scope)
    open_ones = Invitation.objects.open_at(at)
    if open_ones.filter(email=address, role=role, scope=scope).exists():
        raise rules.InvitationRefused(
            f"{address} has an open invitation to this role. Withdraw it before sending another."
        )

    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=address,
        full_name=name,
        role=role,
        scope=scope,
        invited_by=by,
        invited_at=at,
        expires_at=at + rules.INVITATION_LIFE,
        token_sha256=sha256(secret),
    )
    audit.record(
        "people.invitation.sent",
        on=_records(invitation),
        by=by,
        at=at,
        change={"email": address, "role": role},
    )
    transaction.on_commit(lambda: _send(invitation, secret), robust=True)
    return invitation, secret


def link(secret: str) -> str:
    """Return the address that an invitation's e-mail carries."""
    return f"{settings.ORIGIN}{reverse('people:accept', args=[secret])}"


def _send(invitation: Invitation, secret: str) -> None:
    name = settings.TEMBUSU_BRAND["name"]
    facts = {
        "invitation": invitation,
        "role": Role(invitation.role).label,
        "place": roles.at_body(invitation.scope),
        "link": link(secret),
        "name": name,
    }
    body = render_to_string("people/email/invitation.txt", facts)
    send_mail(f"{name}: invitation", body, settings.DEFAULT_FROM_EMAIL, [invitation.email])


def _records(invitation: Invitation) -> list[str]:
    body = getattr(invitation.scope, "organisation", None)
    return [audit.ref(invitation), *([audit.ref(body)] if body else [])]


@audit.act
def invite_first_administrator(
    *, email: str, full_name: str, at: datetime, by: None = None
) -> tuple[Invitation, str]:
    """Invite a platform administrator from the command line, while there is none.

    :raises RoleRefused: if somebody holds the role; they invite the next one on screen
    """
    present = Membership.objects.filter(
        role=Role.PLATFORM_ADMINISTRATOR, ended_at=None, person__is_active=True
    ).select_related("person")
    if holder := present.first():
        raise rules.RoleRefused(
            f"{holder.person.full_name} is platform administrator. Ask them for an invitation."
        )
    return invite_person(
        email=email,
        full_name=full_name,
        role=Role.PLATFORM_ADMINISTRATOR,
        scope=scopes.platform_scope(),
        by=by,
        at=at,
    )


@audit.act
def accept_invitation(
    *,
    secret: str,
    at: datetime,
    by: Person | None = None,
    full_name: str = "",
    password: str = "",
) -> Membership:
    """Take the role of an invitation, making an account for whoever has none.

    :param by: who is signed in; must be the invited person where that address has an account
    :param full_name: the new person's name; the invited one where empty
    :raises InvitationRefused: if the link is unknown, used, withdrawn, expired, meant for somebody
        else, or sent by one who could no longer grant the role
    :raises Refusal: if the password is too weak, or the role can't be held any more
    """
    invitation = (
        Invitation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("scope", "invited_by")
        .filter(token_sha256=sha256(secret))
        .first()
    )
    if invitation is None:
        raise rules.InvitationRefused("This link is not known. Copy the whole link of the e-mail.")
    rules.check_open(invitation.state(at))
    role = Role(invitation.role)
    _check_sender(invitation, role)
    person = _invitee(invitation, by)
    if person is None:
        person = persons.make_person(
            email=invitation.email,
            full_name=full_name or invitation.full_name,
            at=at,
            password=password,
        )
    elif not person.has_usable_password():
        persons.check_password_strength(password, person)
        person.set_password(password)
        person.save(update_fields=["password"])
    roles.check_grantable(person=person, role=role, scope=invitation.scope)

    invitation.accepted_at, invitation.accepted_by = at, person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    membership = Membership.objects.create(
        person=person,
        role=role,
        scope=invitation.scope,
        granted_by=invitation.invited_by,
        granted_at=at,
    )
    selectors.forget(person, by)
    audit.record(
        "people.invitation.accepted",
        on=[*roles.membership_records(membership), audit.ref(invitation)],
        by=person,
        at=at,
        change={"role": [None, role], "person": person.full_name},
    )
    return membership


def _check_sender(invitation: Invitation, role: Role) -> None:
    """An invitation is worth as much as its sender's right to grant, on the day it is accepted."""
    sender = invitation.invited_by
    if sender is None:
        return
    if not selectors.may(sender, permissions.GRANT[role], invitation.scope_id):
        raise rules.InvitationRefused(
            f"{sender.full_name} may no longer grant this role. Ask for a new invitation."
        )


def _invitee(invitation: Invitation, by: Person | None) -> Person | None:
    person = selectors.person_by_email(invitation.email)
    if by is not None and (person is None or person.pk != by.pk):
        raise rules.InvitationRefused(
            "This invitation was sent to another address than yours. Sign out, then open it again."
        )
    if person is not None and by is None and person.has_usable_password():
        raise rules.InvitationRefused(
            "You have an account with this address. Sign in, then open the link again."
        )
    return person


@audit.act
def revoke_invitation(
    *, invitation: Invitation, by: Person | None, at: datetime, reason: str = ""
) -> Invitation:
    """Withdraw an invitation that was not yet accepted.

    :raises PermissionDenied: if ``by`` neither sent it nor could grant the role
    :raises InvitationRefused: if it was answered or has expired
    """
    if by is not None and invitation.invited_by_id != by.pk:
        permissions.check_can_grant(by, Role(invitation.role), invitation.scope_id)
    invitation = (
        Invitation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("scope")
        .get(pk=invitation.pk)
    )
    rules.check_open(invitation.state(at))

    invitation.revoked_at, invitation.revoked_by = at, by
    invitation.save(update_fields=["revoked_at", "revoked_by"])
    audit.record(
        "people.invitation.revoked",
        on=_records(invitation),
        by=by,
        at=at,
        change={"state": [InvitationState.OPEN, InvitationState.REVOKED]},
        reason=reason,
    )
    return invitation
