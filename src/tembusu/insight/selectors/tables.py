"""The figures of a page as rows, for files: exactly what is told, no more."""

from tembusu.insight.selectors.dashboard import Measured, View, measured

HEADING = (
    "Measure", "Definition", "Target (days)", "n", "Reached", "Unfinished",
    "Withdrawn or stopped", "Lower quartile (days)", "Median (days)", "95% from", "95% to",
    "Upper quartile (days)", "Judged", "Within target", "Share within (%)", "Median before (days)",
    "n before", "Selected from", "Selected to", "Read on",
)  # fmt: skip
HELD_BACK = "held back"


def figure_rows(view: View) -> list[list[object]]:
    """Return a row for each measure, in the order of `HEADING`."""
    return [_row(view, one) for one in measured(view)]


def _row(view: View, one: Measured) -> list[object]:
    text, lens = one.definition.text, view.asked.lens
    ends = [f"{lens.first_month:%Y-%m}", f"{lens.last_month:%Y-%m}", view.as_of.isoformat()]
    start = [text.label, one.definition.quoted, text.target_days]
    if one.now is None:
        return [*start, *[HELD_BACK] * 14, *ends]
    now, share = one.now, one.now.share
    lower, median, upper = now.quartiles
    sees_all = view.reader.sees_all
    fraction = share.fraction if share else None
    return [
        *start,
        now.n,
        now.n_reached if sees_all else None,
        now.n_unfinished if sees_all else None,
        now.n_left if sees_all else None,
        lower.value,
        median.value,
        median.lower,
        median.upper,
        upper.value,
        share.n if share else None,
        share.n_within if share else None,
        None if fraction is None else f"{100 * fraction:.0f}",
        one.before.median.value if one.before else None,
        one.before.n if one.before else None,
        *ends,
    ]
