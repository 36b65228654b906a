from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from tembusu.foundation.core.trail import Story


class PeopleConfig(AppConfig):
    name = "tembusu.foundation.people"
    label = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from tembusu.foundation.core import trail
        from tembusu.foundation.people import permissions, selectors, sign_in, terms

        permissions.register()
        sign_in.connect()
        terms.register_scope_names(terms.ScopeKind.ORGANISATION, selectors.name_bodies)
        terms.register_scope_names(terms.ScopeKind.PLATFORM, selectors.name_platform)
        trail.register("organisation", organisation_story())
        trail.register("person", person_story())
        add_to_menu()


def add_to_menu() -> None:
    from tembusu.foundation.people import permissions, selectors
    from tembusu.foundation.ui.navigation import PERSON, NavItem, register

    def sees_bodies(user: selectors.User) -> bool:
        return bool(selectors.roles_anywhere(user))

    def administers(user: selectors.User) -> bool:
        return selectors.holds_anywhere(user, permissions.SEES_EVERY_PERSON)

    of_bodies = frozenset({"people:members", "people:grant", "people:invite"})
    register(
        NavItem(
            "People", "Organisations", "people:organisations", 800, sees_bodies, pages=of_bodies
        )
    )
    register(NavItem("People", "Accounts", "people:persons", 805, administers))
    register(NavItem("People", "Administrators", "people:administrators", 810, administers))
    register(NavItem(PERSON, "Your account", "people:account", 10, lambda user: True))


def organisation_story() -> "Story":
    """Say how a body's trail is told: its own rows, its names, its roles and invitations."""
    from django.db import models
    from django.urls import reverse

    from tembusu.foundation.core import audit
    from tembusu.foundation.core.trail import RowSource, Story
    from tembusu.foundation.people import selectors
    from tembusu.foundation.people.models import (
        Invitation,
        Membership,
        Organisation,
        OrganisationName,
    )

    def sources(body: models.Model) -> list[RowSource]:
        scope_id = body.scope_id  # type: ignore[attr-defined]
        return [
            RowSource(Organisation, {"pgh_obj_id": body.pk}, ""),
            RowSource(OrganisationName, {"organisation_id": body.pk}, "Name"),
            RowSource(Membership, {"scope_id": scope_id}, "Role"),
            RowSource(Invitation, {"scope_id": scope_id}, "Invitation"),
        ]

    return Story(
        label="organisation",
        find=selectors.get_organisation,
        url=lambda body: reverse("people:organisation", args=[body.pk]),
        refs=lambda body: [audit.ref(body)],
        sources=sources,
        titles={
            "people.organisation.registered": "Organisation registered",
            "people.organisation.renamed": "Renamed",
            "people.organisation.alias_added": "Further name added",
            "people.organisation.placed": "Placed below another organisation",
            "people.membership.granted": "Role granted",
            "people.membership.ended": "Role ended",
            "people.invitation.sent": "Invitation sent",
            "people.invitation.accepted": "Invitation accepted",
            "people.invitation.revoked": "Invitation withdrawn",
        },
    )


def person_story() -> "Story":
    """Say how an account's trail is told; only its person and the administrator may read it."""
    from django.db import models
    from django.urls import reverse

    from tembusu.foundation.core import audit
    from tembusu.foundation.core.trail import RowSource, Story
    from tembusu.foundation.people import selectors
    from tembusu.foundation.people.models import ApiToken, Membership, Person

    def sources(person: models.Model) -> list[RowSource]:
        return [
            RowSource(Person, {"pgh_obj_id": person.pk}, ""),
            RowSource(Membership, {"person_id": person.pk}, "Role"),
            RowSource(ApiToken, {"person_id": person.pk}, "Token"),
        ]

    return Story(
        label="account",
        find=selectors.get_account,
        url=lambda person: reverse("people:account"),
        refs=lambda person: [audit.ref(person)],
        sources=sources,
        titles={
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
        },
    )
