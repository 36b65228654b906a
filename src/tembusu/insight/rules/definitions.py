"""What a definition may say, what the file of the release says, and what follows from a change."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from tembusu.insight.terms import CountsFrom, DefinitionInForce, DefinitionText, InsightRefused

LONGEST_TARGET = 3650  # days; ten years, beyond which a typing slip is likelier than a target
KNOWN = {"key", "measure", "label", "says", "counts_from", "target_days", "target_source"}


class DefinitionRefused(InsightRefused):
    """A definition that can't stand as it is."""


class DefinitionFault(ValueError):
    """The file of definitions is wrong; the message names the definition."""


def check_definition(text: DefinitionText, *, reason: str, present: DefinitionText) -> None:
    """Refuse a definition that says nothing new, sets a target without its source, or has no reason.

    :raises DefinitionRefused: saying what is missing
    """
    check_text(text)
    if text == present:
        raise DefinitionRefused("Nothing has changed. Change the definition, or leave it.")
    if not reason.strip():
        raise DefinitionRefused("Say why the definition changes: readers of the figures will ask.")


def check_text(text: DefinitionText) -> None:
    """Refuse a text that is no definition.

    :raises DefinitionRefused: saying what is missing
    """
    if not text.label.strip() or not text.says.strip():
        raise DefinitionRefused("A definition needs a name and what it counts, in words.")
    if text.target_days is not None and not 1 <= text.target_days <= LONGEST_TARGET:
        raise DefinitionRefused(f"A target is 1 to {LONGEST_TARGET:,} calendar days.")
    if text.target_days is not None and not text.target_source.strip():
        raise DefinitionRefused("Say where the target is laid down: a decision, a page, a date.")
    if text.target_days is None and text.target_source.strip():
        raise DefinitionRefused("There is a source and no target: give the days, or take it out.")


def needs_recount(before: DefinitionText, after: DefinitionText) -> bool:
    """Say whether the kept facts must be made again: a target is applied when figures are read."""
    return before.counts_from is not after.counts_from


def counts_from(definitions: Iterable[DefinitionInForce]) -> dict[str, CountsFrom]:
    """Return from when each measure counts."""
    return {one.measure: one.text.counts_from for one in definitions}


def basis_of(counted: Mapping[str, CountsFrom]) -> str:
    """Return how facts were counted, as a text that is equal exactly when the facts would be.

    A stage counts from when it could begin unless a definition says otherwise.
    """
    told = {key: how for key, how in counted.items() if how is not CountsFrom.READY}
    return ";".join(f"{key}={how.value}" for key, how in sorted(told.items()))


@cache
def from_file() -> tuple[DefinitionInForce, ...]:
    """Return the definitions of the release.

    :raises DefinitionFault: if the file is wrong
    """
    text = resources.files("tembusu.insight").joinpath("definitions.toml")
    return parse(text.read_text(encoding="utf-8"))


def parse(text: str) -> tuple[DefinitionInForce, ...]:
    """Return the definitions that a file says.

    :raises DefinitionFault: naming the definition and what is wrong with it
    """
    try:
        held = tomllib.loads(text).get("definition", [])
    except tomllib.TOMLDecodeError as fault:
        raise DefinitionFault(f"The file of definitions is no TOML: {fault}") from fault
    found = tuple(_one(place, entry) for place, entry in enumerate(held, 1))
    for name, values in (
        ("key", [one.key for one in found]),
        ("measure", [one.measure for one in found]),
    ):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise DefinitionFault(f"Two definitions have the {name} {twice[0]}.")
    return found


def _one(place: int, entry: Mapping[str, Any]) -> DefinitionInForce:
    name = entry.get("key") or f"number {place}"
    if unknown := set(entry) - KNOWN:
        raise DefinitionFault(f"Definition {name}: {min(unknown)} is no part of a definition.")
    try:
        text = DefinitionText(
            label=entry["label"],
            says=entry["says"],
            counts_from=CountsFrom(entry["counts_from"]),
            target_days=entry.get("target_days"),
            target_source=entry.get("target_source", ""),
        )
        check_text(text)
        return DefinitionInForce(entry["key"], entry["measure"], 1, text)
    except KeyError as missing:
        raise DefinitionFault(f"Definition {name}: {missing.args[0]} is missing.") from missing
    except (ValueError, DefinitionRefused) as fault:
        raise DefinitionFault(f"Definition {name}: {fault}") from fault
