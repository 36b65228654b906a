"""Which state of an import, and of a location's name, may follow which."""

from tembusu.coordination.registry.terms import PlaceState, RunState

RUN_MOVES = {
    RunState.RUNNING: frozenset({RunState.RUNNING, RunState.DONE, RunState.STOPPED}),
    RunState.STOPPED: frozenset({RunState.RUNNING}),
    RunState.DONE: frozenset(),
}

DECIDED = frozenset({PlaceState.SETTLED, PlaceState.REJECTED})
MATCHED = frozenset(PlaceState) - {PlaceState.REJECTED}

# A person may decide any name, and decide it otherwise later. Matching again moves only names that
# nobody decided, so it never rejects one.
PLACE_MOVES = {
    PlaceState.PROPOSED: MATCHED | DECIDED,
    PlaceState.UNRESOLVED: MATCHED | DECIDED,
    PlaceState.PLACEHOLDER: MATCHED | DECIDED,
    PlaceState.SETTLED: MATCHED | DECIDED,
    PlaceState.REJECTED: DECIDED,
}
