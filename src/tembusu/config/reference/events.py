"""Events between rooms, and the acts that the ledger holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tembusu.config.reference import markdown
from tembusu.foundation.core import outbox

HOUSE = Path(__file__).resolve().parents[2]
LEAD = """A lower room tells higher ones what happened by an event. It is written in the act's own
transaction and delivered at least once, so whoever hears it must be able to hear it twice."""
LEDGER = """Every act leaves a line in the ledger under one of these names, beside the history of
the rows it changed. `…` stands for what the act fills in."""
WRITERS = {"audit.record": 0, "audit.describe": 0}


def page() -> str:
    rows = [
        (markdown.code(kind.name), kind.says, payload(dict(kind.payload)))
        for kind in outbox.kinds()
    ]
    told = markdown.table(["Event", "Says", "Carries"], rows)
    acts = markdown.table(["Act", "Written in"], [(markdown.code(n), w) for n, w in ledger()])
    return markdown.page("Events", LEAD, told, "## Acts in the ledger", LEDGER, acts)


def payload(fields: dict[str, str]) -> str:
    return "; ".join(f"{markdown.code(name)}: {says}" for name, says in fields.items())


def ledger() -> list[tuple[str, str]]:
    """Return the name of each audit event as the source writes it, and the room's part."""
    found = set()
    for path in sorted(HOUSE.rglob("*.py")):
        if {"tests", "migrations"} & set(path.parts):
            continue
        where = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
        found |= {(name, where) for name in named(ast.parse(path.read_text(encoding="utf-8")))}
    return sorted(found)


def named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) in WRITERS and node.args):
            continue
        yield from texts(node.args[0])


def texts(node: ast.expr) -> Iterator[str]:
    """Yield the names that an expression may give: a text, one with gaps, or either of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "…" for p in node.values]
        yield "".join(str(part) for part in parts)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
