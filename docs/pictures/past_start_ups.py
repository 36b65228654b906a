"""Draw what the generator of past start-ups gives, from a run of it, so that picture and code agree.

`.venv/bin/python docs/pictures/past_start_ups.py` writes `past_start_ups.svg` beside it, and a test
compares the two.
"""

import statistics
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from tembusu.coordination.startup.demo import history
from tembusu.coordination.startup.demo.walking import Happening, walk
from tembusu.coordination.startup.demo.world import PastSite, World
from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.terms import PathwayPlan
from trialtime.calendars import national_calendar

PICTURE = Path(__file__).with_suffix(".svg")
PATHWAYS = Path(plans.__file__).parents[1] / "pathways"
SEED, N_STUDIES, N_SITES, N_BODIES = 20211101, 320, 5, 12
FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
INK, FILL, LINE = "#33332f", "#c2e0ef", "#0b4a6f"
WIDTH, LEFT, ROW, BAR, GAP = 780, 212, 74, 44, 34
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def pathways() -> dict[str, PathwayPlan]:
    """Return the pathways of the release."""
    files = sorted(PATHWAYS.glob("[0-9]*.toml"))
    return history.plans_by_key(
        [plans.read_plan(tomllib.loads(each.read_text())) for each in files]
    )


def run() -> tuple[World, dict[str, list[dict[str, Happening]]]]:
    """Return what happened at each site to its end, by pathway."""
    world = history.make_world(
        first_date=FIRST,
        as_of=LAST,
        seed=SEED,
        calendar=lambda first, last: national_calendar("SG", first_year=first, last_year=last),
    )
    known, found = pathways(), {}
    for study, first in enumerate(history.first_days(world, N_STUDIES)):
        plan = list(known.values())[study % len(known)]
        for place, day in enumerate(history.selected_days(world, study, first, N_SITES)):
            body, route = (study + 5 * place) % N_BODIES, (("CTA",), ("CTN",))[study // 4 % 2]
            site = PastSite(
                study, body, body % 3, f"sponsor {study % 23}", "", "", "", plan.key, route, day
            )
            found.setdefault(plan.key, []).append(walk(site, plan, world))
    return world, found


def panels() -> list[tuple[str, str, list[int], int, str]]:
    """Return each row: title, words below, heights of its bars, width of a bar in its unit, and unit."""
    _, found = run()
    known, rows = pathways(), []
    for key, sites in found.items():
        gate = known[key].gate.key
        days = [(each[gate].end - _selected(each)).days for each in sites]
        rows.append((known[key].title, _said(days), _bins(days, 20, 25), 20, "days"))
    talks = [
        (each["contract_negotiated"].end - each["contract_negotiated"].ready).days
        for key, sites in found.items()
        if "contract_negotiated" in {one.key for one in known[key].milestones}
        for each in sites
        if not any(turn.reason == "other" for turn in each["contract_negotiated"].turns)
    ]
    rows.append(("Agreement negotiated", _said(talks), _bins(talks, 10, 25), 10, "days"))
    ended = Counter(
        one.end.month * 2 - (one.end.day <= 15)
        for sites in found.values()
        for each in sites
        for one in each.values()
        if not one.left_out and FIRST.year < one.end.year < LAST.year
    )
    halves = [ended[half] for half in range(1, 25)]
    said = f"{sum(halves):,} milestones by half month of their end"
    rows.append(("Ends over the year", said, halves, 1, "halves"))
    return rows


def _selected(each: dict[str, Happening]) -> date:
    return min(one.ready for one in each.values())


def _bins(days: Sequence[int], wide: int, n: int) -> list[int]:
    """Count days in bins of a width; the last bin holds all that are longer."""
    found = Counter(min(day // wide, n - 1) for day in days)
    return [found[place] for place in range(n)]


def _said(days: Sequence[int]) -> str:
    low, middle, high = (round(one) for one in statistics.quantiles(days, n=4))
    return f"n {len(days)}, median {middle}, quartiles {low} and {high} days"


def text(place: float, height: float, said: str, **more: str) -> str:
    given = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<text x="{place:g}" y="{height:g}"{given}>{escape(said)}</text>'


def row(
    top: float, title: str, said: str, heights: Sequence[int], wide: int, unit: str
) -> list[str]:
    """Return one row: its words, bars, and marks below them."""
    step = (WIDTH - LEFT - 24) / len(heights)
    lines = [
        text(16, top + 18, title, font_weight="600"),
        text(LEFT, top - 6, said, font_size="11"),
        f'<line x1="{LEFT}" x2="{WIDTH - 24}" y1="{top + BAR}" y2="{top + BAR}" stroke="{INK}"/>',
    ]
    for place, n in enumerate(heights):
        tall = round(BAR * n / max(heights), 1)
        if tall:
            lines.append(
                f'<rect x="{LEFT + place * step + 1:.1f}" y="{top + BAR - tall:g}"'
                f' width="{step - 2:.1f}" height="{tall:g}" fill="{FILL}" stroke="{LINE}"/>'
            )
    for place in range(0, len(heights), 2 if unit == "halves" else 5):
        said = MONTHS[place // 2] if unit == "halves" else str(place * wide)
        lines.append(text(LEFT + place * step, top + BAR + 13, said, font_size="11"))
    if unit != "halves":
        end = f"{(len(heights) - 1) * wide} and more"
        lines.append(text(WIDTH - 24, top + BAR + 13, end, font_size="11", text_anchor="end"))
    return lines


def draw() -> str:
    """Return the picture as SVG."""
    found = panels()
    height = 56 + len(found) * (ROW + GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
        "<title>How long made-up start-ups take, by pathway, and when in the year things end</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(16, 24, "Days from selected to open, to negotiate, and ends over the year",
             font_size="15", font_weight="600"),
    ]  # fmt: skip
    for place, (title, said, heights, wide, unit) in enumerate(found):
        lines += row(66 + place * (ROW + GAP), title, said, heights, wide, unit)
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
