"""Tables of submissions: packages and their answers, boards that meet here, letters, routes."""

from tembusu.coordination.submissions.models.boards import (
    AgendaItem,
    Attendance,
    BoardSeat,
    BodyDesk,
    Interest,
    Meeting,
    Minutes,
    Review,
    Vote,
)
from tembusu.coordination.submissions.models.letters import Letter, LetterTemplate
from tembusu.coordination.submissions.models.packages import (
    Condition,
    Decision,
    DocumentVersion,
    Occurrence,
    QueryRound,
    RouteAnswer,
    Submission,
    SubmissionDocument,
    SubmissionSite,
    SubmissionSponsor,
)

__all__ = [
    "AgendaItem",
    "Attendance",
    "BoardSeat",
    "BodyDesk",
    "Condition",
    "Decision",
    "DocumentVersion",
    "Interest",
    "Letter",
    "LetterTemplate",
    "Meeting",
    "Minutes",
    "Occurrence",
    "QueryRound",
    "Review",
    "RouteAnswer",
    "Submission",
    "SubmissionDocument",
    "SubmissionSite",
    "SubmissionSponsor",
    "Vote",
]
