"""The words of jurisdictions: items of a country's rules, and what other rooms read of them.

Everything that a country asks is an ``Item``: a value with its unit, its source and the days from and
to which it holds. The dataclasses below are what the selectors make of items for those who ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tembusu.foundation.core.states import Refusal, State
from trialtime.calendars import Span
from trialtime.cutoffs import CutOff

NO_APPLICATION = "none"  # an obligation of this kind: no application to this body; check these


class Theme(State):
    """What an item is about. A pack's file has one table for each."""

    CALENDAR = "calendar"
    AUTHORITIES = "authorities"
    CLOCKS = "clocks"
    OBLIGATIONS = "obligations"
    QUESTIONS = "questions"
    ROUTES = "routes"
    CONTRADICTIONS = "contradictions"
    CHECKLISTS = "checklists"
    BOARDS = "boards"
    REVIEWS = "reviews"
    RECOGNITION = "recognition"
    AMENDMENTS = "amendments"
    RENEWALS = "renewals"
    TRAININGS = "trainings"
    CONSENT = "consent"
    RECORDS = "records"
    GRANTS = "grants"


class ItemKind(State):
    """What a value is. ``table`` is a small structure, written as TOML."""

    NUMBER = "number"
    YES_NO = "yes_no"
    TEXT = "text"
    CHOICE = "choice"
    WORDS = "words"
    DATES = "dates"
    TABLE = "table"


class Unit(State):
    """What a number counts. Working days follow the pack's calendar, calendar days never do."""

    WORKING_DAYS = "working days"
    CALENDAR_DAYS = "calendar days"
    MONTHS = "months"
    YEARS = "years"
    MEMBERS = "members"
    ELEMENTS = "elements"

    def of(self, n: int) -> str:
        """Return a count with its unit: '1 working day', '30 working days'."""
        return f"{n:,} {self.value.removesuffix('s') if n == 1 else self.value}"


class AuthorityKind(State):
    REGULATOR = "regulator"
    MINISTRY = "ministry"
    ETHICS_BOARD = "ethics_board"
    CLUSTER = "cluster"
    FUNDER = "funder"
    COORDINATING_BODY = "coordinating_body"


class Cardinality(State):
    """How many applications an obligation means: one for each of these."""

    STUDY = "study"
    PRINCIPAL_INVESTIGATOR = "principal_investigator"
    PRODUCT = "product"


class Level(State):
    """Whether a question or a route concerns the study, or each of its products."""

    STUDY = "study"
    PRODUCT = "product"


class TrainingLevel(State):
    BLOCKS = "blocks"
    WARNS = "warns"


class VersionKind(State):
    """How a version of a pack came about."""

    SEED = "seed"
    EDIT = "edit"
    PROPOSAL = "proposal"


class ProposalState(State):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Item:
    """One value of the reference data in one period.

    :ivar value: a JSON value of the item's kind; None where nobody has found it yet
    :ivar unit: a ``Unit`` of a number, otherwise ''
    :ivar source: the address of the page or law, with the place in it
    :ivar effective_from: the first day on which it holds; None: as long as anybody knows
    :ivar effective_to: the first day on which it holds no longer; None: open
    :ivar is_verified: somebody read it in its source
    :ivar details: further facts of its theme (whom a clock runs for), by name
    """

    theme: Theme
    key: str
    label: str
    kind: ItemKind
    value: Any
    unit: str
    source: str
    effective_from: date | None
    effective_to: date | None
    is_verified: bool
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_key(self) -> str:
        return f"{self.theme.value}.{self.key}"

    @property
    def is_empty(self) -> bool:
        return self.value is None

    def holds_on(self, day: date) -> bool:
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day < self.effective_to)


@dataclass(frozen=True, slots=True)
class Pack:
    """A country's reference data: as a file has it (all periods), or as it holds on one day."""

    key: str
    name: str
    country: str
    items: tuple[Item, ...]

    def of_theme(self, theme: Theme) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.theme is theme)

    def find(self, theme: Theme, key: str) -> Item | None:
        """Return the first item of this name: the only one, in a pack as it holds on one day."""
        return next((one for one in self.items if one.theme is theme and one.key == key), None)


# -- what the selectors make of items -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that the pack names. ``short`` is its acronym; ``system`` its own system of record."""

    key: str
    name: str
    kind: AuthorityKind
    short: str
    system: str
    item: Item


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A target time.

    :ivar span: None where the value is not known: then nothing is due
    :ivar starts_on: the act whose day is day 0, in words
    :ivar runs_for: the party on whose side it runs ('regulator', 'ethics_board', 'sponsor', …)
    :ivar obligation: the kinds of obligation that it belongs to
    :ivar event: what it times: 'initial', 'amendment', 'safety', 'notification', 'target', …
    """

    key: str
    label: str
    span: Span | None
    starts_on: str
    runs_for: str
    obligation: tuple[str, ...]
    event: str
    item: Item


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the tree.

    :ivar asked_when: alternatives; each maps questions to the answers with which this one is asked.
        Empty: always asked
    """

    key: str
    text: str
    hint: str
    level: Level
    choices: tuple[Choice, ...]
    asked_when: tuple[Mapping[str, frozenset[str]], ...]
    item: Item

    def label_of(self, answer: str) -> str:
        return next((one.label for one in self.choices if one.value == answer), answer)


