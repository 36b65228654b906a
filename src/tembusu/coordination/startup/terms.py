"""The words of start-up: milestones on a pathway, whose turn it is, and a case as others read it.

A *pathway* is data: milestones with what each needs, who holds it, and how long it should take. Every
study-site that is selected goes along one version of one pathway, and keeps that version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tembusu.foundation.core.states import Refusal, State
from tembusu.foundation.core.terms import EventKind


class StartupRefused(Refusal):
    """Something of start-up that may not be done now; the message says what to do instead."""


class Stage(State):
    """The stretches of start-up in which time is told and compared."""

    FEASIBILITY = "feasibility"
    CONFIDENTIALITY = "confidentiality"
    CONTRACT = "contract"
    BUDGET = "budget"
    ETHICS = "ethics"
    REGULATOR = "regulator"
    IMPORT_PERMIT = "import_permit"
    INITIATION = "initiation"
    OPEN = "open"
    FIRST_PARTICIPANT = "first_participant"

    @property
    def label(self) -> str:
        return STAGE_LABELS.get(self.value, super().label)


STAGE_LABELS: Mapping[str, str] = {
    "confidentiality": "Confidentiality (CDA)",
    "initiation": "Site initiation",
    "open": "Open to recruitment",
}


# The parties that every pathway knows; a pathway's own data may name more.
PARTIES: Mapping[str, str] = {
    "sponsor": "Sponsor",
    "cro": "CRO",
    "institution": "Institution",
    "site": "Investigator's team",
    "ethics_board": "Ethics board",
    "regulator": "Regulator",
    "coordinating_body": "Coordinating body",
}


class MilestoneState(State):
    NOT_STARTED = "not_started"
    STARTED = "started"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    NOT_APPLICABLE = "not_applicable"

    @property
    def is_settled(self) -> bool:
        """Say whether what needs it may go on."""
        return self in (MilestoneState.COMPLETED, MilestoneState.NOT_APPLICABLE)


class PathState(State):
    """Where a study-site stands as a whole; withdrawn and stopped are its other ends."""

    UNDER_WAY = "under_way"
    OPEN = "open"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        return PATH_LABELS.get(self.value, super().label)

    @property
    def is_going(self) -> bool:
        """Say whether milestones may still move."""
        return self in (PathState.UNDER_WAY, PathState.OPEN)


PATH_LABELS: Mapping[str, str] = {"withdrawn": "Site withdrawn", "stopped": "Study stopped"}


class VersionState(State):
    """A pathway's version: a file or a person proposes, the coordinating lead decides."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    DECLINED = "declined"


class Unit(State):
    """How a target's days are counted; the calendar is that of the jurisdiction."""

    WORKING = "working"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Target:
    """How long a milestone should take.

    :ivar counted_from: 'selected', 'ready' (the last thing that it needs), 'started', or the key of
        the milestone whose completion starts the count
    """

    value: int
    unit: Unit
    counted_from: str = "ready"


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """One milestone of a pathway.

    :ivar needs: the keys of the milestones that come before it
    :ivar evidence: what shows that it is done, as asked of whoever completes it; '' asks nothing
    :ivar is_gate: completing it opens the site, and only when all that it needs is settled
    :ivar may_precede: it may be completed before what it needs is, as when ethics and contract run
        side by side on paper
    :ivar obligations: the regulatory routes that ask for it; empty for every study
    :ivar decided_by: 'ethics_board' or 'regulator' where a submission's decision completes it
    :ivar sent_to: the same, where sending the submission completes it
    """

    key: str
    label: str
    stage: Stage
    party: str
    needs: tuple[str, ...] = ()
    evidence: str = ""
    is_evidence_required: bool = False
    target: Target | None = None
    is_gate: bool = False
    may_precede: bool = False
    obligations: tuple[str, ...] = ()
    decided_by: str = ""
    sent_to: str = ""


@dataclass(frozen=True, slots=True)
class DelayReason:
    """Why a milestone waits, as a code that is counted.

    :ivar party: on whom such a hold waits unless one says otherwise
    """

    key: str
    label: str
    party: str


