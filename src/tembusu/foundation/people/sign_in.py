"""Sign-in by allauth, as this house wants it: no sign-up, sealed second factors, everything noted.

allauth hands its secrets to ``encrypt`` and ``decrypt`` as bare text. To seal each under its own
person's key (so that a row moved to another person opens nothing), the adapter asks who is signing
in: the person signed in, the one between password and code, or the one named by ``acting_for``.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account import signals as account_signals
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa import signals as mfa_signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from qrcode.image.svg import SvgPathFillImage
from qrcode.main import QRCode

from tembusu.foundation.core import audit, notices, vault
from tembusu.foundation.people import selectors
from tembusu.foundation.people.models import Person

PURPOSE = "people.second_factor"
DEMO_DOMAIN = "@tembusu.example"  # .example is reserved (RFC 2606): no person can own an address
BEGAN, SEEN = "people_began_at", "people_seen_at"  # session keys: seconds since 1970
TOO_MANY_CODES = (
    "Too many codes. Wait five minutes, then try again. If you are still refused, wait a day or ask "
    "the platform administrator."
)
_acting_for: ContextVar[Person | None] = ContextVar("acting_for", default=None)


@contextmanager
def acting_for(person: Person) -> Iterator[None]:
    """Seal and open second factors of this person, outside of their own request."""
    before = _acting_for.set(person)
    try:
        yield
    finally:
        _acting_for.reset(before)


def _owner() -> Any:
    person = _acting_for.get()
    if person is not None:
        return person
    request = context.request
    if request is not None and request.user.is_authenticated:
        return signed_in(request)
    stage = getattr(request, "_login_stage", None)
    if stage is None:
        raise LookupError("No one is signing in, so no second factor can be opened.")
    return stage.login.user


def signed_in(request: HttpRequest) -> Person:
    """Return the person who is signed in.

    :raises LookupError: if nobody is
    """
    if not isinstance(request.user, Person):
        raise LookupError("Nobody is signed in.")  # noqa: TRY004 about the session, not a type
    return request.user


class MfaAdapter(DefaultMFAAdapter):
    """Second factors sealed with the person's own key; required for staff roles."""

    def encrypt(self, text: str) -> str:
        return vault.seal(text, owner=_owner().vault_id, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(encrypted_text, owner=_owner().vault_id, purpose=PURPOSE)

    def build_totp_svg(self, url: str) -> str:
        """Draw on white: a black code on a dark page can't be read by a camera."""
        code: Any = QRCode(image_factory=SvgPathFillImage)
        code.add_data(url)
        drawn = BytesIO()
        code.make_image().save(drawn)
        return drawn.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not selectors.is_staff_person(authenticator.user)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from invitations only; what happens at the door is in the ledger."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address and the password don't belong together.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, then try again. If you "
        "are still refused, set a new password by e-mail or wait a day.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt from here first: one that is refused here costs the account nothing."""
        key = from_here(request, self._get_login_attempts_cache_key(request, **credentials))
        try:
            self._from_here = _count(request, key, self.error_messages["too_many_login_attempts"])
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            _note_failure("people.session.locked_out", credentials.get("email", ""))
            raise

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user:
            self._from_here.rollback()
        return user

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Whoever set a new password by e-mail begins anew."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        key = from_here(request, self._get_login_attempts_cache_key(request, **credentials))
        _forget_attempts(request, key)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        _note_failure("people.session.refused", credentials.get("email", ""))

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session[BEGAN] = request.session[SEEN] = time.time()
        audit.record("people.session.began", on=user, by=user, at=timezone.now())

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        if user.is_authenticated:
            audit.record("people.session.ended", on=user, by=user, at=timezone.now())
        super().logout(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in needn't prove it again for some minutes."""
        return not has_just_authenticated(context.request)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Leave the e-mail to a job: sending it here would take longer where an account exists."""
        from tembusu.foundation.people import tasks

        audit.record("people.password.reset_asked", on=user, by=None, at=timezone.now())
        tasks.mail_password_reset.defer(person_id=user.pk)


def from_here(request: HttpRequest, account: str) -> str:
    """Return under what the attempts on an account from one network address are counted."""
    return f"{ratelimit.get_ip(request)}:{account}"


def _count(request: HttpRequest, key: str, refusal: str) -> ratelimit.RateLimitUsage:
    """Count an attempt until it is known to have succeeded.

    :raises ValidationError: where there were too many
    """
    used = ratelimit.consume(request, app="allauth.account", action="failed_from_here", key=key)
    if used is None:
        raise ValidationError(refusal, code="too_many_login_attempts")
    return used


def _forget_attempts(request: HttpRequest, key: str) -> None:
    ratelimit.clear(request, app="allauth.account", action="failed_from_here", key=key)


def _check_code(form: Any, check: Callable[[], str]) -> str:
    """Check a code, counting it from here before the account's own count."""
    request = context.request
    key = from_here(request, f"code:{form.user.pk}")
    _count(request, key, TOO_MANY_CODES)
    code = check()
    _forget_attempts(request, key)
    return code


class CodeForm(AuthenticateForm):
    """The second factor at sign-in."""

    def clean_code(self) -> str:
        return _check_code(self, super().clean_code)


class CodeAgainForm(ReauthenticateForm):
    """The second factor, given again before something weighty."""

    def clean_code(self) -> str:
        return _check_code(self, super().clean_code)


def has_just_authenticated(request: HttpRequest) -> bool:
    """Say whether the signed-in person gave a password or a code within the last minutes."""
    records = get_authentication_records(request, signed_in(request))
    latest = max((float(one["at"]) for one in records), default=0.0)
    return bool(time.time() - latest < account_settings.REAUTHENTICATION_TIMEOUT)


def _note_failure(event: str, address: str) -> None:
    """Note a failed attempt, with the same work whether the address has an account or not.

    An unknown address is kept as a keyed hash: people type passwords into the wrong field.
    """
    person = selectors.person_by_email(address)
    mark = salted_hmac("people.address", address.lower(), algorithm="sha256").hexdigest()[:16]
    on = [audit.ref(person)] if person else [f"people.Address:{mark}"]
    audit.record(event, on=on, by=None, at=timezone.now())


# -- second factors -------------------------------------------------------------------------------


def has_second_factor(person: Person) -> bool:
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def has_recovery_codes(person: Person) -> bool:
    return Authenticator.objects.filter(
        user=person, type=Authenticator.Type.RECOVERY_CODES
    ).exists()


def enrol(person: Person, *, secret: str) -> None:
    """Give a demonstration account its second factor, unless it has one.

    :param secret: base32, as an authenticator app takes it
    """
    with acting_for(person):
        if not has_second_factor(person):
            totp.TOTP.activate(person, secret)


def shows_codes() -> bool:
    """Say whether this deployment may show demonstration codes: never with real people's data."""
    return bool(settings.TEMBUSU_SYNTHETIC) and not settings.PRODUCTION


def demonstration_code(person: Person) -> str:
    """Return the present code of a demonstration account as '123 456', and '' for any other."""
    if not shows_codes() or not person.email.endswith(DEMO_DOMAIN):
        return ""
    row = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if row is None:
        return ""
    with acting_for(person):
        secret = MfaAdapter().decrypt(row.data["secret"])
    return _spaced(_next_unused(row, secret))


def _next_unused(row: Authenticator, secret: str) -> str:
    """A code works once; when this period's was used, show the next, accepted early."""
    counters = sorted(totp.yield_hotp_counters_from_time(), key=lambda n: abs(n * 30 - time.time()))
    codes = [totp.format_hotp_value(totp.hotp_value(secret, counter)) for counter in counters]
    wrapped = totp.TOTP(row)
    unused = [code for code in codes if not cache.get(wrapped._get_used_cache_key(code))]
    return (unused or codes)[0]


def _spaced(code: str) -> str:
    return f"{code[:3]} {code[3:]}"


# -- what allauth tells ---------------------------------------------------------------------------

_SAYS = {
    "people.password.changed": "Your password was changed.",
    "people.password.reset": "Your password was reset by e-mail.",
    "people.second_factor.added": "A second factor was added to your account.",
    "people.second_factor.removed": "A second factor was removed from your account.",
    "people.second_factor.renewed": "New recovery codes were made for your account.",
    "people.second_factor.refused": "",
}


def _noted(event: str) -> Any:
    def note(sender: Any, user: Person, **facts: Any) -> None:
        now = timezone.now()
        audit.record(event, on=user, by=user, at=now)
        if text := _SAYS[event]:
            text += " If that was not you, tell the platform administrator at once."
            notices.notify(person=user, text=text, url=reverse("people:account"), at=now)

    return note


def connect() -> None:
    """Listen to allauth's signals: its own views give no other place to note these acts."""
    for signal, event in (
        (account_signals.password_changed, "people.password.changed"),
        (account_signals.password_reset, "people.password.reset"),
        (mfa_signals.authenticator_added, "people.second_factor.added"),
        (mfa_signals.authenticator_removed, "people.second_factor.removed"),
        (mfa_signals.authenticator_reset, "people.second_factor.renewed"),
        (mfa_signals.authentication_failed, "people.second_factor.refused"),
    ):
        signal.connect(_noted(event), weak=False, dispatch_uid=event)
