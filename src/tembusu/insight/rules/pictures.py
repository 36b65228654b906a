"""Pictures as plain geometry: axes in per cent, curves in a square of 1,000, thinned to what is seen."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tembusu.insight.rules import funnel
from tembusu.insight.rules.figures import Edge
from tembusu.insight.rules.funnel import Levels, Unit
from trialtime.survival import Curve, Incidence

SIDE = 1000
MOST_STEPS = 120
LEFT, WIDTH = 7.0, 92.0  # per cent: where the axis begins, how wide it is
MOST_EDGES = 28
Path = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick of an axis: where, in per cent of the whole picture, and what it says."""

    pct: float
    label: str


def nice(largest: float, n: int = 5) -> list[int]:
    """Return about ``n`` round whole numbers from 0 to at least ``largest``.

    >>> nice(283)
    [0, 60, 120, 180, 240, 300]
    """
    step = next(
        step * 10**power
        for power in range(6)
        for step in (1, 2, 3, 5, 6)
        if step * 10**power * n >= max(largest, 1)
    )
    return [step * place for place in range(math.ceil(max(largest, 1) / step) + 1)]


def across(value: float, largest: float) -> float:
    """Return where a value stands on the axis, in per cent of the picture's width."""
    return round(LEFT + WIDTH * min(value, largest) / largest, 2)


def marks(ticks: Sequence[int]) -> list[Mark]:
    return [Mark(across(tick, ticks[-1]), f"{tick:,}") for tick in ticks]


def path(points: Path, *, is_closed: bool = False) -> str:
    """Return the path through points, rounded to a thousandth of the picture."""
    words = [f"{'L' if at else 'M'}{round(x)} {round(y)}" for at, (x, y) in enumerate(points)]
    return "".join(words) + ("Z" if is_closed and words else "")


# -- shares by day ---------------------------------------------------------------------------------


def steps(days: Levels, shares: Levels, last: float) -> list[tuple[float, float]]:
    """Return a rising step curve up to day ``last``, thinned to what the eye can tell apart."""
    grid = np.linspace(0, last, MOST_STEPS + 1)
    seen = grid[grid <= (days[-1] if len(days) else 0)]
    rows = np.searchsorted(days, seen, side="right") - 1
    values = np.where(rows >= 0, shares[np.maximum(rows, 0)], 0.0) if len(days) else np.zeros(0)
    points: list[tuple[float, float]] = []
    height = float(SIDE)
    for day, share in zip(seen.tolist(), values.tolist(), strict=True):
        x, y = SIDE * day / last, SIDE * (1 - share)
        if points and y != height:
            points.append((x, height))
        if not points or y != height:
            points.append((x, y))
        height = y
    if points and points[-1][0] < SIDE * float(seen[-1]) / last:
        points.append((SIDE * float(seen[-1]) / last, height))
    return points


def reached_curve(curve: Curve, last: float) -> str:
    """Return the path of the share that is there by each day."""
    return path(steps(curve.times, 1 - curve.survival, last))


def incidence_curve(curve: Incidence, last: float) -> str:
    return path(steps(curve.times, curve.incidence, last))


def band_of(curve: Curve, last: float) -> str:
    """Return the 95% band around the share that is there by each day."""
    grid = [day for day in np.linspace(0, last, 61).tolist() if day <= curve.last_seen]
    found = [(day, curve.reached_by(day)) for day in grid]
    held = [
        (SIDE * day / last, SIDE * (1 - each.lower), SIDE * (1 - each.upper))
        for day, each in found
        if each.lower is not None and each.upper is not None
    ]
    upper = [(x, high) for x, _, high in held]
    lower = [(x, low) for x, low, _ in reversed(held)]
    return path([*upper, *lower], is_closed=True)


