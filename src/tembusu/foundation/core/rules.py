"""Decisions about jobs and files, taken on plain values."""

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.core.terms import FileRules, JobState

JOB_MOVES = {
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
    # A worker that was killed leaves its job running; the next worker takes it up again.
    JobState.RUNNING: frozenset(
        {JobState.RUNNING, JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    ),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset({JobState.WAITING}),
    JobState.CANCELLED: frozenset({JobState.WAITING}),
}


class FileRefused(Refusal):
    """A file that may not be stored here."""


def check_file(*, size: int, media_type: str, accepted: FileRules) -> None:
    """Refuse a file that is empty, too large, or of a type not accepted here.

    :param size: in bytes
    :raises FileRefused: saying the limit and what would be accepted
    """
    if size == 0:
        raise FileRefused("The file is empty. Choose another one.")
    if size > accepted.max_bytes:
        raise FileRefused(
            f"The file holds {size / 1_048_576:.1f} MiB; at most "
            f"{accepted.max_bytes / 1_048_576:.0f} MiB are accepted. Split it and send the parts."
        )
    if media_type not in accepted.media_types:
        kinds = ", ".join(sorted(accepted.media_types))
        raise FileRefused(f"This is a file of type {media_type}. Accepted here: {kinds}.")


def percent_done(done: int, total: int) -> int | None:
    """Return progress as 0 to 100, or None while the total is unknown."""
    if total <= 0:
        return None
    return min(100, done * 100 // total)
