"""Milestones as other systems tell them event by event: done as the sender's person, once for each."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from tembusu.coordination.startup.actions import arriving, milestones, trying
from tembusu.coordination.startup.models import SiteMilestone, SitePathway
from tembusu.coordination.startup.rules import repeats
from tembusu.coordination.startup.selectors import extracts, sheets
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import CaseTurn, MilestoneFacts, StartupRefused
from tembusu.foundation.core import audit
from tembusu.foundation.exchange.terms import Row, VerdictKind

TOLD = ("study", "site", "milestone")
COMPLETED = (*TOLD, "completed")
MOST_TEXT = 2000
Move = tuple[Callable[[MilestoneFacts], bool], Callable[..., Any]]


@audit.act
def take_event(
    *, payload: Mapping[str, Any], event_id: str, by: Any, at: datetime
) -> dict[str, Any]:
    """Complete a milestone as a sender's system tells it; told again, it is answered the same.

    Like a row of an extract: what it needs may be untold still, except before the site opens.

    :param by: the person as whom the sender's system acts; their rights hold
    :return: what the sender is told
    :raises StartupRefused: naming what is missing, unknown or contradicts another date
    """
    said = _texts(payload)
    _check_there(said, COMPLETED)
    study, site = _study_and_site(said, by)
    values = {
        "study": study,
        "site": site,
        "milestone": said["milestone"],
        "completed": _day(said, "completed"),
        "evidence": said.get("evidence"),
        "else_evidence": f"Event {event_id}",
    }
    (found,) = arriving.take_rows([Row(0, values, frozenset(values))], by=by, at=at, run=0)
    if found.kind is VerdictKind.REFUSED:
        raise StartupRefused(found.reason)
    _note(study, event_id, found.kind.value, by, at)
    return {"outcome": found.kind.value, "url": found.url}


@audit.act
def take_move(
    *, payload: Mapping[str, Any], event_id: str, by: Any, at: datetime
) -> dict[str, Any]:
    """Move a milestone as a sender's system asks, with every rule of the page.

    :param by: the person as whom the sender's system acts; their rights hold
    :return: what the sender is told: ``is_done`` is false where it stood so already
    :raises PermissionDenied: unless they record milestones of this study-site
    :raises StartupRefused: naming what is missing, unknown or contradicts another date
    """
    said = _texts(payload)
    _check_there(said, (*TOLD, "move"))
    study, site = _study_and_site(said, by)
    seen = SitePathway.objects.visible_to(by)
    path = seen.filter(study_site__study=study, study_site__organisation=site).first()
    if path is None:
        raise StartupRefused(f"{study.number} at {site.name} is not on its way, or not for you.")
    sheet = sheets.read_sheet(sheets.with_sites().get(pk=path.pk))
    key = trying.key_of(sheet, said["milestone"])
    stands, act = _asked(sheet, said)
    is_done = not stands(sheet.facts_of(key))
    if is_done:
        act(path=path, key=key, by=by, at=at)
    _note(study, event_id, said["move"] if is_done else "same", by, at)
    state = SiteMilestone.objects.get(site_pathway=path, key=key).state
    return {"is_done": is_done, "state": state, "url": f"/startup/sites/{path.pk}/"}


def _asked(sheet: Sheet, said: Mapping[str, str]) -> Move:
    """Return when the move asked for is done already, and what does it."""
    if said["move"] not in MOVES:
        raise StartupRefused(f"'{said['move']}' is no move. Moves are {', '.join(MOVES)}.")
    return MOVES[said["move"]](sheet, said)


def _start(sheet: Sheet, said: Mapping[str, str]) -> Move:
    day = _day(said, "day")
    return partial(repeats.is_started, day=day), partial(milestones.start_milestone, day=day)


def _complete(sheet: Sheet, said: Mapping[str, str]) -> Move:
    day = _day(said, "day")
    started = _day(said, "started") if "started" in said else None
    act = partial(
        milestones.complete_milestone,
        day=day,
        started=started,
        evidence=said.get("evidence", ""),
    )
    return partial(repeats.is_completed, day=day, started=started), act


def _hold(sheet: Sheet, said: Mapping[str, str]) -> Move:
    _check_there(said, ("waits_on", "reason"))
    reasons = {one.key: one.label for one in sheet.plan.reasons}
    turn = CaseTurn(
        trying.named(said["waits_on"], sheet.plan.parties, "party"),
        _day(said, "day"),
        _day(said, "until") if "until" in said else None,
        trying.named(said["reason"], reasons, "delay reason"),
    )
    act = partial(
        milestones.hold_milestone,
        waiting_on=turn.party,
        reason_code=turn.reason,
        start_date=turn.start_date,
        end_date=turn.end_date,
        note=said.get("note", ""),
    )
    return partial(repeats.is_held, turn=turn), act


def _resume(sheet: Sheet, said: Mapping[str, str]) -> Move:
    day = _day(said, "day")
    return partial(repeats.is_resumed, day=day), partial(milestones.resume_milestone, day=day)


def _drop(sheet: Sheet, said: Mapping[str, str]) -> Move:
    reason = said.get("reason", "")
    return repeats.is_dropped, partial(milestones.drop_milestone, reason=reason)


def _reopen(sheet: Sheet, said: Mapping[str, str]) -> Move:
    reason = said.get("reason", "")
    return lambda facts: False, partial(milestones.reopen_milestone, reason=reason)


MOVES: Mapping[str, Callable[[Sheet, Mapping[str, str]], Move]] = {
    "start": _start,
    "complete": _complete,
    "hold": _hold,
    "resume": _resume,
    "drop": _drop,
    "reopen": _reopen,
}


# -- what the event says ----------------------------------------------------------------------------


def _texts(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of an event that are not empty.

    :raises StartupRefused: where something else than a text stands, or one that is too long
    """
    for key, value in payload.items():
        if value is not None and not isinstance(value, str):
            raise StartupRefused(f"{key} must be a text.")
        if value is not None and len(value) > MOST_TEXT:
            raise StartupRefused(f"{key} has {len(value):,} characters; {MOST_TEXT:,} are kept.")
    return {key: value.strip() for key, value in payload.items() if value and value.strip()}


def _check_there(said: Mapping[str, str], wanted: tuple[str, ...]) -> None:
    if missing := [key for key in wanted if key not in said]:
        raise StartupRefused(f"The event lacks {', '.join(missing)}.")


def _study_and_site(said: Mapping[str, str], by: Any) -> tuple[Any, Any]:
    study = extracts.find_studies([said["study"]], by).get(said["study"])
    site = extracts.find_sites([said["site"]], by).get(said["site"])
    if study is None or site is None:
        unknown = said["study"] if study is None else said["site"]
        raise StartupRefused(f"'{unknown}' is not known here, or not to you.")
    return study, site


def _day(said: Mapping[str, str], key: str) -> date:
    _check_there(said, (key,))
    try:
        return date.fromisoformat(said[key])
    except ValueError as fault:
        raise StartupRefused(f"'{said[key]}' is no day. Write it as 2026-03-14.") from fault


def _note(study: Any, event_id: str, was: str, by: Any, at: datetime) -> None:
    change = {"event": event_id, "was": was}
    audit.record("startup.event.taken", on=study, by=by, at=at, change=change)
