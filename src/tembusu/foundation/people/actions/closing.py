"""Closing an account and opening it again."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.urls import reverse

from tembusu.foundation.core import audit, notices, vault
from tembusu.foundation.people import permissions, rules, selectors
from tembusu.foundation.people.actions import roles, scopes
from tembusu.foundation.people.models import ApiToken, Membership, Person, Scope
from tembusu.foundation.people.terms import Role

# Whoever sees the members of a body learns that the account was closed, and not why.
ENDED_WITH_ACCOUNT = "The account was closed."


@audit.act
def close_account(*, person: Person, reason: str, by: Person | None, at: datetime) -> Person:
    """Close an account: its roles end, its tokens are revoked, its sessions end at once.

    :raises PermissionDenied: unless the platform administrator or the system does it
    :raises PersonRefused: for oneself, a closed account, the last administrator, or no reason
    """
    if by is not None:
        selectors.check(by, permissions.CLOSE_ACCOUNT)
    # Two administrators who close each other at the same moment queue up here.
    Scope.objects.select_for_update(no_key=True).get(pk=scopes.platform_scope().pk)
    given, person = person, Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    held = Membership.objects.active().filter(person=person, role=Role.PLATFORM_ADMINISTRATOR)
    why = rules.check_close(
        person_id=person.pk,
        by_id=by.pk if by else None,
        reason=reason,
        is_open=person.is_active,
        is_administrator=held.exists(),
        n_other_administrators=roles.n_others(person.pk, Role.PLATFORM_ADMINISTRATOR),
    )
    shut(person, reason=why, by=by, at=at)
    selectors.forget(given)
    text = "Your account was closed. If you think that this is wrong, ask whoever invited you."
    notices.notify(person=person, text=text, url=reverse("account_login"), at=at)
    return person


def shut(person: Person, *, reason: str, by: Person | None, at: datetime) -> None:
    """End all that an account lets its person do, inside an act that has checked and is audited."""
    for membership in Membership.objects.active().filter(person=person):
        _end(membership, by=by, at=at)
    tokens = ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
    person.is_active = False
    person.save(update_fields=["is_active"])
    facts = {
        "account": ["open", "closed"],
        "tokens_revoked": tokens,
        "sessions_ended": _end_sessions(person),
    }
    audit.record("people.account.closed", on=person, by=by, at=at, change=facts, reason=reason)


def _end(membership: Membership, *, by: Person | None, at: datetime) -> None:
    membership.ended_at, membership.ended_by, membership.reason = at, by, ENDED_WITH_ACCOUNT
    membership.save(update_fields=["ended_at", "ended_by", "reason"])
    audit.record(
        "people.membership.ended",
        on=roles.membership_records(membership),
        by=by,
        at=at,
        change={"role": [membership.role, None], "person": membership.person.full_name},
        reason=ENDED_WITH_ACCOUNT,
    )


def _end_sessions(person: Person) -> int:
    """Remove the person's sessions, lest opening the account opens them too; return how many."""
    keys = [
        session.session_key
        for session in Session.objects.iterator(2000)
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


@audit.act
def reopen_account(*, person: Person, reason: str, by: Person | None, at: datetime) -> Person:
    """Open a closed account again. Its roles do not come back: they are granted anew.

    :raises PermissionDenied: unless the platform administrator or the system does it
    :raises PersonRefused: if it is open, the person was erased, or no reason is given
    """
    if by is not None:
        selectors.check(by, permissions.CLOSE_ACCOUNT)
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    why = rules.check_reopen(
        reason=reason, is_open=person.is_active, is_erased=vault.is_erased(person.vault_id)
    )
    person.is_active = True
    person.save(update_fields=["is_active"])
    facts = {"account": ["closed", "open"]}
    audit.record("people.account.reopened", on=person, by=by, at=at, change=facts, reason=why)
    text = "Your account is open again. Ask for the roles that you need; none came back by itself."
    notices.notify(person=person, text=text, url=reverse("people:account"), at=at)
    return person
