"""The periods of an item: which holds on a day, and how a new one begins without touching the past."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions.terms import Item, Pack


class PastIsKept(Refusal):
    """A change that would reach back to clocks that already ran."""


def on(pack: Pack, day: date) -> Pack:
    """Return the pack as it holds on one day."""
    return replace(pack, items=tuple(item for item in pack.items if item.holds_on(day)))


def sorted_periods(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.effective_from or date.min)


def overlap(items: Sequence[Item]) -> tuple[Item, Item] | None:
    """Return two periods of one item that hold on the same day, if there are."""
    ordered = sorted_periods(items)
    for earlier, later in pairwise(ordered):
        starts = later.effective_from or date.min
        if earlier.effective_to is None or earlier.effective_to > starts:
            return earlier, later
    return None


def is_same_rule(one: Item, other: Item) -> bool:
    """Say whether two periods ask the same, whatever they are called and whoever read the source."""
    return (one.kind, one.value, one.unit, dict(one.details)) == (
        other.kind,
        other.value,
        other.unit,
        dict(other.details),
    )


def earliest_change(items: Sequence[Item], today: date) -> date | None:
    """Return the first day from which an item may be changed; None: any day.

    A clock that started keeps the rule of its first day, today's included, so a new rule begins
    tomorrow. Where no value ever was, no clock ran, and the value may be given for the past too.
    """
    begun = [one for one in items if one.effective_from is None or one.effective_from <= today]
    return None if all(one.is_empty for one in begun) else today + timedelta(days=1)


def check_change(items: Sequence[Item], *, starts: date, today: date) -> None:
    """Refuse a change from a day on which the present rule already started clocks.

    :raises PastIsKept: naming the first day that is possible
    """
    earliest = earliest_change(items, today)
    if earliest is not None and starts < earliest:
        raise PastIsKept(
            f"Clocks that started up to {today:%-d %B %Y} keep the rule they started under. Let the "
            f"new value hold from {earliest:%-d %B %Y} or a later day."
        )


def cut(items: Sequence[Item], starts: date) -> list[Item]:
    """Return the periods up to a day: later ones are left out, the one that holds then ends."""
    kept = [
        one
        for one in sorted_periods(items)
        if one.effective_from is None or one.effective_from < starts
    ]
    return [
        replace(one, effective_to=starts)
        if one.effective_to is None or one.effective_to > starts
        else one
        for one in kept
    ]


def change(items: Sequence[Item], new: Item, *, starts: date) -> list[Item]:
    """Return the periods of an item after a new value from a day on.

    It holds until the next period that is planned; one planned for the same day is replaced.
    """
    ordered = sorted_periods(items)
    later = [
        one for one in ordered if one.effective_from is not None and one.effective_from > starts
    ]
    ends = later[0].effective_from if later else None
    return [*cut(items, starts), replace(new, effective_from=starts, effective_to=ends), *later]


def take_over(held: Sequence[Item], proposed: Sequence[Item], *, starts: date) -> list[Item]:
    """Return the periods after a file's periods are taken over from a day on.

    Before that day everything stays. Where the rule itself goes on unchanged, its period goes on too,
    with the file's label, source and note.
    """
    before, after = (
        cut(held, starts),
        [
            replace(one, effective_from=max(one.effective_from or starts, starts))
            for one in sorted_periods(proposed)
            if one.effective_to is None or one.effective_to > starts
        ],
    )
    if before and after and _goes_on(before[-1], after[0]):
        first = replace(after[0], effective_from=before[-1].effective_from)
        return [*before[:-1], first, *after[1:]]
    return [*before, *after]


def _goes_on(before: Item, after: Item) -> bool:
    return before.effective_to == after.effective_from and is_same_rule(before, after)
