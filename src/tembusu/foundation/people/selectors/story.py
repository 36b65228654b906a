"""How a body and an account tell their trails: what belongs to them, in the words of people."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from tembusu.foundation.core import audit
from tembusu.foundation.core.terms import FieldChange
from tembusu.foundation.core.trail import OWN_KEY, RowSource, Story, text_of
from tembusu.foundation.people.models import (
    ApiToken,
    Invitation,
    Membership,
    Organisation,
    OrganisationName,
    Person,
    Scope,
)
from tembusu.foundation.people.selectors.bodies import get_organisation
from tembusu.foundation.people.selectors.persons import get_account
from tembusu.foundation.people.selectors.scopes import name_scopes
from tembusu.foundation.people.terms import InvitationState, NameKind, OrganisationKind, Role

# Columns that pages leave out, with the reason; exports have them.
SPARE: Mapping[str, str] = {
    "id": OWN_KEY,
    "vault_id": "Names the key of the private fields; people have no use for it.",
    "is_superuser": "The framework's own flag, which is never set: roles say who may do what.",
}
OF_BODY = {**SPARE, "scope": "Stands for the body itself, whose trail this is."}
OF_PERSON = {**SPARE, "person": "The person whose trail this is."}

LABELS: Mapping[str, str] = {
    "person": "Person",
    "role": "Role",
    "scope": "Where",
    "granted_by": "Granted by",
    "granted_at": "Granted",
    "ended_at": "Ended",
    "ended_by": "Ended by",
    "reason": "Reason",
    "email": "E-mail address",
    "full_name": "Name",
    "is_active": "Open",
    "registered_at": "Registered",
    "name": "Name",
    "kind": "Kind",
    "country": "Country",
    "city": "City",
    "parent": "Belongs to",
    "ror_id": "ROR id",
    "organisation": "Organisation",
    "valid_from": "Since",
    "valid_to": "Until",
    "on": "Since",
    "invited_by": "Invited by",
    "invited_at": "Invited",
    "expires_at": "Holds until",
    "accepted_at": "Accepted",
    "accepted_by": "Accepted by",
    "revoked_at": "Withdrawn",
    "revoked_by": "Withdrawn by",
    "scopes": "May be used to",
    "issued_at": "Issued",
    "state": "State",
    "account": "Account",
    "tokens_revoked": "API tokens revoked",
    "sessions_ended": "Sessions ended",
}
BODY_TITLES: Mapping[str, str] = {
    "people.organisation.registered": "Organisation registered",
    "people.organisation.renamed": "Renamed",
    "people.organisation.alias_added": "Further name added",
    "people.organisation.placed": "Placed below another organisation",
    "people.membership.granted": "Role granted",
    "people.membership.ended": "Role ended",
    "people.invitation.sent": "Invitation sent",
    "people.invitation.accepted": "Invitation accepted",
    "people.invitation.revoked": "Invitation withdrawn",
    "registry.place.organisation_registered": "Registered for a location's name",
}
PERSON_TITLES: Mapping[str, str] = {
    "people.session.began": "Signed in",
    "people.session.ended": "Signed out",
    "people.session.timed_out": "Signed out by the clock",
    "people.session.refused": "Sign-in refused",
    "people.session.locked_out": "Sign-in locked for a while",
    "people.second_factor.refused": "Wrong code of the second factor",
    "people.second_factor.added": "Second factor added",
    "people.second_factor.reset": "Second factor taken away by an administrator",
    "people.second_factor.removed": "Second factor removed",
    "people.second_factor.renewed": "Recovery codes renewed",
    "people.password.changed": "Password changed",
    "people.password.reset": "Password reset by e-mail",
    "people.password.reset_asked": "Password reset asked for",
    "people.membership.granted": "Role granted",
    "people.membership.ended": "Role ended",
    "people.invitation.accepted": "Invitation accepted",
    "people.token.issued": "API token issued",
    "people.token.revoked": "API token revoked",
    "people.person.registered": "Registered",
    "people.person.renamed": "Name changed",
    "people.person.erased": "Person erased",
    "people.account.closed": "Account closed",
    "people.account.reopened": "Account opened again",
    "people.address.asked": "New e-mail address asked for",
    "people.address.changed": "E-mail address changed",
}


def call_scopes(ids: Collection[Any]) -> Mapping[Any, str]:
    """Return how the records behind scopes are called."""
    found = name_scopes(Scope.objects.filter(pk__in=list(ids)))
    return {pk: name.name for pk, name in found.items()}


def _row(
    model: type[models.Model],
    where: Mapping[str, Any],
    about: str = "",
    *,
    spare: Mapping[str, str] = SPARE,
    is_told: bool = False,
) -> RowSource:
    names = {"scope": call_scopes}
    return RowSource(model, where, about, spare, LABELS, names, is_told=is_told)


def _of_body(body: models.Model) -> list[RowSource]:
    here = {"scope_id": body.scope_id}  # type: ignore[attr-defined]
    return [
        _row(Organisation, {"pgh_obj_id": body.pk}, spare=OF_BODY),
        _row(OrganisationName, {"organisation_id": body.pk}, "Name", spare=OF_BODY, is_told=True),
        _row(Membership, here, "Role", spare=OF_BODY, is_told=True),
        _row(Invitation, here, "Invitation", spare=OF_BODY, is_told=True),
    ]


def _of_person(person: models.Model) -> list[RowSource]:
    own = {"person_id": person.pk}
    return [
        _row(Person, {"pgh_obj_id": person.pk}),
        _row(Membership, own, "Role", spare=OF_PERSON, is_told=True),
        _row(ApiToken, own, "Token", spare=OF_PERSON, is_told=True),
    ]


def details(event: str, change: Mapping[str, Any]) -> Sequence[FieldChange]:
    """Return what an event says of itself, labelled; facts that the rows tell are left to them."""
    if event in ("people.organisation.registered", "people.organisation.placed"):
        return []
    return [_fact(name, value) for name, value in change.items() if value not in ("", None)]


def _fact(name: str, value: Any) -> FieldChange:
    before, after = value if isinstance(value, list) and len(value) == 2 else ("", value)
    say = SAYINGS.get(name, text_of)
    return FieldChange(LABELS.get(name, name.replace("_", " ")), _or_none(say, before), say(after))


def _or_none(say: Callable[[Any], str], value: Any) -> str:
    return say(value) if value else ""


def _say_role(value: Any) -> str:
    return Role(value).label if value else ""


def _say_kind(value: Any) -> str:
    kinds = {**dict(OrganisationKind.choices()), **dict(NameKind.choices())}
    return kinds.get(value, text_of(value))


def _say_state(value: Any) -> str:
    return InvitationState(value).label if value else ""


def _say_scope(value: Any) -> str:
    return call_scopes([value]).get(value, "") if isinstance(value, int) else text_of(value)


def _say_moment(value: Any) -> str:
    found = parse_datetime(value) if isinstance(value, str) else value
    return text_of(found or value)


def _say_day(value: Any) -> str:
    return text_of(date.fromisoformat(value)) if isinstance(value, str) else text_of(value)


SAYINGS: Mapping[str, Callable[[Any], str]] = {
    "role": _say_role,
    "kind": _say_kind,
    "state": _say_state,
    "scope": _say_scope,
    "expires_at": _say_moment,
    "on": _say_day,
}

ORGANISATION = Story(
    label="organisation",
    find=get_organisation,
    url=lambda body: reverse("people:organisation", args=[body.pk]),
    refs=lambda body: [audit.ref(body)],
    sources=_of_body,
    titles=BODY_TITLES,
    details=details,
)
# Only its person and the administrator may read an account's trail.
PERSON = Story(
    label="account",
    find=get_account,
    url=lambda person: reverse("people:account"),
    refs=lambda person: [audit.ref(person)],
    sources=_of_person,
    titles=PERSON_TITLES,
    details=details,
)
