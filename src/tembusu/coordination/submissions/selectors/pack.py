"""What the jurisdiction pack asks of submissions, in this room's own words.

Each question is put for the day on which something began, so that a clock keeps the rule under which
it started. Where the pack does not know a number, the answer here says so instead of inventing one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.terms import (
    AskedFor,
    QuorumRule,
    SeatKind,
    SubmissionKind,
)
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.jurisdictions.terms import (
    AmendmentRules,
    BoardRules,
    ClockRule,
    NoSuchItem,
    ReviewKind,
)
from tembusu.foundation.people.terms import OrganisationKind
from trialtime.calendars import Calendar, YearNotCovered, add_months, add_working_days
from trialtime.calendars import Unit as DayUnit
from trialtime.cutoffs import next_cut_off

ETHICS = "ethics"
MEETING_AFTER = timedelta(days=14)  # proposed between cut-off and meeting; the secretary changes it
# Of a kind of submission, what stands after its obligation in the pack's keys.
SUFFIX = {
    SubmissionKind.INITIAL: "",
    SubmissionKind.AMENDMENT: ".amendment",
    SubmissionKind.RENEWAL: ".renewal",
    SubmissionKind.REPORT: ".report",
    SubmissionKind.CLOSURE: ".closure",
}


def documents(obligation: str, kind: SubmissionKind, on: date) -> list[AskedFor]:
    """Return the documents that go with a kind of submission; none where the pack lists none."""
    found = jurisdictions.checklist(f"{obligation}{SUFFIX[kind]}", on)
    return [AskedFor(one.key[:60], one.label, one.is_required, one.source) for one in found]


def board_key(body_id: int) -> str:
    """Return which body of the pack an organisation is; '' where nobody tied them."""
    return jurisdictions.authority_of(body_id) or ""


def board_rules(on: date, body_id: int | None = None) -> BoardRules:
    return jurisdictions.board_rules(on, board_key(body_id) if body_id else "")


def reviews(on: date, body_id: int) -> list[ReviewKind]:
    """Return the kinds of review of a board. One that the pack does not name takes the first board's."""
    found = board_rules(on, body_id).reviews
    return [one for one in found if one.board == found[0].board] if found else []


def quorum_rule(on: date, body_id: int | None = None) -> QuorumRule:
    """Return who must take part in a board's decision on a day.

    Where the pack has no quorum, each decision is asked for what the law asks of the board itself:
    its smallest number of members and each of its seats. A pack with a quorum replaces that.
    """
    rules = board_rules(on, body_id)
    seats = {one.key: one for one in rules.seats}
    kinds = {
        key: SeatKind(
            _says(one.label), one.quality, one.is_external, one.post == "chair", one.least or 1
        )
        for key, one in seats.items()
    }
    sources = [one.item.source for one in rules.seats]
    return QuorumRule(
        n_members=rules.quorum or rules.members_least or 1,
        one_of=tuple(kinds[key] for key in rules.present if key in kinds),
        each_of=() if rules.present else tuple(kinds.values()),
        source=sources[0] if sources else "",
    )


def _says(label: str) -> str:
    words = label[:1].lower() + label[1:]
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def has_own_quorum(on: date, body_id: int) -> bool:
    return board_rules(on, body_id).quorum is not None


def clock_of(submission: Submission) -> ClockRule | None:
    """Return the target that holds for a submission, by the day on which it was received.

    A board's is that of its kind of review, a regulator's that of the obligation.
    """
    on = submission.received_date or submission.submitted_date
    key = clock_key(submission)
    if on is None or not key:
        return None
    try:
        return jurisdictions.clock(key, on)
    except NoSuchItem:
        return None


def clock_key(submission: Submission) -> str:
    on = submission.received_date or submission.submitted_date
    if submission.body.kind == OrganisationKind.ETHICS_BOARD:
        ways = reviews(on, submission.body_id) if on and submission.review_way else []
        return next((one.clock_key for one in ways if one.key == submission.review_way), "")
    if submission.clock_key:
        return submission.clock_key
    return f"{submission.obligation}{SUFFIX[SubmissionKind(submission.kind)]}"


def calendar(first: date, last: date) -> Calendar | None:
    """Return the country's working days between two days; None for years that nobody knows."""
    try:
        return jurisdictions.calendar(first.year, last.year + 1)
    except YearNotCovered:
        return None


def renewal_due(obligation: str, valid_to: date | None, on: date) -> date | None:
    """Return by when a status report is due; None where none is asked, or nothing ends."""
    rule = jurisdictions.renewal(obligation, on) if valid_to else None
    if rule is None or rule.before is None or valid_to is None:
        return None
    if rule.before.unit is DayUnit.MONTHS:
        return add_months(valid_to, -rule.before.value)
    if rule.before.unit is DayUnit.CALENDAR:
        return valid_to - timedelta(days=rule.before.value)
    days = calendar(valid_to - timedelta(days=366), valid_to)
    return add_working_days(valid_to, -rule.before.value, days) if days else None


def amendment_rules(on: date) -> AmendmentRules:
    return jurisdictions.amendment_rules(on)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A meeting as the pack's rule for cut-offs proposes it."""

    cut_off_date: date
    held_date: date


def next_meeting(body_id: int, *, after: date) -> Proposed | None:
    """Return the next cut-off after a day and a day for the meeting; None where no rule says."""
    for one in reviews(after, body_id):
        if one.needs_meeting and one.cut_off is not None:
            days = calendar(after, after + timedelta(days=400))
            if days is None:
                return None
            cut_off = next_cut_off(one.cut_off, after + timedelta(days=1), days)
            return Proposed(cut_off, cut_off + MEETING_AFTER)
    return None