@dataclass(frozen=True, slots=True)
class PathwayPlan:
    """A pathway as data.

    :ivar applies: fact of the study → values for which this pathway is meant; more facts, closer fit
    :ivar parties: party → label: those of every pathway, and the pathway's own
    """

    key: str
    title: str
    intro: str
    milestones: tuple[MilestonePlan, ...]
    applies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=lambda: dict(PARTIES))
    reasons: tuple[DelayReason, ...] = ()

    def milestone(self, key: str) -> MilestonePlan:
        """Return one milestone.

        :raises KeyError: if the pathway has none of this key
        """
        for one in self.milestones:
            if one.key == key:
                return one
        raise KeyError(key)

    @property
    def gate(self) -> MilestonePlan:
        return next(one for one in self.milestones if one.is_gate)

    def party(self, key: str) -> str:
        """Return how a party is called on screen."""
        return self.parties.get(key) or PARTIES.get(key) or key.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class CaseTurn:
    """A milestone was held by this party from ``start_date`` up to, not including, ``end_date``."""

    party: str
    start_date: date
    end_date: date | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseMilestone:
    """One milestone of one case.

    :ivar party: who holds it where no turn says otherwise
    :ivar needs: keys of milestones of the same case
    """

    key: str
    stage: str
    party: str
    needs: tuple[str, ...]
    state: str
    started_date: date | None
    completed_date: date | None
    due_date: date | None
    turns: tuple[CaseTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One study-site's start-up, from selected to its end; for figures, not for screens.

    :ivar number: the study's number
    :ivar sponsor_kind: 'industry', 'academic', 'public' or 'unknown'
    :ivar phase: as the study's record has it: 'PHASE2/PHASE3', '' where it has none
    :ivar end_kind: how start-up ended: 'opened', 'withdrawn', 'stopped'; None while it goes on
    :ivar left_kind: 'withdrawn' or 'stopped' also where that came after the site had opened
    """

    id: int
    study_id: int
    study_site_id: int
    number: str
    institution_id: int
    cluster_id: int | None
    sponsor_kind: str
    phase: str
    therapeutic_area: str
    start_date: date
    end_kind: str | None
    end_date: date | None
    milestones: tuple[CaseMilestone, ...]
    left_kind: str | None = None
    left_date: date | None = None
    gate: str = ""


@dataclass(frozen=True, slots=True)
class PastMilestone:
    """A milestone of a past case, as it is brought in.

    :ivar recorded_at: when its latest date was told at the time; None where nobody knows
    :ivar holds: its turns at other hands, in order and without a day in common
    :ivar reason: why it did not apply; empty otherwise
    """

    key: str
    state: MilestoneState
    started_date: date | None = None
    completed_date: date | None = None
    recorded_at: datetime | None = None
    evidence: str = ""
    reason: str = ""
    holds: tuple[CaseTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class PastCase:
    """One study-site's start-up of the past, as it is brought in whole.

    :ivar pathway: the key of the pathway along whose version in force it is told
    :ivar milestones: one for each milestone of that pathway, in its order
    """

    study_id: int
    institution_id: int
    pathway: str
    selected_date: date
    milestones: tuple[PastMilestone, ...]
    state: PathState = PathState.UNDER_WAY
    opened_date: date | None = None
    left_date: date | None = None
    left_reason: str = ""
    sponsor_kind: str = "unknown"
    phase: str = ""
    therapeutic_area: str = "other"


MILESTONES_CHANGED = EventKind(
    name="startup.milestones_changed",
    says="Milestones, holds or ends of study-sites changed, or what a study-site is counted under.",
    payload={"site_pathway_ids": "the ids of the site pathways"},
)


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    """What a rule knows of one milestone of one study-site."""

    key: str
    label: str
    state: MilestoneState
    started_date: date | None = None
    completed_date: date | None = None
    completed_by: str = ""
    completed_recorded_at: datetime | None = None
    holds: tuple[CaseTurn, ...] = ()


class DelegationState(State):
    """Derived from a delegation's dates and signature, so it can't disagree with them."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    CHANGED = "changed"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return "Changed since it was signed" if self.value == "changed" else super().label


class EscalationState(State):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
