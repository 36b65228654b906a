"""What of start-up stands on a desk: what waits on one's party, for whom one waits, what lapses."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import Escalation, SitePathway
from tembusu.coordination.startup.selectors import delegations, paths, sheets
from tembusu.coordination.startup.selectors.sheets import Sheet
from tembusu.foundation.core.worklist import WorkItem, WorkKind

SHOWN_ONE_BY_ONE = 60
AHEAD = timedelta(days=60)


def offer(user: Any, at: datetime) -> list[WorkItem]:
    """Return what waits in start-up on this user, for whom they wait, and what lapses soon."""
    today = localdate(at)
    return [
        *_asked(user),
        *_turns(user, today),
        *_to_sign(user, today),
        *_lapses(user, today),
    ]


def _named(path: SitePathway) -> str:
    return f"{path.study_site.study.number} at {path.study_site.organisation}"


def _asked(user: Any) -> list[WorkItem]:
    """Return the escalations that this person is asked to answer."""
    rows = Escalation.objects.filter(to_person=user.pk, replied_at=None, closed_at=None)
    related = ("site_pathway__study_site__study", "site_pathway__study_site__organisation")
    return [
        WorkItem(
            key=f"startup.escalation:{one.pk}",
            kind=WorkKind.WAITS_ON_ME,
            what="Answer an escalation",
            record=_named(one.site_pathway),
            url=reverse("startup:reply", args=[one.pk]),
            act="Answer",
            holder=user.get_full_name(),
            since=localdate(one.asked_at),
            due=one.reply_by,
            study=one.site_pathway.study_site.study.number,
        )
        for one in rows.select_related(*related).order_by("reply_by", "pk")
    ]


def _turns(user: Any, today: date) -> list[WorkItem]:
    """Return the milestones that wait on the user's party, and those for which they wait.

    Keepers of the national portfolio see it in lists; a desk of the whole nation helps nobody.
    """
    if permissions.sees_every_pathway(user):
        return []
    mine = paths.parties_of(user)
    rows = SitePathway.objects.visible_to(user).filter(state__in=paths.GOING)
    held = list(paths.whole(rows).order_by("waiting_since", "pk")[:SHOWN_ONE_BY_ONE])
    found = []
    for sheet in sheets.read_sheets(held):
        may = permissions.may(user, permissions.RECORD_MILESTONE, sheet.path)
        for one in sheet.standing(today).waiting:
            is_mine = may and one.party in mine
            found.append(_item(user, sheet, one, is_mine=is_mine))
    return found


def _item(user: Any, sheet: Sheet, one: Any, *, is_mine: bool) -> WorkItem:
    label = sheet.plan.milestone(one.key).label
    move, word = ("resume", "Resume") if one.is_on_hold else ("complete", "Record")
    here = reverse("startup:site", args=[sheet.path.pk])
    doing = reverse("startup:move", args=[sheet.path.pk, one.key, move])
    return WorkItem(
        key=f"startup.milestone:{sheet.rows[one.key].pk}",
        kind=WorkKind.WAITS_ON_ME if is_mine else WorkKind.I_WAIT,
        what=label,
        record=_named(sheet.path),
        url=doing if is_mine else here,
        act=word if is_mine else "Open",
        holder=user.get_full_name() if is_mine else sheet.plan.party(one.party),
        since=one.since,
        due=one.due_date,
        study=sheet.path.study_site.study.number,
    )


def _to_sign(user: Any, today: date) -> list[WorkItem]:
    """Return the logs with entries that wait for this investigator's signature."""
    return [
        WorkItem(
            key=f"startup.log:{path.pk}",
            kind=WorkKind.WAITS_ON_ME,
            what=f"Sign the delegation log, {n} {'entry' if n == 1 else 'entries'}",
            record=_named(path),
            url=reverse("startup:delegations", args=[path.pk]),
            act="Open the log",
            holder=user.get_full_name(),
            since=since,
            due=None,
            study=path.study_site.study.number,
        )
        for path, n, since in delegations.unsigned(user, today=today)
    ]


def _lapses(user: Any, today: date) -> list[WorkItem]:
    """Return the user's trainings that lapse while tasks of theirs go on."""
    found = []
    for path, entry, ends in delegations.lapsing(user, today=today, until=today + AHEAD):
        label = entry.lacks[0].asked.label
        found.append(
            WorkItem(
                key=f"startup.training:{entry.row.pk}:{entry.lacks[0].asked.key}",
                kind=WorkKind.LAPSES,
                what=f"Renew your training: {label}",
                record=str(path),
                url=reverse("startup:delegations", args=[path.pk]),
                act="Open the log",
                holder=user.get_full_name(),
                since=today,
                due=ends,
                study=path.study_site.study.number,
            )
        )
    return found
