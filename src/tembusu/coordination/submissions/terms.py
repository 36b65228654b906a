"""The words of submissions: states, kinds, and the plain values that the rules decide on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tembusu.foundation.core.states import State
from tembusu.foundation.core.terms import EventKind


class SubmissionState(State):
    """Where a package stands between the applicant and the body."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    UNDER_REVIEW = "under_review"
    QUERIED = "queried"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def says(self) -> str:
        """Return what it says of a submission, to stand after its number."""
        return SAYINGS[self.value]


SAYINGS: Mapping[str, str] = {
    "draft": "is being prepared",
    "submitted": "waits to be validated",
    "received": "was received as complete",
    "under_review": "is under review",
    "queried": "waits for an answer to the body’s queries",
    "decided": "is decided",
    "withdrawn": "was withdrawn",
    "lapsed": "lapsed",
}


class SubmissionKind(State):
    """What is asked of the body: a first opinion, or something about what it approved."""

    INITIAL = "initial"
    AMENDMENT = "amendment"
    RENEWAL = "renewal"
    REPORT = "report"
    CLOSURE = "closure"

    @property
    def label(self) -> str:
        return LABELS[self.value]


LABELS: Mapping[str, str] = {
    "initial": "First application",
    "amendment": "Amendment",
    "renewal": "Renewal (status report)",
    "report": "Report or notification",
    "closure": "Closure",
}


class Outcome(State):
    """How a body answered. An exempted study needs no approval; a report is noted."""

    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    REFUSED = "refused"
    EXEMPTED = "exempted"
    NOTED = "noted"

    @property
    def is_favourable(self) -> bool:
        """Say whether what was asked for may be done."""
        return self is not Outcome.REFUSED


class Holder(State):
    """On whose side the clock runs; nobody's once the body has answered."""

    APPLICANT = "applicant"
    BODY = "body"
    NOBODY = "nobody"


class Happening(State):
    """What happened to a submission, on a day of its own, whenever somebody wrote it down here."""

    STARTED = "started"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RECEIVED = "received"
    REVIEW_BEGUN = "review_begun"
    QUERIED = "queried"
    ANSWERED = "answered"
    DECIDED = "decided"
    CONDITION_FULFILLED = "condition_fulfilled"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    MIRRORED = "mirrored"


class Source(State):
    """From where a fact came: worked here, typed from the body's letter, or taken from its extract."""

    HERE = "here"
    BY_HAND = "by_hand"
    EXTRACT = "extract"


class MeetingState(State):
    PLANNED = "planned"
    OPEN = "open"
    HELD = "held"
    MINUTED = "minuted"
    CANCELLED = "cancelled"


class Choice(State):
    """What a member votes for an item of the agenda."""

    APPROVE = "approve"
    ASK = "ask"
    REFUSE = "refuse"
    ABSTAIN = "abstain"

    @property
    def label(self) -> str:
        return CHOICES[self.value]


CHOICES: Mapping[str, str] = {
    "approve": "Approve",
    "ask": "Ask before deciding",
    "refuse": "Refuse",
    "abstain": "Abstain",
}


class LetterKind(State):
    APPROVAL = "approval"
    QUERIES = "queries"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A document that a checklist names."""

    key: str
    label: str
    is_required: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition as a body writes it: what, and until when."""

    text: str
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a body decided.

    :ivar on: the day of the decision
    :ivar renewal_due: the day by which a status report is due, as the pack counts it
    """

    outcome: Outcome
    on: date
    reasons: str = ""
    conditions: Sequence[Asked] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    renewal_due: date | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """What a submission is, as somebody begins it.

    :ivar obligation: the pack's kind of obligation: 'CTA', 'ethics', …
    :ivar sponsor_ids: the sponsors' ids; the first leads unless ``lead_id`` says otherwise
    :ivar per_investigator: whether one is sent for each principal investigator
    """

    body_id: int
    kind: SubmissionKind
    obligation: str
    label: str = ""
    clock_key: str = ""
    site_ids: Sequence[int] = ()
    sponsor_ids: Sequence[int] = ()
    lead_id: int | None = None
    per_investigator: bool = False
    investigator_id: int | None = None
    investigator_name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A round of queries: the clock stands still from the day they were raised to the answer's.

    :ivar end_date: None while the answer is waited for
    """

    start_date: date
    end_date: date | None


