"""How programs prove who they act for: a bearer token, limited to scopes, until it expires."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer

from tembusu.foundation.people.actions.tokens import use_token
from tembusu.foundation.people.models import ApiToken
from tembusu.foundation.people.terms import TokenScope


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
