"""What in a registry's record can hardly be so. Nothing is refused for it: the registry said it.

Dates are judged by the record's own last update, so that a record means the same whenever it is read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from trialformats.dates import PartialDate

# Overall statuses of the ClinicalTrials.gov API v2,
# https://clinicaltrials.gov/data-api/about-api/study-data-structure
STATUSES = frozenset(
    {
        "NOT_YET_RECRUITING",
        "RECRUITING",
        "ENROLLING_BY_INVITATION",
        "ACTIVE_NOT_RECRUITING",
        "COMPLETED",
        "SUSPENDED",
        "TERMINATED",
        "WITHDRAWN",
        "AVAILABLE",
        "NO_LONGER_AVAILABLE",
        "TEMPORARILY_NOT_AVAILABLE",
        "APPROVED_FOR_MARKETING",
        "WITHHELD",
        "UNKNOWN",
    }
)
DATES = {
    "start": "first enrolment",
    "primary_completion": "primary completion",
    "completion": "completion",
}
ORDER = (
    ("start", "primary_completion"),
    ("start", "completion"),
    ("primary_completion", "completion"),
)

Values = Mapping[str, Any]


def doubts(values: Values) -> list[str]:
    """Return what a reader should doubt, each as a sentence; nothing where all can be so."""
    return [*_status(values), *_order(values), *_future(values)]


def _status(values: Values) -> Iterator[str]:
    status = values.get("overall_status") or ""
    if status and status not in STATUSES:
        yield f"The status '{status}' is none that registries use."


def _order(values: Values) -> Iterator[str]:
    for first, second in ORDER:
        before, after = _date(values, first), _date(values, second)
        if before and after and after.latest() < before.earliest():
            yield (
                f"The {DATES[second]}, {after.text}, lies before the {DATES[first]}, {before.text}."
            )


def _future(values: Values) -> Iterator[str]:
    text = values.get("last_update_posted_dtc") or values.get("last_update_submitted_dtc") or ""
    if not text:
        return
    updated = PartialDate(text)
    for name, words in DATES.items():
        date = _date(values, name)
        is_actual = values.get(f"{name}_kind") == "ACTUAL"
        if is_actual and date and date.earliest() > updated.latest():
            yield (
                f"The {words}, {date.text}, is called actual but lies after the record's last"
                f" update, {updated.text}."
            )


def _date(values: Values, name: str) -> PartialDate | None:
    text = values.get(f"{name}_dtc") or ""
    return PartialDate(text) if text else None
