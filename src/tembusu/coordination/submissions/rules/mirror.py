"""What a body's own record says against what stands here: what is new, changed or contradictory."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from tembusu.coordination.submissions.rules.moves import SubmissionRefused
from tembusu.coordination.submissions.terms import Dates, Outcome, Stop, SubmissionState


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a body's system says of one submission.

    :ivar conditions: as texts, in their order
    """

    reference_no: str
    submitted: date | None = None
    received: date | None = None
    stops: tuple[Stop, ...] = ()
    outcome: Outcome | None = None
    decided: date | None = None
    conditions: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    withdrawn: date | None = None

    def dates(self) -> Dates:
        return Dates(
            submitted=self.submitted,
            received=self.received,
            stops=self.stops,
            decided=self.decided,
            withdrawn=self.withdrawn,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


@dataclass(frozen=True, slots=True)
class Differs:
    """One fact that the body says otherwise; texts, '' for nothing."""

    field: str
    here: str
    there: str


FIELDS: tuple[tuple[str, str], ...] = (
    ("reference_no", "Reference number"),
    ("submitted", "Submitted"),
    ("received", "Received"),
    ("stops", "Queries"),
    ("outcome", "Decision"),
    ("decided", "Decided"),
    ("conditions", "Conditions"),
    ("valid_from", "Valid from"),
    ("valid_to", "Valid to"),
    ("withdrawn", "Withdrawn"),
)


def check_mirrored(says: Mirrored) -> None:
    """Refuse an outcome without its day, and a day without its outcome.

    :raises SubmissionRefused: saying what is missing
    """
    if (says.outcome is None) != (says.decided is None):
        raise SubmissionRefused(
            "A decision has an outcome and a day. Give both, or neither while it is not decided."
        )
    if says.conditions and says.outcome is not Outcome.APPROVED_WITH_CONDITIONS:
        raise SubmissionRefused("Conditions belong to an approval with conditions.")


def state_of(says: Mirrored) -> SubmissionState:
    """Return where a submission stands by the dates that its body gives."""
    if says.withdrawn is not None:
        return SubmissionState.WITHDRAWN
    if says.decided is not None:
        return SubmissionState.DECIDED
    if any(stop.end_date is None for stop in says.stops):
        return SubmissionState.QUERIED
    if says.stops:
        return SubmissionState.UNDER_REVIEW
    if says.received is not None:
        return SubmissionState.RECEIVED
    return SubmissionState.SUBMITTED


def over(says: Mirrored, stands: Mirrored) -> Mirrored:
    """Return what the body says, and where it says nothing what stands here.

    An extract that leaves a column out, or a cell empty, takes nothing back.
    """
    kept = {
        one.name: getattr(says, one.name) or getattr(stands, one.name) for one in fields(Mirrored)
    }
    return Mirrored(**kept)


def differences(stands: Mirrored, says: Mirrored) -> list[Differs]:
    """Return each fact that the body says otherwise than it stands here."""
    found = []
    for name, label in FIELDS:
        here, there = getattr(stands, name), getattr(says, name)
        if here != there:
            found.append(Differs(label, text_of(here), text_of(there)))
    return found


def text_of(value: object) -> str:
    """Return a fact as people read it."""
    if value is None or value == ():
        return ""
    if isinstance(value, Outcome):
        return value.label
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(
            f"{one.start_date.isoformat()} to {one.end_date.isoformat() if one.end_date else 'open'}"
            if isinstance(one, Stop)
            else str(one)
            for one in value
        )
    return str(value)
