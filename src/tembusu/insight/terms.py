"""The words of insight: measures and their definitions, the facts of a case, what is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tembusu.foundation.core.states import Refusal, State

WHOLE = "whole"
PARTICIPANT = "participant"
RECOUNT = "insight.recount"  # the job that counts all figures anew
PAPER = "insight.paper"  # the job that makes a committee paper
THRESHOLD = 5  # a cell of fewer study-sites is not shown to those who may not see it


class InsightRefused(Refusal):
    """Something of the figures that may not be done now; the message says what to do instead."""


class CountsFrom(State):
    """The day from which a measure counts.

    ``ready`` is the day on which the first of the stage's milestones had all that it needs, or was
    started before that; ``started`` the day on which somebody recorded the first start.
    """

    SELECTED = "selected"
    READY = "ready"
    STARTED = "started"

    @property
    def label(self) -> str:
        return COUNTS_FROM_LABELS[self.value]


COUNTS_FROM_LABELS: Mapping[str, str] = {
    "selected": "the day the site was selected",
    "ready": "the day the stage could begin",
    "started": "the day the stage was recorded as started",
}


class Ending(State):
    """How a measure stands for one case; all but the first two are competing ends."""

    UNFINISHED = "unfinished"
    REACHED = "reached"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        return ENDING_LABELS.get(self.value, super().label)


ENDING_LABELS: Mapping[str, str] = {
    "withdrawn": "Site withdrawn",
    "stopped": "Study stopped",
}
ENDING_CODES: Mapping[Ending, int] = {
    Ending.UNFINISHED: 1,
    Ending.REACHED: 2,
    Ending.WITHDRAWN: 3,
    Ending.STOPPED: 4,
}


class Dimension(State):
    """What study-sites are grouped by."""

    CLUSTER = "cluster"
    INSTITUTION = "institution"
    SPONSOR = "sponsor"
    PHASE = "phase"
    AREA = "area"

    @property
    def label(self) -> str:
        return DIMENSION_LABELS.get(self.value, super().label)


DIMENSION_LABELS: Mapping[str, str] = {"sponsor": "Sponsor type", "area": "Therapeutic area"}


class PaperState(State):
    """A committee paper: asked for, made, or not made because its job failed."""

    ASKED = "asked"
    MADE = "made"


@dataclass(frozen=True, slots=True)
class StageFact:
    """How one measure stands for one case.

    :ivar measure: a stage's key, or ``whole`` (selected to open), or ``participant``
    :ivar end_date: the day of the ending; None while unfinished
    """

    measure: str
    start_date: date
    ending: Ending
    end_date: date | None

    @property
    def days(self) -> int | None:
        """Calendar days from start to end; an end before the start counts as 0; None: unfinished."""
        if self.end_date is None:
            return None
        return max(0, (self.end_date - self.start_date).days)


@dataclass(frozen=True, slots=True)
class PartyDays:
    """Days of one case that belong to one stage and one party, along its critical path."""

    stage: str
    party: str
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone followed another in one case: the days between, which may be 0."""

    before: str
    after: str
    days: int


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that the figures keep of one study-site's start-up.

    :ivar cluster_id: 0 where the institution belongs to none
    :ivar parts: of an opened case, its days by stage and party; they add up to its elapsed days
    :ivar waiting_on: who holds an unfinished case today: a party, or 'shared'; '' once it has ended
    """

    case_id: int
    study_id: int
    study_site_id: int
    number: str
    institution_id: int
    cluster_id: int
    sponsor: str
    phase: str
    area: str
    start_date: date
    stages: tuple[StageFact, ...]
    parts: tuple[PartyDays, ...] = ()
    steps: tuple[Step, ...] = ()
    waiting_on: str = ""
    waiting_since: date | None = None

    @property
    def month(self) -> date:
        """The first day of the month in which the site was selected."""
        return self.start_date.replace(day=1)


@dataclass(frozen=True, slots=True)
class DefinitionText:
    """What one measure counts and should be, as data.

    :ivar target_days: calendar days within which it should be reached; None where nobody set a target
    :ivar target_source: where the target is laid down
    """

    label: str
    says: str
    counts_from: CountsFrom
    target_days: int | None = None
    target_source: str = ""


@dataclass(frozen=True, slots=True)
class DefinitionInForce:
    """A measure's definition as it stands.

    :ivar key: how a figure quotes it: 'SU-01'
    :ivar measure: what it defines
    """

    key: str
    measure: str
    version_no: int
    text: DefinitionText

    @property
    def quoted(self) -> str:
        return f"{self.key} v{self.version_no}"


@dataclass(frozen=True, slots=True)
class Lens:
    """Which study-sites are looked at.

    :ivar first_month: the month of selection from which, first day of the month
    :ivar last_month: the last month, inclusive, first day of the month
    :ivar held: dimension → values, any of which will do; ids of bodies as decimal texts
    """

    first_month: date
    last_month: date
    held: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
