"""Every write is one audited act: keyword-only, by somebody, at a time read once at the edge."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import declared, house
from tests.architecture.house import Room


def exported(room: Room) -> set[str] | None:
    """Return the names that a package of actions passes on as its doors; None if it names none."""
    init = room.folder / "actions" / "__init__.py"
    if not init.exists():
        return None
    names = {
        alias.asname or alias.name
        for node in house.tree_of(init).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return names or None


def candidates() -> Iterator[tuple[str, str, ast.FunctionDef, Path]]:
    """Yield each public function in actions: module, full name, definition, file.

    Where a package's ``__init__`` names its doors, those are the public ones; elsewhere every
    function whose name does not begin with an underscore is.
    """
    for room in house.rooms():
        doors = exported(room)
        for path in house.part_files(room, "actions"):
            module = house.module_name(path)
            for function in house.public_functions(path):
                name = f"{module}.{function.name}"
                if doors is None or function.name in doors or name in declared.NO_ACT:
                    yield module, name, function, path


def is_excepted(module: str, name: str) -> bool:
    return module in declared.NO_ACT_MODULES or name in declared.NO_ACT


def acts() -> list[tuple[str, str, ast.FunctionDef, Path]]:
    return [each for each in candidates() if not is_excepted(each[0], each[1])]


def test_there_are_acts_to_look_at() -> None:
    assert len(acts()) > 10


def test_every_public_function_in_actions_is_an_audited_act() -> None:
    wrong = [
        f"{house.where(path, function.lineno)} {function.name}"
        for module, _, function, path in acts()
        if not getattr(getattr(importlib.import_module(module), function.name), "is_act", False)
    ]
    assert not wrong, house.say(
        wrong,
        "Decorate it with @audit.act (foundation/core/audit.py) and record what it did; or begin "
        "its "
        "name with _ if only this module calls it; or let the package's __init__ import its doors "
        "and "
        "not this one; or declare it with its reason in NO_ACT of "
        "tests/architecture/declared.py.",
    )


def test_every_act_takes_keywords_only_with_by_and_at() -> None:
    wrong = []
    for _, name, function, path in acts():
        if name in declared.OTHER_SIGNATURE or "audit.act" not in house.decorators(function):
            continue
        keywords = {argument.arg for argument in function.args.kwonlyargs}
        if function.args.args or function.args.posonlyargs or not {"by", "at"} <= keywords:
            wrong.append(f"{house.where(path, function.lineno)} {function.name}")
    assert not wrong, house.say(
        wrong,
        "Write `def verb_noun(*, record, by, at)`: the caller names each value, `by` is who acts "
        "(None: "
        "the system), `at` the clock as the view or job read it.",
    )


def test_nobody_goes_round_the_doors_of_a_package_of_actions() -> None:
    wrong = []
    for path in house.python_files(house.HOUSE):
        for found in house.imports(path):
            room = house.room_of(found.imported)
            inner = f"{room.package}.actions." if room else ""
            # A room knows its own inside, and config knows every room.
            if room is None or found.module.startswith((room.package, "tembusu.config")):
                continue
            doors = exported(room)
            if doors is None or not found.imported.startswith(inner):
                continue
            rest = found.imported.removeprefix(inner)
            if rest not in doors and f"{inner}{rest}" not in declared.NO_ACT:
                wrong.append(f"{house.where(path, found.line)} imports {found.imported}")
    assert not wrong, house.say(
        wrong, "Import the act from the package itself, whose __init__ names its doors."
    )


def test_every_act_records_what_it_did() -> None:
    """An act, or a function of its module that it calls, writes an audit event."""
    wrong = []
    for _, _, function, path in acts():
        if "audit.act" not in house.decorators(function):
            continue
        if not reaches_audit(function, path):
            wrong.append(f"{house.where(path, function.lineno)} {function.name}")
    assert not wrong, house.say(
        wrong, "Call audit.record (or audit.record_many in bulk) before the act ends."
    )


WRITES = {"record", "record_many"}


def reaches_audit(function: ast.FunctionDef, path: Path) -> bool:
    """Say whether a function writes an audit event: itself, through functions of its room, or by
    calling another room's act."""
    seen: set[str] = set()
    others = acts_of_others(path)
    known = known_functions(path)
    waiting = [function]
    while waiting:
        node = waiting.pop()
        for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
            name = house.dotted(call.func)
            if name.startswith("audit.") and name.split(".")[-1] in WRITES:
                return True
            if name.split(".")[0] in others:
                return True
            last = name.split(".")[-1]
            if last in known and last not in seen:
                seen.add(last)
                waiting.append(known[last])
    return False


def acts_of_others(path: Path) -> set[str]:
    """Return the names under which a file knows other rooms' actions."""
    return {
        alias.asname or alias.name
        for node in house.tree_of(path).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if f"{node.module}.{alias.name}".endswith(".actions")
        and house.room_of(node.module) != house.room_of(house.module_name(path))
    }


def known_functions(path: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions and methods of the room's actions by their last name."""
    files = [path]
    if path.parent.name == "actions":
        files = house.python_files(path.parent)
    found = {}
    for file in files:
        for node in ast.walk(house.tree_of(file)):
            if isinstance(node, ast.FunctionDef):
                found[node.name] = node
    return found


@pytest.mark.parametrize("name", [*declared.NO_ACT, *declared.OTHER_SIGNATURE])
def test_a_declared_exception_still_exists(name: str) -> None:
    assert name in {each[1] for each in candidates()}, (
        f"{name} is gone: remove it from tests/architecture/declared.py."
    )


@pytest.mark.parametrize("module", declared.NO_ACT_MODULES)
def test_a_declared_module_still_exists(module: str) -> None:
    assert module in {each[0] for each in candidates()}, (
        f"{module} is gone: remove it from NO_ACT_MODULES in tests/architecture/declared.py."
    )
