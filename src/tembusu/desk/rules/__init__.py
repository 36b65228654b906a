"""What the desk decides, on plain values: what is urgent, what is shown, when a digest leaves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from tembusu.desk.terms import Asked, Band, Change, Desk, Line, Order, Sheet, Told
from tembusu.foundation.core.states import Refusal, State
from tembusu.foundation.core.worklist import WorkItem, WorkKind

_Word = TypeVar("_Word", bound=State)
SOON = timedelta(days=7)
NEW_DESK_LOOKS_BACK = timedelta(days=7)
LOOKS_BACK_AT_MOST = timedelta(days=60)
MANY = 3  # records that one act touched from which on they are told as one line
SHEET_OF = {
    WorkKind.WAITS_ON_ME: Sheet.MINE,
    WorkKind.I_WAIT: Sheet.WAITING,
    WorkKind.LAPSES: Sheet.LAPSES,
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class AddressRefused(Refusal):
    """An address asks for something that no desk has."""


def band(due: date | None, today: date) -> Band:
    """Say how near a due day is; what is due today is on time until tonight."""
    if due is None:
        return Band.UNDATED
    if due < today:
        return Band.OVERDUE
    if due == today:
        return Band.TODAY
    return Band.WEEK if due <= today + SOON else Band.LATER


def in_order(lines: Iterable[Line], order: Order) -> list[Line]:
    """Return the lines, overdue first and undated last; or those that wait longest first."""

    def urgency(line: Line) -> tuple[date, date, str]:
        return line.item.due or date.max, line.item.since, line.item.key

    def patience(line: Line) -> tuple[date, date, str]:
        return line.item.since, line.item.due or date.max, line.item.key

    return sorted(lines, key=urgency if order is Order.URGENT else patience)


def on_sheet(lines: Iterable[Line], sheet: Sheet) -> list[Line]:
    """Return the lines of one sheet."""
    return [line for line in lines if SHEET_OF[line.item.kind] is sheet]


def narrow(lines: Iterable[Line], asked: Asked, today: date) -> list[Line]:
    """Return the lines that an address asks for, in its order."""
    words = asked.text.casefold().split()
    found = [
        line
        for line in on_sheet(lines, asked.sheet)
        if asked.study in ("", line.item.study)
        and asked.room in ("", line.room)
        and asked.holder in ("", line.item.holder)
        and asked.band in (None, band(line.item.due, today))
        and all(word in _said(line.item) for word in words)
    ]
    return in_order(found, asked.order)


def narrow_changes(changes: Iterable[Change], asked: Asked) -> list[Change]:
    """Return the changes that an address asks for; they have no room, holder or due day."""
    words = asked.text.casefold().split()
    return [
        one
        for one in changes
        if asked.study in ("", one.study)
        and all(word in f"{one.title} {one.record} {one.by}".casefold() for word in words)
    ]


def is_narrowed(asked: Asked) -> bool:
    """Whether a filter holds, so that an empty sheet may hold more without it."""
    return bool(asked.study or asked.room or asked.holder or asked.band or asked.text)


def _said(item: WorkItem) -> str:
    return f"{item.what} {item.record} {item.holder} {item.study}".casefold()


def read_asked(given: Mapping[str, str]) -> Asked:
    """Return what an address asks for.

    :raises AddressRefused: naming what no desk has
    """
    return Asked(
        sheet=_one_of(Sheet, given.get("sheet") or Sheet.MINE, "sheet"),
        study=given.get("study", "")[:100],
        room=given.get("room", "")[:100],
        holder=given.get("holder", "")[:300],
        band=_one_of(Band, given["due"], "due") if given.get("due") else None,
        text=given.get("q", "")[:200],
        order=_one_of(Order, given.get("sort") or Order.URGENT, "sort"),
    )


def _one_of(kind: type[_Word], said: str, name: str) -> _Word:
    for each in kind:
        if each.value == said:
            return each
    known = ", ".join(each.value for each in kind)
    raise AddressRefused(f"The desk has no {name} “{said[:50]}”: it has {known}.")


def read_place(said: str) -> int:
    """Return from which line on a page shows a sheet.

    :raises AddressRefused: if it is no number of a line
    """
    if not said:
        return 0
    if not (said.isascii() and said.isdigit()) or len(said) > 6:
        raise AddressRefused("This page address is no longer valid. Open the desk from its start.")
    return int(said)


def say_standing(lines: Iterable[Line], today: date) -> str:
    """Return how the reader's own sheet stands: 'One act is overdue, two are due today.'"""
    own = on_sheet(lines, Sheet.MINE)
    if not own:
        return "Nothing waits on you."
    bands = Counter(band(line.item.due, today) for line in own)
    parts = [
        (bands[Band.OVERDUE], "overdue"),
        (bands[Band.TODAY], "due today"),
        (bands[Band.WEEK], "due within a week"),
    ]
    told = [(n, words) for n, words in parts if n]
    if not told:
        acts = "act waits" if len(own) == 1 else "acts wait"
        return f"{_number(len(own)).capitalize()} {acts} on you, none due within a week."
    (n, words), *rest = told
    said = [f"{_number(n).capitalize()} {'act is' if n == 1 else 'acts are'} {words}"]
    said += [f"{_number(n)} {'is' if n == 1 else 'are'} {words}" for n, words in rest]
    return f"{', '.join(said)}."


def _number(n: int) -> str:
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def looks_back_to(seen_at: datetime | None, at: datetime) -> datetime:
    """Return from when on changes are told: since they were seen, at most for two months."""
    if seen_at is None:
        return at - NEW_DESK_LOOKS_BACK
    return max(seen_at, at - LOOKS_BACK_AT_MOST)


def digest_looks_back_to(
    last_at: datetime | None, seen_at: datetime | None, at: datetime
) -> datetime:
    """Return from when on a digest tells changes: what was told or seen before is not told again.

    The first digest looks back one day, one after a long pause a week.
    """
    known = [moment for moment in (last_at, seen_at) if moment is not None]
    return max(*known, at - NEW_DESK_LOOKS_BACK) if known else at - timedelta(days=1)


def group_told(told: Sequence[Told]) -> list[Change]:
    """Return events as lines to read, newest first.

    What one act did to many records is one line; otherwise each record has one line, with the last
    that happened to it and how much more did.
    """
    by_act: dict[tuple[datetime, str, str], dict[str, Told]] = {}
    for one in told:
        by_act.setdefault((one.at, one.title, one.by), {}).setdefault(one.url, one)
    found: list[Change] = []
    by_record: dict[str, list[Told]] = {}
    for (at, title, by), records in by_act.items():
        if len(records) > MANY:
            found.append(Change(at, title, by, f"{len(records):,} records", ""))
            continue
        for one in records.values():
            by_record.setdefault(one.url, []).append(one)
    for several in by_record.values():
        last = max(several, key=lambda one: one.at)
        found.append(
            Change(
                last.at, last.title, last.by, last.record, last.url, last.study, len(several) - 1
            )
        )
    return sorted(found, key=lambda one: (one.at, one.record), reverse=True)


def is_digest_hour(local: datetime, hour: int) -> bool:
    """Whether the day's digests may leave: from the set hour on, so that a late worker still sends."""
    return local.hour >= hour


def is_worth_a_digest(desk: Desk) -> bool:
    """Whether a digest says something: it waits, it is about to lapse, or it changed."""
    lines = (*on_sheet(desk.lines, Sheet.MINE), *on_sheet(desk.lines, Sheet.LAPSES))
    return bool(lines or desk.changes.rows)
