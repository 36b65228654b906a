"""What each page of the gallery shows. The examples themselves are in ``records``."""

from collections.abc import Mapping

from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message

from tembusu.foundation.ui import paging
from tembusu.foundation.ui.specimens.records import (
    ACTS,
    BARS,
    BLOCKED,
    CHANGES,
    CHIPS,
    CHOICES,
    CRUMBS,
    FACTS,
    FIGURES,
    FIRST_PAGE,
    JOB_TOTAL,
    JOBS,
    LAST_PAGE,
    METERS,
    MIDDLE_PAGE,
    NOW,
    PHASE_CHOICES,
    STATUSES,
    STEPS,
    STUDY_COLUMNS,
    STUDY_ROWS,
    TABS,
    TRAIL,
    TREND,
    TREND_ROWS,
    TURN,
    TURN_OTHER,
    WORK,
)
from tembusu.foundation.ui.terms import Column, JobProgress, JobState

SHELLS = {
    "list": "A list of studies",
    "record": "A study's record",
    "form": "A form",
    "decision": "A decision",
    "report": "A report",
    "plain": "A narrow page",
}
WRONG_ENTRY = {
    "title": "",
    "acronym": "LANTERN",
    "kind": "",
    "phase": "3",
    "planned_start": "2026-02-31",
    "n_planned": "0",
    "sites": ["pulai"],
    "contact": "trials@rain-tree",
    "is_public": "on",
}


def job_at(step: int) -> JobProgress:
    """Return the gallery's own job after ``step`` looks; ten looks finish it."""
    done = min(JOB_TOTAL, JOB_TOTAL * max(step, 0) // 10)
    is_done = done == JOB_TOTAL
    return JobProgress(
        "Import of registry records",
        JobState.DONE if is_done else JobState.RUNNING,
        done,
        JOB_TOTAL,
        poll_url="" if is_done else f"/ui/progress/?step={min(step, 9) + 1}",
        result_url="#result" if is_done else "",
        cancel_url="#cancel",
    )


def components() -> dict[str, object]:
    """Return what the gallery's first page shows."""
    return {
        "shells": [(f"/ui/{name}/", label) for name, label in SHELLS.items()],
        "errors": [f"/ui/error/{code}/" for code in (400, 403, 404, 500)],
        "statuses": STATUSES,
        "acts": ACTS,
        "chips": CHIPS,
        "phases": PHASE_CHOICES,
        "choices": CHOICES,
        "tabs": TABS,
        "crumbs": CRUMBS,
        "steps": STEPS,
        "turn": TURN,
        "turn_other": TURN_OTHER,
        "blocked": BLOCKED,
        "facts": FACTS,
        "trail": TRAIL,
        "changes": CHANGES,
        "work": WORK,
        "columns": STUDY_COLUMNS,
        "rows": STUDY_ROWS,
        "figures": FIGURES,
        "trend": TREND,
        "bars": BARS,
        "meters": METERS,
        "jobs": [job_at(3), *JOBS],
        "pages": [FIRST_PAGE, MIDDLE_PAGE, LAST_PAGE],
        "spark": [12, 14, 11, 16, 19, 18, 24],
        "moment_shown": TRAIL[0].at,
        "now": NOW,
        "notices": notices(),
        "sizes": [0, 999, 3_412_000],
        "colours": COLOURS,
    }


def shell(name: str, params: Mapping[str, str]) -> dict[str, object]:
    """Return what one shell of the gallery shows; the list can be emptied by a search."""
    common: dict[str, object] = {"crumbs": CRUMBS}
    made: dict[str, dict[str, object]] = {
        "list": {
            "crumbs": [],
            "page": paging.Page([]) if params.get("q") else FIRST_PAGE,
            "filters": CHIPS,
            "columns": STUDY_COLUMNS,
            "rows": STUDY_ROWS,
            "choices": CHOICES,
            "csv_url": "#csv",
            "keys": range(len(STUDY_ROWS)),
            "sort": params.get("sort", "-updated"),
        },
        "record": {
            "turn": TURN,
            "tabs": TABS,
            "steps": STEPS,
            "status": STATUSES[1],
            "blocked": BLOCKED,
            "facts": FACTS,
            "trail": TRAIL,
            "meter": METERS[0],
            "changes": CHANGES,
            "acts": ACTS,
        },
        "form": {
            "submit_label": "Register the study",
            "draft_label": "Save the draft",
            "cancel_url": "/ui/list/",
        },
        "decision": {
            "question": "Does Merbau Health accept LANTERN?",
            "facts": FACTS,
            "changes": CHANGES,
            "cancel_url": "/ui/record/",
            "blocked": None,
        },
        "report": {
            "crumbs": [],
            "figures": FIGURES,
            "trend": TREND,
            "bars": BARS,
            "trend_rows": TREND_ROWS,
            "filters": CHIPS[:1],
            "trend_columns": [
                Column("Quarter"),
                Column("Median", is_number=True),
                Column("95% interval", is_number=True),
            ],
        },
    }
    return {**common, **made.get(name, {})}


def notices() -> list[Message]:
    """Return a message of each level."""
    said = (
        (constants.SUCCESS, "The study was registered. Its sponsor has been told."),
        (constants.INFO, "The nightly import runs; figures may move."),
        (constants.WARNING, "Two locations still wait for an institution."),
        (constants.ERROR, "Nothing was saved: somebody else changed this record at 09:12."),
    )
    return [Message(level, text) for level, text in said]


COLOURS = (
    "page",
    "surface",
    "sunken",
    "line",
    "line-strong",
    "ink",
    "ink-2",
    "ink-3",
    "accent",
    "accent-strong",
    "accent-soft",
    "ok",
    "info",
    "warn",
    "bad",
    "party-sponsor",
    "party-site",
    "party-board",
    "party-regulator",
    "party-shared",
)
