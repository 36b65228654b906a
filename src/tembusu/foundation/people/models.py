"""Tables of people: scopes, bodies and their names, persons, memberships, invitations, tokens."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper

from tembusu.foundation.core import history
from tembusu.foundation.people import rules
from tembusu.foundation.people.terms import (
    InvitationState,
    NameKind,
    OrganisationKind,
    Role,
    ScopeKind,
    TokenScope,
)

if TYPE_CHECKING:
    from datetime import datetime


class Scope(models.Model):
    """What a role is held on. Every organisation, study and study-site has exactly one.

    Not tracked: a row says only where its one record stands, and that record is tracked. Rows are
    made and moved together with it, by the same action.
    """

    kind = models.CharField(max_length=20, choices=ScopeKind.choices())
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind="platform"),
                name="there_is_one_platform_scope",
            ),
            models.CheckConstraint(
                condition=~Q(kind="platform") | Q(parent__isnull=True),
                name="the_platform_scope_stands_alone",
            ),
            models.CheckConstraint(
                condition=~Q(id=F("parent")), name="a_scope_is_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


def _sees_all_bodies(user: Any) -> bool:
    from tembusu.foundation.people import permissions, selectors

    return selectors.holds_anywhere(user, permissions.SEES_EVERY_BODY)


def _sees_all_persons(user: Any) -> bool:
    from tembusu.foundation.people import permissions, selectors

    return selectors.holds_anywhere(user, permissions.SEES_EVERY_PERSON)


def _scopes_of(user: Any) -> set[int]:
    from tembusu.foundation.people import selectors

    return selectors.scopes_of(user)


class PersonManager(models.Manager["Person"]):
    def get_by_natural_key(self, email: str) -> "Person":
        return self.get(email__iexact=email)

    def visible_to(self, user: "Person | AnonymousUser") -> "models.QuerySet[Person]":
        """Return oneself, and whoever holds a role on a scope of one's own."""
        if _sees_all_persons(user):
            return self.all()
        shared = Membership.objects.filter(
            person=models.OuterRef("pk"), scope_id__in=_scopes_of(user), ended_at=None
        )
        return self.filter(Q(pk=user.pk) | models.Exists(shared))