@dataclass(frozen=True, slots=True)
class Dates:
    """When what happened to a submission; None for what did not happen yet."""

    submitted: date | None = None
    received: date | None = None
    stops: Sequence[Stop] = ()
    decided: date | None = None
    withdrawn: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A board's member as quorum and composition see them.

    :ivar key: the person's id
    :ivar qualities: what they are, in the pack's words: 'medical', 'scientific', 'lay'
    :ivar is_external: belongs to no institution of the body that the board serves
    """

    key: int
    name: str
    qualities: frozenset[str] = frozenset()
    is_external: bool = False
    is_chair: bool = False


@dataclass(frozen=True, slots=True)
class SeatKind:
    """Members that a composition names: 'an external lay person', 'a medical chair'."""

    says: str
    quality: str = ""
    is_external: bool = False
    is_chair: bool = False
    n: int = 1

    def holds(self, member: Member) -> bool:
        """Say whether a member counts for this seat."""
        return (
            (not self.quality or self.quality in member.qualities)
            and (member.is_external or not self.is_external)
            and (member.is_chair or not self.is_chair)
        )


@dataclass(frozen=True, slots=True)
class QuorumRule:
    """Who must take part so that a board's decision stands.

    :ivar n_members: at least so many who take part in the item
    :ivar one_of: seats of which one must be taken by somebody who takes part; empty: none asked for
    :ivar each_of: seats which must each be taken
    :ivar needs_chair: whether somebody who takes part must be in the chair
    :ivar source: where the rule is written
    """

    n_members: int
    one_of: Sequence[SeatKind] = ()
    each_of: Sequence[SeatKind] = ()
    needs_chair: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether enough take part in one item, and what is missing, as sentences."""

    n_taking_part: int
    n_members: int
    missing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes on one item. Abstentions are counted and decide nothing."""

    n_approve: int = 0
    n_ask: int = 0
    n_refuse: int = 0
    n_abstain: int = 0

    @property
    def n_cast(self) -> int:
        return self.n_approve + self.n_ask + self.n_refuse + self.n_abstain


@dataclass(frozen=True, slots=True)
class BodyTurn:
    """How long a body and an applicant held a submission, for the clock of a study-site's path.

    :ivar queries: rounds in which the applicant held it; half-open [start, end)
    :ivar outcome: '' while nobody decided
    """

    submission_id: int
    study_id: int
    body_id: int
    body_kind: str
    kind: SubmissionKind
    obligation: str
    site_ids: tuple[int, ...]
    submitted_date: date | None
    received_date: date | None
    queries: tuple[Stop, ...]
    decided_date: date | None
    outcome: str
    valid_to: date | None
    state: SubmissionState


@dataclass(frozen=True, slots=True)
class Listed:
    """A submission as other rooms list it."""

    submission_id: int
    number: str
    kind: SubmissionKind
    obligation: str
    body: str
    state: SubmissionState
    outcome: str
    since: date
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A happening as the page tells it: when it happened, and when it was written down here."""

    what: Happening
    happened_on: date
    recorded_at: datetime
    by: str
    source: Source
    note: str = ""

    def is_backdated(self, recorded_on: date) -> bool:
        return self.happened_on < recorded_on


SUBMISSION_DECIDED = EventKind(
    name="submissions.decided",
    says="A body decided on a submission, or its decision was mirrored here.",
    payload={
        "submission_id": "the submission",
        "study_id": "its study",
        "kind": "initial, amendment, renewal, report or closure",
        "obligation": "the obligation's key in the jurisdiction pack, such as ethics",
        "decision": "approved, approved_with_conditions, refused, exempted or noted",
        "decided_date": "the day of the decision, YYYY-MM-DD",
        "site_ids": "the study-sites that it covers",
    },
)
SUBMISSION_CHANGED = EventKind(
    name="submissions.changed",
    says="A submission moved on: sent, received, queried, answered, decided, withdrawn or lapsed.",
    payload={
        "submission_id": "the submission",
        "study_id": "its study",
        "state": "its state now",
        "site_ids": "the study-sites that it covers",
    },
)
