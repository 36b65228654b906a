"""What every call of the registry has in common: how it may be refused, and how often it is taken."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema
from ninja.throttling import SimpleRateThrottle

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


READS = TokenThrottle("300/m", "registry-read")
IMPORTS = TokenThrottle("20/m", "registry-import")
