"""The figures of a committee paper as data for its template, its pictures as SVG of a fixed size."""

from typing import Any
from xml.sax.saxutils import escape

from tembusu.insight.rules import asked as rules
from tembusu.insight.selectors import dashboard
from tembusu.insight.selectors.dashboard import Measured, View
from tembusu.insight.terms import WHOLE
from tembusu.insight.views import drawn, words

WIDTH, HEIGHT = 640, 230
FONT = "Libertinus Serif"
INK, ACCENT, BAND, GREY, GRID, TARGET = (
    "#57524a",
    "#0b5f57",
    "#cfe5df",
    "#8a8378",
    "#e5e1d9",
    "#a35a00",
)
BASIS = (
    "Study-sites by the month in which they were selected. Medians and quartiles by Kaplan-Meier: what"
    " is unfinished counts as censored on the day of reading, what was withdrawn or stopped on that day."
    " Intervals are 95%. Within the target: unfinished study-sites that are not due yet are not judged,"
    " overdue ones have missed it."
)


def data_of(view: View, title: str, *, is_synthetic: bool, author: str) -> dict[str, Any]:
    """Return what the template of the paper reads."""
    held = {one.definition.measure: one for one in dashboard.measured(view)}
    period = rules.period(view.asked.lens)
    return {
        "title": title,
        "author": author,
        "lead": f"Study-sites selected {period}, as read on {view.as_of:%d %b %Y}; unfinished ones count"
        " as censored.",
        "footer": f"{title}, read on {view.as_of:%d %b %Y}",
        "is_synthetic": is_synthetic,
        "headline": _headline(held, view),
        "curve": _curve(held.get(WHOLE), view),
        "stages": [_stage(one) for one in held.values()],
        "days": _days(view),
        "trend": _trend(view),
        "basis": BASIS,
        "definitions": [_definition(one) for one in held.values()],
    }


def _headline(held: dict[str, Measured], view: View) -> list[dict[str, str]]:
    found = []
    for measure in (WHOLE, "participant"):
        one = held.get(measure)
        if one and one.now:
            found.append(
                {
                    "label": f"{one.definition.text.label}, median",
                    "value": words.days(one.now.median.value),
                    "unit": "days" if one.now.median.value is not None else "",
                    "interval": words.interval(one.now.median, "95% interval "),
                    "note": f"n {one.now.n:,}, {one.now.n_unfinished:,} unfinished",
                }
            )
    one = held.get(WHOLE)
    share = one.now.share if one and one.now else None
    if share and share.fraction is not None:
        found.append(
            {
                "label": f"Open within {view.target(WHOLE)} days",
                "value": f"{words.percent(share.fraction)}%",
                "unit": "",
                "interval": words.share_interval(share, "95% interval "),
                "note": f"n {share.n:,} judged",
            }
        )
    return found


def _stage(one: Measured) -> list[str]:
    now = one.now
    if now is None:
        return [one.definition.text.label, one.definition.quoted, *["held back"] * 6]
    lower, _, upper = now.quartiles
    before = one.before if one.before and one.before.n else None
    share = now.share.fraction if now.share else None
    return [
        one.definition.text.label,
        one.definition.quoted,
        words.days(now.median.value),
        words.interval(now.median) or "–",
        f"{words.days(lower.value)}–{words.days(upper.value)}",
        words.days(before.median.value) if before else "–",
        "–" if share is None else f"{words.percent(share)}%",
        f"{now.n:,} ({now.n_unfinished:,})",
    ]


def _definition(one: Measured) -> dict[str, str]:
    text = one.definition.text
    target = ""
    if text.target_days is not None:
        target = f"Target {text.target_days:,} days ({text.target_source})."
    return {"key": one.definition.quoted, "label": text.label, "says": text.says, "target": target}


