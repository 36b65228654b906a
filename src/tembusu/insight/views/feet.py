"""What stands under every figure: n, period, age, definition, and the cases behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tembusu.foundation.ui import wording
from tembusu.insight.rules import asked as rules
from tembusu.insight.selectors.blocks import Standing
from tembusu.insight.selectors.dashboard import View
from tembusu.insight.terms import DefinitionInForce


@dataclass(frozen=True, slots=True)
class Foot:
    """The line under a figure. ``definitions`` are (key and version, key) pairs."""

    n: str
    period: str
    age: str
    definitions: Sequence[tuple[str, str]] = ()
    cases_url: str = ""


def age(standing: Standing, now: datetime) -> str:
    """Return how old the figures are: whether anything waits to be counted, and the last change."""
    if standing.changed_at is None:
        return "No figures yet"
    if standing.behind_since is not None:
        return f"Figures behind since {wording.moment(standing.behind_since)}"
    return f"Figures in step, last change {wording.since(standing.changed_at, now)}"


def foot(
    view: View,
    age_said: str,
    *,
    n: str,
    definitions: Sequence[DefinitionInForce] = (),
    cases_url: str = "",
    period: str = "",
) -> Foot:
    """Return the foot of a figure; several definitions of one run are told as 'SU-01 v1 to SU-12 v1'."""
    held = [(one.quoted, one.key) for one in definitions]
    return Foot(n, period or rules.period(view.asked.lens), age_said, held, cases_url)
