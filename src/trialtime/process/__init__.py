"""What a log of events says about a process: its ways, how often each was gone, and how long it took.

An event says that in a *case* (a study-site, a patient, a fine) an *activity* happened at a time. From
nothing else come the directly-follows graph (which activity came next, how often, after how long), the
variants (the ways whole cases took), throughput, and where the log departs from a pathway.

- `read_log` reads CSV, packed or not; `make_log` takes events that are at hand.
- `follow`, `count_activities`, `count_variants`, `throughput` answer about a log; `check_conformance`
  compares it with what each activity needs.
- `write_xes` and `write_ocel` hand it on in the two standard formats.

Two events of a case with the same time stay in the order of the log. What the log does not say is not
guessed: a case is taken as it stands, finished or not, so a throughput over a log that was cut while
cases were under way is too short. `trialtime.survival` is for that question.
"""

from trialtime.process.conformance import (
    Breach,
    Conformance,
    PathwayRefused,
    check_conformance,
)
from trialtime.process.discovery import (
    ActivityCount,
    Edge,
    Throughput,
    Variant,
    count_activities,
    count_variants,
    follow,
    throughput,
)
from trialtime.process.exports import write_ocel, write_xes
from trialtime.process.logs import EventLog, make_log
from trialtime.process.reading import Columns, Fault, LogRefused, Reading, read_log
from trialtime.process.report import Report, make_report

__all__ = [
    "ActivityCount",
    "Breach",
    "Columns",
    "Conformance",
    "Edge",
    "EventLog",
    "Fault",
    "LogRefused",
    "PathwayRefused",
    "Reading",
    "Report",
    "Throughput",
    "Variant",
    "check_conformance",
    "count_activities",
    "count_variants",
    "follow",
    "make_log",
    "make_report",
    "read_log",
    "throughput",
    "write_ocel",
    "write_xes",
]
