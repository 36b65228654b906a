"""Words of the core: jobs, files, notifications, the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tembusu.foundation.core.states import State

JOB_LOCK = 728_362  # with a job's number: the advisory lock of the worker that is at work on it


class JobState(State):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrailKind(State):
    ACT = "act"
    IMPORT = "import"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as texts a person can read; '' stands for nothing.

    :ivar is_spare: told nobody on a page, since it means nothing to people or the act's own facts say
        it; an export has it
    """

    field: str
    before: str
    after: str
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One line of a record's trail: an act, or a change of rows that no act announced."""

    at: datetime
    kind: TrailKind
    event: str
    title: str
    by: str
    reason: str = ""
    request_id: str = ""
    changes: Sequence[FieldChange] = ()
    about: str = ""

    @property
    def shown(self) -> Sequence[FieldChange]:
        """Return the changes that a page tells."""
        return [change for change in self.changes if not change.is_spare]

    @property
    def is_spare(self) -> bool:
        """Say whether no act announced it and nothing of it means anything to people."""
        return self.kind is TrailKind.CHANGE and not self.shown


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event that a lower room may announce to higher ones through the outbox."""

    name: str
    says: str
    payload: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRules:
    """Which files a place accepts: media types found by content, and a size limit in bytes."""

    media_types: frozenset[str]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job leaves for its result page: figures by name, and files by their SHA-256.

    :ivar shortfall: what it could not do, though it came to its end: '600 refused'
    """

    figures: Mapping[str, int | str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    shortfall: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "figures": dict(self.figures),
            "files": dict(self.files),
            "note": self.note,
            "shortfall": self.shortfall,
        }
