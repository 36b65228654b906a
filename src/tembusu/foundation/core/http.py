"""What every request carries: an id for the ledger, and a person where sign-in is required."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from pghistory.middleware import HistoryMiddleware as PghistoryMiddleware

if TYPE_CHECKING:
    from tembusu.foundation.people.models import Person


class UserRequest(HttpRequest):
    """A request behind ``login_required``: its user is never anonymous."""

    user: "Person"


class RequestIdMiddleware:
    """Give each request an id, and each answer the headers that every answer has.

    The answer repeats the id, so that a person can quote it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            # Hospital computers are shared: no page of a signed-in person is kept on them.
            response.setdefault("Cache-Control", "no-store, private")
        return response


class WrongMethodMiddleware:
    """Say on a page what was wrong where an address is asked in a way that it doesn't take."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        said = render(request, "405.html", status=response.status_code)
        said["Allow"] = response["Allow"]
        return said


class HistoryMiddleware(PghistoryMiddleware):
    """Attach who and which request to every row that a request writes."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        facts: dict[str, Any] = super().get_context(request)
        facts["request"] = getattr(request, "id", "")
        return facts
