"""Accepting an invitation, which needs no sign-in, and withdrawing one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, forms, permissions, rules, selectors
from tembusu.foundation.people.models import Invitation
from tembusu.foundation.people.terms import InvitationState, Role
from tembusu.foundation.people.views.organisations import person_of
from tembusu.foundation.ui.terms import Blocked, Crumb, Fact
from tembusu.foundation.ui.wording import day


@login_not_required
@never_cache
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what is offered to whoever holds the link, and take it.

    An unknown link is 404; one that is used, withdrawn or expired is 410 and says which.
    """
    invitation = selectors.invitation_by_secret(secret)
    if invitation is None:
        why = "This link is not known. Copy the whole link of the e-mail into the address bar."
        return render(request, "people/invitation_closed.html", {"why": why}, status=404)
    try:
        rules.check_open(invitation.state(timezone.now()))
    except rules.InvitationRefused as refusal:
        return render(request, "people/invitation_closed.html", {"why": str(refusal)}, status=410)
    has_account = selectors.has_sign_in(invitation.email)
    if has_account or request.user.is_authenticated:
        return _accept_signed_in(request, invitation, secret)
    return _accept_new(request, invitation, secret)


def _values(invitation: Invitation, **more: object) -> dict[str, object]:
    place = selectors.name_scopes([invitation.scope])[invitation.scope_id]
    role = Role(invitation.role)
    sender = invitation.invited_by.full_name if invitation.invited_by else "The platform"
    return {
        "invitation": invitation,
        "role": role.label,
        "place": place.name,
        "sender": sender,
        "until": day(invitation.expires_at),
        "needs_second_factor": role in rules.NEEDS_SECOND_FACTOR,
        **more,
    }


def _accept_new(request: HttpRequest, invitation: Invitation, secret: str) -> HttpResponse:
    form = forms.AcceptForm(
        request.POST or None,
        email=invitation.email,
        initial={"full_name": invitation.full_name},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.accept_invitation(
                secret=secret,
                full_name=given["full_name"],
                password=given["password"],
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your account is ready. Sign in with your new password.")
            return redirect("account_login")
    return render(request, "people/accept.html", _values(invitation, form=form))


def _accept_signed_in(request: HttpRequest, invitation: Invitation, secret: str) -> HttpResponse:
    """Somebody with an account signs in first; the link then takes one press of a button."""
    why = ""
    if request.method == "POST" and request.user.is_authenticated:
        try:
            actions.accept_invitation(secret=secret, by=person_of(request), at=timezone.now())
        except Refusal as refusal:
            why = str(refusal)
        else:
            messages.success(request, f"You now hold the role {Role(invitation.role).label}.")
            return redirect("people:account")
    here = reverse("people:accept", args=[secret])
    values = _values(invitation, why=why, sign_in_url=f"{reverse('account_login')}?next={here}")
    return render(request, "people/accept_signed_in.html", values)


@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    row = selectors.get_invitation(request.user, pk)
    person, role = person_of(request), Role(row.role)
    if row.invited_by_id != person.pk:
        permissions.check_can_grant(person, role, row.scope_id)
    members = reverse("people:members", args=[row.scope_id])
    form = forms.RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revoke_invitation(
                invitation=row, by=person, at=timezone.now(), reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The invitation to {row.email} is withdrawn.")
            return redirect(members)
    state = row.state(timezone.now())
    values = _values(
        row,
        form=form,
        crumbs=[Crumb("Members", members), Crumb("Withdraw an invitation")],
        question=f"Withdraw the invitation to {row.full_name}?",
        submit_label="Withdraw it",
        cancel_url=members,
        facts=[
            Fact("Invited", row.full_name, note=row.email),
            Fact("Role", role.label),
            Fact("Sent", day(row.invited_at)),
            Fact("State", state.label),
        ],
        blocked=[]
        if state is InvitationState.OPEN
        else [Blocked("Withdraw", f"The invitation is {state.label.lower()}.")],
    )
    return render(request, "people/invitation_revoke.html", values)
