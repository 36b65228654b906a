"""A stuck study-site is put before a named person, who answers by a day."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import Escalation, SitePathway
from tembusu.coordination.startup.rules import dates
from tembusu.coordination.startup.selectors import sheets
from tembusu.coordination.startup.terms import StartupRefused
from tembusu.foundation.core import audit, notices


@audit.act
def escalate(
    *,
    path: SitePathway,
    to_person: Any,
    question: str,
    reply_by: date,
    by: Any,
    at: datetime,
    key: str = "",
) -> Escalation:
    """Ask a named person about a stuck study-site, for an answer by a day.

    :param key: the milestone that is stuck
    :raises PermissionDenied: unless the user keeps the national portfolio
    :raises StartupRefused: without a question, for a day that has passed, or to somebody who may not
        see this study-site
    """
    path = sheets.with_sites().get(pk=path.pk)
    if by is not None:
        permissions.check(by, permissions.ESCALATE, path)
    if not question.strip():
        raise StartupRefused("Say what is stuck and what you ask for.")
    if reply_by <= localdate(at):
        raise dates.ContradictoryDates(
            f"A reply by {dates.say(reply_by)} can't be asked for: today is {dates.say(localdate(at))}."
        )
    if not SitePathway.objects.visible_to(to_person).filter(pk=path.pk).exists():
        raise StartupRefused(
            f"{to_person} may not see this study-site, and so can't answer for it. Choose somebody of"
            " its study or its institution."
        )
    row = path.milestones.filter(key=key).first() if key else None
    made = Escalation.objects.create(
        site_pathway=path,
        milestone=row,
        to_person=to_person,
        question=question.strip(),
        reply_by=reply_by,
        asked_by=by,
        asked_at=at,
    )
    _note("startup.escalation.asked", made, by, at, {"to": str(to_person)}, question)
    notices.notify(
        person=to_person,
        text=f"{path}: an answer is asked of you by {dates.say(reply_by)}.",
        url=f"/startup/sites/{path.pk}/",
        at=at,
    )
    return made


@audit.act
def reply_escalation(*, escalation: Escalation, reply: str, by: Any, at: datetime) -> Escalation:
    """Answer an escalation.

    :raises PermissionDenied: unless the user is the person asked
    :raises StartupRefused: if it was answered or closed, or the answer is empty
    """
    row = _open(escalation)
    if row.to_person_id != by.pk:
        raise PermissionDenied(f"This was asked of {row.to_person}, who alone may answer.")
    if not reply.strip():
        raise StartupRefused("Write what is being done, and by when.")
    row.reply, row.replied_by, row.replied_at = reply.strip(), by, at
    row.save()
    _note("startup.escalation.answered", row, by, at, {}, reply)
    if row.asked_by is not None:
        notices.notify(
            person=row.asked_by,
            text=f"{row.to_person} answered about {row.site_pathway}.",
            url=f"/startup/sites/{row.site_pathway_id}/",
            at=at,
        )
    return row


@audit.act
def close_escalation(*, escalation: Escalation, by: Any, at: datetime, reason: str) -> Escalation:
    """Close an escalation that needs no answer any more.

    :raises PermissionDenied: unless the user may escalate this study-site
    :raises StartupRefused: if it was answered or closed, or no reason is given
    """
    path = sheets.with_sites().get(pk=escalation.site_pathway_id)
    permissions.check(by, permissions.ESCALATE, path)
    row = _open(escalation)
    if not reason.strip():
        raise StartupRefused("Say why no answer is needed any more.")
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    _note("startup.escalation.closed", row, by, at, {}, reason)
    return row


def _open(escalation: Escalation) -> Escalation:
    rows = Escalation.objects.select_for_update(of=("self",))
    row = rows.select_related("to_person", "asked_by", "site_pathway").get(pk=escalation.pk)
    if row.replied_at or row.closed_at:
        word = "answered" if row.replied_at else "closed"
        raise StartupRefused(f"This was {word} already. Escalate again if it is stuck again.")
    return row


def _note(
    event: str, row: Escalation, by: Any, at: datetime, change: dict[str, Any], reason: str
) -> None:
    said = change | {"reply_by": row.reply_by.isoformat()}
    audit.record(
        event, on=[row.site_pathway, row], by=by, at=at, change=said, reason=reason.strip()
    )
