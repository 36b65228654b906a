"""What a session may do: it ends when idle and when old, and staff need their second factor first.

Idle time is measured from the last request that a person made; a page that refreshes a part of
itself (a job's progress) does not keep an abandoned screen signed in.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from tembusu.foundation.core import audit, vault
from tembusu.foundation.people import selectors, sign_in

WRITTEN_EVERY = 30  # seconds; a session row is not written at each request
log = logging.getLogger(__name__)
PROOF = "people_second_factor_known"  # session key: the person had a second factor when last asked


class SessionLimitsMiddleware:
    """Ends idle and old sessions, and sends staff without a second factor to set it up."""

    # allauth's pages for accounts that people make and manage themselves have no place here.
    closed: ClassVar[frozenset[str]] = frozenset(
        {
            "account_signup",
            "account_confirm_email",
            "account_email_verification_sent",
            "account_set_password",
            "account_confirm_login_code",
            "account_request_login_code",
        }
    )
    moved: ClassVar[dict[str, str]] = {
        "account_email": "people:account",
        "mfa_index": "people:account",
    }
    with_codes: ClassVar[frozenset[str]] = frozenset(
        {"mfa_view_recovery_codes", "mfa_download_recovery_codes"}
    )
    before_second_factor: ClassVar[frozenset[str]] = frozenset(
        {
            "mfa_activate_totp",
            "account_reauthenticate",
            "mfa_reauthenticate",
            "account_logout",
            "ui:theme",
        }
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            why = _overdue(request, now=time.time())
            if why:
                return _end(request, why)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Decide by the page's name, which is known only now."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in self.closed:
            raise Http404("Accounts come from invitations; this page is not used.")
        if name in self.moved:
            return redirect(self.moved[name])
        if name in self.before_second_factor or not request.user.is_authenticated:
            return None
        if needs_set_up(request):
            return redirect("mfa_activate_totp")
        if name in self.with_codes and not sign_in.has_recovery_codes(sign_in.signed_in(request)):
            return redirect(way_to_codes(request))
        return None

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Answer plainly where a second factor can't be opened: only an operator can mend that."""
        if not isinstance(fault, vault.WrongKey | vault.Erased):
            return None
        log.error("%s Run `tembusu doctor`.", fault)
        return render(request, "people/sealed.html", status=503)


def _overdue(request: HttpRequest, *, now: float) -> str:
    """Return why the session must end, or '' and note that it was used."""
    session = request.session
    began = float(session.setdefault(sign_in.BEGAN, now))
    seen = float(session.get(sign_in.SEEN, now))
    if now - began > settings.SESSION_COOKIE_AGE:
        return "your session was as long as one may be"
    if now - seen > settings.SESSION_IDLE.total_seconds():
        return "nothing was done for a while"
    if (is_by_person(request) and now - seen > WRITTEN_EVERY) or sign_in.SEEN not in session:
        session[sign_in.SEEN] = now
    return ""


def is_by_person(request: HttpRequest) -> bool:
    """Say whether a person made this request, rather than a page refreshing a part of itself."""
    is_fetch = request.headers.get("HX-Request") == "true"
    return request.method != "GET" or not is_fetch


def _end(request: HttpRequest, why: str) -> HttpResponse:
    person = sign_in.signed_in(request)
    audit.record("people.session.timed_out", on=person, by=None, at=timezone.now(), reason=why)
    logout(request)
    messages.info(request, f"You were signed out: {why}. Sign in to go on.")
    back = request.get_full_path() if request.method == "GET" else "/"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")


def way_to_codes(request: HttpRequest) -> str:
    """Return the page's name where somebody without recovery codes gets them."""
    if sign_in.has_second_factor(sign_in.signed_in(request)):
        return "mfa_generate_recovery_codes"
    return "mfa_activate_totp"


def needs_set_up(request: HttpRequest) -> bool:
    """Say whether this signed-in person needs a second factor and has none.

    The answer 'has one' is kept in the session, and dropped with it.
    """
    if request.session.get(PROOF):
        return False
    if not selectors.is_staff_person(request.user):
        return False
    if not sign_in.has_second_factor(sign_in.signed_in(request)):
        return True
    request.session[PROOF] = True
    return False
