"""Which state of a submission, and of a meeting, may follow which."""

from tembusu.coordination.submissions.terms import MeetingState, SubmissionState
from tembusu.foundation.core.states import Refusal

SUBMISSION_MOVES = {
    # A draft that is given up is withdrawn before anybody read it.
    SubmissionState.DRAFT: frozenset({SubmissionState.SUBMITTED, SubmissionState.WITHDRAWN}),
    # A package that is not complete goes back to be completed.
    SubmissionState.SUBMITTED: frozenset(
        {SubmissionState.RECEIVED, SubmissionState.DRAFT, SubmissionState.WITHDRAWN}
    ),
    SubmissionState.RECEIVED: frozenset(
        {
            SubmissionState.UNDER_REVIEW,
            SubmissionState.QUERIED,
            SubmissionState.DECIDED,
            SubmissionState.WITHDRAWN,
        }
    ),
    SubmissionState.UNDER_REVIEW: frozenset(
        {SubmissionState.QUERIED, SubmissionState.DECIDED, SubmissionState.WITHDRAWN}
    ),
    # No decision while an answer is waited for: the clock would never start again.
    SubmissionState.QUERIED: frozenset(
        {SubmissionState.UNDER_REVIEW, SubmissionState.WITHDRAWN, SubmissionState.LAPSED}
    ),
    # What was approved until a day ends on it, unless it is renewed.
    SubmissionState.DECIDED: frozenset({SubmissionState.LAPSED}),
    SubmissionState.WITHDRAWN: frozenset(),
    SubmissionState.LAPSED: frozenset(),
}

MEETING_MOVES = {
    MeetingState.PLANNED: frozenset({MeetingState.OPEN, MeetingState.CANCELLED}),
    MeetingState.OPEN: frozenset({MeetingState.HELD}),
    MeetingState.HELD: frozenset({MeetingState.MINUTED}),
    MeetingState.MINUTED: frozenset(),
    MeetingState.CANCELLED: frozenset(),
}

# The body holds the turn in these, the applicant in those; elsewhere nobody does.
WITH_BODY = frozenset(
    {SubmissionState.SUBMITTED, SubmissionState.RECEIVED, SubmissionState.UNDER_REVIEW}
)
WITH_APPLICANT = frozenset({SubmissionState.DRAFT, SubmissionState.QUERIED})
# The body sees what was sent to it, and nothing before.
SENT = frozenset(SubmissionState) - {SubmissionState.DRAFT}
OPEN = WITH_BODY | WITH_APPLICANT


class SubmissionRefused(Refusal):
    """Something that a submission does not allow now."""


class MirrorRefused(SubmissionRefused):
    """A move of the body's own, on a submission whose body keeps its own system of record."""


def check_worked_here(*, system: str, body: str) -> None:
    """Refuse to act for a body that keeps its own system of record.

    :param system: the name of the body's system; '' for a body that works here
    :raises MirrorRefused: saying where the act belongs, and how its outcome comes here
    """
    if system:
        raise MirrorRefused(
            f"{body} keeps its own record in {system}: what stands here is a mirror. Do it there, "
            "then take in the extract, or record the outcome from its letter."
        )


def check_mirrored(*, system: str, body: str) -> None:
    """Refuse to record an outcome by hand for a board that works here.

    :raises SubmissionRefused: saying who decides
    """
    if not system:
        raise SubmissionRefused(
            f"{body} works here: its secretary receives, its members vote, its chair decides. "
            "An outcome is not typed in beside them."
        )
