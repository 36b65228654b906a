"""What other rooms decided moves milestones here: submissions, and what a study's record says.

Followed as often as one likes: what stands already is left.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tembusu.coordination.startup.actions import moving, writing
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.selectors import studies
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.coordination.startup.terms import (
    CaseTurn,
    MilestonePlan,
    MilestoneState,
    PathState,
    StartupRefused,
)
from tembusu.coordination.submissions import selectors as submissions
from tembusu.coordination.submissions.terms import BodyTurn, Outcome, SubmissionKind
from tembusu.foundation.core import audit

QUERY = {"ethics_board": "board_query", "regulator": "regulator_query"}


@dataclass(frozen=True, slots=True)
class Followed:
    """One thing that a submission says of a milestone."""

    key: str
    event: str
    ref: str
    day: date
    end_date: date | None = None


@audit.act
def follow_submissions(*, study_ids: Collection[int], by: None, at: datetime) -> int:
    """Let milestones follow their studies' submissions: sent, queried, decided.

    A round of queries becomes a hold on the applicant's side. What contradicts a site's other dates is
    left, with the reason on the site's trail.

    :return: how many things were new
    """
    n = 0
    turns = [
        one
        for one in submissions.board_and_regulator_turns(study_ids)
        if one.kind is SubmissionKind.INITIAL
    ]
    paths = SitePathway.objects.filter(study_site__study_id__in=study_ids)
    for pk in paths.order_by("pk").values_list("pk", flat=True):
        sheet = writing.locked(pk)
        site = sheet.path.study_site
        here = [one for one in turns if one.study_id == site.study_id and _covers(one, site.pk)]
        if PathState(sheet.path.state).is_going and here:
            n += _follow(sheet, here, at)
    return n


def _covers(turn: BodyTurn, site_id: int) -> bool:
    return not turn.site_ids or site_id in turn.site_ids


def _follow(sheet: Sheet, turns: Collection[BodyTurn], at: datetime) -> int:
    moved: set[str] = set()
    events = []
    for turn in turns:
        for said in _said(sheet, turn):
            try:
                is_new = _take(sheet, said, at)
            except StartupRefused as refusal:
                events += _not_followed(sheet, said, str(refusal), at)
                continue
            if is_new:
                moved.add(said.key)
                change = {"on": said.day.isoformat(), "evidence": said.ref}
                events.append(
                    writing.note(sheet, said.event, by=None, at=at, key=said.key, change=change)
                )
    if moved:
        for key in moved:
            for hold in sheet.holds.get(key, ()):
                hold.save()
        writing.finish(sheet, moved, at=at)
    audit.record_many(events)
    return len(moved)


def _said(sheet: Sheet, turn: BodyTurn) -> Iterator[Followed]:
    """Yield what a submission says of this site's milestones, in the order in which it happened."""
    ref = f"submissions.Submission:{turn.submission_id}"
    sent, decided = _asked(sheet, turn.body_kind)
    if sent and turn.submitted_date and _is_open(sheet, sent):
        yield Followed(sent.key, "startup.milestone.completed", ref, turn.submitted_date)
    if decided is None:
        return
    for number, stop in enumerate(turn.queries, 1):
        source = f"{ref}/{number}"
        yield Followed(
            decided.key, "startup.milestone.held", source, stop.start_date, stop.end_date
        )
    is_good = bool(turn.outcome) and Outcome(turn.outcome).is_favourable
    if turn.decided_date and is_good and _is_open(sheet, decided):
        yield Followed(decided.key, "startup.milestone.completed", ref, turn.decided_date)


def _asked(sheet: Sheet, body_kind: str) -> tuple[MilestonePlan | None, MilestonePlan | None]:
    plan = sheet.plan.milestones
    sent = next((one for one in plan if one.sent_to == body_kind), None)
    decided = next((one for one in plan if one.decided_by == body_kind), None)
    return sent, decided


def _is_open(sheet: Sheet, milestone: MilestonePlan) -> bool:
    return not MilestoneState(sheet.rows[milestone.key].state).is_settled


def _take(sheet: Sheet, said: Followed, at: datetime) -> bool:
    """Move the milestone as the submission says; say whether that was new."""
    if said.event == "startup.milestone.completed":
        moving.complete(sheet, said.key, day=said.day, by=None, at=at, evidence_ref=said.ref)
        return True
    row = sheet.rows[said.key]
    held = [one for one in sheet.holds.get(said.key, ()) if one.source_ref == said.ref]
    if held:
        return _end(sheet, said, at) if held[0].end_date is None and said.end_date else False
    if row.state == MilestoneState.NOT_APPLICABLE:
        return False
    applicant, reason = _applicant(sheet, said.key)
    turn = CaseTurn(applicant, said.day, said.end_date, reason)
    moving.hold(sheet, said.key, turn=turn, at=at, by=None, source_ref=said.ref)
    return True


def _end(sheet: Sheet, said: Followed, at: datetime) -> bool:
    if sheet.rows[said.key].state != MilestoneState.ON_HOLD or said.end_date is None:
        return False
    moving.resume(sheet, said.key, day=said.end_date, at=at)
    return True


def _applicant(sheet: Sheet, key: str) -> tuple[str, str]:
    """Return at whose hands a query lies, and the delay reason that says so."""
    body = sheet.plan.milestone(key).decided_by
    sent, _ = _asked(sheet, body)
    known = {one.key: one for one in sheet.plan.reasons}
    reason = known.get(QUERY[body]) or next(iter(sheet.plan.reasons), None)
    party = sent.party if sent else (reason.party if reason else "sponsor")
    return party, reason.key if reason else "other"


def _not_followed(sheet: Sheet, said: Followed, reason: str, at: datetime) -> list[Any]:
    """Return the event that tells why a submission was not followed, unless it stands last."""
    event = "startup.milestone.not_followed"
    last = audit.last_event(audit.ref(sheet.path))
    if last is not None and (last.event, last.reason) == (event, reason):
        return []
    change = {"on": said.day.isoformat(), "evidence": said.ref}
    return [writing.note(sheet, event, by=None, at=at, key=said.key, change=change, reason=reason)]


@audit.act
def follow_studies(*, study_ids: Collection[int], by: None, at: datetime) -> int:
    """Count study-sites under what their studies' records say now.

    :return: how many site pathways changed
    """
    facts = studies.facts_of(study_ids)
    paths = SitePathway.objects.filter(study_site__study_id__in=study_ids)
    changed = []
    for path in paths.select_for_update(of=("self",)).select_related("study_site").order_by("pk"):
        now = facts[path.study_site.study_id]
        said = (now.sponsor_kind, now.phase, now.area)
        if said != (path.sponsor_kind, path.phase, path.therapeutic_area):
            path.sponsor_kind, path.phase, path.therapeutic_area = said
            changed.append(path)
    if changed:
        columns = ["sponsor_kind", "phase", "therapeutic_area"]
        SitePathway.objects.bulk_update(changed, columns, batch_size=1000)
        writing.announce((one.pk for one in changed), at=at)
        audit.record_many(
            audit.describe("startup.site.counted_anew", on=one, by=None, at=at) for one in changed
        )
    return len(changed)
