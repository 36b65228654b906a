"""How an import stands, beyond the state that it was left in."""

from tembusu.coordination.registry.terms import RunState
from tembusu.foundation.core.terms import JobState


def is_left(*, run: RunState, job: JobState | None, is_held: bool) -> bool:
    """Say whether an import is running and nobody is at work on it: it broke off without a word.

    Unless its job waits in the queue, it has to be started again.

    :param job: its job's state; None for an import of the command line
    :param is_held: whether somebody holds its lock
    """
    return run is RunState.RUNNING and not is_held and job in (None, JobState.RUNNING)
