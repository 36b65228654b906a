"""The registry's words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tembusu.foundation.core.states import State
from tembusu.foundation.core.terms import EventKind


class StudyState(State):
    DRAFT = "draft"
    PUBLISHED = "published"
    MERGED = "merged"
    DISCARDED = "discarded"


class PlaceState(State):
    """What is known of a location's name: which organisation it stands for, if any."""

    SETTLED = "settled"
    PROPOSED = "proposed"
    UNRESOLVED = "unresolved"
    PLACEHOLDER = "placeholder"
    REJECTED = "rejected"

    @property
    def says(self) -> str:
        """Return what it says of a name, to stand after the name."""
        return PLACE_SAYINGS[self.value]


PLACE_SAYINGS: Mapping[str, str] = {
    "settled": "is settled",
    "proposed": "waits with a proposal",
    "unresolved": "is not resolved",
    "placeholder": "names no particular place",
    "rejected": "stands for no institution",
}


class RunState(State):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class ImportOutcome(State):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Timeliness(State):
    """Whether a study was registered before its first participant (ICMJE; WHO items 2 and 16)."""

    PROSPECTIVE = "prospective"
    RETROSPECTIVE = "retrospective"
    UNKNOWN = "unknown"


class SortKey(State):
    UPDATED = "updated"
    TITLE = "title"
    NUMBER = "number"
    STARTED = "started"
    ENROLMENT = "enrolment"
    COMPLETENESS = "completeness"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What became of the records of one import; ``read`` is the sum of the others."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def read(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected

    def plus(self, outcome: ImportOutcome, n: int = 1) -> "ImportCounts":
        values = {o.value: getattr(self, o.value) for o in ImportOutcome}
        values[outcome.value] += n
        return ImportCounts(**values)

    def as_json(self) -> dict[str, int]:
        """Return the counts in the order in which the command prints them."""
        return {
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of two versions of a record; values are JSON as ``to_json`` gives them."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the 24 WHO items a record answers, and which it does not."""

    n_answered: int
    n_items: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EffectiveRecord:
    """What a study's record says now: imported fields merged over registries, curated ones above.

    :ivar values: field name to JSON value
    :ivar sources: field name to ``ctgov NCT01234567`` or ``curated``
    """

    values: Mapping[str, Any]
    sources: Mapping[str, str]


STUDIES_CHANGED = EventKind(
    name="registry.studies_changed",
    says="Public records of studies changed: imported, curated, published or merged.",
    payload={"study_ids": "the ids of the studies"},
)


class QuestionKind(State):
    """How an answer is given on the registration form."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    LINES = "lines"
    GROUP = "group"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the registration form; the answer is a field of ``TrialRecord``.

    :ivar who: the WHO item that it answers, or None
    :ivar is_required: whether publishing needs an answer
    :ivar choices: (value, label) pairs
    :ivar format: how a text is written: email, phone, age, registry_no, web; '' for any text
    :ivar parts: the questions of a group or of each row
    :ivar needs_one_of: parts of which a row that is whole answers at least one
    """

    field: str
    label: str
    kind: QuestionKind
    hint: str = ""
    who: int | None = None
    is_required: bool = False
    max_length: int = 2000
    format: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    parts: "tuple[Question, ...]" = ()
    needs_one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormSection:
    """A page of the registration form."""

    key: str
    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class StudyTab:
    """A tab that a higher room gives to the page of a study.

    :ivar key: the room's own word for it; ``selectors.frames.study_frame`` marks it as the current one
    :ivar url_name: the address of its page, which takes the study's id
    :ivar order: its place; the registry's own tabs stand at 10, 20, … 60
    :ivar may_see: ``may_see(user, study)``
    :ivar count: ``count(user, study)``, what stands behind the label; None for nothing
    """

    key: str
    label: str
    url_name: str
    order: int
    may_see: Callable[[Any, Any], bool]
    count: Callable[[Any, Any], int | None] | None = None


_TABS: dict[str, StudyTab] = {}


def register_study_tab(tab: StudyTab) -> None:
    """Put a tab on every study's page; rooms do so from their ``apps.py``."""
    _TABS[tab.key] = tab


def study_tabs() -> list[StudyTab]:
    """Return the tabs that higher rooms gave, in their order."""
    return sorted(_TABS.values(), key=lambda tab: (tab.order, tab.key))
