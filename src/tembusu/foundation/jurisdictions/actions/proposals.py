"""A changed file proposes; the coordinating body's lead accepts or declines, item by item or many."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from tembusu.foundation.core import audit, states
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.jurisdictions import permissions
from tembusu.foundation.jurisdictions.actions import versions
from tembusu.foundation.jurisdictions.models import PackFile, PackVersion, Proposal
from tembusu.foundation.jurisdictions.rules import moves, periods, records
from tembusu.foundation.jurisdictions.rules.records import Name
from tembusu.foundation.jurisdictions.selectors import held
from tembusu.foundation.jurisdictions.terms import (
    Item,
    Pack,
    ProposalState,
    Theme,
    VersionKind,
)


class ProposalRefused(Refusal):
    """A proposal that cannot be decided so."""


@audit.act
def follow_file(*, by: None, at: datetime) -> int:
    """Seed the tables from the pack's file; later, make a proposal of each item that it changes.

    Run at every start: it does nothing while the file says what it said. Returns how many proposals it
    made.
    """
    file = held.filed()
    versions.lock(file.key)
    if not versions.is_seeded(file.key):
        version = versions.seed(file, at=at)
        audit.record(
            "jurisdictions.pack.seeded",
            on=version,
            by=by,
            at=at,
            change={"pack": file.name, "items": len(records.by_name(file.items))},
        )
        return 0
    known = PackFile.objects.get(pack=file.key)
    said = [records.as_json(item) for item in file.items]
    if records.digest(said) == known.digest:
        return 0
    before = [records.from_json(one) for one in known.items]
    made = [
        proposal
        for name in records.changed(before, file.items)
        if (proposal := _propose(file, name, before, at=at))
    ]
    versions.remember_file(file, at=at)
    audit.record(
        "jurisdictions.file.changed",
        on=[*(audit.ref(one) for one in made), f"jurisdictions.PackFile:{file.key}"],
        by=by,
        at=at,
        change={"proposals": [f"{one.theme}.{one.key}" for one in made]},
    )
    return len(made)


def _propose(file: Pack, name: Name, before: Sequence[Item], *, at: datetime) -> Proposal | None:
    """Make a proposal for an item, in place of an open one; none where the tables say so already."""
    theme, key = name
    Proposal.objects.filter(pack=file.key, theme=theme, key=key, state=ProposalState.OPEN).update(
        state=ProposalState.OVERTAKEN, decided_at=at
    )
    after = records.by_name(file.items).get(name, [])
    present = records.by_name(held.all_periods().items).get(name, [])
    if records.mark(present) == records.mark(after):
        return None
    return Proposal.objects.create(
        pack=file.key,
        theme=theme,
        key=key,
        before=[records.as_json(one) for one in records.by_name(before).get(name, [])],
        after=[records.as_json(one) for one in after],
        made_at=at,
    )


@audit.act
def accept_proposals(
    *, proposals: Sequence[Proposal], starts: date, reason: str, by: Any, at: datetime
) -> PackVersion:
    """Take over what the file says of these items, from a day on; together, as they belong together.

    Before that day nothing changes. An item that is new holds as the file says, since no clock ran
    under it; one that the file no longer has ends on that day.

    :raises PermissionDenied: if the person does not decide proposals
    :raises ProposalRefused: without a reason, or where one is decided already
    :raises PastIsKept: if clocks already ran under a rule that would change
    :raises PackWouldBreak: if the reference data would not hold together with these alone
    """
    permissions.check_can_decide(by)
    said = _reason(reason)
    pack = held.filed()
    versions.lock(pack.key)
    rows = _open(proposals, ProposalState.ACCEPTED)
    today = timezone.localdate(at)
    whole = held.all_periods()
    after: dict[Name, list[Item]] = {}
    for row in rows:
        name = (Theme(row.theme), row.key)
        after[name] = _accepted(whole, row, starts=starts, today=today)
        whole = records.replaced(whole, name, after[name])
    versions.check_whole(whole)
    version = versions.next_version(pack.key, VersionKind.PROPOSAL, by=by, at=at, reason=said)
    for (theme, key), items in after.items():
        versions.write(pack.key, theme, key, items, version)
    _decide(rows, ProposalState.ACCEPTED, reason=said, by=by, at=at)
    audit.record(
        "jurisdictions.proposals.accepted",
        on=[*_refs(rows), audit.ref(version)],
        by=by,
        at=at,
        change={"items": [f"{one.theme}.{one.key}" for one in rows], "from": starts.isoformat()},
        reason=said,
    )
    return version


def _accepted(whole: Pack, row: Proposal, *, starts: date, today: date) -> list[Item]:
    present = records.by_name(whole.items).get((Theme(row.theme), row.key), [])
    proposed = [records.from_json(one) for one in row.after]
    if not present:
        return proposed
    after = periods.take_over(present, proposed, starts=starts)
    if not _is_only_said(present, after):
        periods.check_change(present, starts=starts, today=today)
    return after


def _is_only_said(before: Sequence[Item], after: Sequence[Item]) -> bool:
    """Say whether the rules stay as they are on every day, and only words and sources change."""
    return len(before) == len(after) and all(
        periods.is_same_rule(one, other)
        and (one.effective_from, one.effective_to) == (other.effective_from, other.effective_to)
        for one, other in zip(
            periods.sorted_periods(before), periods.sorted_periods(after), strict=True
        )
    )


@audit.act
def decline_proposals(*, proposals: Sequence[Proposal], reason: str, by: Any, at: datetime) -> None:
    """Leave these items as they are. The file's words are proposed again only when they change.

    :raises PermissionDenied: if the person does not decide proposals
    :raises ProposalRefused: without a reason, or where one is decided already
    """
    permissions.check_can_decide(by)
    said = _reason(reason)
    versions.lock(held.filed().key)
    rows = _open(proposals, ProposalState.DECLINED)
    _decide(rows, ProposalState.DECLINED, reason=said, by=by, at=at)
    audit.record(
        "jurisdictions.proposals.declined",
        on=_refs(rows),
        by=by,
        at=at,
        change={"items": [f"{one.theme}.{one.key}" for one in rows]},
        reason=said,
    )


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise ProposalRefused("Say why, so that others can judge it later.")
    return said


def _open(proposals: Sequence[Proposal], to: ProposalState) -> list[Proposal]:
    keys = [one.pk for one in proposals]
    if not keys:
        raise ProposalRefused("Tick at least one proposal.")
    rows = list(Proposal.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    for row in rows:
        if row.state != ProposalState.OPEN:
            raise ProposalRefused(
                f"The proposal for {row.theme}.{row.key} is {row.state} already; look at the list again."
            )
        states.check_move(moves.PROPOSAL_MOVES, present=ProposalState(row.state), to=to)
    return rows


def _decide(
    rows: Sequence[Proposal], to: ProposalState, *, reason: str, by: Any, at: datetime
) -> None:
    for row in rows:
        row.state, row.reason, row.decided_by, row.decided_at = to, reason, by, at
        row.save()


def _refs(rows: Sequence[Proposal]) -> list[str]:
    named = [versions.ref(one.pack, one.theme, one.key) for one in rows]
    return [*named, *(audit.ref(one) for one in rows)]
