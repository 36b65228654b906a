"""Members of a scope: who holds which role, granting, inviting, ending."""

from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, forms, permissions, rules, selectors
from tembusu.foundation.people.models import Invitation, Membership, Scope
from tembusu.foundation.people.terms import InvitationState, OrganisationKind, Role, ScopeKind
from tembusu.foundation.people.views import organisations
from tembusu.foundation.ui.terms import Badge, Blocked, Cell, Column, Crumb, Fact, Tone
from tembusu.foundation.ui.wording import day

COLUMNS = [Column("Person"), Column("Role"), Column("Since"), Column("Granted by"), Column("Act")]
PAST_COLUMNS = [Column("Person"), Column("Role"), Column("From"), Column("Until"), Column("Reason")]
INVITED_COLUMNS = [Column("Invited"), Column("Role"), Column("State"), Column("By"), Column("Act")]
TONES = {
    InvitationState.OPEN: Tone.TURN,
    InvitationState.ACCEPTED: Tone.OK,
    InvitationState.REVOKED: Tone.QUIET,
    InvitationState.EXPIRED: Tone.WARN,
}
PAST_SHOWN = 50


@login_required
@require_safe
def administrators(request: HttpRequest) -> HttpResponse:
    """Show the members of the platform, which has no page among the organisations."""
    selectors.check(request.user, permissions.REGISTER_PERSON)
    pk = selectors.platform_scope_id()
    if pk is None:
        raise Http404("Nobody administers the platform yet.")
    return shown_members(request, selectors.get_scope(request.user, pk))


@login_required
@require_safe
def members(request: HttpRequest, pk: int) -> HttpResponse:
    scope = selectors.get_scope(request.user, pk)
    if scope.kind == ScopeKind.PLATFORM and selectors.may(
        request.user, permissions.REGISTER_PERSON
    ):
        return redirect("people:administrators")
    return shown_members(request, scope)


def shown_members(request: HttpRequest, scope: Scope) -> HttpResponse:
    now, pk = timezone.now(), scope.pk
    may_grant = here_grantable(request, scope)
    values = {
        **place_of(request, scope),
        "columns": COLUMNS,
        "rows": [
            member_line(request, row, may_grant)
            for row in selectors.list_memberships(request.user, pk)
        ],
        "past_columns": PAST_COLUMNS,
        "past": [
            past_line(row) for row in selectors.list_past_memberships(request.user, pk)[:PAST_SHOWN]
        ],
        "invited_columns": INVITED_COLUMNS,
        "invited": [
            invited_line(row, may_grant, now)
            for row in selectors.list_invitations(request.user, pk)[:PAST_SHOWN]
        ],
        "may_grant": bool(may_grant),
        "blocked": [] if may_grant else [Blocked("Grant a role or invite", no_grant(scope))],
    }
    return render(request, "people/members.html", values)