@history.track(exclude=["password", "last_login"])
class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody with, or about to have, an account. Signs in by e-mail address.

    ``vault_id`` names the key under which the person's private fields are sealed (core.vault).
    The password's hash and the time of the last sign-in are kept out of history: the first is a
    secret, the second is in the ledger as an event.
    """

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=300)
    vault_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_active = models.BooleanField(default=True)
    registered_at = models.DateTimeField()

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="an_email_address_has_one_person"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="an_email_address_is_kept_in_small_letters"
            ),
        ]
        indexes = [models.Index(fields=["full_name", "id"], name="person_by_name")]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user: "Person | AnonymousUser") -> Self:
        if _sees_all_bodies(user):
            return self
        return self.filter(scope_id__in=_scopes_of(user))


@history.track()
class Organisation(models.Model):
    """A legal or working body. ``name`` repeats its official name, for lists."""

    scope = models.OneToOneField(Scope, models.PROTECT, related_name="organisation")
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices())
    name = models.CharField(max_length=rules.NAME_MAX)
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    city = models.CharField(max_length=100, blank=True)
    ror_id = models.CharField(max_length=9, null=True, unique=True)
    is_active = models.BooleanField(default=True)
    registered_at = models.DateTimeField()

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "country", "city"], name="a_body_is_registered_once_in_its_city"
            ),
            models.CheckConstraint(
                condition=~Q(id=F("parent")), name="a_body_does_not_belong_to_itself"
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="a_country_is_two_capital_letters"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_body_has_a_name"),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="organisation_by_name"),
            models.Index(fields=["city", "id"], name="organisation_by_city"),
            models.Index(fields=["country", "id"], name="organisation_by_country"),
            models.Index(fields=["kind", "name", "id"], name="organisation_by_kind"),
            models.Index(fields=["country", "name", "id"], name="organisation_country_name"),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class OrganisationName(models.Model):
    """A name a body has or had. Dates are None where nobody knows them."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="names")
    name = models.CharField(max_length=rules.NAME_MAX)
    kind = models.CharField(max_length=20, choices=NameKind.choices())
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(kind="official"),
                name="a_body_has_one_official_name",
            ),
            models.UniqueConstraint(
                fields=["organisation", "name", "kind", "valid_from"],
                nulls_distinct=False,
                name="a_body_has_each_name_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="a_name_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(kind="official") | Q(valid_to__isnull=True),
                name="an_official_name_has_not_ended",
            ),
        ]
        indexes = [
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"), name="organisation_name_trigrams"
            ),
            models.Index(
                OpClass(Upper("name"), name="text_pattern_ops"), name="organisation_name_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, user: "Person | AnonymousUser") -> Self:
        if _sees_all_persons(user):
            return self
        return self.filter(Q(person_id=user.pk) | Q(scope_id__in=_scopes_of(user)))


@history.track()
class Membership(models.Model):
    """A person holds a role on a scope, from a grant to an end. ``granted_by`` None: the system."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40, choices=Role.choices())
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="memberships")
    granted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    reason = models.TextField(blank=True, help_text="Why it ended")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "scope"],
                condition=Q(ended_at__isnull=True),
                name="a_person_holds_a_role_on_a_scope_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("granted_at")),
                name="a_role_ends_after_it_was_granted",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, reason="")
                | (Q(ended_at__isnull=False) & ~Q(reason="")),
                name="a_role_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("person")),
                name="nobody_grants_a_role_to_themselves",
            ),
        ]
        indexes = [
            models.Index(
                fields=["scope", "role"],
                condition=Q(ended_at__isnull=True),
                name="membership_of_scope",
            ),
            models.Index(fields=["scope", "-id"], name="membership_all_of_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.person} as {Role(self.role).label}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_at(self, now: "datetime") -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def visible_to(self, user: "Person | AnonymousUser") -> Self:
        if _sees_all_persons(user):
            return self
        return self.filter(Q(invited_by_id=user.pk) | Q(scope_id__in=_scopes_of(user)))


@history.track(exclude=["token_sha256"])
class Invitation(models.Model):
    """An e-mail that lets one person take one role. Its token is known to the recipient alone."""

    email = models.EmailField(max_length=254)
    full_name = models.CharField(max_length=300)
    role = models.CharField(max_length=40, choices=Role.choices())
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(revoked_at__isnull=True),
                name="an_invitation_is_accepted_or_revoked_not_both",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="an_invitation_is_accepted_by_somebody_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("invited_at")),
                name="an_invitation_expires_after_it_was_made",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="an_invited_address_is_kept_in_small_letters",
            ),
        ]
        indexes = [models.Index(fields=["scope", "-id"], name="invitation_of_scope")]

    def __str__(self) -> str:
        return f"{self.email} as {Role(self.role).label}"

    def state(self, now: "datetime") -> InvitationState:
        return rules.invitation_state(
            accepted_at=self.accepted_at,
            revoked_at=self.revoked_at,
            expires_at=self.expires_at,
            now=now,
        )


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def active_at(self, now: "datetime") -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)

    def visible_to(self, user: "Person | AnonymousUser") -> Self:
        """Tokens are seen by their person alone, the administrator not excepted."""
        return self.filter(person_id=user.pk)


@history.track(exclude=["token_sha256", "last_used_at"])
class ApiToken(models.Model):
    """Lets a program act as its person, within its scopes, until it expires."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40, choices=TokenScope.choices()))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at"))
                & Q(expires_at__lte=F("issued_at") + rules.TOKEN_LIFE),
                name="a_token_lives_for_at_most_a_year",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="a_token_is_for_something"),
            models.CheckConstraint(
                condition=Q(token_sha256__regex=r"^[0-9a-f]{64}$"),  # noqa: S106
                name="a_token_is_kept_as_its_hash_only",
            ),
        ]

    def __str__(self) -> str:
        return self.name
