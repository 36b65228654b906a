"""Milestones as other systems tell them: extracts of past and present years, row by row.

Each row is tried on the study-site's sheet in memory with the same rules as on screen, save one: a need
that the file does not tell is not asked for, except before the site opens. What others know of the past
has gaps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions import moving, selecting, writing
from tembusu.coordination.startup.models import PathwayVersion, SiteMilestone, SitePathway
from tembusu.coordination.startup.selectors import extracts, sheets, studies
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import CaseTurn, MilestoneState, StartupRefused
from tembusu.foundation.core import audit, states
from tembusu.foundation.exchange.terms import Difference, Outcome, Row, Verdict, VerdictKind
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording

Pair = tuple[int, int]
Sheets = dict[Pair, Sheet]


EVENT = ("study", "site", "milestone", "completed", "evidence")


class NotSelected(StartupRefused):
    """The row's study-site has no start-up, and the row does not say when it was selected."""


@dataclass(slots=True)
class Tried:
    """What became of a row on its sheet.

    :ivar event: the audit event's name, '' where nothing moved
    """

    kind: VerdictKind
    key: str = ""
    event: str = ""
    differences: list[Difference] = field(default_factory=list)
    reason: str = ""


@audit.act
def take_event(
    *, payload: Mapping[str, Any], event_id: str, by: Any, at: datetime
) -> dict[str, Any]:
    """Complete a milestone as a sender's system tells it; told again, it is answered the same.

    :param by: the person as whom the sender's system acts; their rights hold
    :return: what the sender is told
    :raises StartupRefused: naming what is missing, unknown or contradicts another date
    """
    said = {key: str(payload.get(key) or "").strip() for key in EVENT}
    if missing := [key for key in EVENT[:-1] if not said[key]]:
        raise StartupRefused(f"The event lacks {', '.join(missing)}.")
    study = extracts.find_studies([said["study"]], by).get(said["study"])
    site = extracts.find_sites([said["site"]], by).get(said["site"])
    if study is None or site is None:
        unknown = said["study"] if study is None else said["site"]
        raise StartupRefused(f"'{unknown}' is not known here, or not to you.")
    try:
        day = date.fromisoformat(said["completed"])
    except ValueError as fault:
        raise StartupRefused(f"'{said['completed']}' is no day. Write it as 2026-03-14.") from fault
    values = {
        "study": study,
        "site": site,
        "milestone": said["milestone"],
        "completed": day,
        "evidence": said["evidence"] or f"Event {event_id}",
    }
    (found,) = take_rows([Row(0, values, frozenset(values))], by=by, at=at, run=0)
    if found.kind is VerdictKind.REFUSED:
        raise StartupRefused(found.reason)
    audit.record(
        "startup.event.taken", on=study, by=by, at=at, change={"event": event_id, "was": found.kind}
    )
    return {"outcome": found.kind.value, "url": found.url}


def check_rows(rows: Sequence[Row], *, by: Any, at: datetime) -> list[Verdict]:
    """Say of each row what would become of it; changes nothing."""
    held = _sheets(rows)
    found = []
    for row in rows:
        tried = _tried(held, row, by, at, is_check=True)
        what = f"{_label(row)} of {row.values['study']} at {row.values['site']}"
        found.append(Verdict(tried.kind, tried.differences, tried.reason, what))
    return found


def take_rows(rows: Sequence[Row], *, by: Any, at: datetime, run: int) -> list[Outcome]:
    """Take rows: begin start-ups that are told for the first time, and move their milestones."""
    _begin(rows, by, at)
    held = {_pair_of(one): writing.locked(one.path.pk) for one in _sheets(rows).values()}
    found: list[Outcome] = []
    moved: dict[Pair, set[str]] = {}
    events = []
    for row in rows:
        tried = _tried(held, row, by, at, is_check=False)
        sheet = held.get(_pair(row))
        if sheet is not None and tried.event:
            moved.setdefault(_pair(row), set()).add(tried.key)
            events.append(
                writing.note(
                    sheet, tried.event, by=by, at=at, key=tried.key, change={"extract": run}
                )
            )
        url = f"/startup/sites/{sheet.path.pk}/" if sheet is not None else ""
        found.append(Outcome(tried.kind, tried.reason, url))
    for pair, keys in moved.items():
        for key in keys:
            for hold in held[pair].holds.get(key, ()):
                hold.save()
        writing.finish(held[pair], keys, at=at)
    audit.record_many(events)
    return found


