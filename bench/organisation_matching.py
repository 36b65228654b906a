"""How well and how fast a location's name finds its organisation.

    python bench/organisation_matching.py [--half tune|held-out|both] [--errors] [--no-speed]

Precision and recall on 200 names labelled by hand (`bench/data/location_labels.csv`), each half
apart, with exact (Clopper-Pearson) 95 % intervals, and names per second against 5,000
organisations. The labels point into the registry files by file, registry number and position (from
0); the strings themselves stay there. Those files lie in `../shared` beside the checkout or in
`$TEMBUSU_SHARED`.

Precision: of the names settled (or proposed), how many went to the labelled organisation. Recall:
of the names labelled with an organisation, how many went there. `--errors` lists each wrong answer.

The rules on 'X at Y' and on the legal form of NHS trusts are younger than ADR 9 and were made by
somebody who had read the misses of the held-out half: its figures are no longer blind to them.
"""

import argparse
import csv
import json
import math
import os
import statistics
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from tembusu.coordination.registry.rules.matching import (  # noqa: E402
    Candidate,
    Match,
    Matcher,
    Outcome,
    ror_candidates,
)

SHARED = Path(os.environ.get("TEMBUSU_SHARED", ROOT.parent / "shared"))
LABELS = ROOT / "bench" / "data" / "location_labels.csv"
N_CANDIDATES = 5_000
N_REPEATS = 5

Place = tuple[str, str, str]  # name, city, country
Positions = dict[tuple[str, str, int], Place]


@dataclass(frozen=True)
class Answer:
    """One labelled name and what the matcher said."""

    row: dict[str, str]
    place: Place
    match: Match

    @property
    def label(self) -> str:
        """Return the label, an organisation's as `org:` or `ror:` and its id."""
        return self.row["label"]

    @property
    def has_organisation(self) -> bool:
        """Return whether an organisation was labelled."""
        return self.label not in {"none", "placeholder"}

    @property
    def is_right(self) -> bool:
        """Return whether the organisation named first is the labelled one."""
        return self.has_organisation and self.match.key == self.label


def main() -> int:
    """Print the report; the exit status is 1 when the input is not there."""
    arguments = _arguments()
    if not (SHARED / "data" / "ctgov").is_dir():
        print("The registry files are not there: set TEMBUSU_SHARED to the folder with data/.")
        return 1
    rows = list(csv.DictReader(LABELS.read_text(encoding="utf-8").splitlines()))
    positions = read_positions()
    answers = answer(rows, positions)
    for half in ("tune", "held-out"):
        if arguments.half in {half, "both"}:
            report(half, [a for a in answers if a.row["split"] == half], errors=arguments.errors)
    if not arguments.no_speed:
        speed(sorted(set(positions.values())))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Precision, recall and speed of matching.")
    parser.add_argument("--half", choices=("tune", "held-out", "both"), default="both")
    parser.add_argument("--errors", action="store_true", help="list each wrong answer")
    parser.add_argument("--no-speed", action="store_true", help="leave the speed out")
    return parser.parse_args()


def read_positions() -> Positions:
    """Return every location of the registry files: (file, registry number, position) -> place."""
    found: Positions = {}
    folder = SHARED / "data" / "ctgov"
    for path in sorted(folder.rglob("*.json")):
        found.update(_json_positions(path, path.relative_to(folder).as_posix()))
    for path in sorted(folder.glob("*.tar.gz")):
        found.update(_xml_positions(path))
    return found


def _json_positions(path: Path, name: str) -> Iterator[tuple[tuple[str, str, int], Place]]:
    studies = json.loads(path.read_text(encoding="utf-8"))
    for study in studies if isinstance(studies, list) else [studies]:
        protocol = study.get("protocolSection")
        if protocol is None:
            continue
        number = protocol["identificationModule"]["nctId"]
        places = protocol.get("contactsLocationsModule", {}).get("locations", [])
        for position, place in enumerate(places):
            fields = (place.get(key) or "" for key in ("facility", "city", "country"))
            yield (name, number, position), tuple(fields)


