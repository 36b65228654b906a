"""Closed lists of words, and the WHO Trial Registration Data Set with the fields that answer it."""

from tembusu.config.reference import discovery, markdown
from tembusu.foundation.core.states import State
from trialformats.records import WHO_DATA_SET

LEAD = """The words that fields are limited to. What they mean to people is in the
[glossary](../glossary.md)."""
WHO = """The 24 items of the World Health Organization's Trial Registration Data Set, version
1.3.1, and the fields of `trialformats.records.TrialRecord` that answer each. A study's
completeness counts the items that are answered."""


def page() -> str:
    items = markdown.table(
        ["No.", "Item", "Fields"],
        [
            (str(item.no), item.name, ", ".join(markdown.code(name) for name in item.fields))
            for item in WHO_DATA_SET
        ],
    )
    lists = [section(room, states) for room, states in discovery.state_lists()]
    return markdown.page(
        "Words", "## WHO Trial Registration Data Set", WHO, items, "## Closed lists", LEAD, *lists
    )


def section(room: str, states: type[State]) -> str:
    says = " ".join((states.__doc__ or "").split())
    rows = [(markdown.code(one.value), one.label) for one in states]
    table = markdown.table(["Value", "Shown as"], rows)
    return "\n\n".join(
        part.strip() for part in (f"### {room}: {states.__name__}", says, table) if part
    )
