"""What the sign-in pages need beside the components of ``ui``."""

from collections.abc import Mapping
from typing import Any

from allauth.account.utils import get_next_redirect_url
from django import template
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from tembusu.foundation.people import sign_in
from tembusu.foundation.people.models import Person

register = template.Library()
# What waits behind "Is it still you?", by the name of its page.
WAITING = {
    "people:account_address": "Changing your e-mail address",
    "people:account_address_confirm": "Changing your e-mail address",
    "people:token_issue": "Issuing an API token",
    "people:grant": "Granting a role",
    "people:invite": "Inviting somebody to a role",
    "people:end_role": "Ending a role",
    "people:person_close": "Closing an account",
    "people:person_reopen": "Opening an account again",
    "people:second_factor_reset": "Taking away a lost second factor",
    "mfa_view_recovery_codes": "Seeing your recovery codes",
    "mfa_download_recovery_codes": "Seeing your recovery codes",
    "mfa_generate_recovery_codes": "Making recovery codes",
    "mfa_activate_totp": "Setting up your second factor",
    "mfa_deactivate_totp": "Turning off your second factor",
}
# Where Cancel leads: the page from which the act is reached, by the act's page.
BEFORE = {
    "people:grant": "people:members",
    "people:invite": "people:members",
    "people:person_close": "people:person",
    "people:person_reopen": "people:person",
    "people:second_factor_reset": "people:person",
}


@register.simple_tag
def demonstration_code(person: Person | None) -> str:
    """Return the present code of a demonstration account, '' for everybody else."""
    return sign_in.demonstration_code(person) if person is not None else ""


@register.simple_tag
def shows_codes() -> bool:
    """Say whether this deployment shows demonstration codes."""
    return sign_in.shows_codes()


@register.simple_tag(takes_context=True)
def set_up_key(context: Mapping[str, Any]) -> str:
    """Return the pending second factor's key in groups of four, as people type it."""
    secret: str = context["form"].secret
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


@register.simple_tag(takes_context=True)
def waiting_act(context: Mapping[str, Any]) -> dict[str, str]:
    """Return what the proof is asked for, in words, and where Cancel leads."""
    return behind_proof(context["request"])


def behind_proof(request: HttpRequest) -> dict[str, str]:
    account = reverse("people:account")
    try:
        match = resolve((get_next_redirect_url(request) or "").partition("?")[0])
    except Resolver404:
        return {"says": "What comes next", "cancel": account}
    before = BEFORE.get(match.view_name)
    cancel = reverse(before, args=[match.kwargs["pk"]]) if before else account
    return {"says": WAITING.get(match.view_name, "What comes next"), "cancel": cancel}
