"""Items as people read them on a page: in one line, and part by part."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from tembusu.foundation.jurisdictions.rules import tables, values
from tembusu.foundation.jurisdictions.rules.tables import Condition
from tembusu.foundation.jurisdictions.terms import NO_APPLICATION, Item, ItemKind, Theme
from trialtime.cutoffs import say_cut_off

DETAILS: Mapping[str, str] = {
    "starts_on": "Day 0 is",
    "runs_for": "On whose side it runs",
    "event": "What it times",
    "obligation": "Belongs to",
    "type": "Kind of body",
    "short": "Short name",
    "system": "Its own system of record",
    "authority": "Body",
    "cardinality": "One application for each",
    "absorbs": "Takes in",
    "absorbs_because": "Why it does",
    "beside": "To be checked beside",
    "beside_check": "What is to be checked",
    "with": "Goes with",
    "post": "Post",
    "quality": "Must be",
    "is_external": "From outside the institution",
    "board": "Board",
    "clock": "Target time",
    "cut_off": "Cut-off",
    "role": "Part in the rule",
    "roles": "Asked of",
    "of": "Of the training",
}


def summary(item: Item) -> str:
    """Return an item's value in one line; '' where it is not known."""
    if item.is_empty or item.kind is not ItemKind.TABLE:
        return values.said(item.value, item.kind, item.unit)
    if item.theme is Theme.QUESTIONS:
        return tables.question(item).text
    if item.theme is Theme.ROUTES:
        made = tables.route(item)
        led = made.label if made.obligation == NO_APPLICATION else made.obligation
        return f"{led}: {made.reason}"
    if item.theme is Theme.CONTRADICTIONS:
        made_of = tables.contradiction(item)
        pairs = " with ".join(f"{name} = {one}" for name, one in made_of.answers.items())
        return f"{pairs}: {made_of.reason}"
    said = say_cut_off(tables.cut_off(item))
    return said[:1].upper() + said[1:]


def parts(item: Item) -> list[tuple[str, str]]:
    """Return what a structured value holds, part by part, and the item's further facts."""
    found = [] if item.is_empty else _value_parts(item)
    for name, value in item.details.items():
        found.append((DETAILS.get(name, name), _fact(value)))
    return found


def _fact(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value).replace("_", " ")


def _value_parts(item: Item) -> list[tuple[str, str]]:
    if item.theme is Theme.QUESTIONS:
        asked = tables.question(item)
        return [
            ("Asked of", f"the {asked.level}" if asked.level == "study" else "each product"),
            ("Asked when", _either(asked.asked_when) or "always"),
            ("Help", asked.hint or "none"),
            ("Answers", "; ".join(f"{one.label} ({one.value})" for one in asked.choices)),
        ]
    if item.theme is Theme.ROUTES:
        made = tables.route(item)
        return [
            ("Taken when", _either(made.when)),
            ("Leads to", made.label or made.obligation),
            ("Because", made.reason),
            ("Target time", _timed(made.clocks) or "none known"),
            ("To be checked", " ".join(one.text for one in made.checks) or "nothing further"),
        ]
    return []


def _either(when: Sequence[Condition]) -> str:
    return "; or ".join(
        " and ".join(f"{name} is {' or '.join(sorted(answers))}" for name, answers in one.items())
        for one in when
    )


def _timed(clocks: Iterable[tables.TimedBy]) -> str:
    return "; ".join(
        f"{one.clock} when {_either([one.when])}" if one.when else one.clock for one in clocks
    )


def in_force(item: Item) -> str:
    """Return the days on which an item holds, in words."""
    begins = f"from {_day(item.effective_from)}" if item.effective_from else ""
    last = item.effective_to - timedelta(days=1) if item.effective_to else None
    ends = f"to {_day(last)}" if last else ""
    return " ".join(part for part in (begins, ends) if part) or "start not known"


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