def _days(view: View) -> dict[str, Any]:
    held = dashboard.lost_days(view)
    if held is None or not held.lost.n:
        return {"title": "Where the days go", "n": 0, "head": ["Stage", "Sum"], "rows": []}
    told = drawn.days(held)
    rows = [[line["label"], *line["said"], line["sum"]] for line in told["lines"]]
    return {
        "title": f"Where {told['whole_rounded']} days go",
        "n": held.lost.n,
        "head": ["Stage", *(name for name, _ in told["parties"]), "Sum"],
        "rows": [*rows, ["Whole", *told["sums"], told["whole"]]],
    }


# -- pictures --------------------------------------------------------------------------------------


def _svg(body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' font-family="{FONT}" font-size="11" fill="{INK}">{body}</svg>'
    )


def _text(x: float, y: float, said: str, anchor: str = "middle", fill: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(said)}</text>'
    )


def _line(x1: float, x2: float, y1: float, y2: float, colour: str, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashed}/>'
    )


def _in_square(body: str, top: float, height: float) -> str:
    """Place what is drawn in a square of 1,000 where the axes are."""
    moved = f"translate({0.07 * WIDTH:.1f} {top})"
    scaled = f"scale({0.92 * WIDTH / 1000:.4f} {height / 1000})"
    return f'<g transform="{moved} {scaled}">{body}</g>'


def _path(d: str, *, fill: str = "none", stroke: str = "none", width: float = 0) -> str:
    if not d:
        return ""
    return (
        f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"'
        ' vector-effect="non-scaling-stroke"/>'
    )


def _curve(one: Measured | None, view: View) -> dict[str, str]:
    if one is None or one.now is None:
        return {"svg": _svg(_text(WIDTH / 2, 100, "No figures")), "alt": "No figures."}
    told = drawn.curve(one, one.now, view)
    body = []
    for place, label in enumerate(("100%", "75", "50", "25", "0")):
        y = 10 + 47.5 * place
        body += [_line(0.07 * WIDTH, 0.99 * WIDTH, y, y, GRID)]
        body += [_text(0.06 * WIDTH, y + 4, label, "end")]
    body += [_text(t.pct * WIDTH / 100, 218, t.label) for t in told["ticks"]]
    # Strokes are scaled with the square here: the widths are chosen for that.
    curves = _path(told["band"], fill=BAND)
    curves += _path(told["line_before"], stroke=GREY, width=3)
    curves += _path(told["line"], stroke=ACCENT, width=5)
    body.append(_in_square(curves, 10, 190))
    if told["target_x"] is not None:
        x = told["target_x"] * WIDTH / 100
        body += [_line(x, x, 10, 200, TARGET, "5 3")]
        body += [_text(x - 5, 20, f"Target {told['target']} days", "end", TARGET)]
    return {"svg": _svg("".join(body)), "alt": told["finding"]}


def _trend(view: View) -> dict[str, Any]:
    target = view.target(WHOLE)
    told = drawn.trend(dashboard.quarterly(view, WHOLE), target)
    picture, body = told["picture"], []
    for y, label in picture.marks:
        body += [_line(0.07 * WIDTH, 0.99 * WIDTH, 10 + y, 10 + y, GRID)]
        body += [_text(0.06 * WIDTH, 14 + y, label, "end")]
    curves = "".join(_path(band, fill=BAND) for band in picture.bands)
    curves += "".join(_path(line, stroke=ACCENT, width=5) for line in picture.lines)
    body.append(_in_square(curves, 10, drawn.TREND))
    if picture.target_y is not None:
        y = 10 + picture.target_y
        body += [_line(0.07 * WIDTH, 0.99 * WIDTH, y, y, TARGET, "5 3")]
        body += [_text(0.99 * WIDTH, y + 13, f"Target {target}", "end", TARGET)]
    for dot in picture.dots:
        x = dot.x_pct * WIDTH / 100
        body += [_text(x, 215, dot.label), _text(x, 227, dot.year)]
        if dot.y is not None:
            body += [f'<circle cx="{x:.1f}" cy="{10 + dot.y:.1f}" r="3" fill="{ACCENT}"/>']
            if dot.has_label:
                body += [_text(x, 3 + dot.y, dot.value)]
    return {"svg": _svg("".join(body)), "alt": told["finding"], "rows": told["rows"]}
