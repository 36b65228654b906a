"""How submissions are called and marked on every page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tembusu.coordination.submissions.models import Submission
from tembusu.coordination.submissions.selectors import packages
from tembusu.coordination.submissions.terms import (
    MeetingState,
    Outcome,
    SubmissionKind,
    SubmissionState,
)
from tembusu.foundation.ui import wording
from tembusu.foundation.ui.terms import Badge, Shape, Tone

STATES: Mapping[SubmissionState, Badge] = {
    SubmissionState.DRAFT: Badge("Draft", Tone.QUIET, Shape.RING),
    SubmissionState.SUBMITTED: Badge("Submitted", Tone.INFO, Shape.HALF),
    SubmissionState.RECEIVED: Badge("Received", Tone.INFO, Shape.HALF),
    SubmissionState.UNDER_REVIEW: Badge("Under review", Tone.INFO, Shape.PLAY),
    SubmissionState.QUERIED: Badge("Queries open", Tone.TURN, Shape.PAUSE),
    SubmissionState.DECIDED: Badge("Decided", Tone.OK, Shape.TICK),
    SubmissionState.WITHDRAWN: Badge("Withdrawn", Tone.QUIET, Shape.SQUARE),
    SubmissionState.LAPSED: Badge("Lapsed", Tone.WARN, Shape.DIAMOND),
}
OUTCOMES: Mapping[Outcome, Badge] = {
    Outcome.APPROVED: Badge("Approved", Tone.OK, Shape.TICK),
    Outcome.APPROVED_WITH_CONDITIONS: Badge("Approved with conditions", Tone.OK, Shape.DIAMOND),
    Outcome.REFUSED: Badge("Refused", Tone.BAD, Shape.SQUARE),
    Outcome.EXEMPTED: Badge("Exempted", Tone.OK, Shape.RING),
    Outcome.NOTED: Badge("Noted", Tone.INFO, Shape.TICK),
}
MEETINGS: Mapping[MeetingState, Badge] = {
    MeetingState.PLANNED: Badge("Planned", Tone.INFO, Shape.RING),
    MeetingState.OPEN: Badge("Open now", Tone.TURN, Shape.PLAY),
    MeetingState.HELD: Badge("Held, minutes to approve", Tone.INFO, Shape.HALF),
    MeetingState.MINUTED: Badge("Minutes approved", Tone.OK, Shape.TICK),
    MeetingState.CANCELLED: Badge("Cancelled", Tone.QUIET, Shape.SQUARE),
}


def badge(submission: Submission) -> Badge:
    """Return where a submission stands: its decision once there is one, unless it lapsed."""
    state = SubmissionState(submission.state)
    outcome = packages.outcome_of(submission)
    if state is SubmissionState.DECIDED and outcome:
        return OUTCOMES[Outcome(outcome)]
    return STATES[state]


def what(submission: Submission) -> str:
    """Return what is sent: 'Amendment: Clinical Trial Authorisation'."""
    kind = SubmissionKind(submission.kind)
    label = submission.label or submission.obligation
    return label if kind is SubmissionKind.INITIAL else f"{kind.label}: {label}"


def title_of(study: Any) -> str:
    """Return a study's title, or its number where it has none yet."""
    return str(getattr(getattr(study, "index", None), "title", "") or study.number)


def days(n: int, unit: str) -> str:
    """Return '1 working day', '12 days'."""
    return f"{n:,} {unit.removesuffix('s') if n == 1 else unit}"


def due(day: date | None, today: date) -> Badge:
    """Return a day by which something is due as a badge: late, soon, or when."""
    if day is None:
        return Badge("No day set", Tone.QUIET, Shape.RING)
    if day < today:
        return Badge(f"Late since {wording.day(day)}", Tone.BAD, Shape.TRIANGLE)
    tone = Tone.WARN if (day - today).days <= 7 else Tone.QUIET
    return Badge(wording.day(day), tone)
