"""How fast `tembusu import-studies` brings 4,000 legacy XML records in, and what memory it takes.

    python bench/imports.py [--runs 5] [--durable]

Each run: a migrated, empty, throw-away database; the command as an operator starts it, its start-up
included; then the same command again. The rate is records by the clock. Memory is the largest sum of
resident memory of the command and the process that reads for it, looked at ten times a second; what
both share is counted twice. Processor time is told beside, for the clock also counts what else the
machine does.

The server is the one for tests, which forces nothing to the disk (`fsync` off). `--durable` starts
one of its own with the settings that `make demo` uses, `fsync` on.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
SHARED = Path(os.environ.get("TEMBUSU_SHARED", ROOT.parent / "shared"))
INPUT = SHARED / "data" / "ctgov" / "legacy_xml_4000.tar.gz"
NAME = "tembusu_bench_imports"
RATE, MEMORY, RATIO = 300, 400, 3  # records/s, MiB, times as fast: issue 2, 'Speed and memory'
LOOK = 0.1  # seconds between two looks at the memory; looking costs processor too
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """One import by the command: seconds by the clock, of processor (command, server), MiB at most."""

    counts: dict[str, int]
    seconds: float
    own: float
    server: float
    memory: float

    @property
    def rate(self) -> float:
        return self.counts["read"] / self.seconds


@contextmanager
def server(durable: bool) -> Iterator[object]:
    """Give a PostgreSQL: the checkout's own for tests, or a durable one of our own."""
    from tembusu.config import postgres

    if not durable:
        found = postgres.ensure(root=ROOT, purpose="test")
        yield found
        found.stop()
        return
    folder = Path(tempfile.mkdtemp(prefix="tembusu-bench-"))
    folder.chmod(0o755)
    found = postgres.ensure(root=folder, purpose="demo", environ={"PATH": os.environ["PATH"]})
    try:
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder)


@contextmanager
def empty_database(at: object) -> Iterator[tuple[str, str]]:
    """Give a migrated, empty database: its address for the application, and for the superuser."""
    from tembusu.config.postgres import Server, roles

    assert isinstance(at, Server)
    with psycopg.connect(at.superuser_url, autocommit=True) as superuser:
        superuser.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        roles.provide_database(superuser, NAME)
        with psycopg.connect(at.url("superuser", database=NAME), autocommit=True) as inside:
            roles.provide_schema(inside)
        app = at.url("app", database=NAME)
        environment = {
            "DATABASE_URL": app,
            "DATABASE_OWNER_URL": at.url("owner", database=NAME),
        }
        command("migrate", environment)
        try:
            yield app, at.url("superuser", database=NAME)
        finally:
            superuser.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def command(name: str, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tembusu.config.cli", name, *words],
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"tembusu {name} failed: {done.stderr}")
    return done.stdout


def measure(app: str, superuser: str) -> Run:
    """Run the command once and watch it."""
    environment = {**os.environ, "DATABASE_URL": app, "PYTHONPATH": str(ROOT / "src")}
    words = [sys.executable, "-m", "tembusu.config.cli", "import-studies", "--json", str(INPUT)]
    before = os.times()
    started = time.perf_counter()
    most, worked = 0.0, dict[int, float]()
    with (
        psycopg.connect(superuser, autocommit=True) as watch,
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process,
    ):
        while process.poll() is None:
            most = max(most, sum(resident(pid) for pid in family(process.pid)))
            for pid in backends(watch):
                worked[pid] = processor(pid)
            time.sleep(LOOK)
        seconds = time.perf_counter() - started
        said = process.stdout.read() if process.stdout else ""
    after = os.times()
    own = after.children_user + after.children_system
    own -= before.children_user + before.children_system
    return Run(json.loads(said), seconds, own, sum(worked.values()), most)


def family(pid: int) -> list[int]:
    """Return a process and those that it started."""
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in below for one in family(int(child)))]


def resident(pid: int) -> float:
    """Return how many MiB of a process are in memory."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text()
    except OSError:
        return 0.0
    return int(text.split()[1]) * os.sysconf("SC_PAGESIZE") / 1024**2


def backends(watch: psycopg.Connection) -> list[int]:
    rows = watch.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    return [pid for (pid,) in rows.fetchall()]


def processor(pid: int) -> float:
    """Return how many seconds of processor a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def told(name: str, runs: Sequence[Run]) -> None:
    rates = sorted(run.rate for run in runs)
    print(
        f"{name:10} n {len(runs)}  records/s median {statistics.median(rates):6.0f}"
        f" (least {rates[0]:.0f}, most {rates[-1]:.0f})"
        f"  seconds median {statistics.median(run.seconds for run in runs):5.1f}"
        f"  processor: command {statistics.median(run.own for run in runs):4.1f} s,"
        f" server {statistics.median(run.server for run in runs):4.1f} s"
        f"  memory at most {max(run.memory for run in runs):.0f} MiB"
    )


def verdict(name: str, value: float, target: float, is_met: bool) -> bool:
    print(f"  {name}: {value:.1f}, target {target}: {'met' if is_met else 'MISSED'}")
    return is_met


def main() -> int:
    """Measure; the exit status is 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--durable", action="store_true", help="with fsync on")
    arguments = parser.parse_args()
    if not INPUT.exists():
        print("The real input is not beside this checkout: set TEMBUSU_SHARED.")
        return 1
    first, again = [], []
    with server(arguments.durable) as at:
        for _ in range(arguments.runs):
            with empty_database(at) as (app, superuser):
                first.append(measure(app, superuser))
                again.append(measure(app, superuser))
            print(
                f"  {first[-1].rate:.0f} records/s, again {again[-1].rate:.0f},"
                f" load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    assert all(run.counts["created"] == run.counts["read"] == 4000 for run in first)
    assert all(run.counts["unchanged"] == 4000 for run in again)
    print(f"fsync {'on' if arguments.durable else 'off'}, {os.cpu_count()} processors")
    told("import", first)
    told("again", again)
    rate = statistics.median(run.rate for run in first)
    ratio = statistics.median(run.rate for run in again) / rate
    most = max(run.memory for run in first + again)
    met = [
        verdict("records/s", rate, RATE, rate >= RATE),
        verdict("MiB", most, MEMORY, most < MEMORY),
        verdict("again, times as fast", ratio, RATIO, ratio >= RATIO),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
