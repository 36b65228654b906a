"""What a row of an extract does to a study-site's sheet: its days, its wait, or that it does not apply.

A row is tried in memory with the same rules as on screen, save one: a need that the file does not tell
is not asked for, except before the site opens. A refused row leaves the sheet as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tembusu.coordination.startup.actions import moving, writing
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import CaseTurn, MilestoneState, StartupRefused
from tembusu.foundation.core import states
from tembusu.foundation.exchange.terms import Difference, VerdictKind
from tembusu.foundation.ui import wording

Said = Mapping[str, Any]
WAITS = ("waiting_on", "reason", "waited_from", "waited_until")
COMPLETED, HELD, RESUMED = (f"startup.milestone.{one}" for one in ("completed", "held", "resumed"))


@dataclass(slots=True)
class Tried:
    """What became of a row on its sheet.

    :ivar events: the names of the audit events, none where nothing moved
    """

    kind: VerdictKind
    key: str = ""
    events: tuple[str, ...] = ()
    differences: list[Difference] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A row about one milestone of a sheet.

    :ivar asks_gate: whether the site may open only when all that this needs is settled
    """

    sheet: Sheet
    key: str
    said: Said
    by: Any
    at: datetime
    asks_gate: bool

    def get(self, column: str) -> Any:
        return self.said.get(column) or None

    @property
    def row(self) -> Any:
        return self.sheet.rows[self.key]


def try_row(sheet: Sheet, said: Said, *, by: Any, at: datetime, asks_gate: bool) -> Tried:
    """Move the milestone that a row tells of, on the sheet alone; nothing is saved.

    :raises Refusal: saying what to mend; the sheet is then as it was
    """
    trial = Trial(sheet, key_of(sheet, str(said["milestone"])), said, by, at, asks_gate)
    before = _kept(trial)
    try:
        return _dropped(trial) if trial.get("not_applicable") else _moved(trial)
    except states.Refusal:
        _put_back(trial, before)
        raise


def key_of(sheet: Sheet, text: str) -> str:
    """Return the key of the milestone that a row calls by its key or its label.

    :raises StartupRefused: naming those that there are
    """
    for one in sheet.plan.milestones:
        if _plain(text) in (one.key.casefold(), _plain(one.label)):
            return one.key
    names = ", ".join(one.label for one in sheet.plan.milestones)
    raise StartupRefused(f"'{text}' is no milestone of {sheet.plan.title}: {names}.")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _kept(trial: Trial) -> tuple[dict[str, Any], list[tuple[Any, date | None]]]:
    row = {column: getattr(trial.row, column) for column in writing.MUTABLE}
    return row, [(one, one.end_date) for one in trial.sheet.holds.get(trial.key, ())]


def _put_back(trial: Trial, before: tuple[dict[str, Any], list[tuple[Any, date | None]]]) -> None:
    columns, holds = before
    for column, value in columns.items():
        setattr(trial.row, column, value)
    for one, end_date in holds:
        one.end_date = end_date
    if holds or trial.key in trial.sheet.holds:
        trial.sheet.holds[trial.key] = [one for one, _ in holds]


def _dropped(trial: Trial) -> Tried:
    if trial.get("started") or trial.get("completed"):
        raise StartupRefused(
            "The row says both that it does not apply and when. Take one of the two out."
        )
    if trial.row.state == MilestoneState.NOT_APPLICABLE:
        return Tried(VerdictKind.SAME, trial.key)
    moving.drop(trial.sheet, trial.key, reason=trial.said["not_applicable"], at=trial.at)
    return Tried(VerdictKind.NEW, trial.key, ("startup.milestone.not_applicable",))


def _moved(trial: Trial) -> Tried:
    """Do what the row says of waiting before, of its days, and of waiting since."""
    waits = any(trial.get(column) for column in WAITS)
    ended = _end_wait(trial) if waits else ()
    if trial.get("completed"):
        days = _complete(trial)
    elif trial.get("started"):
        days = _start(trial)
    elif waits:
        days = Tried(VerdictKind.SAME, trial.key)
    else:
        raise StartupRefused("The row tells neither when it was started nor when it was completed.")
    events = (*ended, *days.events, *(_wait(trial) if waits else ()))
    kind = days.kind
    if events and kind is VerdictKind.SAME:
        kind = VerdictKind.NEW
    return Tried(kind, trial.key, events, days.differences)


# -- days -----------------------------------------------------------------------------------------


