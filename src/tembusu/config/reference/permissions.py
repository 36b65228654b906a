"""The permission matrix, from the acts that rooms register."""

from itertools import groupby

from tembusu.config.reference import markdown
from tembusu.foundation.people import selectors
from tembusu.foundation.people.terms import MatrixRow, acts

LEAD = """Everything is refused unless a role grants it. A role is held on a scope: a body, a
study, a site, or the platform; it reaches what lies below. Each cell says on which records the
role may do the act:

- **all**: on any record;
- **own**: on records within a scope where the role is held;
- **–**: refused. Such a record is "not found" where it may not even be seen."""


def page() -> str:
    rows = sorted(selectors.matrix(), key=lambda row: row.room)
    return markdown.page(
        "Permissions",
        LEAD,
        *(section(room, list(cells)) for room, cells in groupby(rows, key=lambda row: row.room)),
    )


def section(room: str, cells: list[MatrixRow]) -> str:
    """Return one room's acts in words, then its matrix with a line for each role."""
    names = list(dict.fromkeys(cell.act for cell in cells))
    kinds = {
        act.name: act.kind.label if act.kind else "no one record"
        for act in acts().values()
        if act.room == room
    }
    says = {cell.act: cell.says for cell in cells}
    told = markdown.table(
        ["No.", "Act", "Lets one", "Concerns"],
        [
            (str(number), markdown.code(f"{room}.{name}"), says[name], kinds[name])
            for number, name in enumerate(names, 1)
        ],
    )
    by_role: dict[str, dict[str, str]] = {}
    for cell in cells:
        by_role.setdefault(cell.role.label, {})[cell.act] = word(cell)
    head = ["Role", *(str(number) for number in range(1, len(names) + 1))]
    matrix = markdown.table(
        head, [(role, *(words[name] for name in names)) for role, words in sorted(by_role.items())]
    )
    return "\n\n".join([f"## {room}", told.strip(), matrix.strip()])


def word(cell: MatrixRow) -> str:
    if cell.out_of_scope:
        return "all"
    return "own" if cell.in_scope else "–"
