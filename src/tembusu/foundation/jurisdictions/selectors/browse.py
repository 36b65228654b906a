"""What the pages of the reference data show: items, their periods, proposals, bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from tembusu.foundation.jurisdictions import permissions
from tembusu.foundation.jurisdictions.models import (
    AuthorityBody,
    PackItem,
    PackVersion,
    Proposal,
)
from tembusu.foundation.jurisdictions.rules import periods, records
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import Item, Pack, ProposalState, Theme

STANDINGS = ("unverified", "empty", "planned")


@dataclass(frozen=True, slots=True)
class Line:
    """An item in the list: as it holds on the day, or next, and what is planned."""

    item: Item
    is_held: bool
    planned: Item | None


@dataclass(frozen=True, slots=True)
class Period:
    """One period of an item, with the version that brought it (None before seeding)."""

    item: Item
    version: PackVersion | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with all its periods, newest first, and the fingerprint of them."""

    now: Item
    periods: Sequence[Period]
    mark: str
    row: int | None


def check_sees(user: Any) -> None:
    """Raise Http404 for whoever may not see the reference data."""
    if not permissions.may_see(user):
        raise Http404("There is nothing here that you may see.")


def check_sees_proposals(user: Any) -> None:
    if not permissions.may_see_proposals(user):
        raise Http404("There is nothing here that you may see.")


def present_pack(user: Any) -> Pack:
    check_sees(user)
    return held.all_periods()


def list_items(
    user: Any, on: date, *, theme: Theme | None = None, standing: str = "", text: str = ""
) -> list[Line]:
    """Return the items, in the order of the pack, each as it holds on a day.

    :param standing: 'unverified', 'empty' or 'planned'
    :param text: words that all stand in its label, key, value, note or source
    """
    groups = records.by_name(present_pack(user).items)
    lines = [_line(items, on) for items in groups.values()]
    if theme is not None:
        lines = [one for one in lines if one.item.theme is theme]
    words = text.casefold().split()
    return [one for one in lines if _stands(one, standing) and _holds(one.item, words)]


def _line(items: Sequence[Item], on: date) -> Line:
    ordered = periods.sorted_periods(items)
    now = next((one for one in ordered if one.holds_on(on)), None)
    later = [one for one in ordered if one.effective_from and one.effective_from > on]
    shown = now or (later[0] if later else ordered[-1])
    planned = next((one for one in later if one is not shown), None)
    return Line(shown, now is not None, planned)


def _stands(line: Line, standing: str) -> bool:
    if standing == "unverified":
        return not line.item.is_verified
    if standing == "empty":
        return line.item.is_empty
    return line.planned is not None if standing == "planned" else True


def _holds(item: Item, words: Sequence[str]) -> bool:
    said = " ".join(
        [item.label, item.key, str(item.value), item.note, item.source, item.unit]
    ).casefold()
    return all(word in said for word in words)


def get_item(user: Any, theme: str, key: str, on: date) -> Shown:
    """Return an item with its periods.

    :raises Http404: if there is none, or the user may not see it
    """
    groups = records.by_name(present_pack(user).items)
    known = theme in set(Theme)
    items = groups.get((Theme(theme), key)) if known else None
    if not items:
        raise Http404("No such item.")
    rows = PackItem.objects.filter(pack=held.filed().key, theme=theme, key=key)
    brought = {row.effective_from: row for row in rows.select_related("version__made_by")}
    found = [
        Period(one, brought[one.effective_from].version if one.effective_from in brought else None)
        for one in reversed(periods.sorted_periods(items))
    ]
    now = _line(items, on).item
    row = brought.get(now.effective_from)
    return Shown(now, found, records.mark(items), row.pk if row else None)


def present_item(theme: str, key: str, on: date) -> Item | None:
    """Return an item as it holds on a day, whoever asks: for the pages of proposals."""
    return held.pack(on).find(Theme(theme), key)


def list_open_proposals(user: Any) -> list[Proposal]:
    check_sees_proposals(user)
    rows = Proposal.objects.visible_to(user).filter(pack=held.filed().key, state=ProposalState.OPEN)
    return list(rows.order_by("pk"))


def list_decided_proposals(user: Any, most: int = 50) -> list[Proposal]:
    """Return the proposals that were decided last, newest first."""
    check_sees_proposals(user)
    rows = Proposal.objects.visible_to(user).filter(pack=held.filed().key)
    decided = rows.exclude(state=ProposalState.OPEN).select_related("decided_by")
    return list(decided.order_by("-decided_at", "-pk")[:most])


def count_open_proposals(user: Any) -> int:
    """Return how many proposals wait, for the menu; none for those who may not see them."""
    rows = Proposal.objects.visible_to(user)
    return rows.filter(pack=held.filed().key, state=ProposalState.OPEN).count()


def list_versions(user: Any, most: int = 20) -> list[PackVersion]:
    """Return the newest versions of the pack."""
    check_sees(user)
    rows = PackVersion.objects.visible_to(user).filter(pack=held.filed().key)
    return list(rows.select_related("made_by").order_by("-number")[:most])


def list_ties(user: Any) -> Mapping[str, AuthorityBody]:
    """Return the organisation of each body of the pack, by the body's key."""
    check_sees(user)
    rows = AuthorityBody.objects.visible_to(user).filter(pack=held.filed().key)
    return {row.authority: row for row in rows.select_related("organisation")}


def find_row(user: Any, pk: int) -> PackItem:
    """Return an item's row for its trail; Http404 where the user may not see it."""
    found: PackItem = get_object_or_404(PackItem.objects.visible_to(user), pk=pk)
    return found
