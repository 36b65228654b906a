"""Geometry of a study-site's pictures: places across in per cent, rows down in pixels, as text.

Rows have a fixed height, so a picture reflows from 320 px up and its words never shrink.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.selectors.times import Piece, Span
from tembusu.coordination.startup.terms import PathwayPlan

ROW, HEAD, GAP = 22, 20, 6
KNOWN = frozenset({"sponsor", "cro", "site", "institution", "ethics_board", "regulator"})
NODE_WIDTH, NODE_HEIGHT, STEP_X, STEP_Y = 170, 34, 200, 48
LONGEST_LABEL = 24


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar: left edge and width in per cent, top in pixels, what it is, and what it says."""

    x: str
    width: str
    y: int
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A party's lane, with its label above its bars."""

    label: str
    y: int
    height: int
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Tick:
    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Lanes:
    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    height: int


@dataclass(frozen=True, slots=True)
class Row:
    """A milestone's bar and its target; ``due_x`` is '' where nothing was due."""

    label: str
    mark: Mark
    due_x: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Targets:
    rows: Sequence[Row]
    ticks: Sequence[Tick]
    height: int


@dataclass(frozen=True, slots=True)
class Node:
    x: int
    y: int
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edge:
    line: str
    kind: str


@dataclass(frozen=True, slots=True)
class Net:
    """Milestones from left to right by what they need; the critical chain is drawn stronger."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Days from the first to the last, as per cent of the picture."""

    first: date
    last: date

    def at(self, day: date) -> float:
        total = max(1, (self.last - self.first).days)
        return min(100.0, max(0.0, 100 * (day - self.first).days / total))

    def ticks(self) -> list[Tick]:
        """Return about five months' firsts."""
        months = max(1, round((self.last - self.first).days / 30 / 5))
        found, day = [], (self.first.replace(day=1) + timedelta(days=32)).replace(day=1)
        while day < self.last:
            # A label near the right edge would be cut.
            if self.at(day) < 94:
                found.append(Tick(pct(self.at(day)), f"{day:%b %y}"))
            for _ in range(months):
                day = (day + timedelta(days=32)).replace(day=1)
        return found


def pct(value: float) -> str:
    return f"{value:.2f}%"


def scale_of(days: Sequence[tuple[date, date]]) -> Scale | None:
    """Return the scale that holds all spans; None without any."""
    if not days:
        return None
    first = min(start for start, _ in days)
    return Scale(first, max(max(end for _, end in days), first + timedelta(days=1)))


def lanes(found: Sequence[Piece], parties: Mapping[str, str]) -> Lanes | None:
    """Return the swim lanes: a lane for each party, a bar for each stretch it held a milestone."""
    scale = scale_of([(one.start_date, one.end_date) for one in found])
    if scale is None:
        return None
    drawn, top = [], HEAD
    for party in dict.fromkeys(one.party for one in found):
        held = [one for one in found if one.party == party]
        rows = _packed(held)
        marks = [
            Mark(
                pct(scale.at(one.start_date)),
                pct(max(0.6, scale.at(one.end_date) - scale.at(one.start_date))),
                top + ROW + n * ROW,
                party if party in KNOWN else "shared",
                f"{one.label}: {one.days} days from {one.start_date:%-d %b %Y}",
            )
            for n, row in enumerate(rows)
            for one in row
        ]
        height = ROW + len(rows) * ROW
        drawn.append(Lane(parties.get(party, party), top, height, marks))
        top += height + GAP
    return Lanes(drawn, scale.ticks(), top)


def _packed(held: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces in as few rows as they need so that none lies over another."""
    rows: list[list[Piece]] = []
    for one in sorted(held, key=lambda piece: (piece.start_date, piece.end_date)):
        row = next((row for row in rows if row[-1].end_date <= one.start_date), None)
        if row is None:
            rows.append([one])
        else:
            row.append(one)
    return rows


def targets(found: Sequence[Span]) -> Targets | None:
    """Return each milestone's bar, with a line on the day on which it was due."""
    days = [(one.start_date, max(one.end_date, one.due_date or one.end_date)) for one in found]
    scale = scale_of(days)
    if scale is None:
        return None
    rows = []
    for n, one in enumerate(found):
        kind = "bar-open" if one.is_open else "bar"
        width = max(0.6, scale.at(one.end_date) - scale.at(one.start_date))
        mark = Mark(
            pct(scale.at(one.start_date)), pct(width), HEAD + n * 2 * ROW + ROW, kind, one.label
        )
        due = pct(scale.at(one.due_date)) if one.due_date else ""
        rows.append(Row(one.label, mark, due, one.days_over > 0))
    return Targets(rows, scale.ticks(), HEAD + len(rows) * 2 * ROW)


def net(plan: PathwayPlan, *, critical: Sequence[str], states: Mapping[str, bool]) -> Net:
    """Return the pathway as a picture of what needs what.

    :param critical: the keys of the milestones on the critical chain
    :param states: whether each milestone is settled
    """
    depth = _depths(plan)
    column: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    nodes = []
    for one in plans.in_order(plan):
        level = depth[one.key]
        row = column.setdefault(level, 0)
        column[level] += 1
        places[one.key] = (level * STEP_X, row * STEP_Y)
        kind = "node-critical" if one.key in critical else "node"
        kind = f"{kind} node-done" if states.get(one.key) else kind
        label = one.label
        if len(label) > LONGEST_LABEL:
            label = label[: LONGEST_LABEL - 1].rstrip() + "…"
        nodes.append(Node(*places[one.key], label, kind))
    edges = [
        Edge(
            _curve(places[need], places[one.key]),
            "edge-critical" if {need, one.key} <= set(critical) else "edge",
        )
        for one in plan.milestones
        for need in one.needs
    ]
    width = (max(column) + 1) * STEP_X - (STEP_X - NODE_WIDTH)
    return Net(nodes, edges, width, max(column.values()) * STEP_Y)


def _depths(plan: PathwayPlan) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in plans.in_order(plan):
        found[one.key] = 1 + max((found[need] for need in one.needs), default=-1)
    return found


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + NODE_WIDTH, start[1] + NODE_HEIGHT // 2
    x2, y2 = end[0], end[1] + NODE_HEIGHT // 2
    half = (x1 + x2) // 2
    return f"M{x1},{y1} C{half},{y1} {half},{y2} {x2},{y2}"
