"""Draws a table of moves as SVG: states as boxes in columns, moves as arrows. Pure and
deterministic.

A state stands in the column of the fewest moves that lead to it. Arrows that go on to the next
column are plain curves; those that leap ahead pass above, those that go back pass below. An end,
from which nothing leads on, has a double frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from tembusu.foundation.core.states import State, ends

Table = Mapping[State, frozenset[State]]

HEIGHT, GAP_X, GAP_Y, MARGIN, LETTER = 40, 84, 30, 16, 7.6
LANE = 22  # room above or below for each arrow that passes there
# The same on light and on dark pages: boxes bring their own ground, lines stand out on either.
STYLE = (
    "rect{fill:#eef4f1;stroke:#5f7a6f;stroke-width:1.5}"
    "text{font:13px system-ui,sans-serif;fill:#12261e;text-anchor:middle;dominant-baseline:central}"
    "path{fill:none;stroke:#6f857c;stroke-width:1.5}marker path{fill:#6f857c;stroke:none}"
)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a state stands, in pixels."""

    x: float
    y: float
    width: float
    column: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def columns(table: Table) -> dict[State, int]:
    """Return each state's column: the fewest moves from the first state of the table.

    A state that no move leads to begins a way of its own, in the first column.
    """
    places: dict[State, int] = {}
    for start in table:
        if start in places or (places and is_reached(table, start)):
            continue
        walk(table, start, places)
    for left in table:
        walk(table, left, places)
    return places


def is_reached(table: Table, state: State) -> bool:
    return any(state in onward for before, onward in table.items() if before != state)


def walk(table: Table, start: State, places: dict[State, int]) -> None:
    places.setdefault(start, 0)
    waiting = [start]
    while waiting:
        state = waiting.pop(0)
        for onward in in_order(table, table[state]):
            if onward not in places:
                places[onward] = places[state] + 1
                waiting.append(onward)


def in_order(table: Table, some: frozenset[State]) -> list[State]:
    return [state for state in table if state in some]


def boxes(table: Table, *, above: float) -> dict[State, Box]:
    """Return where each state stands; columns are as wide as the longest label."""
    width = max(len(state.label) for state in table) * LETTER + 28
    made: dict[State, Box] = {}
    filled: dict[int, int] = {}
    for state, column in columns(table).items():
        row = filled.get(column, 0)
        filled[column] = row + 1
        x = MARGIN + column * (width + GAP_X)
        made[state] = Box(x, above + row * (HEIGHT + GAP_Y), width, column)
    return made


def arrows(table: Table) -> list[tuple[State, State]]:
    return [(state, to) for state in table for to in in_order(table, table[state])]


def lanes(table: Table) -> tuple[int, int]:
    """Return how many arrows pass above all boxes and how many below them."""
    placed = boxes(table, above=0)
    pairs = [(placed[state], placed[to]) for state, to in arrows(table)]
    over = sum(there.column - here.column > 1 for here, there in pairs)
    under = sum(there.column < here.column and not is_near(here, there) for here, there in pairs)
    return over, under


def is_near(here: Box, there: Box) -> bool:
    """Say whether a box can be reached by a curve up into the column before."""
    return there.column - here.column == -1 and here.y > there.y


def svg(table: Table, *, title: str) -> str:
    """Return the picture of a table of moves.

    :param title: what a screen reader says; the page has the table itself beside the picture
    """
    n_above, n_below = lanes(table)
    above = MARGIN + LANE * (n_above + 1)
    placed = boxes(table, above=above)
    bottom = max(box.y for box in placed.values()) + HEIGHT
    wide = max(box.x + box.width for box in placed.values()) + MARGIN
    high = bottom + LANE * (n_below + 1) + MARGIN
    shown = [*paths(table, placed, top=above, bottom=bottom), *nodes(table, placed)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}"'
            f' width="{wide:.0f}" height="{high:.0f}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
            *shown,
            "</svg>",
            "",
        ]
    )


def nodes(table: Table, placed: Mapping[State, Box]) -> list[str]:
    last = ends(table)
    lines = []
    for state, box in placed.items():
        lines.append(rect(box, 0))
        if state in last:
            lines.append(rect(box, 4))
        where = f'x="{box.middle:.1f}" y="{box.y + HEIGHT / 2:.1f}"'
        lines.append(f"<text {where}>{escape(state.label)}</text>")
    return lines


def rect(box: Box, inset: int) -> str:
    return (
        f'<rect x="{box.x + inset:.1f}" y="{box.y + inset:.1f}"'
        f' width="{box.width - 2 * inset:.1f}" height="{HEIGHT - 2 * inset}" rx="{8 - inset}"/>'
    )


def paths(table: Table, placed: Mapping[State, Box], *, top: float, bottom: float) -> list[str]:
    lines = []
    over, under = top, bottom
    for state, to in arrows(table):
        here, there = placed[state], placed[to]
        span = there.column - here.column
        if state == to:
            drawn = loop(here)
        elif span == 0:
            drawn = beside(here, there)
        elif span == 1:
            drawn = onward(here, there)
        elif span > 1:
            over -= LANE
            drawn = round_about(here, there, by=over, at_top=True)
        elif is_near(here, there):
            drawn = back_up(here, there)
        else:
            under += LANE
            drawn = round_about(here, there, by=under, at_top=False)
        lines.append(f'<path d="{drawn}" marker-end="url(#tip)"/>')
    return lines


def loop(box: Box) -> str:
    x, y = box.middle, box.y
    return f"M{x - 14:.1f} {y:.1f}c-8 -22 36 -22 28 -1"


def beside(here: Box, there: Box) -> str:
    """Return a bow on the right side of a column, clear of the boxes between."""
    right, far = here.x + here.width, 10 + abs(there.y - here.y) / 6
    quarter = HEIGHT / 4
    down = there.y > here.y
    start, end = here.y + quarter * (3 if down else 1), there.y + quarter * (1 if down else 3)
    return f"M{right:.1f} {start:.1f}C{right + far:.1f} {start:.1f} {right + far:.1f} {end:.1f}" + (
        f" {right + 1:.1f} {end:.1f}"
    )


def back_up(here: Box, there: Box) -> str:
    """Return a curve from a box's left side to the box higher up in the column before."""
    y, end = here.y + HEIGHT * 0.75, there.y + HEIGHT + 1
    x = there.middle - (here.y - there.y) / 8
    return (
        f"M{here.x:.1f} {y:.1f}C{here.x - GAP_X / 2:.1f} {y:.1f} {x:.1f} {y:.1f} {x:.1f} {end:.1f}"
    )


def onward(here: Box, there: Box) -> str:
    x, y = here.x + here.width, here.y + HEIGHT / 2
    to_x, to_y = there.x - 1, there.y + HEIGHT / 2
    bend = (to_x - x) / 2
    bends = f"{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f}"
    return f"M{x:.1f} {y:.1f}C{bends} {to_x:.1f} {to_y:.1f}"


def round_about(here: Box, there: Box, *, by: float, at_top: bool) -> str:
    edge, end = (here.y, there.y - 1) if at_top else (here.y + HEIGHT, there.y + HEIGHT + 1)
    shift = 20
    from_x = here.middle + (shift if at_top else -shift)
    to_x = there.middle - (shift if at_top else -shift)
    return (
        f"M{from_x:.1f} {edge:.1f}C{from_x:.1f} {by:.1f} {to_x:.1f} {by:.1f} {to_x:.1f} {end:.1f}"
    )
