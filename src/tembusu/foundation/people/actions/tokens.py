"""API tokens. The secret is shown once, when it is issued, and kept as its SHA-256."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from tembusu.foundation.core import audit
from tembusu.foundation.people import rules
from tembusu.foundation.people.models import ApiToken, Person
from tembusu.foundation.people.terms import TokenScope

PREFIX = "tmb_"  # lets scanners for leaked secrets know one of ours
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@audit.act
def issue_token(
    *,
    name: str,
    scopes: Collection[TokenScope],
    expires_at: datetime,
    by: Person,
    at: datetime,
) -> tuple[ApiToken, str]:
    """Issue a token to oneself; return it with its secret, which can't be shown again.

    :raises TokenRefused: if it has no scope, ends in the past or after a year, or is one too many
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    active = ApiToken.objects.filter(person=person, revoked_at=None, expires_at__gt=at)
    rules.check_token(scopes=scopes, expires_at=expires_at, now=at, n_active=active.count())
    label = rules.check_name(name)
    if len(label) > 100:
        raise rules.TokenRefused("Give the token a shorter name, of at most 100 characters.")

    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        name=label,
        token_sha256=_sha256(secret),
        scopes=sorted(set(scopes)),
        issued_at=at,
        expires_at=expires_at,
    )
    audit.record(
        "people.token.issued",
        on=[token, person],
        by=by,
        at=at,
        change={"name": label, "scopes": token.scopes, "expires_at": expires_at.isoformat()},
    )
    return token, secret


@audit.act
def revoke_token(*, token: ApiToken, by: Person, at: datetime) -> ApiToken:
    """Make one of one's own tokens useless from now on.

    :raises TokenRefused: if it was revoked before, or is another person's
    """
    if token.person_id != by.pk:
        raise rules.TokenRefused("A token is revoked by its own person.")
    token = ApiToken.objects.select_for_update(no_key=True).get(pk=token.pk)
    if token.revoked_at is not None:
        raise rules.TokenRefused("This token was revoked before.")
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    audit.record("people.token.revoked", on=[token, by], by=by, at=at, change={"name": token.name})
    return token


def use_token(*, secret: str, at: datetime) -> ApiToken | None:
    """Return the token that this secret opens now, and note its use; None where it opens nothing.

    Not audited: a token's use is noted to the minute on the token; what is done with it is audited.
    """
    token = (
        ApiToken.objects.select_related("person")
        .filter(
            token_sha256=_sha256(secret),
            revoked_at=None,
            expires_at__gt=at,
            person__is_active=True,
        )
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or at - token.last_used_at >= USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token
