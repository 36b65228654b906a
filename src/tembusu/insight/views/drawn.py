"""The pictures of the dashboard, with the lines of the tables beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tembusu.coordination.startup.terms import PARTIES, Stage
from tembusu.insight.rules import funnel as funnels
from tembusu.insight.rules import pictures
from tembusu.insight.rules.figures import Figure
from tembusu.insight.rules.funnel import Unit
from tembusu.insight.rules.pictures import Median
from tembusu.insight.rules.telling import Told
from tembusu.insight.selectors.dashboard import Days, Measured, View
from tembusu.insight.terms import THRESHOLD, WHOLE
from tembusu.insight.views import words

FUNNEL, TREND = 316, 190  # heights of the plotting areas, in pixels
CURVE = 230
TABLE_DAYS = 6
# Which of the palette's colours a party has; a party that the palette does not name is drawn as shared.
COLOURS: Mapping[str, str] = {
    "sponsor": "sponsor",
    "cro": "cro",
    "institution": "institution",
    "site": "site",
    "ethics_board": "board",
    "regulator": "regulator",
    "coordinating_body": "office",
}


def party(key: str) -> str:
    """Return how a party is called on screen."""
    return words.PARTY_WORDS.get(key) or PARTIES.get(key) or key.replace("_", " ").capitalize()


def stage(key: str) -> str:
    """Return how a stage is called on screen."""
    if key in words.PARTY_WORDS:
        return words.PARTY_WORDS[key]
    try:
        return Stage(key).label
    except ValueError:
        return key.replace("_", " ").capitalize()


# -- shares by day ---------------------------------------------------------------------------------


def curve(one: Measured, now: Figure, view: View) -> dict[str, Any]:
    """Return the curve of the share open by each day, and its table."""
    quartile = now.quartiles[2].value or now.curve.last_seen
    ticks = pictures.nice(max(30.0, min(now.curve.last_seen, 1.6 * quartile)))
    last = float(ticks[-1])
    target, median = one.definition.text.target_days, now.median.value
    before = one.before if one.before and one.before.n else None
    return {
        "ticks": pictures.marks(ticks),
        "line": pictures.reached_curve(now.curve, last),
        "band": pictures.band_of(now.curve, last),
        "line_before": pictures.reached_curve(before.curve, last) if before else "",
        "target": target,
        "target_x": pictures.across(target, last) if target is not None else None,
        "median": None if median is None or median > last else words.days(median),
        "median_x": None if median is None else pictures.across(median, last),
        "finding": _curve_finding(one, now),
        "rows": [_at(now, day, view) for day in ticks[:: max(1, len(ticks) // TABLE_DAYS)]],
    }


def _curve_finding(one: Measured, now: Figure) -> str:
    median = now.median.value
    said = "Half are not open yet" if median is None else f"Half are open by day {median:,.0f}"
    if one.before and one.before.median.value is not None:
        said += f"; in the period before by day {one.before.median.value:,.0f}"
    if now.share and now.share.fraction is not None:
        target = one.definition.text.target_days
        said += (
            f"; {words.percent(now.share.fraction)}% of those judged by the target of {target} days"
        )
    return said + "."


def _at(now: Figure, day: int, view: View) -> tuple[str, str, str, str]:
    row = int(np.searchsorted(now.curve.times, day, side="left"))
    at_risk = int(now.curve.n_at_risk[row]) if row < len(now.curve.times) else 0
    share = now.curve.reached_by(day)
    told = f"{at_risk:,}"
    if 0 < at_risk < THRESHOLD and not view.reader.sees_all:
        told = f"under {THRESHOLD}"
    if share.value is None:
        return (f"Day {day}", told, "–", "–")
    ends = "–"
    if share.lower is not None and share.upper is not None:
        ends = f"{words.percent(share.lower)}–{words.percent(share.upper)}"
    return (f"Day {day}", told, f"{words.percent(share.value)}%", ends)


# -- a forest of stages ----------------------------------------------------------------------------


def forest(held: Sequence[Measured]) -> dict[str, Any]:
    """Return a line for each measure: its picture and its numbers."""
    known = [
        value
        for one in held
        if one.now
        for value in (
            one.now.quartiles[2].value,
            one.now.median.upper,
            one.definition.text.target_days,
        )
        if value is not None
    ]
    ticks = pictures.nice(max(known, default=10))
    lines = [_forest_line(one, ticks[-1]) for one in held]
    return {"ticks": [(round(100 * t / ticks[-1], 2), f"{t:,}") for t in ticks], "lines": lines}


def _forest_line(one: Measured, last: int) -> dict[str, Any]:
    text = one.definition.text
    line: dict[str, Any] = {
        "measure": one.definition.measure,
        "label": text.label,
        "key": one.definition.key,
        "is_whole": one.definition.measure == WHOLE,
        "target": "–" if text.target_days is None else f"{text.target_days:,}",
        "target_x": _x(text.target_days, last),
        "figure": one.now,
    }
    if one.now is None:
        return line
    before = one.before if one.before and one.before.n else None
    return (
        line
        | _estimates(one.now, last)
        | {
            "before_x": _x(before.median.value, last) if before else None,
            "before": words.days(before.median.value) if before else "",
        }
    )


def _x(value: float | None, last: int) -> float | None:
    return None if value is None else round(100 * min(value, last) / last, 2)


def _estimates(now: Figure, last: int) -> dict[str, Any]:
    """Return a figure's median, limits and middle half as places and as words."""
    lower, median, upper = now.quartiles
    low, high = _x(median.lower, last), _x(median.upper, last)
    first, third = _x(lower.value, last), _x(upper.value, last)
    share = now.share.fraction if now.share else None
    return {
        "median": words.days(median.value),
        "interval": words.interval(median) or "–",
        "median_x": _x(median.value, last),
        "whisker": None if low is None else (low, 100.0 if high is None else high),
        "quartiles": None
        if first is None
        else (first, round((100.0 if third is None else third) - first, 2)),
        "quartiles_said": f"{words.days(lower.value)} to {words.days(upper.value)}",
        "within": "–" if share is None else f"{words.percent(share)}%",
        "n": f"{now.n:,}",
        "n_unfinished": f"{now.n_unfinished:,}",
    }


