"""Extracts of milestones, of past years and present ones: what each row would do, and doing it.

Rows about one study-site are tried one after the other on its sheet in memory (``trying``).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.actions import selecting, writing
from tembusu.coordination.startup.actions.trying import Tried, try_row
from tembusu.coordination.startup.models import PathwayVersion, SiteMilestone, SitePathway
from tembusu.coordination.startup.selectors import sheets, studies
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.foundation.core import audit, states
from tembusu.foundation.exchange.terms import Outcome, Row, Verdict, VerdictKind
from tembusu.foundation.people import selectors as people
from tembusu.foundation.ui import wording

Pair = tuple[int, int]
Sheets = dict[Pair, Sheet]


class NotSelected(StartupRefused):
    """The row's study-site has no start-up, and the row does not say when it was selected."""


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
    held = _locked(rows)
    found: list[Outcome] = []
    moved: dict[Pair, set[str]] = {}
    events = []
    for row in rows:
        tried = _tried(held, row, by, at, is_check=False)
        sheet = held.get(_pair(row))
        if sheet is not None and tried.events:
            moved.setdefault(_pair(row), set()).add(tried.key)
            change = {"extract": run} if run else {}
            events += [
                writing.note(sheet, event, by=by, at=at, key=tried.key, change=change)
                for event in tried.events
            ]
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


def _locked(rows: Sequence[Row]) -> Sheets:
    """Return the same sheets; nobody else writes on them until this act ends."""
    ids = [one.path.pk for one in _sheets(rows).values()]
    # In one order, so that two who lock many never wait for each other.
    list(SitePathway.objects.select_for_update().filter(pk__in=ids).order_by("pk").only("pk"))
    return _sheets(rows)


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
        return try_row(sheet, row.values, by=by, at=at, asks_gate=not is_check)
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
