"""How a line and a change look: the words and marks of the worklist."""

from collections.abc import Sequence
from datetime import date

from django.utils import formats

from tembusu.desk import rules
from tembusu.desk.terms import Band, Change, Line
from tembusu.foundation.core.worklist import WorkItem, WorkKind
from tembusu.foundation.ui.terms import Badge, Cell, Column, Tone, Work
from tembusu.foundation.ui.wording import day, moment

CHANGE_COLUMNS = [Column("Record"), Column("What"), Column("By"), Column("When")]


def works(lines: Sequence[Line], today: date, *, is_first_page: bool = False) -> list[Work]:
    """Return lines as the worklist shows them; the first stands out if it can't wait."""
    return [
        work(line.item, today, may_stand_out=is_first_page and place == 0)
        for place, line in enumerate(lines)
    ]


def work(item: WorkItem, today: date, *, may_stand_out: bool = False) -> Work:
    """Return an item as the worklist shows it."""
    is_late = rules.band(item.due, today) in (Band.OVERDUE, Band.TODAY)
    days = max(0, (today - item.since).days)
    return Work(
        key=item.key,
        act=item.what,
        due=due_badge(item, today),
        where=item.record,
        note=f"On {item.holder}" if item.kind is WorkKind.I_WAIT else "",
        waits="Today" if days == 0 else f"{days:,} day{'' if days == 1 else 's'}",
        since=f"since {near_day(item.since, today)}",
        url=item.url,
        act_label=item.act,
        act_url=item.url,
        is_urgent=may_stand_out and is_late and item.kind is WorkKind.WAITS_ON_ME,
    )


def due_badge(item: WorkItem, today: date) -> Badge:
    """Return how near the due day is, by word, tone and mark."""
    if item.due is None:
        return Badge("No due day", Tone.QUIET)
    lapses = item.kind is WorkKind.LAPSES
    over = (today - item.due).days
    match rules.band(item.due, today):
        case Band.OVERDUE:
            days = f"{over:,} day{'' if over == 1 else 's'}"
            return Badge(f"Lapsed {days} ago" if lapses else f"Overdue {days}", Tone.BAD)
        case Band.TODAY:
            return Badge("Lapses today" if lapses else "Due today", Tone.WARN)
        case near:
            tone = Tone.WARN if lapses and near is Band.WEEK else Tone.QUIET
            return Badge(f"{'Lapses' if lapses else 'Due'} {near_day(item.due, today)}", tone)


def near_day(value: date, today: date) -> str:
    """Return '21 Nov', with the year only where it is another than today's."""
    return formats.date_format(value, "j M") if value.year == today.year else day(value)


def waited(lines: Sequence[Line], today: date) -> list[tuple[str, Work]]:
    """Return on whom each line waits, beside the line: a card names the holder first."""
    return [(line.item.holder, work(line.item, today)) for line in lines]


def change_row(change: Change) -> list[object]:
    """Return a change as a row of its table."""
    more = f"and {change.n_more:,} more since then" if change.n_more else ""
    return [
        Cell(change.record, url=change.url),
        Cell(change.title, note=more),
        change.by,
        moment(change.at),
    ]