def group_line(name: str, now: Figure, last: int) -> dict[str, Any]:
    """Return a group's line: its picture and its numbers."""
    return {"label": name, "figure": now, **_estimates(now, last)}


# -- where the days go -----------------------------------------------------------------------------


def days(held: Days) -> dict[str, Any]:
    """Return mean days by stage and party, so rounded that what is shown adds up to what is shown."""
    lost, n = held.lost, held.lost.n
    stages = held.stages or ("",)
    total = lost.total if held.stages else {"": lost.by_party()}
    longest = max((sum(total[key].values()) for key in stages), default=1) or 1
    lines = [_days_line(key, total[key], held, longest, n) for key in stages]
    means = {key: sum(line["cells"][key][1] for line in lines) for key in held.parties}
    whole = lost.elapsed / n
    return {
        "parties": [(party(key), COLOURS.get(key, "shared")) for key in held.parties],
        "lines": lines,
        "sums": [f"{means[key]:.1f}" for key in held.parties],
        "held_back": f"{held.held_back / n:.1f}" if held.held_back else "",
        "whole": f"{whole:.1f}",
        "whole_rounded": f"{whole:,.0f}",
        "is_by_stage": bool(held.stages),
    }


def _days_line(
    key: str, parties: Mapping[str, int], held: Days, longest: int, n: int
) -> dict[str, Any]:
    cells = {who: (parties.get(who, 0), parties.get(who, 0) / n) for who in held.parties}
    segments, x = [], 0.0
    for who in held.parties:
        width = 88 * parties.get(who, 0) / longest
        if width > 0:
            mean = parties[who] / n
            segments.append(
                {
                    "x": round(x, 2),
                    "width": round(width, 2),
                    "colour": COLOURS.get(who, "shared"),
                    "text": f"{mean:.0f}" if width > 6 else "",
                }
            )
        x += width
    told = sum(days for days, _ in cells.values())
    return {
        "label": stage(key) if key else "All stages",
        "segments": segments,
        "end": round(x + 1, 2),
        "cells": cells,
        "said": [f"{mean:.1f}" if n_days else "–" for n_days, mean in cells.values()],
        "sum": f"{told / n:.1f}",
    }