def place_of(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """Return heading, crumbs and tabs for the record behind a scope."""
    named = selectors.name_scopes([scope])[scope.pk]
    body = getattr(scope, "organisation", None)
    crumbs = [organisations.LIST] if body else []
    return {
        "scope": scope,
        "place": named.name,
        "place_url": named.url,
        "crumbs": [*crumbs, Crumb(named.name, named.url if body else ""), Crumb("Members")],
        "tabs": organisations.tabs(request, body, "members") if body else [],
        "members_url": reverse("people:members", args=[scope.pk]),
    }


def here_grantable(request: HttpRequest, scope: Scope) -> frozenset[Role]:
    """Return the roles that the reader may grant and that can be held here."""
    body = getattr(scope, "organisation", None)
    kind = OrganisationKind(body.kind) if body else None
    holdable = rules.roles_at(ScopeKind(scope.kind), kind)
    return permissions.grantable(request.user, scope.pk) & holdable


def no_grant(scope: Scope) -> str:
    body = getattr(scope, "organisation", None)
    kind = OrganisationKind(body.kind) if body else None
    givers = {
        giver
        for role in rules.roles_at(ScopeKind(scope.kind), kind)
        for giver in rules.granters_of(role)
    }
    names = ", ".join(sorted(role.label for role in givers))
    return f"Your roles grant none of those held here. It needs one of: {names}."


def member_line(request: HttpRequest, row: Membership, may_grant: frozenset[Role]) -> list[object]:
    may_end = row.role in may_grant or row.person_id == request.user.pk
    url = reverse("people:end_role", args=[row.pk])
    sees_account = selectors.may(request.user, permissions.RESET_SECOND_FACTOR)
    account = reverse("people:person", args=[row.person_id]) if sees_account else ""
    return [
        Cell(row.person.full_name, note=row.person.email, url=account),
        Role(row.role).label,
        day(row.granted_at),
        row.granted_by.full_name if row.granted_by else "System",
        Cell("End", url=url, hint=f"{Role(row.role).label} of {row.person.full_name}")
        if may_end
        else "",
    ]


def past_line(row: Membership) -> list[object]:
    return [
        Cell(row.person.full_name, note=row.person.email),
        Role(row.role).label,
        day(row.granted_at),
        day(row.ended_at),
        Cell(row.reason, note=f"by {row.ended_by.full_name if row.ended_by else 'System'}"),
    ]


def invited_line(row: Invitation, may_grant: frozenset[Role], now: datetime) -> list[object]:
    state = row.state(now)
    is_open = state is InvitationState.OPEN
    url = reverse("people:invitation_revoke", args=[row.pk])
    until = f"until {day(row.expires_at)}" if is_open else ""
    return [
        Cell(row.full_name, note=row.email),
        Role(row.role).label,
        Cell("", badge=Badge(state.label, TONES[state]), note=until),
        row.invited_by.full_name if row.invited_by else "System",
        Cell("Withdraw", url=url) if is_open and row.role in may_grant else "",
    ]


def _may_grant_here(request: HttpRequest, pk: int) -> tuple[Scope, frozenset[Role]]:
    scope = selectors.get_scope(request.user, pk)
    roles = here_grantable(request, scope)
    if not roles:
        raise PermissionDenied(no_grant(scope))
    return scope, roles


@login_required
@reauthentication_required
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant a role to somebody whom the reader can see; others are invited."""
    scope, roles = _may_grant_here(request, pk)
    form = forms.GrantForm(request.POST or None, roles=roles)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        person = selectors.visible_person_by_email(request.user, given["email"])
        if person is None:
            form.add_error(
                "email", "Nobody whom you can see has this address. Send an invitation instead."
            )
            return render(request, "people/grant.html", _grant_values(request, scope, form))
        try:
            actions.grant_role(
                person=person,
                role=Role(given["role"]),
                scope=scope,
                reason=given["reason"],
                by=organisations.person_of(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            label = Role(given["role"]).label
            messages.success(request, f"{person.full_name} now holds the role {label}.")
            return redirect("people:members", pk=pk)
    return render(request, "people/grant.html", _grant_values(request, scope, form))


def _grant_values(request: HttpRequest, scope: Scope, form: forms.RoleForm) -> dict[str, Any]:
    place = place_of(request, scope)
    return {
        **place,
        "form": form,
        "question": "Who gets which role?",
        "submit_label": "Grant the role",
        "cancel_url": place["members_url"],
        "offered": sorted(role.label for role in here_grantable(request, scope)),
    }


@login_required
@reauthentication_required
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    scope, roles = _may_grant_here(request, pk)
    form = forms.InviteForm(request.POST or None, roles=roles)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            invitation, _ = actions.invite_person(
                email=given["email"],
                full_name=given["full_name"],
                role=Role(given["role"]),
                scope=scope,
                by=organisations.person_of(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The invitation to {invitation.email} is on its way.")
            return redirect("people:members", pk=pk)
    values = _grant_values(request, scope, form)
    values.update(question="Whom do you invite to which role?", submit_label="Send the invitation")
    return render(request, "people/invite.html", values)


@login_required
@reauthentication_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    row = selectors.get_membership(request.user, pk)
    person = organisations.person_of(request)
    role = Role(row.role)
    if row.person_id != person.pk:
        permissions.check_can_grant(person, role, row.scope_id)
    form = forms.EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_role(
                membership=row, reason=form.cleaned_data["reason"], by=person, at=timezone.now()
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{row.person.full_name} no longer is {role.label} here.")
            return redirect(_after_end(request, row))
    place = selectors.name_scopes([row.scope])[row.scope_id]
    values = {
        "form": form,
        "crumbs": [Crumb(place.name, place.url), Crumb("End a role")],
        "row": row,
        "role": role.label,
        "place": place.name,
        "question": f"End {role.label} of {row.person.full_name}?",
        "submit_label": "End the role",
        "cancel_url": _after_end(request, row),
        "facts": [
            Fact("Person", row.person.full_name, note=row.person.email),
            Fact("Role", role.label),
            Fact("Held at", place.name, url=place.url),
            Fact("Since", day(row.granted_at)),
        ],
        "blocked": [Blocked("End the role", "It has ended already.")] if row.ended_at else [],
    }
    return render(request, "people/end_role.html", values)


def _after_end(request: HttpRequest, row: Membership) -> str:
    if row.scope_id in selectors.scopes_of(request.user) or selectors.holds_anywhere(
        request.user, permissions.SEES_EVERY_PERSON
    ):
        return reverse("people:members", args=[row.scope_id])
    return reverse("people:account")
