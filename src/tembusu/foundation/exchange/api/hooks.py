"""Signed events come in. Who sends is proved by the signature; there is no token."""

import json
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import P, PathEx, Router, Schema
from ninja.throttling import SimpleRateThrottle

from tembusu.foundation.exchange import actions
from tembusu.foundation.exchange.actions import receiving
from tembusu.foundation.exchange.actions.receiving import MOST_BYTES, Answered, Forged, Signed
from tembusu.foundation.people.api import Problem

router = Router()
PublicId = PathEx[str, P(max_length=40, description="The sender's own address, as its page shows")]
PROBLEM = "application/problem+json"


class HookThrottle(SimpleRateThrottle):
    """So many calls for each address, whoever calls it."""

    scope = "hooks"

    def __init__(self) -> None:
        super().__init__("300/m")

    def get_cache_key(self, request: HttpRequest) -> str:
        ident = request.path[-64:].replace(" ", "")
        return str(self.cache_format % {"scope": self.scope, "ident": ident})


class EventSent(Schema):
    """An event. What is signed is the body as it stands, byte for byte."""

    id: str
    kind: str
    payload: dict[str, Any]


class EventTaken(Schema):
    """What was done. ``is_replay``: it had come before, and nothing was done again."""

    id: str
    is_replay: bool
    result: dict[str, Any]


@router.post(
    "/hooks/{public_id}/",
    response={
        200: EventTaken,
        401: Problem,
        409: Problem,
        413: Problem,
        422: Problem,
        429: Problem,
    },
    auth=None,
    throttle=HookThrottle(),
    operation_id="send_event",
    summary="Send a signed event",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": EventSent.model_json_schema()}},
        }
    },
)
def send_event(request: HttpRequest, public_id: PublicId) -> Any:
    """Do what the event asks, once, as the sender's person. Sent again it gets the same answer."""
    at = timezone.now()
    call = call_of(request, public_id)
    try:
        sender = receiving.prove(call, at)
    except Forged:
        return problem(401, "")
    answer = actions.receive_event(sender=sender, call=call, by=sender.made_by, at=at)
    return told(answer, call)


def call_of(request: HttpRequest, public_id: str) -> Signed:
    """Return the call as it came.

    :raises RequestDataTooBig: before the body is read, where it says that it is too large
    """
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise RequestDataTooBig
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise RequestDataTooBig
    return Signed(
        public_id=public_id,
        timestamp=request.headers.get("Tembusu-Timestamp", ""),
        signature=request.headers.get("Tembusu-Signature", ""),
        event_id=request.headers.get("Tembusu-Id", ""),
        kind=request.headers.get("Tembusu-Event", ""),
        body=body,
    )


def told(answer: Answered, call: Signed) -> Any:
    if answer.status != receiving.DONE:
        return problem(answer.status, str(answer.facts["detail"]))
    event_id = json.loads(call.body)["id"]
    return {"id": event_id, "is_replay": answer.is_replay, "result": answer.facts}


def problem(status: int, detail: str) -> HttpResponse:
    """Return a refusal as RFC 9457 writes it."""
    said = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return HttpResponse(json.dumps(said), status=status, content_type=PROBLEM)
