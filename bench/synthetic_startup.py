"""A throw-away database with years of synthetic start-ups, made by start-up's own generator.

    python bench/synthetic_startup.py [--studies 5000] [--sites 8] [--keep]

Bodies are those of the demo, with more hospitals in its clusters. Studies are bare: a number and a
scope. Start-ups are brought in as history is, through ``startup.actions.take_history``.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import synthetic_studies

NAME = "bench_startup"
N_STUDIES, N_SITES, N_HOSPITALS = 5_000, 8, 40
YEARS = 5
BATCH = 500  # studies whose sites are brought in at once
PHASES = ("PHASE1", "PHASE2", "PHASE3", "PHASE4", "PHASE2/PHASE3")
AREAS = ("oncology", "cardiology", "infection", "neurology", "paediatrics", "respiratory", "renal")
KINDS = (("industry", 0.55), ("academic", 0.35), ("public", 0.1))


@contextmanager
def start_ups(
    n_studies: int = N_STUDIES, n_sites: int = N_SITES, *, keep: bool = False
) -> Iterator[str]:
    """Give a database with so many studies at so many sites each; the value is its address."""
    name = f"{NAME}_{n_studies}x{n_sites}"
    with synthetic_studies.throw_away_database(name, keep=keep) as address:
        from tembusu.coordination.startup.models import SitePathway

        if not SitePathway.objects.exists():
            started = time.perf_counter()
            n = make(n_studies, n_sites)
            took = time.perf_counter() - started
            print(f"{n:,} synthetic start-ups in {took:.0f} s", flush=True)
        yield address


def make(n_studies: int, n_sites: int) -> int:
    """Fill an empty database; return how many study-sites were made."""
    from django.utils import timezone

    from tembusu.coordination.startup.actions.pathways import seed_pathways

    at = timezone.now()
    seed_pathways(by=None, at=at)
    hospitals = bodies(at)
    studies = bare_studies(n_studies, at)
    n = 0
    for first in range(0, n_studies, BATCH):
        n += bring(studies[first : first + BATCH], hospitals, n_sites, first, n_studies, at)
    return n


def bodies(at: datetime) -> list[tuple[int, int]]:
    """Register the demo's bodies and more hospitals; return (hospital, cluster) ids."""
    from tembusu.foundation.people import actions, demo
    from tembusu.foundation.people.models import Organisation
    from tembusu.foundation.people.terms import OrganisationKind

    demo.load(at)
    clusters = list(Organisation.objects.filter(kind="cluster").order_by("pk"))
    n_there = Organisation.objects.filter(kind="institution").count()
    for number in range(n_there, N_HOSPITALS):
        actions.register_organisation(
            kind=OrganisationKind.INSTITUTION,
            name=f"Synthetic Hospital {number}",
            country=clusters[0].country,
            city=f"Town {number}",
            parent=clusters[number % len(clusters)],
            by=None,
            at=at,
        )
    found = Organisation.objects.filter(kind="institution", parent__kind="cluster")
    return list(found.order_by("pk").values_list("pk", "parent_id"))


def bare_studies(n: int, at: datetime) -> list[int]:
    """Make studies that are a number and a scope, and return their ids."""
    from tembusu.coordination.registry.models import Study
    from tembusu.foundation.people.models import Scope

    scopes = Scope.objects.bulk_create([Scope(kind="study") for _ in range(n)], batch_size=2_000)
    made = Study.objects.bulk_create(
        [
            Study(number=f"TB-{number:06d}", scope=scope, made_at=at)
            for number, scope in enumerate(scopes, 1)
        ],
        batch_size=2_000,
    )
    return [study.pk for study in made]


def bring(
    study_ids: list[int],
    hospitals: list[tuple[int, int]],
    n_sites: int,
    first: int,
    n_studies: int,
    at: datetime,
) -> int:
    """Bring in the past of some studies' sites; return how many."""
    from tembusu.coordination.startup.actions.history import take_history
    from tembusu.coordination.startup.demo import history
    from tembusu.coordination.startup.selectors import sheets, studies
    from trialtime.calendars import national_calendar

    today = at.date()
    world = history.make_world(
        first_date=today - timedelta(days=365 * YEARS),
        as_of=today,
        seed=20_261,
        calendar=lambda a, b: national_calendar("SG", first_year=a, last_year=b),
    )
    plans = {one.pathway.key: sheets.plan_of(one) for one in studies.versions_in_force()}
    days = history.first_days(world, n_studies)
    sites = [
        site
        for place, study in enumerate(study_ids, first)
        for site in sites_of(study, days[place], hospitals, n_sites, world, sorted(plans))
    ]
    cases = list(history.make_history(sites, plans, world))
    return len(take_history(cases=cases, by=None, at=at).ids)


def sites_of(
    study: int,
    day: date,
    hospitals: list[tuple[int, int]],
    n_sites: int,
    world: Any,
    pathways: list[str],
) -> Iterator[Any]:
    """Yield the sites of one study with what their delays depend on."""
    from tembusu.coordination.startup.demo import history
    from tembusu.coordination.startup.demo.world import PastSite

    dice = random.Random(study)
    kind = dice.choices([name for name, _ in KINDS], [share for _, share in KINDS])[0]
    phase, area, pathway = dice.choice(PHASES), dice.choice(AREAS), dice.choice(pathways)
    sponsor = f"Sponsor {dice.randrange(60)}"
    chosen = dice.sample(hospitals, min(n_sites, len(hospitals)))
    selected = history.selected_days(world, study, day, len(chosen))
    for (hospital, cluster), on in zip(chosen, selected, strict=True):
        yield PastSite(
            study_id=study,
            institution_id=hospital,
            cluster_id=cluster,
            sponsor=sponsor,
            sponsor_kind=kind,
            phase=phase,
            therapeutic_area=area,
            pathway=pathway,
            obligations=("CTA",),
            selected_date=on,
        )


def main() -> int:
    """Make the synthetic start-ups once."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--studies", type=int, default=N_STUDIES)
    parser.add_argument("--sites", type=int, default=N_SITES)
    parser.add_argument("--keep", action="store_true", help="leave the database there")
    arguments = parser.parse_args()
    with start_ups(arguments.studies, arguments.sites, keep=arguments.keep) as address:
        print(address)
    return 0


if __name__ == "__main__":
    sys.exit(main())
