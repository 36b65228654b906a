"""The API at ``/api/v1``: every room's router, one way to refuse, no page of its own.

The description stands at ``/api/v1/openapi.json``. Refusals are ``application/problem+json``
(RFC 9457). A page to try calls out would need scripts that the content policy forbids.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from tembusu.coordination.registry.api import router as registry
from tembusu.coordination.startup.api import router as startup
from tembusu.coordination.submissions.api import router as submissions
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.exchange.api import router as exchange
from tembusu.foundation.jurisdictions.api import router as jurisdictions
from tembusu.foundation.people.api import router as people

PROBLEM = "application/problem+json"
# What each refusal means, and the header that comes with it: said once for every operation.
REASONS: Mapping[int, tuple[str, Mapping[str, str]]] = {
    400: ("The call cannot be meant; `detail` says what to mend.", {}),
    401: (
        "No token, or one that is unknown, expired or revoked.",
        {"WWW-Authenticate": "Always `Bearer`"},
    ),
    403: ("The token lacks the scope, or its person the right; `detail` names it.", {}),
    404: ("There is nothing here that this token may see.", {}),
    409: ("Another event came before under this id.", {}),
    413: ("The request is too large.", {}),
    415: ("The body is of a kind that is not read here.", {}),
    422: ("A value is of the wrong kind or unknown; `detail` names it.", {}),
    429: (
        "Too many calls with this token.",
        {"Retry-After": "After how many seconds calls are taken again"},
    ),
}


class Api(NinjaAPI):
    """Describes refusals as they are sent: as problems, each with its reason and its headers."""

    def get_openapi_schema(self, **how: Any) -> Any:
        described = super().get_openapi_schema(**how)
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if status in REASONS:
                        answer.update(refusal_described(status, answer["content"]))
        return described


def refusal_described(status: int, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the description says of one refusal."""
    reason, headers = REASONS[status]
    said: dict[str, Any] = {
        "description": reason,
        "content": {PROBLEM: content["application/json"]},
    }
    if headers:
        said["headers"] = {
            name: {"description": says, "schema": {"type": "string"}}
            for name, says in headers.items()
        }
    return said


api = Api(
    title="Tembusu",
    version="1",
    description="Studies, their start-up, submissions, imports and organisations of this deployment. "
    "Calls carry a bearer token, act as its person, and see what that person may see.",
    docs_url=None,
    urls_namespace="api",
)
api.add_router("", registry)
api.add_router("", submissions)
api.add_router("", people)
api.add_router("", jurisdictions)
api.add_router("", exchange)
api.add_router("", startup)


def problem(status: int, detail: str = "", **headers: str) -> HttpResponse:
    """Return a refusal as RFC 9457 writes it."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return HttpResponse(json.dumps(said), status=status, content_type=PROBLEM, headers=headers)


@api.exception_handler(AuthenticationError)
def unauthorised(request: HttpRequest, fault: Any) -> HttpResponse:
    detail = "Send a valid token: `Authorization: Bearer …`."
    return problem(401, detail, **{"WWW-Authenticate": "Bearer"})


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, fault: Any) -> HttpResponse:
    said = [
        f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in fault.errors
    ]
    return problem(422, "; ".join(said)[:1000])


@api.exception_handler(Throttled)
def too_many(request: HttpRequest, fault: Any) -> HttpResponse:
    headers = {"Retry-After": str(int(fault.wait) + 1)} if fault.wait else {}
    return problem(429, "Too many calls with this token. Wait a little.", **headers)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, fault: Any) -> HttpResponse:
    return problem(fault.status_code, fault.message)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, fault: Any) -> HttpResponse:
    return problem(404, "There is nothing here that this token may see.")


@api.exception_handler(PermissionDenied)
def forbidden(request: HttpRequest, fault: Any) -> HttpResponse:
    return problem(403, str(fault))


@api.exception_handler(Refusal)
def not_done(request: HttpRequest, fault: Any) -> HttpResponse:
    return problem(400, str(fault))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, fault: Any) -> HttpResponse:
    return problem(413, "The request is too large.")


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
def malformed(request: HttpRequest, fault: Any) -> HttpResponse:
    return problem(400, "The request cannot be read.")


class ProblemMiddleware:
    """Answer programs by a problem also where no operation was reached: unknown addresses, methods."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/") or response.get("Content-Type") == PROBLEM:
            return response
        if response.status_code == 404:
            return problem(404, "No such address. The description stands at /api/v1/openapi.json.")
        if response.status_code == 405:
            allowed = response["Allow"]
            return problem(405, f"This address takes {allowed} only.", Allow=allowed)
        return response
