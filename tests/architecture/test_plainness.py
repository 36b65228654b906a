"""The clock is read at the edge, faults are caught by name, and nothing prints."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import declared, house

CLOCKS = {
    "timezone.now",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "date.today",
    "datetime.date.today",
    "time.time",
    "Now",
}
UNLESS_GIVEN = {"timezone.localdate", "timezone.localtime"}  # convert the time they are given


def functions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield each function and method by its full name, and the module itself for the rest."""
    module = house.module_name(path)

    def walk(node: ast.AST, name: str) -> Iterator[tuple[str, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = f"{name}.{child.name}"
                if not isinstance(child, ast.ClassDef):
                    yield inner, child
                yield from walk(child, inner)

    yield from walk(house.tree_of(path), module)


def clock_readings(path: Path) -> list[tuple[str, int]]:
    return [
        (name, call.lineno)
        for name, node in functions(path)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and reads_clock(call)
    ]


def reads_clock(call: ast.Call) -> bool:
    name = house.dotted(call.func)
    return name in CLOCKS or (name in UNLESS_GIVEN and not call.args and not call.keywords)


def test_rules_and_actions_are_given_the_time() -> None:
    wrong = []
    for path in house.parts_of_all_rooms("rules", "actions", "terms"):
        for name, line in clock_readings(path):
            if name not in declared.READS_CLOCK:
                wrong.append(f"{house.where(path, line)} in {name.rsplit('.', 1)[1]}")
    assert not wrong, house.say(
        wrong,
        "Take `at` (or `today`) as an argument: the view, command or job reads the clock once.",
    )


def test_pure_packages_are_given_the_time() -> None:
    wrong = [
        house.where(path, line)
        for package in ("trialformats", "trialtime", "trialstats")
        for path in house.python_files(house.SOURCE / package)
        for _, line in clock_readings(path)
    ]
    assert not wrong, house.say(wrong, "Take the time as an argument.")


def catches_all(path: Path) -> list[tuple[str, int]]:
    """Return where every fault is caught and kept, not raised again after tidying."""
    found = []
    for name, node in functions(path):
        for handler in (n for n in ast.walk(node) if isinstance(n, ast.ExceptHandler)):
            caught = [] if handler.type is None else [handler.type]
            if isinstance(handler.type, ast.Tuple):
                caught = list(handler.type.elts)
            names = {house.dotted(each) for each in caught}
            if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
                continue
            if handler.type is None or names & {"Exception", "BaseException"}:
                found.append((name, handler.lineno))
    return found


def test_faults_are_caught_by_name() -> None:
    wrong = [
        f"{house.where(path, line)} in {name.rsplit('.', 1)[1]}"
        for path in house.python_files()
        for name, line in catches_all(path)
        if name not in declared.CATCHES_ALL
    ]
    assert not wrong, house.say(
        wrong,
        "Catch the exceptions that you can do something about, by name. If every fault is meant, "
        "say "
        "why in CATCHES_ALL of tests/architecture/declared.py.",
    )


@pytest.mark.parametrize("name", declared.CATCHES_ALL)
def test_a_declared_catch_still_exists(name: str) -> None:
    present = {found for path in house.python_files() for found, _ in catches_all(path)}
    assert name in present, f"{name} catches by name now: remove it from CATCHES_ALL."


@pytest.mark.parametrize(
    ("code", "n_found"),
    [
        ("timezone.now()", 1),
        ("datetime.now(UTC)", 1),
        ("date.today()", 1),
        ("timezone.localdate()", 1),
        ("timezone.localdate(at)", 0),
        ("at.now", 0),
    ],
)
def test_the_rule_sees_a_reading_of_the_clock(code: str, n_found: int) -> None:
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    assert sum(reads_clock(call) for call in calls) == n_found


POSSESSIVE = re.compile(r"\)[*+?]\+")
# A group without branches whose parts give nothing back is read alike.
SURE = re.compile(r"\(\?:(?:[^()|*+?{]|[*+?]\+)*\)[*+?]\+")


def misread(path: Path) -> list[int]:
    """Return the lines that repeat a group possessively which may go back: Python before 3.11.5
    matches too much of it.
    """
    texts = (node for node in ast.walk(house.tree_of(path)) if isinstance(node, ast.Constant))
    return [
        node.lineno
        for node in texts
        if isinstance(node.value, str | bytes) and POSSESSIVE.search(SURE.sub("", repr(node.value)))
    ]


def test_patterns_mean_the_same_in_every_python() -> None:
    wrong = [house.where(path, line) for path in house.python_files() for line in misread(path)]
    assert not wrong, house.say(wrong, "Use an atomic group: `(?>(?:…)*)` for `(?:…)*+`.")


@pytest.mark.parametrize(
    ("pattern", "is_misread"),
    [
        ("(?:ab?)*+", True),
        ("(?:ab?)++", True),
        ("(?:a|b)*+", True),
        ("((?:a[^b]*+)*+)?+", True),
        ("(?:a[^b]*+)*+", False),
        ("(?>(?:ab?)*)", False),
        ("[^a]++", False),
    ],
)
def test_a_group_repeated_possessively_is_found(tmp_path, pattern, is_misread) -> None:
    path = tmp_path / "module.py"
    path.write_text(f"import re\nRUN = re.compile(rb{pattern!r})\n")
    assert misread(path) == ([2] if is_misread else [])
