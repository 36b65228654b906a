"""Draw the rule of attribution from a case that was really read, so that picture and code agree.

`.venv/bin/python docs/pictures/attribution.py` writes `attribution.svg` beside it. A test compares.
"""

from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from trialtime.attribution import SHARED, Attribution, Step, attribute
from trialtime.clocks import Turn

PICTURE = Path(__file__).with_suffix(".svg")
START = date(2026, 1, 5)
LABELS = {
    "package": "Documents complete",
    "ethics": "Ethics review",
    "contract": "Agreement",
    "training": "Team trained",
    "supplies": "Supplies at the site",
    "opening": "Site opened",
}
COLOURS = {
    "sponsor": ("#c2e0ef", "#0b4a6f"),
    "board": ("#d9ecd0", "#2d5016"),
    "institution": ("#f6dfc1", "#6b3c00"),
    "site": ("#e6dcf3", "#46277a"),
    SHARED: ("#e3e3e0", "#33332f"),
}
LEFT, RIGHT, TOP, ROW, DAY = 168, 40, 62, 38, 7.6


def on(day: int) -> date:
    """Return the date so many days after the start."""
    return START + timedelta(days=day)


def example() -> tuple[list[Step], Attribution]:
    """Return a made-up case of one site, and where its 70 days went."""
    question = Turn("sponsor", on(28), on(38))
    steps = [
        Step("package", (), "sponsor", on(14)),
        Step("ethics", ("package",), "board", on(50), (question,)),
        Step("contract", ("package",), "institution", on(40)),
        Step("training", ("ethics",), "site", on(62)),
        Step("supplies", ("ethics", "contract"), "sponsor", on(62)),
        Step("opening", ("training", "supplies"), "site", on(70)),
    ]
    return steps, attribute(steps, start_date=START, as_of=on(90), end_step="opening")


def x(day: date) -> float:
    """Return where a day begins, from the left."""
    return round(LEFT + (day - START).days * DAY, 1)


def text(place: float, height: float, said: str, **more: str) -> str:
    """Return words at a place."""
    given = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<text x="{place:g}" y="{height:g}"{given}>{escape(said)}</text>'


def bar(first: date, last: date, height: float, party: str, *, said: str) -> list[str]:
    """Return a bar in the colour of who holds it, with words inside."""
    fill, ink = COLOURS[party]
    return [
        f'<rect x="{x(first):g}" y="{height:g}" width="{x(last) - x(first):g}" height="24" rx="3" '
        f'fill="{fill}" stroke="{ink}"/>',
        text((x(first) + x(last)) / 2, height + 16, said, fill=ink, text_anchor="middle"),
    ]


def lane(step: Step, place: int, steps: dict[str, Step], found: Attribution) -> list[str]:
    """Return one step's row: hollow and dashed where it waited for nobody, filled where it held up."""
    height = TOP + place * ROW
    begun = max((steps[need].end_date or START for need in step.needs), default=START)
    end = step.end_date or found.end_date
    drawn = [text(LEFT - 12, height + 16, LABELS[step.key], text_anchor="end", font_weight="600")]
    own = [each for each in found.critical if each.step == step.key]
    if not own:
        drawn.append(
            f'<rect x="{x(begun):g}" y="{height:g}" width="{x(end) - x(begun):g}" height="24" rx="3" '
            'fill="none" stroke="#77776f" stroke-dasharray="4 3"/>'
        )
        said = f"{step.party}, held up nobody"
        drawn.append(text((x(begun) + x(end)) / 2, height + 16, said, text_anchor="middle"))
    for stretch in own:
        for first, last, party in held(step, stretch.start_date, stretch.end_date):
            drawn += bar(first, last, height, party, said=party)
    return drawn


def held(step: Step, first: date, last: date) -> list[tuple[date, date, str]]:
    """Return who held a step over its own days."""
    alone = attribute(
        [Step("only", (), step.party, last, step.turns)], start_date=first, as_of=last
    )
    return [(part.start_date, part.end_date, part.parties[0]) for part in alone.parts]


def draw() -> str:
    """Return the picture as SVG."""
    steps, found = example()
    known = {step.key: step for step in steps}
    below = TOP + len(steps) * ROW + 30
    width, height = x(found.end_date) + RIGHT, below + 76
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#33332f">',
        f"<title>Where {found.elapsed} days went</title>",
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
        text(
            16,
            24,
            "Each day belongs to what the case was waiting for",
            font_size="15",
            font_weight="600",
        ),
    ]
    for day in range(0, found.elapsed + 1, 10):
        lines.append(text(x(on(day)), 46, f"day {day}", text_anchor="middle", fill="#5f5f58"))
    for cut in sorted({each.start_date for each in found.parts} | {found.end_date}):
        lines.append(
            f'<path d="M{x(cut):g} {TOP - 8} V{below + 32}" stroke="#b9b9b2" stroke-dasharray="2 3"/>'
        )
    for place, step in enumerate(steps):
        lines += lane(step, place, known, found)
    lines.append(
        text(LEFT - 12, below + 16, "So the days are", text_anchor="end", font_weight="600")
    )
    for part in found.parts:
        party = part.parties[0] if len(part.parties) == 1 else SHARED
        lines += bar(part.start_date, part.end_date, below, party, said=f"{party} {part.days}")
    total = " + ".join(f"{party} {days}" for party, days in found.days_by_party().items())
    lines.append(text(LEFT, below + 56, f"{total} = {found.elapsed} days", font_weight="600"))
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
