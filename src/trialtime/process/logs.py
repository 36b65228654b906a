"""An event log held as columns of numbers: 16 bytes an event, whatever the names are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Times = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  times without a zone are counted as they stand
MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True, eq=False)
class EventLog:
    """Events in order: by case, then by time, then as they stood in the log.

    `case` and `activity` index `cases` and `activities`, which hold the names in the order in which
    the log first named them; `time` counts microseconds from 1970, in UTC or, without a zone, as
    written. The events of the case i are those from `bounds[i]` up to `bounds[i + 1]`.
    """

    cases: Sequence[str]
    activities: Sequence[str]
    case: Codes
    activity: Codes
    time: Times
    bounds: Times

    @property
    def n_events(self) -> int:
        return len(self.time)

    @property
    def n_cases(self) -> int:
        return len(self.cases)


def order_events(
    cases: Sequence[str], activities: Sequence[str], case: Codes, activity: Codes, time: Times
) -> EventLog:
    """Put the events in order. Equal times of one case keep their order (the sort is stable)."""
    is_later = (case[1:] > case[:-1]) | ((case[1:] == case[:-1]) & (time[1:] >= time[:-1]))
    if not is_later.all():
        order = np.lexsort((time, case))
        case, activity, time = case[order], activity[order], time[order]
    bounds = np.searchsorted(case, np.arange(len(cases) + 1))
    return EventLog(cases, activities, case, activity, time, bounds.astype(np.int64))


def make_log(events: Iterable[tuple[str, str, datetime]]) -> EventLog:
    """Make a log of events at hand: case, activity, time.

    :raises ValueError: if some times have a zone and others have none
    """
    case_no: dict[str, int] = {}
    activity_no: dict[str, int] = {}
    case, activity, time = list[int](), list[int](), list[int]()
    zones = set[bool]()
    for name, what, when in events:
        case.append(case_no.setdefault(name, len(case_no)))
        activity.append(activity_no.setdefault(what, len(activity_no)))
        zones.add(when.tzinfo is not None)
        time.append(microseconds(when))
    if len(zones) > 1:
        raise ValueError(
            "Some times have a zone and others have none: give all of them one, or none."
        )
    return order_events(
        list(case_no),
        list(activity_no),
        np.array(case, dtype=np.int32),
        np.array(activity, dtype=np.int32),
        np.array(time, dtype=np.int64),
    )


def microseconds(when: datetime) -> int:
    """Return the microseconds since 1970: in UTC, or as written if there is no zone."""
    if when.tzinfo is not None:
        when = when.astimezone(UTC).replace(tzinfo=None)
    return (when - EPOCH) // MICROSECOND