def _xml_positions(path: Path) -> Iterator[tuple[tuple[str, str, int], Place]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isfile():
                continue
            root = etree.parse(archive.extractfile(member)).getroot()
            number = root.findtext("id_info/nct_id")
            for position, place in enumerate(root.findall("location")):
                tags = ("facility/name", "facility/address/city", "facility/address/country")
                yield (path.name, number, position), tuple(place.findtext(t) or "" for t in tags)


def answer(rows: list[dict[str, str]], positions: Positions) -> list[Answer]:
    """Return the matcher's answers; the organisations are ROR's and those of the label file."""

    def place(row: dict[str, str]) -> Place:
        if row["text"]:
            return row["text"], row["city"], row["country"]
        return positions[row["file"], row["registry_no"], int(row["position"])]

    own = [_candidate(row["id"], place(row)) for row in rows if row["role"] == "organisation"]
    matcher = Matcher([*own, *_ror()])
    named = [row for row in rows if row["role"] == "name"]
    return [Answer(row, place(row), matcher.match(*place(row))) for row in named]


def _candidate(key: str, place: Place) -> Candidate:
    name, city, country = place
    return Candidate(f"org:{key}", name, (), (), city, country)


def _ror() -> list[Candidate]:
    path = SHARED / "data" / "ror" / "ror_singapore_records.json"
    found = ror_candidates(json.loads(path.read_text(encoding="utf-8")))
    return [
        Candidate(
            "ror:" + each.key.removeprefix("https://ror.org/"),
            each.name,
            each.aliases,
            each.acronyms,
            each.city,
            each.country,
        )
        for each in found
    ]


def report(half: str, answers: list[Answer], *, errors: bool) -> None:
    """Print precision and recall of one half."""
    settled = [a for a in answers if a.match.outcome is Outcome.SETTLED]
    named = [a for a in answers if a.match.key is not None]
    truth = [a for a in answers if a.has_organisation]
    empty = [a for a in answers if a.label == "placeholder"]
    said_empty = [a for a in answers if a.match.outcome is Outcome.PLACEHOLDER]
    both = sum(a.match.outcome is Outcome.PLACEHOLDER for a in empty)
    counts = f"{len(truth)} with an organisation, {len(empty)} placeholders"
    print(f"\n{half}: {len(answers)} names, {counts}")
    right = sum(a.is_right for a in settled)
    _line("settled, precision", right, len(settled))
    _line("settled, recall", right, len(truth))
    right = sum(a.is_right for a in named)
    _line("settled or proposed first, precision", right, len(named))
    _line("settled or proposed first, recall", right, len(truth))
    _line("placeholder, precision", both, len(said_empty))
    _line("placeholder, recall", both, len(empty))
    if errors:
        for a in answers:
            _error_line(a)


def _error_line(a: Answer) -> None:
    expected = {
        "none": {Outcome.UNRESOLVED, Outcome.PLACEHOLDER},
        "placeholder": {Outcome.PLACEHOLDER},
    }.get(a.label, {Outcome.SETTLED})
    if a.match.outcome not in expected or (a.has_organisation and not a.is_right):
        m = a.match
        print(f"  {a.row['id']} {a.place[0][:70]!r} ({a.place[1]}) label {a.label}")
        print(f"       {m.outcome} {m.key} {m.confidence} {m.method}, then {m.alternatives[:2]}")


def _line(title: str, hits: int, n: int) -> None:
    low, high = exact_interval(hits, n)
    share = f"{hits / n:6.1%}" if n else "     -"
    print(f"  {title:40s}{share}  {hits:3d}/{n:<3d}  95 % {low:6.1%} to {high:6.1%}")


def exact_interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a share (Biometrika 1934, 26:404)."""
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else _root(lambda p: 1 - _at_most(hits - 1, n, p) - tail)
    high = 1.0 if hits == n else _root(lambda p: tail - _at_most(hits, n, p))
    return low, high


def _at_most(hits: int, n: int, p: float) -> float:
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits + 1))


def _root(rising: Callable[[float], float]) -> float:
    """Return where a rising function of a share crosses 0, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return (low + high) / 2


def speed(places: list[Place]) -> None:
    """Print names per second: distinct real names against organisations made of real names.

    Every repeat uses a new matcher. The process remembers how names are normalised, so the first
    pass, which is what an import pays, is shown apart. Seconds of the processor are given beside
    those of the clock, for the clock also counts whatever else the machine does.
    """
    step = max(1, len(places) // N_CANDIDATES)
    chosen = places[::step][:N_CANDIDATES]
    candidates = [Candidate(str(n), p[0], (), (), p[1], p[2]) for n, p in enumerate(chosen)]
    asked = sorted(set(places) - set(chosen))
    passes = [_timed_pass(candidates, asked) for _ in range(N_REPEATS)]
    print(f"\nspeed: {len(asked)} names against {len(candidates)} organisations, n = {N_REPEATS}")
    for title, column in (("processor", 0), ("clock", 1)):
        rates = [len(asked) / seconds[column] for seconds in passes]
        figures = f"first pass {rates[0]:,.0f}, median {statistics.median(rates):,.0f}"
        print(f"  names per second, {title}: {figures}, slowest {min(rates):,.0f}")
    print(f"  index built in {passes[0][2]:.2f} s of the clock at first")


def _timed_pass(candidates: list[Candidate], asked: list[Place]) -> tuple[float, float, float]:
    """Return the seconds of processor and clock for all names, and of the clock for the index."""
    start = time.perf_counter()
    matcher = Matcher(candidates)
    built, processor = time.perf_counter(), time.process_time()
    for place in asked:
        matcher.match(*place)
    return time.process_time() - processor, time.perf_counter() - built, built - start


if __name__ == "__main__":
    raise SystemExit(main())