# -- institutions beside each other ----------------------------------------------------------------


def own_institutions(view: View) -> set[str]:
    """Return the institutions of the reader's own cases."""
    mine = view.mask & view.reader.mine(view.block)
    return {str(pk) for pk in np.unique(view.block.cases["institution"][mine]).tolist()}


def units_of(groups: Told) -> list[Unit]:
    """Return the groups that are told and of which something is judged, as units of a funnel."""
    return [
        Unit(key, held.share.n_within, held.share.n)
        for key, held in groups.told.items()
        if held.share and held.share.n
    ]


def funnel(
    view: View,
    units: Sequence[Unit],
    names: Mapping[str, str],
    measure: str = WHOLE,
    *,
    are_all_named: bool = True,
) -> dict[str, Any] | None:
    """Return the funnel of the share within the target, or None without a target or units.

    :param are_all_named: whether the table names all units, or those outside the limits alone
    """
    target = view.target(measure)
    n, k = sum(unit.n for unit in units), sum(unit.k for unit in units)
    if target is None or not units:
        return None
    nation = k / n
    ratio = funnels.dispersion(units, nation)
    picture = pictures.draw_funnel(units, nation, height=FUNNEL)
    readings = {(unit.k, unit.n): funnels.reading(unit, nation) for unit in units}
    rows = [
        {
            "name": names[unit.key],
            "key": unit.key,
            "n": f"{unit.n:,}",
            "share": f"{words.percent(unit.k / unit.n)}%",
            "reading": readings[unit.k, unit.n].capitalize(),
        }
        for unit in sorted(units, key=lambda unit: (names[unit.key], unit.key))
        if are_all_named or readings[unit.k, unit.n] != "as expected"
    ]
    out = [names[dot.key] for dot in picture.dots if dot.reading != "as expected" and dot.key]
    return {
        "picture": picture,
        "rows": rows,
        "names": names,
        "target": target,
        "nation": words.percent(nation),
        "n_units": len(units),
        "n_out": len(out),
        "dispersion": "" if ratio is None else f"{ratio:.1f}",
        "is_overdispersed": funnels.is_overdispersed(ratio, len(units)),
        "dots": [(dot, names.get(dot.key, "")) for dot in picture.dots],
        "height": FUNNEL,
    }


# -- over time -------------------------------------------------------------------------------------


def trend(held: Sequence[tuple[str, Figure | None]], target: int | None) -> dict[str, Any]:
    """Return the median by quarter, and its table."""
    points = [
        Median(name, one.median.value, one.median.lower, one.median.upper)
        if one
        else Median(name, None, None, None)
        for name, one in held
    ]
    known = [(point.label, point.value) for point in points if point.value is not None]
    return {
        "picture": pictures.draw_trend(points, target, height=TREND),
        "rows": [_trend_row(name, one) for name, one in held],
        "heading": _trend_heading([value for _, value in known if value is not None]),
        "finding": _trend_finding(known, target),
    }


def _trend_row(name: str, one: Figure | None) -> tuple[str, str, str, str]:
    if one is None:
        return (name, words.HELD_BACK, "–", "–")
    said = "half not open yet" if one.median.value is None else words.days(one.median.value)
    return (name, said, words.interval(one.median) or "–", f"{one.n:,}")


def _trend_heading(values: Sequence[float | None]) -> str:
    return "Quarter by quarter" if len(values) < 2 else "From selected to open, quarter by quarter"


def _trend_finding(known: Sequence[tuple[str, float | None]], target: int | None) -> str:
    if not known:
        return "In no quarter are half of the study-sites open yet."
    first, last = known[0], known[-1]
    said = f"The median was {first[1]:,.0f} days in {first[0]}"
    if len(known) > 1:
        said += f" and {last[1]:,.0f} in {last[0]}"
    return said + (f"; the target is {target}." if target is not None else ".")