def _pair(row: Row) -> Pair:
    return row.values["study"].pk, row.values["site"].pk


def _pair_of(sheet: Sheet) -> Pair:
    site = sheet.path.study_site
    return site.study_id, site.organisation_id


def _label(row: Row) -> str:
    return str(row.values["milestone"])


def _sheets(rows: Sequence[Row]) -> Sheets:
    """Return the sheets of the study-sites that are on their way."""
    pairs = {_pair(row) for row in rows}
    paths = sheets.with_sites().filter(
        study_site__study_id__in={study for study, _ in pairs},
        study_site__organisation_id__in={site for _, site in pairs},
    )
    return {_pair_of(one): one for one in sheets.read_sheets(list(paths))}


def _begin(rows: Sequence[Row], by: Any, at: datetime) -> None:
    """Select the study-sites of which these rows tell for the first time, where one may."""
    there = set(_sheets(rows))
    for row in rows:
        selected = row.values.get("selected")
        if _pair(row) in there or selected is None or not _may_begin(row, by):
            continue
        there.add(_pair(row))
        try:
            selecting.select_site(
                study=row.values["study"],
                organisation=row.values["site"],
                selected_date=selected,
                by=by,
                at=at,
            )
        except states.Refusal:
            continue  # the row is tried below, and is told why it can't be taken


def _may_begin(row: Row, by: Any) -> bool:
    return any(
        people.may(by, permissions.SELECT_SITE, one.scope_id)
        for one in (row.values["study"], row.values["site"])
    )


def _tried(held: Sheets, row: Row, by: Any, at: datetime, *, is_check: bool) -> Tried:
    try:
        sheet = held.get(_pair(row))
        if sheet is None:
            if not is_check:
                raise NotSelected(_why_not_begun(row, by))
            sheet = held.setdefault(_pair(row), _imagined(row, by, at))
        elif sheet.path.pk and not permissions.may(by, permissions.RECORD_MILESTONE, sheet.path):
            raise StartupRefused("You record no milestones of this study-site.")
        return _try(sheet, row, by, at, is_check=is_check)
    except states.Refusal as refusal:
        return Tried(VerdictKind.REFUSED, reason=str(refusal))


def _why_not_begun(row: Row, by: Any) -> str:
    if not _may_begin(row, by):
        return "This study-site is not on its way, and you can't select it."
    return (
        "This study-site is not on its way. Say in the file on which day it was selected, or select it"
        " on the study's page."
    )


def _imagined(row: Row, by: Any, at: datetime) -> Sheet:
    """Return the sheet that a study-site would have if it were selected as the row says."""
    selected = row.values.get("selected")
    if selected is None or not _may_begin(row, by):
        raise NotSelected(_why_not_begun(row, by))
    if selected > localdate(at):
        raise StartupRefused(f"The site was selected on {wording.day(selected)}, which lies ahead.")
    study = row.values["study"]
    version: PathwayVersion = studies.version_for(studies.facts_of([study.pk])[study.pk])
    plan = sheets.plan_of(version)
    path = SitePathway(version=version, selected_date=selected)
    rows = {
        one.key: SiteMilestone(key=one.key, stage=one.stage, party=one.party)
        for one in plan.milestones
    }
    return Sheet(path, plan, rows)


