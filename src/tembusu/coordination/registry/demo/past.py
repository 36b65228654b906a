"""Synthetic studies of past years, for rooms whose demonstration tells of them."""

import json
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from tembusu.coordination.registry.actions import imports
from tembusu.coordination.registry.demo import trials
from tembusu.coordination.registry.models import Registration, StudyIndex, StudySite

SEED = 20211101
FIRST_NO, N_PAST = 601, 36
YEARS_BACK = (420, 1640)  # days before the demo's present at which these studies began


@dataclass(frozen=True, slots=True)
class BegunStudy:
    """A study as a demonstration of another room needs it.

    :ivar start_date: on which it began or shall begin, as its record says
    :ivar sponsor: its lead sponsor's name
    :ivar institution_ids: its sites in the home country that are institutions here
    """

    study_id: int
    start_date: date
    sponsor: str
    institution_ids: tuple[int, ...]


def load(at: datetime, home_country: str) -> None:
    """Import studies that began years ago, unless they are there."""
    if Registration.objects.filter(registry_no=trials.NUMBER.format(FIRST_NO)).exists():
        return
    dice = random.Random(SEED)  # noqa: S311 synthetic data, the same each time
    made = []
    for n in range(FIRST_NO, FIRST_NO + N_PAST):
        then = at.date() - timedelta(days=dice.randint(*YEARS_BACK))
        one = trials.trial(n, dice, then, home_country)
        status = one["protocolSection"]["statusModule"]
        status["overallStatus"] = dice.choice(("COMPLETED", "COMPLETED", "ACTIVE_NOT_RECRUITING"))
        status["startDateStruct"] = {"date": then.isoformat(), "type": "ACTUAL"}
        for place in one["protocolSection"]["contactsLocationsModule"]["locations"]:
            place["status"] = status["overallStatus"]
        made.append(one)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry-extract-past-years.json"
        path.write_text(json.dumps(made))
        label = "Registry extract, past years"
        imports.import_studies(paths=[path], by=None, at=at - timedelta(days=59), label=label)


def begun_studies() -> list[BegunStudy]:
    """Return the published studies that have a day of beginning, oldest number first."""
    sites: dict[int, list[int]] = defaultdict(list)
    for study, body in StudySite.objects.order_by("pk").values_list("study_id", "organisation_id"):
        sites[study].append(body)
    rows = StudyIndex.objects.filter(is_public=True).order_by("study_id")
    return [
        BegunStudy(study, start, sponsor, tuple(sites[study]))
        for study, start, sponsor in rows.values_list("study_id", "start_date", "sponsor_name")
        if start is not None
    ]
