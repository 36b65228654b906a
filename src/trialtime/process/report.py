"""Everything a log says by itself, in one value: what `tembusu process-report` tells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from trialtime.process.conformance import Conformance
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
from trialtime.process.logs import EventLog
from trialtime.process.reading import Reading

DIGITS = 6  # of a day: less than a tenth of a second


@dataclass(frozen=True, slots=True)
class Report:
    """The answers about one log."""

    n_cases: int
    n_events: int
    activities: list[ActivityCount]
    edges: list[Edge]
    variants: list[Variant]
    throughput: Throughput

    def summary(self) -> dict[str, int | float | None]:
        """Return the six figures of the last line; days from first to last event of a case."""
        return {
            "cases": self.n_cases,
            "events": self.n_events,
            "activities": len(self.activities),
            "variants": len(self.variants),
            "median_days": _rounded(self.throughput.median_days),
            "mean_days": _rounded(self.throughput.mean_days),
        }


def make_report(log: EventLog) -> Report:
    return Report(
        n_cases=log.n_cases,
        n_events=log.n_events,
        activities=count_activities(log),
        edges=follow(log),
        variants=count_variants(log),
        throughput=throughput(log),
    )


def as_json(
    report: Report, reading: Reading, conformance: Conformance | None = None
) -> dict[str, Any]:
    """Return the whole report as plain values, with what of the file is not in it."""
    return {
        "summary": report.summary(),
        "columns": asdict(reading.columns),
        "throughput": asdict(report.throughput),
        "activities": [asdict(each) for each in report.activities],
        "edges": [asdict(each) for each in report.edges],
        "variants": [asdict(each) for each in report.variants],
        "conformance": None if conformance is None else _conformance(conformance),
        "n_refused": reading.n_refused,
        "refused": [asdict(each) for each in reading.faults],
        "notices": list(reading.notices),
    }


def _conformance(found: Conformance) -> dict[str, Any]:
    return asdict(found) | {
        "fitness": found.fitness,
        "fitting_fraction": found.fitting_fraction,
    }


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, DIGITS)
