"""Writes about persons."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.urls import reverse

from tembusu.foundation.core import audit, notices, vault
from tembusu.foundation.people import permissions, rules, selectors
from tembusu.foundation.people.models import Person


@audit.act
def register_person(
    *, email: str, full_name: str, by: Person | None, at: datetime, password: str | None = None
) -> Person:
    """Register a person with the key for their private fields.

    :param password: None leaves the account without sign-in until an invitation is accepted
    :raises PermissionDenied: unless the platform administrator or the system does it
    :raises PersonRefused: if the address is taken, or the password is too weak
    """
    if by is not None:
        selectors.check(by, permissions.REGISTER_PERSON)
    person = make_person(email=email, full_name=full_name, at=at, password=password)
    audit.record("people.person.registered", on=person, by=by, at=at)
    return person


def make_person(*, email: str, full_name: str, at: datetime, password: str | None) -> Person:
    """Make the rows of a new person inside an act that has checked the right and is audited."""
    address = rules.email_address(email)
    if selectors.person_by_email(address) is not None:
        raise rules.PersonRefused(f"{address} has an account already.")
    person = Person(email=address, full_name=rules.person_name(full_name), registered_at=at)
    if password is None:
        person.set_unusable_password()
    else:
        check_password_strength(password, person)
        person.set_password(password)
    person.save()
    vault.make_key(owner=person.vault_id, at=at)
    return person


def check_password_strength(password: str, person: Person) -> None:
    """Refuse a password that the deployment's validators don't accept.

    :raises PersonRefused: with what they say
    """
    try:
        password_validation.validate_password(password, person)
    except ValidationError as fault:
        raise rules.PersonRefused(" ".join(fault.messages)) from fault


@audit.act
def rename_person(*, full_name: str, by: Person, at: datetime) -> Person:
    """Change one's own name as others see it.

    :raises NameRefused: if it is empty or too long
    """
    name = rules.person_name(full_name)
    person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = person.full_name
    if name == before:
        raise rules.NameRefused("This is your name already.")
    person.full_name = name
    person.save(update_fields=["full_name"])
    audit.record(
        "people.person.renamed", on=person, by=by, at=at, change={"full_name": [before, name]}
    )
    return person


@audit.act
def reset_second_factor(*, person: Person, reason: str, by: Person | None, at: datetime) -> None:
    """Take away a lost second factor; at the next sign-in the person sets up another.

    :raises PermissionDenied: unless the platform administrator or the system does it
    :raises PersonRefused: for one's own account, where there is none, or without a reason
    """
    if by is not None:
        selectors.check(by, permissions.RESET_SECOND_FACTOR)
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    factors = Authenticator.objects.filter(user=person)
    why = rules.check_reset(
        person_id=person.pk,
        by_id=by.pk if by else None,
        reason=reason,
        has_factor=factors.exists(),
    )
    factors.delete()
    audit.record("people.second_factor.reset", on=person, by=by, at=at, reason=why)
    text = "Your second factor was taken away. If you did not ask for it, tell us at once."
    notices.notify(person=person, text=text, url=reverse("people:account"), at=at)
