"""How fast `tembusu process-report` reads 1,000,000 events, in what memory, and pm4py beside it.

    python bench/process.py [--events 1000000] [--runs 5] [--packed] [--logs]

Each run starts the command as a person does, then pm4py in an environment of its own below `var/` (made
on the first run; pm4py is AGPL and never enters ours). Both read the same CSV and answer the same: the
directly-follows graph, the variants, the median of the throughput; ours adds medians of every edge,
rework and more. The answers have to be equal. Seconds are by the clock, the start of Python included;
those of the work alone, without the imports, stand beside them, and those of processor, which depend
less on what else the machine does. Memory is the largest resident set.

`--logs` compares the answers on the three real logs instead, with pm4py's and with pandas'.

The log is synthetic (fixed seed): start-ups with 20 milestones, some swapped, left out or repeated.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TEMBUSU_SHARED", ROOT.parent / "shared"))
FOLDER = ROOT / "var" / "bench"
PEER = ROOT / "var" / "pm4py"
QUESTIONS = ROOT / "bench" / "peers" / "pm4py_questions.py"
SECONDS, MEMORY, TIMES = 10, 2048, 5  # issue 3, 'Speed'; s, MiB, times as fast
COLUMNS = ("case_id", "activity", "timestamp")
LOGS = {
    "hospital_billing": COLUMNS,
    "traffic_fines": COLUMNS,
    "patients": ("patient", "handling", "time"),
}


@dataclass(frozen=True)
class Run:
    """One run: seconds by the clock, of the work alone, of processor; MiB at most; what was printed."""

    seconds: float
    work: float
    processor: float
    memory: float
    said: str


def ours(path: Path, columns: Sequence[str], *more: str) -> Run:
    case, activity, timestamp = columns
    words = ["--case", case, "--activity", activity, "--timestamp", timestamp, *more]
    return run(sys.executable, "-m", "tembusu.config.cli", "process-report", str(path), *words)


def theirs(path: Path, columns: Sequence[str]) -> Run:
    found = run(str(PEER / "bin" / "python"), str(QUESTIONS), str(path), *columns)
    work = json.loads(found.said.splitlines()[-1])["seconds"]
    return replace(found, work=work)


def run(*words: str) -> Run:
    """Run a command. This process stays small: what a child has in memory begins with its parent's."""
    began = time.perf_counter()
    with subprocess.Popen(
        words,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{words[1]} failed")
    processor = used.ru_utime + used.ru_stime
    return Run(seconds, seconds, processor, used.ru_maxrss / 1024, said)


def work_alone(path: Path, columns: Sequence[str]) -> float:
    """Return the seconds of our work in a Python that has started and imported."""
    code = (
        "import json, sys, time\n"
        "from pathlib import Path\n"
        "from trialtime.process import Columns, make_report, read_log\n"
        "import pyarrow.csv\n"
        "began = time.perf_counter()\n"
        "make_report(read_log(Path(sys.argv[1]), Columns(*sys.argv[2:])).log).summary()\n"
        "print(time.perf_counter() - began)\n"
    )
    return float(run(sys.executable, "-c", code, str(path), *columns).said)


def peer() -> bool:
    """Make pm4py's environment, if it is not there; say whether it is."""
    if (PEER / "bin" / "python").exists():
        return True
    subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
    done = subprocess.run(
        [str(PEER / "bin" / "pip"), "install", "-q", "pm4py"], check=False, capture_output=True
    )
    if done.returncode:
        subprocess.run(["rm", "-rf", str(PEER)], check=True)
    return done.returncode == 0


MAKE = """
import sys
import numpy as np
import pyarrow as pa
import pyarrow.csv
path, n_events = sys.argv[1], int(sys.argv[2])
generator = np.random.default_rng(20260301)
n_cases = n_events // 20
lengths = np.clip(generator.poisson(20, n_cases), 1, 60)
case = np.repeat(np.arange(n_cases), lengths)[:n_events]
while len(case) < n_events:
    case = np.append(case, case[-1])
starts = np.flatnonzero(np.append(True, case[1:] != case[:-1]))
step = np.arange(n_events) - np.repeat(starts, np.diff(np.append(starts, n_events)))
strange = generator.random(n_events) < 0.08  # left out, repeated or out of turn
activity = np.where(strange, generator.integers(0, 20, n_events), step % 20)
wait = np.ceil(generator.lognormal(10.5, 1.3, n_events)).astype(np.int64)  # seconds: half a day, skewed
total = np.cumsum(wait)
begun = generator.integers(1_577_836_800, 1_735_689_600, n_cases + 1)
first = np.repeat(total[starts] - wait[starts], np.diff(np.append(starts, n_events)))
moment = (begun[case] + total - first).astype("datetime64[s]")
order = generator.permutation(n_cases + 1)[case].argsort(kind="stable")
table = pa.table({
    "case_id": pa.array([f"STU-{no // 8:05d}/SITE-{no % 8}" for no in case[order].tolist()]),
    "activity": pa.array([f"Milestone {no:02d} reached" for no in activity[order].tolist()]),
    "lifecycle": pa.array(["complete"] * n_events),
    "resource": pa.array([f"coordinator {no}" for no in generator.integers(0, 90, n_events).tolist()]),
    "timestamp": pa.array(moment[order]).cast(pa.string()),
})
with (pa.CompressedOutputStream(path, "gzip") if path.endswith("gz") else open(path, "wb")) as file:
    pyarrow.csv.write_csv(table, file)
"""


def synthetic_log(n_events: int, packed: bool) -> Path:
    """Return the log, made once in a process of its own: this one stays small."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"events_{n_events}.csv{'.gz' if packed else ''}"
    if not path.exists():
        subprocess.run([sys.executable, "-c", MAKE, str(path), str(n_events)], check=True)
    return path


def answers(found: Run) -> dict[str, Any]:
    return dict(json.loads(found.said.splitlines()[-1]))


def told(name: str, runs: Sequence[Run]) -> None:
    seconds = sorted(one.seconds for one in runs)
    high = seconds[min(len(seconds) - 1, round(0.95 * (len(seconds) - 1)))]
    print(
        f"{name:8} n {len(runs)}  seconds median {statistics.median(seconds):6.2f}  p95 {high:6.2f}"
        f"  work alone median {statistics.median(one.work for one in runs):6.2f}"
        f"  processor median {statistics.median(one.processor for one in runs):6.2f}"
        f"  memory at most {max(one.memory for one in runs):5.0f} MiB"
    )


def verdict(name: str, value: float, target: float, is_met: bool) -> bool:
    print(f"  {name}: {value:.2f}, target {target}: {'met' if is_met else 'MISSED'}")
    return is_met


def measure(path: Path, n_runs: int) -> bool:
    """Run both by turns and compare; true when every target is met."""
    has_peer = peer()
    own, others = [], []
    for _ in range(n_runs):
        whole = ours(path, COLUMNS, "--json")
        own.append(replace(whole, work=work_alone(path, COLUMNS)))
        if has_peer:
            others.append(theirs(path, COLUMNS))
    print(f"{path.name}: {answers(own[0])}")
    told("tembusu", own)
    slowest = max(one.seconds for one in own)
    most = max(one.memory for one in own)
    met = [
        verdict("slowest run, s", slowest, SECONDS, slowest < SECONDS),
        verdict("memory, MiB", most, MEMORY, most < MEMORY),
    ]
    if not has_peer:
        print("pm4py can't be installed here: nothing stands beside.")
        return all(met)
    told("pm4py", others)
    for name, of in (("by the clock", "seconds"), ("work alone", "work")):
        ratio = statistics.median(getattr(one, of) for one in others) / statistics.median(
            getattr(one, of) for one in own
        )
        met.append(verdict(f"times as fast, {name}", ratio, TIMES, ratio >= TIMES))
    met.append(same(path, own[0], json.loads(others[0].said.splitlines()[-1])))
    return all(met)


def same(path: Path, own: Run, other: dict[str, Any], columns: Sequence[str] = COLUMNS) -> bool:
    """Say whether both found the same figures and the same graph."""
    report = FOLDER / "report.json"
    FOLDER.mkdir(parents=True, exist_ok=True)
    ours(path, columns, "--json", "--report", str(report))
    edges = json.loads(report.read_text(encoding="utf-8"))["edges"]
    graph = sorted([each["source"], each["target"], each["n"]] for each in edges)
    if answers(own) == other["answers"] and graph == other["edges"]:
        print(f"  the answers, and {len(graph)} edges, are equal")
        return True
    print(f"  DIFFERENT answers: {answers(own)} and {other['answers']}")
    print(f"  edges that differ: {[e for e in graph if e not in other['edges']][:5]}")
    return False


def by_pandas(path: Path, columns: Sequence[str]) -> dict[str, Any]:
    """Answer independently of both, the plain way. Needs pandas, which the tests bring."""
    import pandas

    case, activity, timestamp = columns
    table = pandas.read_csv(path, dtype=str, keep_default_na=False)
    table["moment"] = pandas.to_datetime(table[timestamp], format="ISO8601")
    by_case = table.sort_values([case, "moment"], kind="stable").groupby(case)
    days = (by_case.moment.max() - by_case.moment.min()).dt.total_seconds() / 86400
    return {
        "cases": len(by_case),
        "events": len(table),
        "activities": table[activity].nunique(),
        "variants": by_case[activity].agg(tuple).nunique(),
        "median_days": round(float(days.median()), 6),
        "mean_days": round(float(days.mean()), 6),
    }


def compare_logs() -> bool:
    has_peer, well = peer(), True
    for name, columns in LOGS.items():
        path = SHARED / "data" / "event_logs" / f"{name}.csv.gz"
        own = ours(path, columns, "--json")
        print(f"{name}: {answers(own)}")
        plain = by_pandas(path, columns)
        print(f"  pandas: {'equal' if plain == answers(own) else f'DIFFERENT {plain}'}")
        well &= plain == answers(own)
        if has_peer:
            other = json.loads(theirs(path, columns).said.splitlines()[-1])
            well &= same(path, own, other, columns)
    return well


def main() -> int:
    """Measure; the exit status is 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--packed", action="store_true", help="with gzip")
    parser.add_argument("--logs", action="store_true", help="compare on the real logs instead")
    arguments = parser.parse_args()
    if arguments.logs:
        return 0 if compare_logs() else 1
    path = synthetic_log(arguments.events, arguments.packed)
    return 0 if measure(path, arguments.runs) else 1


if __name__ == "__main__":
    raise SystemExit(main())
