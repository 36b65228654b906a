"""What the items of a pack, as it holds on one day, say to those who ask."""

from collections.abc import Iterator
from datetime import date

from tembusu.foundation.jurisdictions.rules import tables
from tembusu.foundation.jurisdictions.terms import (
    AmendmentRules,
    Authority,
    AuthorityKind,
    BoardRules,
    ChecklistItem,
    ClockRule,
    Criterion,
    Item,
    ItemKind,
    NoReviewingBoard,
    Pack,
    RenewalRule,
    ReviewFacts,
    ReviewingBoard,
    ReviewKind,
    Seat,
    Theme,
    TrainingLevel,
    TrainingRule,
    Unit,
)
from trialtime.calendars import Calendar, Span, national_calendar
from trialtime.calendars import Unit as TimeUnit

_TIME = {
    Unit.WORKING_DAYS: (1, TimeUnit.WORKING),
    Unit.CALENDAR_DAYS: (1, TimeUnit.CALENDAR),
    Unit.MONTHS: (1, TimeUnit.MONTHS),
    Unit.YEARS: (12, TimeUnit.MONTHS),
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def span_of(item: Item) -> Span | None:
    """Return a number of days, months or years as a span of time; None where it is not known."""
    if item.value is None or not item.unit:
        return None
    times, unit = _TIME[Unit(item.unit)]
    return Span(item.value * times, unit)


def calendar_of(pack: Pack, first_year: int, last_year: int) -> Calendar:
    """Return the pack's calendar of working days.

    :param pack: with all periods: a day that was added stays added in its own year
    """
    country, _, subdivision = str(_value(pack, "holidays")).partition("-")
    added = [
        (date.fromisoformat(one[:10]), one[11:].strip() or "Added") for one in _days(pack, "added")
    ]
    return national_calendar(
        country,
        subdivision=subdivision or None,
        first_year=first_year,
        last_year=last_year,
        added=added,
        removed=[date.fromisoformat(one[:10]) for one in _days(pack, "removed")],
        weekend=frozenset(_WEEKDAYS.index(one) for one in _days(pack, "weekend")),
    )


def _value(pack: Pack, key: str) -> object:
    item = pack.find(Theme.CALENDAR, key)
    return item.value if item else None


def _days(pack: Pack, key: str) -> list[str]:
    found = _value(pack, key)
    return [str(one) for one in found] if isinstance(found, list) else []


def authority(item: Item) -> Authority:
    details = item.details
    return Authority(
        key=item.key,
        name=str(item.value),
        kind=AuthorityKind(details["type"]),
        short=str(details["short"]),
        system=str(details.get("system", "")),
        item=item,
    )


def clock(item: Item) -> ClockRule:
    details = item.details
    return ClockRule(
        key=item.key,
        label=item.label,
        span=span_of(item),
        starts_on=str(details["starts_on"]),
        runs_for=str(details["runs_for"]),
        obligation=tuple(details.get("obligation", ())),
        event=str(details["event"]),
        item=item,
    )


def checklist(pack: Pack, kind: str) -> list[ChecklistItem]:
    return [
        ChecklistItem(item.key, item.label, bool(item.value), item.source, item)
        for item in pack.of_theme(Theme.CHECKLISTS)
        if kind in item.details["with"]
    ]


def board_rules(pack: Pack, board: str = "") -> BoardRules:
    """Return what is asked of ethics boards.

    :param board: the key of one: its own items (``quorum.CIRB``) go before those for all
    """
    items = pack.of_theme(Theme.BOARDS)
    present = _own(pack, "quorum.seats", board)
    return BoardRules(
        members_least=_number(_own(pack, "members_least", board)),
        quorum=_number(_own(pack, "quorum", board)),
        seats=tuple(_seat(item) for item in items if "post" in item.details),
        present=tuple(present.value or ()) if present else (),
        reviews=tuple(_reviews(pack, board)),
        items=items,
    )


def _own(pack: Pack, key: str, board: str) -> Item | None:
    own = pack.find(Theme.BOARDS, f"{key}.{board}") if board else None
    return own or pack.find(Theme.BOARDS, key)


def _number(item: Item | None) -> int | None:
    return item.value if item and isinstance(item.value, int) else None


def _seat(item: Item) -> Seat:
    details = item.details
    return Seat(
        key=item.key,
        label=item.label,
        post=str(details["post"]),
        quality=str(details.get("quality", "")),
        is_external=bool(details.get("is_external", False)),
        least=_number(item),
        item=item,
    )


def _reviews(pack: Pack, board: str) -> Iterator[ReviewKind]:
    for item in pack.of_theme(Theme.REVIEWS):
        if board and item.details["board"] != board:
            continue
        cut_off = pack.find(Theme.BOARDS, item.details.get("cut_off", ""))
        yield ReviewKind(
            key=item.key,
            label=item.label,
            board=str(item.details["board"]),
            needs_meeting=bool(item.value),
            clock_key=str(item.details.get("clock", "")),
            cut_off=tables.cut_off(cut_off) if cut_off and cut_off.value else None,
            item=item,
        )


def reviewing_board(pack: Pack, facts: ReviewFacts) -> ReviewingBoard:
    """Return which board reviews a study of one or several clusters.

    :raises NoReviewingBoard: saying which fact is missing
    """
    rules = {one.key: one for one in pack.of_theme(Theme.RECOGNITION)}
    kinds = [key for key, one in rules.items() if one.kind is ItemKind.CHOICE]
    rule = rules.get(facts.funding)
    if rule is None or rule.kind is not ItemKind.CHOICE or rule.is_empty:
        raise NoReviewingBoard(
            f"Which board reviews a study of kind '{facts.funding}' is not in the reference data. "
            f"Known: {', '.join(kinds) or 'none'}."
        )
    person = str(rule.value)
    cluster = facts.clusters.get(person, "")
    if not cluster:
        raise NoReviewingBoard(f"{rule.label}: say which cluster that is ({_spoken(person)}).")
    board = rules.get(cluster)
    if board is None or board.kind is not ItemKind.TEXT or board.is_empty:
        raise NoReviewingBoard(
            f"No board reviews for the cluster '{cluster}' in the reference data."
        )
    return ReviewingBoard(
        board=str(board.value),
        person=person,
        cluster=cluster,
        reason=f"{rule.label}: the {_spoken(person)}'s, {cluster}. {board.label}: {board.value}.",
        items=(rule, board),
    )


def _spoken(person: str) -> str:
    return {
        "awarded_pi": "awarded principal investigator",
        "overall_pi": "overall principal investigator",
    }.get(person, person)


def trainings(pack: Pack) -> list[TrainingRule]:
    items = pack.of_theme(Theme.TRAININGS)
    lasts = {str(one.details.get("of")): one for one in items if one.kind is ItemKind.NUMBER}
    return [
        TrainingRule(
            key=item.key,
            label=item.label,
            level=TrainingLevel(item.value),
            roles=tuple(item.details.get("roles", ())),
            validity_months=_months(lasts.get(item.key)),
            item=item,
        )
        for item in items
        if item.kind is ItemKind.CHOICE and not item.is_empty
    ]


def _months(item: Item | None) -> int | None:
    span = span_of(item) if item else None
    return span.value if span else None


def renewal(pack: Pack, kind: str) -> RenewalRule | None:
    found = (item for item in pack.of_theme(Theme.RENEWALS) if kind in item.details["with"])
    item = next(found, None)
    if item is None:
        return None
    return RenewalRule(item.key, item.label, tuple(item.details["with"]), span_of(item), item)


def amendment_rules(pack: Pack) -> AmendmentRules:
    def of_role(role: str) -> tuple[Criterion, ...]:
        return tuple(
            Criterion(item.key, item.label, item)
            for item in pack.of_theme(Theme.AMENDMENTS)
            if item.details["role"] == role and item.value
        )

    timed = (clock(item) for item in pack.of_theme(Theme.CLOCKS))
    return AmendmentRules(
        criteria=of_role("criterion"),
        exceptions=of_role("exception"),
        needs_approval=any(one.key == "approval_first" for one in of_role("rule")),
        clocks={
            kind: one.key for one in timed if one.event == "amendment" for kind in one.obligation
        },
    )
