"""Geometry of the small charts that the server draws: plain numbers in, places in per cent out.

Axes are in per cent of the picture and type is in pixels, so a chart reflows from 320 px up and
its words never shrink. No style attribute is needed, which a strict content policy forbids.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tembusu.foundation.ui.terms import Bar, Point

STEPS = (1, 2, 2.5, 5, 10)
FLAT = 1e-9  # a span below this part of the values is drawn as a level line
EDGE = 2.0  # per cent kept free on either side of a trend, so that its end marks are whole


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: place in per cent from the left or the bottom, and its label."""

    pct: float
    label: str


@dataclass(frozen=True, slots=True)
class DrawnBar:
    bar: Bar
    width_pct: float
    text: str


@dataclass(frozen=True, slots=True)
class DrawnPoint:
    """A point, and the top of its interval, above which its value is written."""

    point: Point
    x_pct: float
    y_pct: float
    top_pct: float
    text: str
    has_label: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """A drawn trend: points in per cent from the top left, the line and band as SVG coordinates."""

    points: Sequence[DrawnPoint]
    line: str
    band: str
    ticks: Sequence[Tick]
    target_pct: float | None = None


def nice_ticks(low: float, high: float, *, n: int = 4) -> list[float]:
    """Return about ``n`` + 1 round values that enclose low to high; the step is 1, 2, 2.5 or 5."""
    if not (math.isfinite(low) and math.isfinite(high)) or high < low:
        raise ValueError("A chart needs finite values, the lower one first.")
    scale = max(abs(low), abs(high))
    is_flat = high - low <= scale * FLAT or scale <= FLAT
    span = (scale if scale > FLAT else 1.0) if is_flat else high - low
    size = 10.0 ** math.floor(math.log10(span / n))
    step = next(size * factor for factor in STEPS if size * factor * n >= span * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, 3 - math.floor(math.log10(step)))
    return [round(index * step, digits) for index in range(first, max(last, first + 1) + 1)]


def plain(value: float) -> str:
    return f"{value:,.10g}" if value != round(value) else f"{round(value):,}"


def bars(rows: Sequence[Bar]) -> list[DrawnBar]:
    """Return the bars with their widths in per cent of the longest; values are 0 or more."""
    if any(row.value < 0 for row in rows):
        raise ValueError("A bar cannot be shorter than nothing; draw a trend instead.")
    longest = max((row.value for row in rows), default=0) or 1
    return [
        DrawnBar(row, round(100 * row.value / longest, 2), row.text or plain(row.value))
        for row in rows
    ]


def trend(points: Sequence[Point], *, target: float | None = None, from_zero: bool = True) -> Trend:
    """Return a trend of evenly spaced points, with their intervals and a target where given."""
    if not points:
        raise ValueError("A trend needs a point.")
    ends = [value for point in points for value in (point.value, point.low, point.high)]
    known = [value for value in [*ends, target, 0.0 if from_zero else None] if value is not None]
    ticks = nice_ticks(min(known), max(known))
    if target is not None and target == ticks[0] and not from_zero:
        ticks.insert(0, 2 * ticks[0] - ticks[1])  # room below for the target's own words
    drawn = [_placed(points, index, ticks) for index in range(len(points))]
    return Trend(
        points=drawn,
        line=_pairs([(point.x_pct, point.y_pct) for point in drawn]),
        band=_band(drawn, ticks),
        ticks=[Tick(_height(value, ticks), plain(value)) for value in ticks],
        target_pct=None if target is None else _height(target, ticks),
    )


def _placed(points: Sequence[Point], index: int, ticks: Sequence[float]) -> DrawnPoint:
    room = 100 - 2 * EDGE
    x = EDGE + (room * index / (len(points) - 1) if len(points) > 1 else room / 2)
    point = points[index]
    at_end = index in {0, len(points) - 1}
    top = point.value if point.high is None else point.high
    return DrawnPoint(
        point=point,
        x_pct=round(x, 2),
        y_pct=_height(point.value, ticks),
        top_pct=_height(top, ticks),
        text=plain(point.value),
        has_label=at_end,
    )


def _height(value: float, ticks: Sequence[float]) -> float:
    return round(100 - 100 * (value - ticks[0]) / (ticks[-1] - ticks[0]), 2)


def _band(drawn: Sequence[DrawnPoint], ticks: Sequence[float]) -> str:
    held = [(place.x_pct, place.point.low, place.point.high) for place in drawn]
    whole = [(x, low, high) for x, low, high in held if low is not None and high is not None]
    upper = [(x, _height(high, ticks)) for x, _, high in whole]
    lower = [(x, _height(low, ticks)) for x, low, _ in reversed(whole)]
    return _pairs([*upper, *lower])


def _pairs(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)
