"""When a delivery that failed is tried again, and when it is given up."""

from datetime import datetime, timedelta

# Nearly two days in all: a system that is down over a night, or a Sunday, is not given up.
DELAYS = tuple(timedelta(minutes=one) for one in (1, 5, 30, 120, 360, 720, 1440))
MOST_ATTEMPTS = len(DELAYS) + 1
GONE = 410  # the other side says that nothing is ever to come there again (RFC 9110, 15.5.11)


def is_taken(status: int | None) -> bool:
    """Say whether an answer means that the event was taken; a redirection does not."""
    return status is not None and 200 <= status < 300


def next_try(*, n_attempts: int, status: int | None, at: datetime) -> datetime | None:
    """Return when a delivery that failed is tried again; None where it is given up.

    :param n_attempts: how often it was tried
    """
    if status == GONE or n_attempts >= MOST_ATTEMPTS:
        return None
    return at + DELAYS[n_attempts - 1]
