"""How figures are worded: days, intervals, shares, and what is held back or not reached."""

from collections.abc import Collection, Mapping

from tembusu.insight.rules.figures import Figure
from tembusu.insight.rules.shares import Share
from tembusu.insight.selectors.dashboard import View
from trialtime.survival import Quantile

HELD_BACK = "held back"
WHY_HELD_BACK = "It is, or would tell, a group of fewer than 5 study-sites."
NOT_YET = "not yet"

PARTY_WORDS: Mapping[str, str] = {"shared": "Shared", "several": "Several stages"}


def days(value: float | None) -> str:
    """Return '148', or 'not yet' where half are not there."""
    return NOT_YET if value is None else f"{value:,.0f}"


def n_of(held: Figure, view: View) -> str:
    """Return 'n 412, 96 unfinished'; n alone to those from whom small cells are held back."""
    unfinished = f", {held.n_unfinished:,} unfinished" if view.reader.sees_all else ""
    return f"n {held.n:,}{unfinished}"


def interval(held: Quantile, before: str = "") -> str:
    """Return '139–157'; an end that is not reached is open."""
    if held.value is None:
        return ""
    low = "?" if held.lower is None else f"{held.lower:,.0f}"
    high = "not reached" if held.upper is None else f"{held.upper:,.0f}"
    return f"{before}{low}–{high}" if held.upper is not None else f"{before}{low} to {high}"


def percent(fraction: float | None) -> str:
    """Return a share of 0 to 1 in whole per cent, without the sign."""
    return "" if fraction is None else f"{100 * fraction:.0f}"


def share_interval(held: Share, before: str = "") -> str:
    if held.low is None or held.high is None:
        return ""
    return f"{before}{percent(held.low)}–{percent(held.high)}"


def without_others(names: Mapping[str, str], own: Collection[str]) -> dict[str, str]:
    """Return the names of groups, those that are not the reader's own without their names."""
    return {key: name if key in own else "Another institution" for key, name in names.items()}
