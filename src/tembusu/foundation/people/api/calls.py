"""What every call has in common: who it acts for, how often it is taken, how it may be refused.

Programs prove who they act for by a bearer token, limited to scopes, until it expires.
"""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.throttling import SimpleRateThrottle

from tembusu.foundation.people.actions.tokens import use_token
from tembusu.foundation.people.models import ApiToken
from tembusu.foundation.people.terms import TokenScope

LARGEST_ID = 2**63 - 1


class Problem(Schema):
    """Why a call was refused (RFC 9457, ``application/problem+json``)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


REFUSALS: dict[int, Any] = {401: Problem, 403: Problem, 422: Problem, 429: Problem}


class TokenThrottle(SimpleRateThrottle):
    """So many calls for each token, whatever its person's other tokens do."""

    def __init__(self, rate: str, scope: str) -> None:
        self.scope = scope
        super().__init__(rate)

    def get_cache_key(self, request: HttpRequest) -> str | None:
        token = getattr(request, "auth", None)
        if token is None:
            return None
        return str(self.cache_format % {"scope": self.scope, "ident": token.pk})


class TokenAuth(HttpBearer):
    """Accept an API token that has this scope; the request then acts as the token's person.

    A missing, unknown, expired or revoked token is 401 and does not say which; one without the
    scope is 403 and names the scope.
    """

    def __init__(self, scope: TokenScope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found: Any = use_token(secret=token, at=timezone.now())
        if found is None:
            return None
        if self.scope not in found.scopes:
            raise HttpError(403, f"This token lacks the scope {self.scope}.")
        request.user = found.person
        return found  # type: ignore[no-any-return]
