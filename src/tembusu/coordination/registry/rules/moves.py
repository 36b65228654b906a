"""Which state of an import, and of a location's name, may follow which."""

from tembusu.coordination.registry.terms import PlaceState, RunState
from tembusu.foundation.core.terms import JobState

RUN_MOVES = {
    RunState.RUNNING: frozenset({RunState.RUNNING, RunState.DONE, RunState.STOPPED}),
    RunState.STOPPED: frozenset({RunState.RUNNING}),
    RunState.DONE: frozenset(),
}

DECIDED = frozenset({PlaceState.SETTLED, PlaceState.REJECTED})
MATCHED = frozenset(PlaceState) - {PlaceState.REJECTED}

# A person may decide any name, and decide it otherwise later.
DECIDING = dict.fromkeys(PlaceState, DECIDED)
# Matching again settles, proposes or leaves open; it never rejects, and a rejection stands.
MATCHING = dict.fromkeys(PlaceState, MATCHED) | {PlaceState.REJECTED: frozenset()}
# Undoing a decision puts back whatever was there before it, an earlier decision included.
UNDOING = {
    state: frozenset(PlaceState) if state in DECIDED else frozenset() for state in PlaceState
}

# All of these together; each act asks for its own table above.
PLACE_MOVES = {
    PlaceState.PROPOSED: MATCHED | DECIDED,
    PlaceState.UNRESOLVED: MATCHED | DECIDED,
    PlaceState.PLACEHOLDER: MATCHED | DECIDED,
    PlaceState.SETTLED: MATCHED | DECIDED,
    PlaceState.REJECTED: MATCHED | DECIDED,
}


def is_interrupted(*, run: RunState, job: JobState | None, is_held: bool) -> bool:
    """Say whether an import broke off without a word: it is running, and nobody is at work on it.

    :param job: its job's state; None for an import of the command line
    :param is_held: whether somebody holds its lock
    """
    return run is RunState.RUNNING and not is_held and job in (None, JobState.RUNNING)
