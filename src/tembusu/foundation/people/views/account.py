"""One's own account: name, roles, second factor, session, API tokens."""

from datetime import UTC, datetime, timedelta

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import actions, forms, selectors, sign_in
from tembusu.foundation.people.models import ApiToken, Membership
from tembusu.foundation.people.terms import Role, ScopeName, TokenScope
from tembusu.foundation.people.views.organisations import person_of
from tembusu.foundation.ui.terms import Badge, Cell, Column, Crumb, Fact, Tone
from tembusu.foundation.ui.wording import day, moment

HERE = Crumb("Your account", "/people/account/")
ROLE_COLUMNS = [Column("Role"), Column("Held at"), Column("Since"), Column("Act")]


@login_required
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    held = list(selectors.own_memberships(person))
    places = selectors.name_scopes(row.scope for row in held)
    tokens = [(token, token_badge(token, now)) for token in selectors.own_tokens(person)]
    has_factor = sign_in.has_second_factor(person)
    values = {
        "facts": [
            Fact("Name", person.full_name),
            Fact("E-mail address", person.email),
            Fact("Registered", day(person.registered_at)),
        ],
        "role_columns": ROLE_COLUMNS,
        "roles": [role_line(row, places[row.scope_id]) for row in held],
        "has_factor": has_factor,
        "has_codes": has_factor and sign_in.has_recovery_codes(person),
        "needs_factor": selectors.is_staff_person(person),
        "factor": Badge("On", Tone.OK) if has_factor else Badge("Off", Tone.QUIET),
        "session": session_facts(request),
        "tokens": tokens,
    }
    return render(request, "people/account.html", values)


def role_line(row: Membership, place: ScopeName) -> list[object]:
    return [
        Role(row.role).label,
        Cell(place.name, url=place.url),
        day(row.granted_at),
        Cell("Lay down", url=reverse("people:end_role", args=[row.pk])),
    ]


def session_facts(request: HttpRequest) -> list[Fact]:
    began = datetime.fromtimestamp(float(request.session.get(sign_in.BEGAN, 0)), UTC)
    latest = began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    minutes = int(settings.SESSION_IDLE.total_seconds() // 60)
    return [
        Fact("Signed in", moment(began)),
        Fact("Ends when nothing is done for", f"{minutes} minutes"),
        Fact("Ends at the latest", moment(latest)),
    ]


def token_badge(token: ApiToken, now: datetime) -> Badge:
    if token.revoked_at is not None:
        return Badge("Revoked", Tone.QUIET)
    if token.expires_at <= now:
        return Badge("Expired", Tone.QUIET)
    is_ending = token.expires_at - now < timedelta(days=14)
    return Badge("Ends soon", Tone.WARN) if is_ending else Badge("Active", Tone.OK)


@login_required
def rename(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = forms.NameForm(request.POST or None, initial={"full_name": person.full_name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_person(**form.cleaned_data, by=person, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your name was changed.")
            return redirect("people:account")
    values = {
        "form": form,
        "crumbs": [HERE, Crumb("Name")],
        "title": "Change your name",
        "submit_label": "Change",
        "cancel_url": reverse("people:account"),
    }
    return render(request, "people/form.html", values)


@login_required
@reauthentication_required
def address(request: HttpRequest) -> HttpResponse:
    """Ask for another e-mail address; it becomes one's own by the link that is sent there."""
    form = forms.AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["email"]
        try:
            actions.ask_for_address(email=wanted, by=person_of(request), at=timezone.now())
        except Refusal as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, f"Open the link that is on its way to {wanted}.")
            return redirect("people:account")
    values = {
        "form": form,
        "crumbs": [HERE, Crumb("E-mail address")],
        "title": "Change your e-mail address",
        "lead": f"You sign in with {person_of(request).email} now.",
        "submit_label": "Send the link",
        "cancel_url": reverse("people:account"),
    }
    return render(request, "people/form.html", values)


@login_required
@reauthentication_required
def confirm_address(request: HttpRequest, sealed: str) -> HttpResponse:
    person = person_of(request)
    form = Form(request.POST or None)
    try:
        asked = selectors.read_address_link(person, sealed)
        if request.method == "POST":
            actions.change_address(sealed=sealed, by=person, at=timezone.now())
            messages.success(request, f"You sign in with {asked.new} from now on.")
            return redirect("people:account")
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("people:account")
    values = {
        "form": form,
        "crumbs": [HERE, Crumb("E-mail address")],
        "question": f"Sign in with {asked.new} from now on?",
        "facts": [Fact("Now", person.email), Fact("From now on", asked.new)],
        "submit_label": "Change my address",
        "cancel_url": reverse("people:account"),
    }
    return render(request, "people/address_confirm.html", values)


@login_required
@never_cache
@reauthentication_required
def issue(request: HttpRequest) -> HttpResponse:
    """Issue a token; the answer to this very request is the only page that ever shows it."""
    form = forms.TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, timezone.now()
        try:
            token, secret = actions.issue_token(
                name=given["name"],
                scopes=[TokenScope(one) for one in given["scopes"]],
                expires_at=now + form.lifetime(),
                by=person_of(request),
                at=now,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            values = {"token": token, "secret": secret, "crumbs": [HERE, Crumb("New token")]}
            return render(request, "people/token_issued.html", values)
    values = {
        "form": form,
        "crumbs": [HERE, Crumb("New token")],
        "title": "Issue an API token",
        "lead": "A token lets a program act as you, within what you allow here.",
        "submit_label": "Issue the token",
        "cancel_url": reverse("people:account"),
    }
    return render(request, "people/form.html", values)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = selectors.get_token(request.user, pk)
    try:
        actions.revoke_token(token=token, by=person_of(request), at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The token {token.name} is revoked.")
    return redirect("people:account")
