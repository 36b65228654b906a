"""Reads the house as it stands: its rooms, modules, functions and imports. Nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = CHECKOUT / "src"
HOUSE = SOURCE / "tembusu"
NOT_ROOMS = frozenset({"config"})


@dataclass(frozen=True, slots=True, order=True)
class Room:
    """A package with an ``apps.py``: ``tembusu.coordination.registry`` is called ``registry``."""

    package: str
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name


@dataclass(frozen=True, slots=True)
class Import:
    """One import as it is written: who imports what, in which line, and whether for types alone."""

    module: str
    imported: str
    line: int
    for_types: bool


@cache
def rooms() -> tuple[Room, ...]:
    found = [apps.parent for apps in HOUSE.rglob("apps.py")]
    made = [Room(".".join(folder.relative_to(SOURCE).parts), folder) for folder in found]
    return tuple(sorted(room for room in made if room.name not in NOT_ROOMS))


def room_of(module: str) -> Room | None:
    """Return the room that a dotted module name lies in, if it lies in one."""
    for room in rooms():
        if module == room.package or module.startswith(room.package + "."):
            return room
    return None


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python_files(folder: Path = SOURCE) -> list[Path]:
    """Return our Python files, without tests and generated migrations."""
    skipped = {"tests", "migrations"}
    return sorted(path for path in folder.rglob("*.py") if not skipped & set(path.parts))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def where(path: Path, line: int = 0) -> str:
    """Return a place in the checkout as people look it up: ``src/…/views.py:12``."""
    shown = str(path.relative_to(CHECKOUT))
    return f"{shown}:{line}" if line else shown


def part_files(room: Room, part: str) -> list[Path]:
    """Return the file of one part of a room (``actions``), or the files of that package."""
    single, package = room.folder / f"{part}.py", room.folder / part
    if single.exists():
        return [single]
    return python_files(package) if package.is_dir() else []


def parts_of_all_rooms(*parts: str) -> list[Path]:
    return [path for room in rooms() for part in parts for path in part_files(room, part)]


def public_functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def decorators(node: ast.FunctionDef) -> set[str]:
    """Return the decorators as dotted names: ``{"audit.act", "require_POST"}``."""
    return {dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list}


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` for such an expression, and ``""`` for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imports(path: Path) -> Iterator[Import]:
    """Yield every import of a file, those within functions included."""
    module = module_name(path)
    typed = _lines_for_types(tree_of(path))
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield Import(module, name, node.lineno, node.lineno in typed)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, node.lineno, node.lineno in typed)


def _lines_for_types(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING"):
            for inner in node.body:
                lines |= set(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return lines


def templates() -> list[Path]:
    return sorted(
        path for path in HOUSE.rglob("templates/**/*") if path.suffix in {".html", ".txt"}
    )


def say(faults: list[str], remedy: str) -> str:
    """Return a failure message: each fault on its line, and then what to do."""
    return "\n".join(["", *(f"  {fault}" for fault in faults), "", remedy])
