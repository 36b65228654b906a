"""The seam between the desk and the rooms: each room says what waits in it for a person.

A room registers one provider from its ``apps.py``; the desk asks them all. So the desk knows no room,
and a new room is on everybody's desk by one line. In the same way a room says which of its records
concern a person, and what the ledger holds of them is told on the desk as changed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tembusu.foundation.core.states import State


class WorkKind(State):
    """Why something stands on a desk."""

    WAITS_ON_ME = "waits_on_me"
    I_WAIT = "i_wait"
    LAPSES = "lapses"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One line of a desk.

    :ivar key: the same as long as it is the same matter: 'startup.milestone:12'
    :ivar what: what is to be done, with its verb: 'Answer 2 queries of the board'
    :ivar record: what it concerns, as people call it: 'TB-0042 at Rain Tree General Hospital'
    :ivar url: the page on which it is done
    :ivar act: the label of its one button: 'Answer'
    :ivar holder: on whom it waits: a party, body or person; the reader's own name where it is mine
    :ivar since: the day from which it waits there
    :ivar due: the last day on which it is on time, None where nothing says so
    :ivar study: the study's number, '' where it concerns none; desks are narrowed by it
    """

    key: str
    kind: WorkKind
    what: str
    record: str
    url: str
    act: str
    holder: str
    since: date
    due: date | None = None
    study: str = ""


Provider = Callable[[Any, datetime], Sequence[WorkItem]]
_providers: dict[str, Provider] = {}


def register(room: str, provider: Provider) -> None:
    """Let a room say what waits in it: ``provider(user, at)`` returns what the user may see."""
    _providers[room] = provider


def providers() -> dict[str, Provider]:
    """Return every room's provider by the room's name, in the order of the names."""
    return dict(sorted(_providers.items()))


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that something happened to, as the desk tells it to those who may see it.

    :ivar name: the record, as people call it
    :ivar study: the study's number, '' where it concerns none
    """

    name: str
    url: str
    study: str = ""


Finder = Callable[[Any, Collection[int]], Mapping[int, Subject]]
_finders: dict[str, Finder] = {}


def register_subjects(label: str, finder: Finder) -> None:
    """Let a room say which of its records concern a person, so that their changes reach the desk.

    :param label: as the ledger names the records: 'registry.Study'
    :param finder: ``finder(user, keys)`` returns, of the records with these keys, those in which the
        user has a part, and no others
    """
    _finders[label] = finder


def finders() -> dict[str, Finder]:
    """Return the finder of each kind of record, by the label that the ledger uses."""
    return dict(_finders)