# -- a funnel --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dot:
    """A unit in a funnel: where it stands, how it is called there, how it reads."""

    key: str
    x_pct: float
    y: float
    reading: str
    n_alike: int = 1


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel: bands in a square of 1,000, dots in per cent and pixels, its axes."""

    outer: str
    inner: str
    dots: Sequence[Dot]
    n_marks: Sequence[Mark]
    share_marks: Sequence[tuple[float, str]]
    nation_y: float


def draw_funnel(units: Iterable[Unit], share: float, *, height: int) -> Funnel:
    """Return a funnel of units around a share; units that stand on one spot are one dot.

    :param height: of the plotting area, in pixels
    """
    held = list(units)
    ticks = nice(max((unit.n for unit in held), default=1))
    limits = funnel.lines(ticks[-1], share)

    def x(n: float) -> float:
        return SIDE * n / ticks[-1]

    def band(low: str, high: str) -> str:
        upper = [(x(at.n), SIDE * (1 - getattr(at, high))) for at in limits]
        lower = [(x(at.n), SIDE * (1 - getattr(at, low))) for at in reversed(limits)]
        return path([*upper, *lower], is_closed=True)

    spots: dict[tuple[int, int], list[Unit]] = {}
    for unit in held:
        spots.setdefault((unit.k, unit.n), []).append(unit)
    dots = [
        Dot(
            alike[0].key if len(alike) == 1 else "",
            across(n, ticks[-1]),
            round(height * (1 - k / n), 1),
            funnel.reading(alike[0], share),
            len(alike),
        )
        for (k, n), alike in sorted(spots.items())
    ]
    return Funnel(
        outer=band("outer_low", "outer_high"),
        inner=band("inner_low", "inner_high"),
        dots=dots,
        n_marks=marks(ticks),
        share_marks=[(round(height * (1 - at / 100), 1), f"{at}%") for at in range(0, 101, 25)],
        nation_y=round(height * (1 - share), 1),
    )


# -- a trend ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Median:
    """A median with its limits; None where it is not reached, or held back."""

    label: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TrendDot:
    label: str
    year: str
    x_pct: float
    y: float | None
    value: str
    has_label: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """Medians in the order of time; where one is missing, the line is broken."""

    lines: Sequence[str]
    bands: Sequence[str]
    dots: Sequence[TrendDot]
    marks: Sequence[tuple[float, str]]
    target_y: float | None


def draw_trend(points: Sequence[Median], target: float | None, *, height: int) -> Trend:
    """Return a trend from nought to the largest value or limit."""
    known = [v for p in points for v in (p.value, p.high, target) if v is not None]
    ticks = nice(max(known, default=1), 4)

    def y(value: float) -> float:
        return 1 - min(value, ticks[-1]) / ticks[-1]

    room = WIDTH / max(1, len(points))
    at = [LEFT + room * (place + 0.5) for place in range(len(points))]
    lines, bands = [], []
    for run in _runs(points):
        spots = [(points[i], SIDE * (at[i] - LEFT) / WIDTH) for i in run]
        lines.append(path([(x, SIDE * y(p.value)) for p, x in spots if p.value is not None]))
        sides = [(p.low, p.high, x) for p, x in spots]
        held = [(lo, hi, x) for lo, hi, x in sides if lo is not None and hi is not None]
        upper = [(x, SIDE * y(hi)) for _, hi, x in held]
        lower = [(x, SIDE * y(lo)) for lo, _, x in reversed(held)]
        bands.append(path([*upper, *lower], is_closed=True))
    ends = [i for run in _runs(points) for i in (run[0], run[-1])]
    dots = [
        TrendDot(
            label=p.label.split(" ")[-1],
            year=p.label.split(" ")[0] if i == 0 or p.label.endswith("Q1") else "",
            x_pct=round(at[i], 2),
            y=None if p.value is None else round(height * y(p.value), 1),
            value="" if p.value is None else f"{p.value:,.0f}",
            has_label=i in ends,
        )
        for i, p in enumerate(points)
    ]
    return Trend(
        lines=lines,
        bands=bands,
        dots=dots,
        marks=[(round(height * y(tick), 1), f"{tick:,}") for tick in ticks],
        target_y=None if target is None else round(height * y(target), 1),
    )


def _runs(points: Sequence[Median]) -> list[list[int]]:
    """Return the runs of neighbouring points that have a value."""
    runs: list[list[int]] = []
    for place, point in enumerate(points):
        if point.value is None:
            continue
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


# -- what follows what -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Node:
    key: str
    y: float


@dataclass(frozen=True, slots=True)
class Arc:
    """One milestone followed another: an arc on the right downwards, on the left back up."""

    path: str
    width: float
    is_back: bool
    n: int


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """Milestones from top to bottom in their usual order, arcs for what followed what."""

    nodes: Sequence[Node]
    arcs: Sequence[Arc]
    height: int
    n_left_out: int


def draw_map(order: Sequence[str], edges: Sequence[Edge], *, row: int = 44) -> ProcessMap:
    """Return the map of the commonest steps; the table beside it has them all.

    Arcs are drawn in a box 300 wide, the milestones' line at 150; the farther apart two milestones
    are, the wider the arc.
    """
    shown = edges[:MOST_EDGES]
    place = {key: at for at, key in enumerate(order)}
    most = max((edge.n for edge in shown), default=1)
    arcs = []
    for edge in reversed(shown):
        top, bottom = place[edge.before] * row + row / 2, place[edge.after] * row + row / 2
        reach = min(140.0, 22.0 * abs(place[edge.after] - place[edge.before]))
        side = 1 if bottom > top else -1
        x = 150 + side * reach
        made = f"M150 {top:g}C{x:g} {top:g} {x:g} {bottom:g} 150 {bottom:g}"
        arcs.append(Arc(made, round(1 + 7 * edge.n / most, 2), side < 0, edge.n))
    nodes = [Node(key, at * row + row / 2) for key, at in place.items()]
    return ProcessMap(nodes, arcs, row * max(1, len(order)), len(edges) - len(shown))
