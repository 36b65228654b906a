"""A milestone's moves for programs: one address for each, with the same refusals as on the page."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, P, PathEx, Router, Schema

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.api.sites import MilestoneShown, SiteId, Text, milestone_of
from tembusu.coordination.startup.rules import repeats
from tembusu.coordination.startup.selectors import paths, sheets
from tembusu.coordination.startup.terms import CaseTurn, MilestoneFacts
from tembusu.foundation.people.api import REFUSALS, Problem, TokenAuth, TokenThrottle
from tembusu.foundation.people.terms import TokenScope

router = Router()
WRITES = TokenThrottle("120/m", "startup-write")
MOST_TEXT = 2000
Key = PathEx[
    str, P(max_length=40, description="`key` of the milestone, as the study-site gives it")
]
SAYS_AGAIN = "Sent again with the same days it changes nothing, and `is_done` is false."


class Start(Schema):
    day: date = Field(description="The day on which it happened, not today's")


class Complete(Schema):
    """A completion. ``started`` is for a milestone whose start was never told."""

    day: date = Field(description="The day on which it happened, not today's")
    started: date | None = None
    evidence: Text = Field("", max_length=MOST_TEXT, description="What shows it, such as a number")


class Hold(Schema):
    """A hold. ``waits_on`` and ``reason`` are keys that the study-site lists."""

    waits_on: Text = Field(max_length=40)
    reason: Text = Field(max_length=40)
    start: date
    until: date | None = Field(
        None, description="The first day on which it was held no more, for a hold that is over"
    )
    note: Text = Field("", max_length=MOST_TEXT)


class Resume(Schema):
    day: date = Field(description="The first day on which it is held no more")


class Why(Schema):
    reason: Text = Field(max_length=MOST_TEXT, description="All who see the site read this")


class MoveDone(Schema):
    """The milestone as it stands now. ``is_done`` is false where it stood so before."""

    is_done: bool
    milestone: MilestoneShown


HOW: dict[str, Any] = {
    "response": {200: MoveDone, 400: Problem, 404: Problem, **REFUSALS},
    "auth": TokenAuth(TokenScope.STARTUP_WRITE),
    "throttle": WRITES,
}
PLACE = "/startup/sites/{site_id}/milestones/{key}"


@router.post(
    f"{PLACE}/start",
    operation_id="start_milestone",
    summary="Start a milestone",
    description=SAYS_AGAIN,
    **HOW,
)
def start(request: HttpRequest, site_id: SiteId, key: Key, said: Start) -> Any:
    stands = partial(repeats.is_started, day=said.day)
    return move(request, site_id, key, stands, partial(actions.start_milestone, day=said.day))


@router.post(
    f"{PLACE}/complete",
    operation_id="complete_milestone",
    summary="Complete a milestone",
    description=f"Completing the gate opens the site. {SAYS_AGAIN}",
    **HOW,
)
def complete(request: HttpRequest, site_id: SiteId, key: Key, said: Complete) -> Any:
    stands = partial(repeats.is_completed, day=said.day, started=said.started)
    return move(request, site_id, key, stands, partial(actions.complete_milestone, **said.dict()))


@router.post(
    f"{PLACE}/hold",
    operation_id="hold_milestone",
    summary="Put a milestone on hold, or record a hold that is over",
    description=SAYS_AGAIN,
    **HOW,
)
def hold(request: HttpRequest, site_id: SiteId, key: Key, said: Hold) -> Any:
    turn = CaseTurn(said.waits_on, said.start, said.until, said.reason)
    act = partial(
        actions.hold_milestone,
        waiting_on=said.waits_on,
        reason_code=said.reason,
        start_date=said.start,
        end_date=said.until,
        note=said.note,
    )
    return move(request, site_id, key, partial(repeats.is_held, turn=turn), act)


@router.post(
    f"{PLACE}/resume",
    operation_id="resume_milestone",
    summary="End a milestone's hold",
    description=SAYS_AGAIN,
    **HOW,
)
def resume(request: HttpRequest, site_id: SiteId, key: Key, said: Resume) -> Any:
    stands = partial(repeats.is_resumed, day=said.day)
    return move(request, site_id, key, stands, partial(actions.resume_milestone, day=said.day))


@router.post(
    f"{PLACE}/drop",
    operation_id="drop_milestone",
    summary="Say that a milestone does not apply",
    description="Sent again it changes nothing, and `is_done` is false.",
    **HOW,
)
def drop(request: HttpRequest, site_id: SiteId, key: Key, said: Why) -> Any:
    act = partial(actions.drop_milestone, reason=said.reason)
    return move(request, site_id, key, repeats.is_dropped, act)


@router.post(
    f"{PLACE}/reopen",
    operation_id="reopen_milestone",
    summary="Take back that a milestone was completed, or does not apply",
    description="Reopening the gate closes the site. Sent again it is refused.",
    **HOW,
)
def reopen(request: HttpRequest, site_id: SiteId, key: Key, said: Why) -> Any:
    act = partial(actions.reopen_milestone, reason=said.reason)
    return move(request, site_id, key, lambda facts: False, act)


def move(
    request: HttpRequest,
    site_id: int,
    key: str,
    stands: Callable[[MilestoneFacts], bool],
    act: Callable[..., Any],
) -> dict[str, Any]:
    """Do it as the token's person, unless the milestone stands so already; return how it stands."""
    path = paths.get_path(request.user, site_id)
    sheet = sheets.read_sheet(path)
    is_done = key not in sheet.rows or not stands(sheet.facts_of(key))
    if is_done:
        act(path=path, key=key, by=request.user, at=timezone.now())
        sheet = sheets.read_sheet(path)
    return {"is_done": is_done, "milestone": milestone_of(sheet, sheet.plan.milestone(key))}
