"""States and the moves between them, from the rooms' rules."""

from tembusu.config.reference import diagram, discovery, markdown
from tembusu.config.reference.discovery import Moves
from tembusu.foundation.core.states import ends

LEAD = """A record is in one state at a time, and only the moves below are possible; everything
else is refused with both states named. Who may make a move is another question: see
[permissions](permissions.md). A double frame is an end."""


def page() -> str:
    return markdown.page("States", LEAD, *(section(moves) for moves in discovery.all_moves()))


def picture_name(moves: Moves) -> str:
    return f"states/{moves.room}-{moves.states.__name__}.svg"


def pictures() -> dict[str, str]:
    """Return the diagram of each table of moves by its file's name."""
    return {
        picture_name(moves): diagram.svg(moves.table, title=title(moves))
        for moves in discovery.all_moves()
    }


def title(moves: Moves) -> str:
    return f"{moves.room}: {moves.states.__name__}"


def section(moves: Moves) -> str:
    shown = f"![The moves of {title(moves)}; the table below says the same]({picture_name(moves)})"
    last = ends(moves.table)
    rows = [
        (
            state.label,
            markdown.code(state.value),
            "(an end)" if state in last else ", ".join(names(moves, onward)),
        )
        for state, onward in moves.table.items()
    ]
    says = " ".join((moves.states.__doc__ or "").split())
    table = markdown.table(["State", "Value", "May become"], rows)
    return "\n\n".join(part.strip() for part in (f"## {title(moves)}", says, shown, table) if part)


def names(moves: Moves, some: frozenset[object]) -> list[str]:
    return [state.label for state in moves.table if state in some]
