"""The table requirement -> test -> result, written into ``validation/README.md``.

``python -m validation.table`` runs the tests that ``requirements.toml`` names and writes what came
of them. ``--results FILE`` takes a JUnit report of an earlier run in their place. ``--check`` runs
nothing, and fails if the README shows other requirements or a named test does not exist.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "validation" / "README.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
COMMAND = "`.venv/bin/python -m validation.table`"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must hold, where that comes from, and the tests that show it."""

    id: str
    says: str
    source: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One test case of a run: its file, its function without parameters, and what came of it."""

    file: str
    function: str
    outcome: str


def requirements(path: Path = ROOT / "validation" / "requirements.toml") -> list[Requirement]:
    """Return the requirements in their order.

    :raises ValueError: if two have the same id, or one names no test
    """
    rows = tomllib.loads(path.read_text())["requirement"]
    made = [Requirement(**{**row, "tests": tuple(row["tests"])}) for row in rows]
    twice = [name for name, n in Counter(one.id for one in made).items() if n > 1]
    bare = [one.id for one in made if not one.tests]
    if twice or bare:
        raise ValueError(f"ids given twice: {twice}; requirements without a test: {bare}")
    return made


def missing_tests(wanted: Iterable[Requirement], root: Path = ROOT) -> list[str]:
    """Return the named tests that do not exist."""
    return [f"{one.id}: {test}" for one in wanted for test in one.tests if not exists(test, root)]


def exists(test: str, root: Path = ROOT) -> bool:
    file, _, function = test.partition("::")
    path = root / file
    if not function or not path.is_file():
        return path.exists() and not function
    tree = ast.parse(path.read_text())
    return any(isinstance(n, ast.FunctionDef) and n.name == function for n in ast.walk(tree))


def run(wanted: Iterable[Requirement]) -> str:
    """Run the named tests and return their JUnit report."""
    tests = sorted({test for one in wanted for test in one.tests})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(  # noqa: S603 our own tests, named in our own list
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *tests],
            cwd=ROOT,
            check=False,
        )
        return report.read_text()


def cases(report: str) -> list[Case]:
    """Return the cases of a JUnit report as pytest writes it."""
    found = []
    for node in ET.fromstring(report).iter("testcase"):  # noqa: S314 written by our own run
        children = {child.tag for child in node}
        outcome = "passed"
        if children & {"failure", "error"}:
            outcome = "failed"
        elif "skipped" in children:
            outcome = "skipped"
        file = node.get("classname", "").replace(".", "/") + ".py"
        function = re.sub(r"\[.*", "", node.get("name", ""), flags=re.DOTALL)
        found.append(Case(file, function, outcome))
    return found


def belongs(case: Case, test: str) -> bool:
    file, _, function = test.partition("::")
    if function:
        return case.file == file and case.function == function
    return case.file == file or case.file.startswith(f"{file}/")


def result(one: Requirement, run_cases: Iterable[Case]) -> str:
    """Return what came of a requirement's tests, as in ``61 passed`` or ``2 failed, 59 passed``."""
    mine = [case for case in run_cases if any(belongs(case, test) for test in one.tests)]
    silent = [t for t in one.tests if not any(belongs(case, t) for case in mine)]
    if silent:
        return f"**not run**: {', '.join(silent)}"
    counts = Counter(case.outcome for case in mine)
    said = [f"{counts[word]} {word}" for word in ("failed", "skipped", "passed") if counts[word]]
    text = ", ".join(said)
    return f"**{text}**" if counts["failed"] or counts["skipped"] else text


def table(wanted: Iterable[Requirement], results: dict[str, str]) -> str:
    lines = ["| No. | Requirement | Source | Tests | Result |", "|---|---|---|---|---|"]
    for one in wanted:
        tests = "<br>".join(f"`{test}`" for test in one.tests)
        lines.append(
            f"| {one.id} | {one.says} | {one.source} | {tests} | {results.get(one.id, 'not run')} |"
        )
    return "\n".join(lines)


def put(text: str, made: str) -> str:
    """Return the README with the table between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def without_results(text: str) -> list[str]:
    """Return the table's lines without their last column."""
    inside = text.partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in inside.splitlines() if line.startswith("|")]
    return [line.rstrip("| ").rsplit(" | ", 1)[0] for line in lines]


def faults(wanted: list[Requirement], readme: str, root: Path = ROOT) -> list[str]:
    """Return what is wrong with the README or with the tests that are named."""
    wrong = [f"{name} does not exist" for name in missing_tests(wanted, root)]
    if without_results(readme) != without_results(put(readme, table(wanted, {}))):
        wrong.append(f"validation/README.md shows other requirements: run {COMMAND}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the table of requirements and results.")
    parser.add_argument("--check", action="store_true", help="run nothing, write nothing")
    parser.add_argument("--results", type=Path, help="a JUnit report to take the results from")
    asked = parser.parse_args()
    wanted, readme = requirements(), README.read_text()
    if asked.check:
        wrong = faults(wanted, readme)
        print("\n".join(wrong) or f"{len(wanted)} requirements, all in step")
        return 1 if wrong else 0
    ran = cases(asked.results.read_text() if asked.results else run(wanted))
    results = {one.id: result(one, ran) for one in wanted}
    README.write_text(put(readme, table(wanted, results)))
    bad = [f"{name}: {said}" for name, said in results.items() if said.startswith("**")]
    print("\n".join(bad) or f"{len(wanted)} requirements, all shown by tests that passed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
