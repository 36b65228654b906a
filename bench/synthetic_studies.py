"""A throw-away database with the real records and many synthetic studies beside them.

    python bench/synthetic_studies.py [--studies 500000]      makes one, times it, drops it

The real records of `../shared/data/ctgov` (or `$TEMBUSU_SHARED`) come in through the import itself,
the thesaurus through `load_mesh`. Each synthetic study takes its names and concepts from one real
record, its summary from another and the rest of its text from a third, so that words are as
frequent as they are in life; it is marked synthetic in its number, its title and its record, whose
JSON holds little else.

The server is the one for tests: nothing is forced to the disk there (`fsync` off), and `autovacuum`
is off, so the tables are vacuumed and analysed here. Rows are made inside the server, with triggers
off, and the index table's indexes are made after its rows.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
SHARED = Path(os.environ.get("TEMBUSU_SHARED", ROOT.parent / "shared"))
N_STUDIES = 500_000
NAME = "tembusu_bench_studies"

# The parsed texts of the real studies, part by part, so that parts can be joined anew.
PARTS = """
CREATE UNLOGGED TABLE bench_part AS
SELECT row_number() OVER (ORDER BY i.study_id) - 1 AS place, i.*,
  ts_filter(i.document, '{a,b}') AS own, ts_filter(i.document, '{c}') AS summary,
  ts_filter(i.document, '{d}') AS rest,
  (SELECT COALESCE(string_agg(quote_literal(l) || ':1C', ' '), '')::tsvector
     FROM unnest(tsvector_to_array(ts_filter(i.document, '{c}'))) l
     WHERE l ~ '^d[0-9]{6,9}$') AS wider
FROM registry_studyindex i WHERE i.is_public;
UPDATE bench_part SET summary = ts_delete(summary, tsvector_to_array(wider));
CREATE UNIQUE INDEX ON bench_part (place);
ANALYZE bench_part;
"""

# Which real records a synthetic study is made of, and its dates and sizes shifted a little.
PLAN = """
CREATE UNLOGGED TABLE bench_plan AS
SELECT n, %(first)s + n AS study_id, %(first_scope)s + n AS scope_id,
  'SYN-' || lpad(n::text, 7, '0') AS number,
  (random() * (%(real)s - 1))::int AS one, (random() * (%(real)s - 1))::int AS other,
  (random() * (%(real)s - 1))::int AS third,
  (random() * 2000)::int - 1000 AS days, 0.5 + random() AS factor