def _try(sheet: Sheet, row: Row, by: Any, at: datetime, *, is_check: bool) -> Tried:
    key = _key_of(sheet, row)
    said = row.values
    started, completed = said.get("started"), said.get("completed")
    present = sheet.rows[key]
    if completed is not None:
        return _complete(sheet, key, row, by, at, is_check=is_check)
    if started is None:
        raise StartupRefused("The row tells neither when it was started nor when it was completed.")
    if present.started_date == started and (present.state != MilestoneState.NOT_STARTED):
        return _hold(sheet, key, row, by, at) or Tried(VerdictKind.SAME, key)
    moving.start(sheet, key, day=started, at=at)
    _hold(sheet, key, row, by, at)
    return Tried(VerdictKind.NEW, key, "startup.milestone.started")


def _key_of(sheet: Sheet, row: Row) -> str:
    """Return the key of the milestone that a row calls by its key or its label.

    :raises StartupRefused: naming those that there are
    """
    wanted = " ".join(_label(row).casefold().split())
    for one in sheet.plan.milestones:
        if wanted in (one.key.casefold(), one.label.casefold()):
            return one.key
    names = ", ".join(one.label for one in sheet.plan.milestones)
    raise StartupRefused(f"'{_label(row)}' is no milestone of {sheet.plan.title}: {names}.")


def _complete(sheet: Sheet, key: str, row: Row, by: Any, at: datetime, *, is_check: bool) -> Tried:
    said, present = row.values, sheet.rows[key]
    day, started = said["completed"], said.get("started")
    before = (present.started_date, present.completed_date)
    kind, differences = VerdictKind.NEW, []
    if present.state == MilestoneState.COMPLETED:
        if before[1] == day and started in (None, before[0]):
            return Tried(VerdictKind.SAME, key)
        kind, differences = VerdictKind.CHANGED, _differences(before, (started or before[0], day))
        undo = _kept(present)
        moving.reopen(sheet, key, reason="Told otherwise by an extract")
    else:
        undo = _kept(present)
    try:
        moving.complete(
            sheet,
            key,
            day=day,
            by=by,
            at=at,
            evidence=said.get("evidence") or "",
            started=started,
            has_gaps=is_check or not sheet.plan.milestone(key).is_gate,
        )
    except states.Refusal:
        for column, value in undo.items():
            setattr(present, column, value)
        raise
    return Tried(kind, key, "startup.milestone.completed", differences)


def _kept(row: SiteMilestone) -> dict[str, Any]:
    return {column: getattr(row, column) for column in writing.MUTABLE}


def _differences(
    before: tuple[date | None, date | None], after: tuple[date | None, date | None]
) -> list[Difference]:
    return [
        Difference(label, *(wording.day(day) if day else "" for day in pair))
        for label, *pair in (
            ("Started", before[0], after[0]),
            ("Completed", before[1], after[1]),
        )
        if pair[0] != pair[1]
    ]


def _hold(sheet: Sheet, key: str, row: Row, by: Any, at: datetime) -> Tried | None:
    """Put a started milestone on hold where the row says on whom it waits, and it is not yet."""
    said, present = row.values, sheet.rows[key]
    if not said.get("waiting_on") or present.state == MilestoneState.ON_HOLD:
        return None
    start = said.get("started") or present.started_date or localdate(at)
    turn = CaseTurn(_party(sheet, said["waiting_on"]), start, None, _reason(sheet, said))
    moving.hold(sheet, key, turn=turn, at=at, by=by, note=said.get("note") or "")
    return Tried(VerdictKind.NEW, key, "startup.milestone.held")


def _party(sheet: Sheet, text: str) -> str:
    return _named(text, sheet.plan.parties, "party")


def _reason(sheet: Sheet, said: Mapping[str, Any]) -> str:
    known = {one.key: one.label for one in sheet.plan.reasons}
    return _named(said.get("reason") or "other", known, "delay reason")


def _named(text: str, known: Mapping[str, str], what: str) -> str:
    wanted = " ".join(text.casefold().split())
    for key, label in known.items():
        if wanted in (key.casefold(), label.casefold()):
            return key
    raise StartupRefused(f"'{text}' is no {what} here: {', '.join(known.values())}.")
