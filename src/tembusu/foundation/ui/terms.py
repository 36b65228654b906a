"""The words of a screen: what a component shows, as plain frozen values.

Addresses (``url`` and the like) are paths of this site; an empty one means 'no link'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Tone(StrEnum):
    """What a status means. Each tone has a shape of its own, so colour is never alone."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"
    TURN = "turn"


class Shape(StrEnum):
    """The mark in front of a status word."""

    DOT = "dot"
    RING = "ring"
    HALF = "half"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    SQUARE = "square"
    PAUSE = "pause"
    PLAY = "play"
    TICK = "tick"


SHAPE_OF_TONE = {
    Tone.OK: Shape.DOT,
    Tone.INFO: Shape.HALF,
    Tone.WARN: Shape.DIAMOND,
    Tone.BAD: Shape.TRIANGLE,
    Tone.QUIET: Shape.RING,
    Tone.TURN: Shape.PLAY,
}


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    NEXT = "next"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Badge:
    """A status: word, tone and, where the tone's own mark would mislead, another shape."""

    word: str
    tone: Tone = Tone.QUIET
    shape: Shape | None = None

    @property
    def mark(self) -> Shape:
        return self.shape or SHAPE_OF_TONE[Tone(self.tone)]


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter: one that holds (``remove_url``) or one that may be chosen (``url``).

    ``is_current`` marks the one whose list is open.
    """

    label: str
    value: str = ""
    remove_url: str = ""
    url: str = ""
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter that may be ticked among others."""

    value: str
    label: str
    count: int | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a record's facts. An empty value is shown as 'not given'."""

    term: str
    value: object = ""
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column. ``sort_key`` names it in the address; empty means it cannot be sorted."""

    label: str
    sort_key: str = ""
    is_number: bool = False
    is_hidden_label: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that is more than plain text. ``hint`` completes a link's name for the ear."""

    text: object
    note: str = ""
    url: str = ""
    hint: str = ""
    badge: Badge | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A line of a worklist: when it is due, what to do, where, how long it has waited, the act."""

    key: str
    act: str
    due: Badge
    where: str = ""
    note: str = ""
    waits: str = ""
    since: str = ""
    url: str = ""
    act_label: str = ""
    act_url: str = ""
    is_urgent: bool = False
    is_picked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    state: StepState
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person may do: a link, or a form of its own when it changes something."""

    label: str
    url: str
    is_post: bool = False
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is. ``times`` are (label, words) pairs such as ('Due', '24 Nov, in 2 days')."""

    label: str
    headline: str
    times: Sequence[tuple[str, str]] = ()
    act: Act | None = None
    others: Sequence[Act] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """An act that cannot be done now, the reason, and where the reason can be removed."""

    act: str
    reason: str
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field. ``None`` means there was, or is, no value.

    :ivar holds: of two things that become one, whose value stands then: 'before', 'after' or ''
    """

    field: str
    before: object = None
    after: object = None
    holds: str = ""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One act in a record's trail. ``is_turning`` marks the acts that moved the record on."""

    at: datetime | date
    title: str
    who: str = ""
    reason: str = ""
    note: str = ""
    changes: Sequence[Change] = ()
    url: str = ""
    is_turning: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """``value`` of ``total`` things are there; ``missing`` names the others."""

    label: str
    value: int
    total: int
    missing: Sequence[str] = ()

    @property
    def pct(self) -> float:
        return 100 * self.value / self.total if self.total else 0.0

    @property
    def is_complete(self) -> bool:
        return self.value >= self.total


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A job as its page shows it. ``total`` is None while it is not known."""

    label: str
    state: JobState
    done: int = 0
    total: int | None = None
    unit: str = "records"
    message: str = ""
    poll_url: str = ""
    cancel_url: str = ""
    result_url: str = ""
    counts: Sequence[tuple[str, int]] = ()
    shortfall: str = ""

    @property
    def ended(self) -> str:
        """Return how it stands in words: 'Done, 600 refused'."""
        word = self.state.value.capitalize()
        return f"{word}, {self.shortfall}" if self.shortfall else word

    @property
    def is_open(self) -> bool:
        return self.state in {JobState.WAITING, JobState.RUNNING}

    @property
    def pct(self) -> float | None:
        """Per cent done, 0 to 100, or None while the total is not known."""
        if self.state == JobState.DONE:
            return 100.0
        return min(100.0, 100 * self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A headline number with what makes it readable: unit, interval, n and period, the cases."""

    label: str
    value: str
    unit: str = ""
    interval: str = ""
    note: str = ""
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; ``value`` in the chart's unit, ``text`` how the value is written."""

    label: str
    value: float
    text: str = ""
    is_subject: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a trend, with its interval where the value is an estimate."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