FROM generate_series(1, %(n)s) n;
CREATE UNIQUE INDEX ON bench_plan (n);
ANALYZE bench_plan;
"""

ROWS = (
    (
        "scopes",
        "INSERT INTO people_scope (id, kind, parent_id)"
        " SELECT scope_id, 'study', NULL FROM bench_plan",
    ),
    (
        "studies",
        "INSERT INTO registry_study (id, number, scope_id, state, made_at)"
        " SELECT study_id, number, scope_id, 'published', now() FROM bench_plan",
    ),
    (
        "registrations",
        "INSERT INTO registry_registration (id, study_id, registry, registry_no, version_no,"
        " digest, first_seen_at, changed_at)"
        " SELECT %(first_registration)s + n, study_id, 'synthetic', number, 1,"
        " md5(number), now(), now() FROM bench_plan",
    ),
    (
        "versions",
        "INSERT INTO registry_registrationversion (registration_id, version_no, record, digest,"
        " seen_at, source, position, media, notes)"
        " SELECT %(first_registration)s + s.n, 1, jsonb_build_object('registry', 'synthetic',"
        " 'registry_no', s.number, 'brief_title', 'Synthetic: ' || p.title, 'synthetic', true),"
        " md5(s.number), now(), 'synthetic', s.n, 'json', '{}'"
        " FROM bench_plan s JOIN bench_part p ON p.place = s.one",
    ),
    (
        "index",
        "INSERT INTO registry_studyindex (study_id, is_public, scope_id, site_scope_ids, number,"
        " registry_nos, title, acronym, status, phase, study_type, sponsor_name, conditions,"
        " countries, n_locations, n_answered, enrolment, start_date, updated_date, has_results,"
        " needs_review, sort_title, facets, document)"
        " SELECT s.study_id, TRUE, s.scope_id, '{}', s.number, ARRAY[s.number],"
        " 'Synthetic: ' || p.title, p.acronym, q.status, p.phase, p.study_type, r.sponsor_name,"
        " p.conditions, q.countries, q.n_locations, r.n_answered,"
        " LEAST((q.enrolment * s.factor)::bigint, 2000000000)::int, q.start_date + s.days,"
        " q.updated_date + s.days, q.has_results, FALSE, left(p.sort_title || ' ' || s.n, 120),"
        " q.facets, p.own || p.wider || q.summary || r.rest"
        " FROM bench_plan s JOIN bench_part p ON p.place = s.one"
        " JOIN bench_part q ON q.place = s.other JOIN bench_part r ON r.place = s.third",
    ),
    (
        "words",
        "UPDATE registry_searchword"
        " SET n_studies = (n_studies * (1 + %(n)s::float8 / %(real)s))::int",
    ),
)
VACUUMED = (
    "people_scope",
    "registry_study",
    "registry_registration",
    "registry_registrationversion",
    "registry_studyindex",
    "registry_searchword",
    "registry_meshphrase",
    "registry_meshdescriptor",
)


@contextmanager
def throw_away_database(name: str = NAME, *, keep: bool = False) -> Iterator[str]:
    """Give Django a migrated empty database; the value is the superuser's address of it.

    :param keep: leave it there at the end, and take it as it is if it is there
    """
    from tembusu.config import postgres
    from tembusu.config.application import as_owner, close_connections, set_up
    from tembusu.config.postgres import Server, roles

    server = postgres.ensure(root=ROOT, purpose="test")
    there = _exists(server.superuser_url, name)
    if there and not keep:
        _drop(server.superuser_url, name)
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        roles.provide_database(connection, name)
    ours = server.url("superuser", database=name)
    with psycopg.connect(ours, autocommit=True) as connection:
        roles.provide_schema(connection)
    mine = Server(server.url("app", database=name), server.url("owner", database=name))
    os.environ["TEMBUSU_DATABASE_POOL"] = "0"
    set_up(mine)
    try:
        with as_owner(mine):
            _migrate()
        yield ours
    finally:
        close_connections()
        if not keep:
            _drop(server.superuser_url, name)
        server.stop()


def _exists(address: str, name: str) -> bool:
    with psycopg.connect(address) as connection:
        say = "SELECT 1 FROM pg_database WHERE datname = %s"
        return connection.execute(say, [name]).fetchone() is not None


def _drop(address: str, name: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection

    from tembusu.foundation.core import ledger

    call_command("migrate", verbosity=0, interactive=False)
    ledger.secure(connection)


def bring_real_records() -> int:
    """Import the real records and the thesaurus; return how many studies there are then."""
    from tembusu.coordination.registry.actions import imports, mesh
    from tembusu.coordination.registry.models import StudyIndex

    at = datetime.now(UTC)
    terms, trees = mesh.find_files(SHARED / "data" / "mesh")
    mesh.load_mesh(terms=terms, trees=trees, by=None, at=at)
    imports.import_studies(paths=[SHARED / "data" / "ctgov"], by=None, at=at)
    return StudyIndex.objects.count()


def make(address: str, n_studies: int) -> dict[str, float]:
    """Make synthetic studies beside the real ones; return the seconds of each step.

    :param address: the superuser's, who alone may turn triggers off
    """
    seconds: dict[str, float] = {}
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        connection.execute("SELECT setseed(0.42)")
        facts = _facts(connection, n_studies)
        indexes = _take_indexes(connection)
        for name, say in (("parts", PARTS), ("plan", PLAN), *ROWS):
            started = time.perf_counter()
            connection.execute(_filled(say, facts))
            seconds[name] = time.perf_counter() - started
        started = time.perf_counter()
        for definition in indexes:
            connection.execute(definition)
        seconds["indexes"] = time.perf_counter() - started
        started = time.perf_counter()
        connection.execute("DROP TABLE bench_part, bench_plan")
        for table in VACUUMED:
            connection.execute(f"VACUUM ANALYZE {table}")
        seconds["vacuum"] = time.perf_counter() - started
    return seconds


def _facts(connection: psycopg.Connection[Any], n_studies: int) -> dict[str, int]:
    row = connection.execute(
        "SELECT (SELECT COALESCE(max(id), 0) FROM registry_study),"
        " (SELECT max(id) FROM people_scope), (SELECT max(id) FROM registry_registration),"
        " (SELECT count(*) FROM registry_studyindex WHERE is_public)"
    ).fetchone()
    assert row is not None
    names = ("first", "first_scope", "first_registration", "real")
    return {**dict(zip(names, map(int, row), strict=True)), "n": n_studies}


def _filled(say: str, facts: dict[str, int]) -> bytes:
    """Put the numbers in here: the wire protocol takes no parameters for several statements."""
    for name, value in facts.items():
        say = say.replace(f"%({name})s", str(value))
    return say.encode()


def _take_indexes(connection: psycopg.Connection[Any]) -> list[bytes]:
    """Drop the index table's indexes and return how to make them again, which is much quicker."""
    rows = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'registry_studyindex'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"DROP INDEX {name}")
    return [definition.encode() for _, definition in rows]


@contextmanager
def portfolio(n_studies: int = N_STUDIES, *, keep: bool = False) -> Iterator[str]:
    """Give a database with the real records and so many synthetic ones."""
    with throw_away_database(keep=keep) as address:
        from tembusu.coordination.registry.models import StudyIndex

        if not StudyIndex.objects.exists():
            started = time.perf_counter()
            n_real = bring_real_records()
            print(f"{n_real:,} real studies in {time.perf_counter() - started:.0f} s", flush=True)
            started = time.perf_counter()
            seconds = make(address, n_studies)
            steps = ", ".join(f"{name} {value:.0f}" for name, value in seconds.items())
            took = time.perf_counter() - started
            print(f"{n_studies:,} synthetic studies in {took:.0f} s ({steps})", flush=True)
        yield address


def has_input() -> bool:
    """Say whether the real records are there, and otherwise how to give them."""
    if (SHARED / "data" / "ctgov").is_dir() and (SHARED / "data" / "mesh").is_dir():
        return True
    print("The registry files are not there: set TEMBUSU_SHARED to the folder that holds data/.")
    return False


def main() -> int:
    """Make the synthetic studies once, with the time of each step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--studies", type=int, default=N_STUDIES)
    parser.add_argument("--keep", action="store_true", help="leave the database there")
    arguments = parser.parse_args()
    if not has_input():
        return 1
    with portfolio(arguments.studies, keep=arguments.keep):
        return 0


if __name__ == "__main__":
    sys.exit(main())