@dataclass(frozen=True, slots=True)
class ProductAnswers:
    """What was answered about one product, by question."""

    name: str
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RouteAnswers:
    """What was answered about a study and each of its products, by question."""

    study: Mapping[str, str] = field(default_factory=dict)
    products: tuple[ProductAnswers, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be answered next; ``product`` is '' where it concerns the study."""

    question: Question
    product: str


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look up or do besides, with its source ('' where the reason's source says it)."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a study, or one of its products, owes to a body.

    :ivar key: the route that leads here
    :ivar kind: the key of the obligation in the pack, or ``NO_APPLICATION``
    :ivar authority: the key of the body, or '' where no body of the pack is meant
    :ivar cardinality: how many applications it means
    :ivar product: '' where it concerns the study as a whole
    :ivar clock_key: '' where no target is known
    """

    key: str
    kind: str
    authority: str
    label: str
    reason: str
    source: str
    is_verified: bool
    cardinality: Cardinality
    product: str
    clock_key: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """What is sent to one body: obligations of one kind that one application meets.

    :ivar count_per: how many of these are sent: one for the study, or one for each of …
    """

    kind: str
    authority: str
    label: str
    count_per: Cardinality
    products: tuple[str, ...]
    clock_keys: tuple[str, ...]
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way through the tree: a question, its answer, and for which product."""

    product: str
    question: str
    answer: str
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How answers led to obligations."""

    steps: tuple[Step, ...]
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    key: str
    label: str
    is_required: bool
    source: str
    item: Item


@dataclass(frozen=True, slots=True)
class Seat:
    """Members that a board must have among its own.

    :ivar post: 'chair' or 'member'
    :ivar quality: what they are: 'medical', 'scientific', 'lay'
    :ivar least: how many; None where not known
    """

    key: str
    label: str
    post: str
    quality: str
    is_external: bool
    least: int | None
    item: Item


@dataclass(frozen=True, slots=True)
class ReviewKind:
    """A way in which a board reviews.

    :ivar clock_key: its target; '' where none is known
    :ivar cut_off: until when papers are taken; None: any time
    """

    key: str
    label: str
    board: str
    needs_meeting: bool
    clock_key: str
    cut_off: CutOff | None
    item: Item


@dataclass(frozen=True, slots=True)
class BoardRules:
    """What the pack asks of an ethics board.

    :ivar members_least: of how many members it is made at least; None where not known
    :ivar quorum: how many must take part in a decision; None where not known
    :ivar present: seats of which one must take part in a decision
    """

    members_least: int | None
    quorum: int | None
    seats: tuple[Seat, ...]
    present: tuple[str, ...]
    reviews: tuple[ReviewKind, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """Who stands behind a study of several clusters.

    :ivar funding: a key of the pack's recognition rule: 'grant', 'industry', 'unfunded'
    :ivar clusters: the pack's key of the cluster of each person who may count: 'awarded_pi',
        'overall_pi', 'initiator'
    """

    funding: str
    clusters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewingBoard:
    """Which board reviews, by whose cluster, and the rules that say so."""

    board: str
    person: str
    cluster: str
    reason: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class TrainingRule:
    """Training that somebody must have.

    :ivar roles: the tasks or roles that it is asked of
    :ivar validity_months: how long a certificate counts; None where not known
    """

    key: str
    label: str
    level: TrainingLevel
    roles: tuple[str, ...]
    validity_months: int | None
    item: Item


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """A report that must be in before an approval ends.

    :ivar kinds: what is renewed: kinds of obligation, or keys of boards
    :ivar before: how long before; None where not known
    """

    key: str
    label: str
    kinds: tuple[str, ...]
    before: Span | None
    item: Item


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something that makes an amendment substantial, or lets it be made before approval."""

    key: str
    label: str
    item: Item


@dataclass(frozen=True, slots=True)
class AmendmentRules:
    """When an amendment is substantial and what follows.

    :ivar clocks: the key of the target clock, by kind of obligation
    """

    criteria: tuple[Criterion, ...]
    exceptions: tuple[Criterion, ...]
    needs_approval: bool
    clocks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of an item, before and after, as texts that people read."""

    field: str
    before: str
    after: str


# -- refusals -------------------------------------------------------------------------------------


class AnswerRefused(Refusal):
    """Answers from which nothing follows."""


class UnknownAnswer(AnswerRefused):
    """A question or an answer that the pack does not have."""


class AnswersContradict(AnswerRefused):
    """Two answers that cannot both be; the message names both."""


class Unanswered(AnswerRefused):
    """A question is open; the message names it."""


class NoRoute(AnswerRefused):
    """Answers that the pack leads nowhere: a fault of the pack, which its reading refuses too."""


class NoSuchItem(Refusal):
    """A key that no period of the pack knows."""


class NoReviewingBoard(Refusal):
    """The facts do not say which board reviews."""
