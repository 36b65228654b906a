"""Sites and a world for tests of past start-ups: pathways of the release, made-up bodies."""

import tomllib
from datetime import date
from pathlib import Path

from tembusu.coordination.startup.demo import history
from tembusu.coordination.startup.demo.world import PastSite
from tembusu.coordination.startup.rules import plans
from trialtime.calendars import national_calendar

FOLDER = Path(__file__).parents[1] / "pathways"
PLANS = history.plans_by_key(
    [
        plans.read_plan(tomllib.loads(path.read_text()))
        for path in sorted(FOLDER.glob("[0-9]*.toml"))
    ]
)
KINDS = {"industry_drug": "industry", "investigator_initiated": "academic"}
FIRST, AS_OF = date(2021, 11, 1), date(2026, 11, 20)


def calendar(first, last):
    return national_calendar("SG", first_year=first, last_year=last)


def make_world(seed, *, as_of=AS_OF):
    return history.make_world(
        first_date=FIRST, last_date=AS_OF, as_of=as_of, seed=seed, calendar=calendar
    )


def make_sites(world, n_studies, n_sites):
    """Return sites of as many studies, at the same few institutions, along all pathways in turn."""
    found = []
    for study, first in enumerate(history.first_days(world, n_studies)):
        pathway = list(PLANS)[study % len(PLANS)]
        for place, day in enumerate(history.selected_days(world, study, first, n_sites)):
            found.append(
                PastSite(
                    study_id=study,
                    institution_id=place,
                    cluster_id=1 + place % 3,
                    sponsor=f"sponsor {study % 23}",
                    sponsor_kind=KINDS.get(pathway, "public"),
                    phase=("PHASE1", "PHASE2", "PHASE3")[study % 3],
                    therapeutic_area=("oncology", "eye", "renal")[study % 3],
                    pathway=pathway,
                    obligations=(("CTA",), ("CTN",), ("HBRA",))[study % 3],
                    selected_date=day,
                )
            )
    return found
