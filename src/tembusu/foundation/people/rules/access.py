"""Ways in beside the password: invitations and API tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people.terms import InvitationState, TokenScope

INVITATION_LIFE = timedelta(days=14)
TOKEN_LIFE = timedelta(days=365)
TOKENS_AT_MOST = 20  # active tokens of one person


class InvitationRefused(Refusal):
    """An invitation that can't be made, accepted or revoked now."""


class TokenRefused(Refusal):
    """An API token that can't be issued or used."""


def invitation_state(
    *,
    accepted_at: datetime | None,
    revoked_at: datetime | None,
    expires_at: datetime,
    now: datetime,
) -> InvitationState:
    """Return where an invitation stands; one that was answered never expires afterwards."""
    if accepted_at is not None:
        return InvitationState.ACCEPTED
    if revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.EXPIRED if now >= expires_at else InvitationState.OPEN


def check_open(state: InvitationState) -> None:
    """Refuse an invitation that is no longer open.

    :raises InvitationRefused: with what to do instead
    """
    says = {
        InvitationState.ACCEPTED: "This invitation was accepted before. Sign in instead.",
        InvitationState.REVOKED: "This invitation was withdrawn. Ask for a new one.",
        InvitationState.EXPIRED: "This invitation has expired. Ask for a new one.",
    }
    if state in says:
        raise InvitationRefused(says[state])


def check_token(
    *, scopes: Collection[TokenScope], expires_at: datetime, now: datetime, n_active: int
) -> None:
    """Refuse a token without scope, without a near end, or one too many.

    :raises TokenRefused: saying the limit
    """
    if not scopes:
        raise TokenRefused("Choose at least one thing that the token may be used for.")
    if expires_at <= now:
        raise TokenRefused("A token must end in the future.")
    if expires_at > now + TOKEN_LIFE:
        raise TokenRefused("A token lives for at most one year. Choose an earlier end.")
    if n_active >= TOKENS_AT_MOST:
        raise TokenRefused(f"You have {n_active} active tokens. Revoke one that is not used.")
