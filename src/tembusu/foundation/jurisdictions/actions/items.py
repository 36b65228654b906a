"""A person changes an item: a new value from a day on, or what is said about the present one."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from tembusu.foundation.core import audit
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import permissions
from tembusu.foundation.jurisdictions.actions import versions
from tembusu.foundation.jurisdictions.models import PackVersion
from tembusu.foundation.jurisdictions.rules import periods, records, values
from tembusu.foundation.jurisdictions.rules.shapes import SHAPES
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import Item, NoSuchItem, Theme, VersionKind

LONGEST_NOTE = 2_000


class ItemRefused(Refusal):
    """A change that cannot be; ``field`` is the one that it is about, '' where it is none.

    :ivar field: 'value', 'unit', 'source', 'note', 'starts', 'reason' or ''
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class ChangedMeanwhile(Refusal):
    """Somebody else changed the item after the page was shown."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an item is to say.

    :ivar starts: the first day of a new value; not asked where only what is said about it changes
    """

    value: Any
    unit: str
    source: str
    is_verified: bool
    note: str
    starts: date | None = None


@audit.act
def change_item(
    *, theme: Theme, key: str, wanted: Wanted, mark: str, reason: str, by: Any, at: datetime
) -> PackVersion:
    """Give an item a new value from a day on, or say otherwise where the present one comes from.

    :param mark: the fingerprint of the item's periods as the person saw them
    :raises PermissionDenied: if the person does not keep the reference data
    :raises ItemRefused: naming the field and what it takes
    :raises PastIsKept: if clocks already ran under the rule that would change
    :raises ChangedMeanwhile: if somebody else changed it
    """
    permissions.check_can_change(by)
    said = " ".join(reason.split())
    if not said:
        raise ItemRefused("Say why, so that others can judge it later.", "reason")
    file = held.filed()
    versions.lock(file.key)
    if not versions.is_seeded(file.key):
        versions.seed(file, at=at)
    whole = held.all_periods()
    items = [one for one in whole.items if (one.theme, one.key) == (theme, key)]
    if not items:
        raise NoSuchItem(f"{theme.label} has no item '{key}'.")
    _check_seen(file.key, items, mark)
    _check_wanted(wanted, items[0])
    after = _after(items, wanted, today=timezone.localdate(at))
    versions.check_whole(records.replaced(whole, (theme, key), after))
    version = versions.next_version(file.key, VersionKind.EDIT, by=by, at=at, reason=said)
    versions.write(file.key, theme, key, after, version)
    audit.record(
        "jurisdictions.item.changed",
        on=[versions.ref(file.key, theme, key), audit.ref(version)],
        by=by,
        at=at,
        change=_told(items, after),
        reason=said,
    )
    return version


def _check_seen(pack: str, items: list[Item], mark: str) -> None:
    if records.mark(items) == mark:
        return
    last = PackVersion.objects.filter(pack=pack).select_related("made_by").latest("number")
    who = last.made_by.get_full_name() if last.made_by else audit.SYSTEM
    raise ChangedMeanwhile(
        f"{who} changed this item meanwhile ({timezone.localtime(last.made_at):%-d %B %Y, %H:%M}). "
        "What you typed is kept below: compare it with what stands now, then save again."
    )


def _check_wanted(wanted: Wanted, like: Item) -> None:
    shape = SHAPES[like.theme]
    if fault := values.fault_of(wanted.value, like.kind, wanted.unit, shape):
        field = "unit" if fault.startswith("the unit") else "value"
        raise ItemRefused(fault[:1].upper() + fault[1:], field)
    if not values.is_source(wanted.source):
        raise ItemRefused("Give the address of the page or law: https://…", "source")
    if len(wanted.source) > 1000:
        raise ItemRefused("Give a shorter address, of at most 1,000 characters.", "source")
    if len(wanted.note) > LONGEST_NOTE:
        raise ItemRefused(f"Say it in at most {LONGEST_NOTE:,} characters.", "note")
    if wanted.is_verified and wanted.value is None:
        raise ItemRefused("What is not known cannot be verified.", "is_verified")


def _after(items: list[Item], wanted: Wanted, *, today: date) -> list[Item]:
    """Return the item's periods with the change in them."""
    now = next((one for one in items if one.holds_on(today)), items[-1])
    said = replace(now, source=wanted.source, is_verified=wanted.is_verified, note=wanted.note)
    new = replace(said, value=wanted.value, unit=wanted.unit)
    if periods.is_same_rule(now, new):
        if said == now:
            raise ItemRefused("Nothing is changed.", "")
        return [said if one is now else one for one in items]
    if wanted.starts is None:
        raise ItemRefused("Say from which day on the new value holds.", "starts")
    periods.check_change(items, starts=wanted.starts, today=today)
    return periods.change(items, new, starts=wanted.starts)


def _told(before: list[Item], after: list[Item]) -> dict[str, Any]:
    """Return what the ledger says of a change: the last period before it and the new one."""
    old = {one.effective_from: one for one in before}
    new = next(one for one in after if not _is_kept(old.get(one.effective_from), one))
    was = old.get(new.effective_from) or max(
        (
            one
            for one in before
            if (one.effective_from or date.min) <= (new.effective_from or date.min)
        ),
        key=lambda one: one.effective_from or date.min,
        default=None,
    )
    return {one.field: [one.before, one.after] for one in records.differences(was, new)}


def _is_kept(old: Item | None, new: Item) -> bool:
    return old is not None and replace(old, effective_to=None) == replace(new, effective_to=None)
