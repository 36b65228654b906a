"""What its sender does with a checked extract: leaves rows, takes it, stops it, lets it go on."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tembusu.foundation.core import audit, jobs
from tembusu.foundation.core import selectors as core
from tembusu.foundation.core.states import check_move
from tembusu.foundation.core.terms import JobState
from tembusu.foundation.exchange import permissions
from tembusu.foundation.exchange.actions.sending import (
    ExtractRefused,
    locked,
    purpose_of,
    start_taking,
)
from tembusu.foundation.exchange.models import Extract, ExtractRow
from tembusu.foundation.exchange.rules import EXTRACT_MOVES
from tembusu.foundation.exchange.terms import ExtractState, VerdictKind


@audit.act
def leave_rows(
    *, extract: Extract, lines: Collection[int], is_left: bool, by: Any, at: datetime
) -> int:
    """Say of changed rows that their records are left as they are, or are changed after all.

    :return: of how many rows that was not so before
    :raises ExtractRefused: unless the extract is checked and not yet taken
    """
    permissions.check_is_own(by, extract)
    extract = locked(extract)
    if extract.state != ExtractState.CHECKED:
        raise ExtractRefused("Rows are chosen after the check and before they are taken.")
    n = ExtractRow.objects.filter(
        extract=extract, line__in=lines, verdict=VerdictKind.CHANGED, is_left=not is_left
    ).update(is_left=is_left)
    change = {"lines": sorted(lines)[:100], "is_left": is_left}
    audit.record("exchange.extract.rows_left", on=extract, by=by, at=at, change=change)
    return n


@audit.act
def take_extract(*, extract: Extract, takes_changes: bool, by: Any, at: datetime) -> Extract:
    """Queue the job that takes the rows of a checked extract.

    :param takes_changes: whether records are changed where the file says otherwise
    :raises PermissionDenied: if the purpose is not the sender's any more
    :raises IllegalMove: unless it is checked
    """
    permissions.check_is_own(by, extract)
    permissions.check_can_send(by, purpose_of(extract))
    extract = locked(extract)
    if extract.state != ExtractState.CHECKED:
        raise ExtractRefused("Rows are taken once they are checked, and once only.")
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=ExtractState.TAKING)
    extract.state, extract.takes_changes = ExtractState.TAKING, takes_changes
    extract.job_id = start_taking(extract, by, at)
    extract.save(update_fields=["state", "takes_changes", "job_id"])
    change = {"takes_changes": takes_changes}
    audit.record("exchange.extract.asked_for", on=extract, by=by, at=at, change=change)
    return extract


@audit.act
def cancel_extract(*, extract: Extract, by: Any, at: datetime) -> Extract:
    """Ask an extract's job to stop: what was taken stays, and it can go on later.

    :raises IllegalMove: if its job has ended
    :raises ExtractRefused: if it has none
    """
    permissions.check_is_own(by, extract)
    job = core.job_by_id(extract.job_id)
    if job is None:
        raise ExtractRefused("Nothing is at work on this extract.")
    job = jobs.cancel(job=job, by=by, at=at)
    if job.state == JobState.CANCELLED:
        return stop_extract(extract=extract, by=by, at=at)
    audit.record("exchange.extract.cancel_requested", on=extract, by=by, at=at)
    return extract


@audit.act
def stop_extract(*, extract: Extract, by: Any, at: datetime) -> Extract:
    """Mark an extract whose job was stopped: a check starts over, what is being taken goes on later."""
    extract = locked(extract)
    is_check = extract.state == ExtractState.CHECKING
    to = ExtractState.SENT if is_check else ExtractState.STOPPED
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=to)
    extract.state = to
    extract.save(update_fields=["state"])
    audit.record("exchange.extract.stopped", on=extract, by=by, at=at)
    return extract


@audit.act
def resume_extract(*, extract: Extract, by: Any, at: datetime) -> Extract:
    """Let an extract that was stopped, or whose job failed, go on where it stopped.

    :raises ExtractRefused: unless it was stopped
    """
    permissions.check_is_own(by, extract)
    permissions.check_can_send(by, purpose_of(extract))
    extract = locked(extract)
    if extract.state != ExtractState.STOPPED:
        raise ExtractRefused("Only an extract that was stopped goes on.")
    check_move(EXTRACT_MOVES, present=ExtractState(extract.state), to=ExtractState.TAKING)
    extract.state = ExtractState.TAKING
    extract.job_id = start_taking(extract, by, at)
    extract.save(update_fields=["state", "job_id"])
    audit.record("exchange.extract.resumed", on=extract, by=by, at=at)
    return extract
