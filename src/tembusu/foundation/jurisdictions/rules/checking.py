"""Whether a pack holds together: what its items name exists, and the tree leads on everywhere."""

from collections.abc import Callable, Iterator, Mapping

from tembusu.foundation.jurisdictions.rules import checking_tree, tables
from tembusu.foundation.jurisdictions.rules.tables import TableFault
from tembusu.foundation.jurisdictions.terms import (
    NO_APPLICATION,
    AuthorityKind,
    Item,
    ItemKind,
    Pack,
    Theme,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CALENDAR_ITEMS = {
    "weekend": ItemKind.WORDS,
    "holidays": ItemKind.TEXT,
    "added": ItemKind.DATES,
    "removed": ItemKind.DATES,
}


def whole_faults(pack: Pack) -> list[str]:
    """Return what is wrong with a pack whose items are right each by itself."""
    found = [*_calendar_faults(pack), *_table_faults(pack)]
    for item in pack.items:
        check = _NAMES.get(item.theme)
        here = f"{item.theme.value}, item '{item.key}'"
        found += [f"{here}: {fault}" for fault in check(pack, item)] if check else []
    return found or checking_tree.faults(pack)


def _calendar_faults(pack: Pack) -> Iterator[str]:
    items = {one.key: one for one in pack.of_theme(Theme.CALENDAR)}
    for key in ("weekend", "holidays"):
        if key not in items or items[key].is_empty:
            yield f"calendar: the item '{key}' is missing, and working days need it."
    for key, item in items.items():
        kind = CALENDAR_ITEMS.get(key)
        if kind is None:
            yield f"calendar: '{key}' is not known. Known: {', '.join(CALENDAR_ITEMS)}."
        elif item.kind is not kind:
            yield f"calendar, item '{key}': 'kind' must be '{kind}'."
    weekend = items.get("weekend")
    if weekend is not None and isinstance(weekend.value, list):
        for day in weekend.value:
            if day not in WEEKDAYS:
                yield f"calendar, item 'weekend': '{day}' is no weekday. Write Saturday."


def _obligation_faults(pack: Pack, item: Item) -> Iterator[str]:
    if item.key == NO_APPLICATION:
        yield f"'{NO_APPLICATION}' is the word for no application; take another key."
    if pack.find(Theme.AUTHORITIES, item.details["authority"]) is None:
        yield f"no authority is called '{item.details['authority']}'."
    for kind in (*item.details.get("absorbs", []), *item.details.get("beside", [])):
        if pack.find(Theme.OBLIGATIONS, kind) is None:
            yield f"no obligation is called '{kind}'."
    if ("beside" in item.details) != ("beside_check" in item.details):
        yield "'beside' and 'beside_check' go together."


def _clock_faults(pack: Pack, item: Item) -> Iterator[str]:
    for kind in item.details.get("obligation", []):
        if pack.find(Theme.OBLIGATIONS, kind) is None:
            yield f"no obligation is called '{kind}'."


def _review_faults(pack: Pack, item: Item) -> Iterator[str]:
    board = pack.find(Theme.AUTHORITIES, item.details["board"])
    if board is None or board.details["type"] != AuthorityKind.ETHICS_BOARD:
        yield f"no ethics board is called '{item.details['board']}'."
    clock = item.details.get("clock", "")
    if clock and pack.find(Theme.CLOCKS, clock) is None:
        yield f"no clock is called '{clock}'."
    cut_off = item.details.get("cut_off", "")
    found = pack.find(Theme.BOARDS, cut_off) if cut_off else None
    if cut_off and (found is None or found.kind is not ItemKind.TABLE):
        yield f"no cut-off among the boards' items is called '{cut_off}'."


def _recognition_faults(pack: Pack, item: Item) -> Iterator[str]:
    if item.kind is not ItemKind.TEXT:
        return
    wanted = {item.key: AuthorityKind.CLUSTER, item.value: AuthorityKind.ETHICS_BOARD}
    for key, kind in wanted.items():
        found = pack.find(Theme.AUTHORITIES, key) if key else None
        if key and (found is None or found.details["type"] != kind):
            yield f"no {kind.label.lower()} among the authorities is called '{key}'."


def _training_faults(pack: Pack, item: Item) -> Iterator[str]:
    if item.kind is not ItemKind.NUMBER:
        return
    other = pack.find(Theme.TRAININGS, item.details.get("of", ""))
    if other is None or other.kind is not ItemKind.CHOICE:
        yield "'of' must name the training whose certificate counts so long."


_NAMES: Mapping[Theme, Callable[[Pack, Item], Iterator[str]]] = {
    Theme.OBLIGATIONS: _obligation_faults,
    Theme.CLOCKS: _clock_faults,
    Theme.REVIEWS: _review_faults,
    Theme.RECOGNITION: _recognition_faults,
    Theme.TRAININGS: _training_faults,
}
_READERS: Mapping[Theme, Callable[[Item], object]] = {
    Theme.QUESTIONS: tables.question,
    Theme.ROUTES: tables.route,
    Theme.CONTRADICTIONS: tables.contradiction,
    Theme.BOARDS: tables.cut_off,
}


def _table_faults(pack: Pack) -> Iterator[str]:
    for item in pack.items:
        if item.kind is ItemKind.TABLE and not item.is_empty:
            try:
                _READERS[item.theme](item)
            except TableFault as fault:
                yield f"{item.theme.value}, item '{item.key}': {fault}"