def _start(trial: Trial) -> Tried:
    row, day = trial.row, trial.said["started"]
    if row.started_date == day and row.state != MilestoneState.NOT_STARTED:
        return Tried(VerdictKind.SAME, trial.key)
    moving.start(trial.sheet, trial.key, day=day, at=trial.at)
    return Tried(VerdictKind.NEW, trial.key, ("startup.milestone.started",))


def _complete(trial: Trial) -> Tried:
    row, day, started = trial.row, trial.said["completed"], trial.get("started")
    evidence = trial.get("evidence") or ""
    if row.state != MilestoneState.COMPLETED:
        _put(trial, evidence or trial.get("else_evidence") or "")
        return Tried(VerdictKind.NEW, trial.key, (COMPLETED,))
    told = (
        ("Started", _day(row.started_date), _day(started or row.started_date)),
        ("Completed", _day(row.completed_date), _day(day)),
        ("Evidence", row.evidence, evidence or row.evidence),
    )
    differences = [Difference(*one) for one in told if one[1] != one[2]]
    if not differences:
        return Tried(VerdictKind.SAME, trial.key)
    if [one.label for one in differences] == ["Evidence"]:
        row.evidence = evidence
    else:
        moving.reopen(trial.sheet, trial.key, reason="Told otherwise by an extract")
        _put(trial, evidence)
    return Tried(VerdictKind.CHANGED, trial.key, (COMPLETED,), differences)


def _put(trial: Trial, evidence: str) -> None:
    is_gate = trial.sheet.plan.milestone(trial.key).is_gate
    moving.complete(
        trial.sheet,
        trial.key,
        day=trial.said["completed"],
        by=trial.by,
        at=trial.at,
        evidence=evidence,
        started=trial.get("started"),
        has_gaps=not (is_gate and trial.asks_gate),
    )


def _day(day: date | None) -> str:
    return wording.day(day) if day else ""


# -- waiting --------------------------------------------------------------------------------------


def _end_wait(trial: Trial) -> tuple[str, ...]:
    """End the hold that is open where the row says until when that party was waited for."""
    until, party = trial.get("waited_until"), _party_and_reason(trial)[0]
    held = trial.sheet.facts_of(trial.key).holds
    if not until or not held or held[-1].end_date is not None or held[-1].party != party:
        return ()
    moving.resume(trial.sheet, trial.key, day=until, at=trial.at)
    return (RESUMED,)


def _wait(trial: Trial) -> tuple[str, ...]:
    """Record that the milestone waits, or waited, unless exactly that is there."""
    party, reason = _party_and_reason(trial)
    held = trial.sheet.facts_of(trial.key).holds
    alike = [one for one in held if (one.party, one.reason) == (party, reason)]
    start = trial.get("waited_from") or (alike[-1].start_date if alike else None)
    start = start or trial.get("started") or trial.row.started_date
    if start is None:
        label = trial.sheet.plan.party(party)
        raise StartupRefused(f"The row does not say from when it waited on {label}. Give the day.")
    end = trial.get("waited_until") or trial.row.completed_date
    is_told = trial.get("waited_until") is not None
    if any(one.start_date == start and (one.end_date == end or not is_told) for one in alike):
        return ()
    turn = CaseTurn(party, start, end, reason)
    note = trial.get("note") or ""
    moving.hold(trial.sheet, trial.key, turn=turn, at=trial.at, by=trial.by, note=note)
    return (HELD,)


def _party_and_reason(trial: Trial) -> tuple[str, str]:
    """Return on whom the row says that it waits, and why; each tells the other where it is not said."""
    plan = trial.sheet.plan
    by_key = {one.key: one for one in plan.reasons}
    labels = {one.key: one.label for one in plan.reasons}
    if text := trial.get("reason"):
        reason = named(text, labels, "delay reason")
    elif "other" in by_key:
        reason = "other"
    else:
        raise StartupRefused(f"The row does not say why it waits: {', '.join(labels.values())}.")
    if text := trial.get("waiting_on"):
        return named(text, plan.parties, "party"), reason
    if trial.get("reason"):
        return by_key[reason].party, reason
    raise StartupRefused("The row says when it waited, but not on whom. Give the party.")


def named(text: str, known: Mapping[str, str], what: str) -> str:
    for key, label in known.items():
        if _plain(text) in (key.casefold(), _plain(label)):
            return key
    raise StartupRefused(f"'{text}' is no {what} here: {', '.join(known.values())}.")
