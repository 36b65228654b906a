"""A throw-away database with years of synthetic start-ups, made by start-up's own generator.

    python bench/synthetic_startup.py [--studies 5000] [--sites 8] [--keep]

Bodies are those of the demo, with more hospitals in its clusters. Studies are bare: a number and a
scope. Start-ups are written as rows, without their history: `take_history` would take its time over it.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
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
            n = make(address, n_studies, n_sites)
            took = time.perf_counter() - started
            print(f"{n:,} synthetic start-ups in {took:.0f} s", flush=True)
        yield address


def make(address: str, n_studies: int, n_sites: int) -> int:
    """Fill an empty database; return how many study-sites were made."""
    from django.utils import timezone

    from tembusu.coordination.startup.actions.pathways import seed_pathways

    at = timezone.now()
    seed_pathways(by=None, at=at)
    hospitals = bodies(at)
    studies = bare_studies(n_studies, at)
    n = 0
    with psycopg.connect(address) as connection:
        # Rows of a bench need no history: triggers are off, as when a backup is brought back.
        connection.execute("SET session_replication_role = replica")
        for first in range(0, n_studies, BATCH):
            some = studies[first : first + BATCH]
            n += bring(connection, some, hospitals, n_sites, first, n_studies, at)
        connection.execute("SELECT setval('startup_sitepathway_id_seq', %s)", [n + 1])
        connection.execute(
            "SELECT setval('startup_sitemilestone_id_seq', (SELECT max(id) FROM startup_sitemilestone))"
        )
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
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
    connection: psycopg.Connection[Any],
    study_ids: list[int],
    hospitals: list[tuple[int, int]],
    n_sites: int,
    first: int,
    n_studies: int,
    at: datetime,
) -> int:
    """Bring in the past of some studies' sites; return how many."""
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
    versions = {one.pathway.key: one for one in studies.versions_in_force()}
    plans = {key: sheets.plan_of(one) for key, one in versions.items()}
    days = history.first_days(world, n_studies)
    sites = [
        site
        for place, study in enumerate(study_ids, first)
        for site in sites_of(study, days[place], hospitals, n_sites, world, sorted(plans))
    ]
    cases = list(history.make_history(sites, plans, world))
    _copy(connection, cases, plans, {key: one.pk for key, one in versions.items()}, at)
    return len(cases)


def _copy(
    connection: psycopg.Connection[Any],
    cases: list[Any],
    plans: dict[str, Any],
    versions: dict[str, int],
    at: datetime,
) -> None:
    """Write start-ups as rows, ids going on from what is there."""
    found = connection.execute("SELECT coalesce(max(id), 0) FROM startup_sitepathway").fetchone()
    start = int(found[0]) if found else 0
    scopes = connection.execute(
        "INSERT INTO people_scope (kind) SELECT 'study_site' FROM generate_series(1, %s) RETURNING id",
        [len(cases)],
    ).fetchall()
    placed = list(enumerate(zip(cases, scopes, strict=True), start + 1))
    _write(
        connection,
        "registry_studysite (id, study_id, organisation_id, scope_id, is_kept, made_at)",
        ((pk, one.study_id, one.institution_id, scope, True, at) for pk, (one, (scope,)) in placed),
    )
    _write(
        connection,
        "startup_sitepathway (id, study_site_id, version_id, state, selected_date, opened_date,"
        " left_date, left_reason, sponsor_kind, phase, therapeutic_area, stage, holders, made_at,"
        " changed_at)",
        (
            (pk, pk, versions[one.pathway], str(one.state), one.selected_date, one.opened_date,
             one.left_date, one.left_reason, one.sponsor_kind, one.phase, one.therapeutic_area, "",
             [], at, at)
            for pk, (one, _) in placed
        ),
    )  # fmt: skip
    milestones: list[tuple[Any, ...]] = []
    holds: list[tuple[Any, ...]] = []
    found = connection.execute("SELECT coalesce(max(id), 0) FROM startup_sitemilestone").fetchone()
    number = int(found[0]) if found else 0
    for pk, (one, _) in placed:
        for held in one.milestones:
            number += 1
            plan = plans[one.pathway].milestone(held.key)
            milestones.append(
                (number, pk, held.key, str(plan.stage), plan.party, str(held.state),
                 held.started_date, held.completed_date, held.evidence, "", held.reason)
            )  # fmt: skip
            holds += [
                (number, turn.party, turn.reason, "", turn.start_date, turn.end_date, at, "")
                for turn in held.holds
            ]
    _write(
        connection,
        "startup_sitemilestone (id, site_pathway_id, key, stage, party, state, started_date,"
        " completed_date, evidence, evidence_ref, reason)",
        milestones,
    )
    _write(
        connection,
        "startup_hold (milestone_id, waiting_on, reason_code, note, start_date, end_date, recorded_at,"
        " source_ref)",
        holds,
    )


def _write(
    connection: psycopg.Connection[Any], where: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    with connection.cursor().copy(f"COPY {where} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


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
    os.environ["TEMBUSU_SYNTHETIC"] = "true"
    with start_ups(arguments.studies, arguments.sites, keep=arguments.keep) as address:
        print(address)
    return 0


if __name__ == "__main__":
    sys.exit(main())
