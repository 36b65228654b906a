"""The delegation log of a study-site: who does what, under which signature, qualified or not."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.timezone import localdate

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import Delegation, Qualification, SitePathway
from tembusu.coordination.startup.rules import delegation as rules
from tembusu.coordination.startup.selectors import paths
from tembusu.coordination.startup.selectors.studies import AREAS
from tembusu.coordination.startup.terms import DelegationState
from tembusu.foundation.jurisdictions import selectors as jurisdictions
from tembusu.foundation.jurisdictions.terms import TrainingLevel
from tembusu.foundation.people import selectors as people

TASKS = AREAS.with_name("tasks.toml")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log as it stands on a day.

    :ivar lacks: trainings that the person lacks on the day, or lacked on the first day of the task
    """

    row: Delegation
    state: DelegationState
    tasks: Sequence[str]
    lacks: Sequence[rules.Lack]


@cache
def tasks() -> Mapping[str, str]:
    """Return the tasks that may be delegated, with their labels."""
    found: Mapping[str, str] = tomllib.loads(TASKS.read_text())["tasks"]
    return found


def signed_facts(row: Delegation) -> dict[str, Any]:
    """Return what a signature binds. A change of any of it breaks the signature."""
    return {
        "study_site": row.study_site_id,
        "person": row.person_id,
        "tasks": sorted(row.tasks),
        "start_date": row.start_date.isoformat(),
        "end_date": row.end_date.isoformat() if row.end_date else None,
        "override_reason": row.override_reason,
        "meaning": row.signed_meaning,
    }


def state_of(row: Delegation, today: date) -> DelegationState:
    """Return whether an entry is signed, changed since, or over."""
    if row.signed_at is None:
        return DelegationState.UNSIGNED
    if rules.digest(signed_facts(row)) != row.signed_digest:
        return DelegationState.CHANGED
    if row.end_date is not None and row.end_date <= today:
        return DelegationState.ENDED
    return DelegationState.SIGNED


def list_entries(path: SitePathway, *, today: date) -> list[Entry]:
    """Return the log of a study-site, the first to begin first."""
    rows = Delegation.objects.filter(study_site_id=path.study_site_id).select_related(
        "person", "signed_by", "recorded_by"
    )
    found = []
    for row in rows.order_by("start_date", "pk"):
        on = max(row.start_date, min(today, row.end_date or today))
        known = tasks()
        found.append(
            Entry(
                row,
                state_of(row, today),
                [known.get(key, key) for key in row.tasks],
                lacks_of(row, on=on),
            )
        )
    return found


def get_delegation(user: Any, pk: int) -> tuple[SitePathway, Delegation]:
    """Return an entry with the study-site's pathway, for those who may see it; else 404."""
    row = Delegation.objects.select_related("person").filter(pk=pk).first()
    if row is None:
        raise Http404("No such entry.")
    return paths.get_path_of_site(user, row.study_site_id), row


def lacks_of(row: Delegation, *, on: date) -> list[rules.Lack]:
    """Return the trainings that somebody lacks on a day for the tasks of an entry."""
    return rules.lacks(asked_for(row.tasks, on), held_by(row.person_id), on=on)


def asked_for(wanted: Sequence[str], on: date) -> list[rules.Asked]:
    """Return the trainings that the jurisdiction pack asks of whoever does such tasks."""
    return [
        rules.Asked(one.key, one.label, one.level is TrainingLevel.BLOCKS, one.validity_months)
        for one in jurisdictions.trainings(on)
        if not set(one.roles) & set(tasks()) or set(one.roles) & set(wanted)
    ]


def held_by(person_id: int) -> list[rules.Held]:
    rows = Qualification.objects.filter(person_id=person_id)
    return [
        rules.Held(one.training, one.completed_date, one.expires_date)
        for one in rows.order_by("completed_date")
    ]


def unsigned(user: Any, *, today: date) -> list[tuple[SitePathway, int, date]]:
    """Return the study-sites whose log waits for the user's signature: entries, and since when.

    An entry that was changed after it was signed waits again; one that is over waits no more.
    """
    scopes = people.scopes_of(user, permissions.SIGN_DELEGATION.roles)
    rows = Delegation.objects.filter(study_site__scope_id__in=scopes).filter(
        Q(end_date__isnull=True) | Q(end_date__gt=today)
    )
    waiting: dict[int, list[date]] = {}
    for row in rows.order_by("pk"):
        if state_of(row, today) in (DelegationState.UNSIGNED, DelegationState.CHANGED):
            waiting.setdefault(row.study_site_id, []).append(localdate(row.recorded_at))
    found = paths.whole(SitePathway.objects.filter(study_site_id__in=waiting)).order_by("pk")
    return [
        (path, len(waiting[path.study_site_id]), min(waiting[path.study_site_id])) for path in found
    ]


def lapsing(user: Any, *, today: date, until: date) -> list[tuple[SitePathway, Entry, date]]:
    """Return the user's own tasks for which a training lapses before a day."""
    rows = Delegation.objects.filter(person_id=user.pk).filter(
        Q(end_date__isnull=True) | Q(end_date__gt=today)
    )
    found = []
    for row in rows:
        for one in asked_for(row.tasks, today):
            held = [h for h in held_by(user.pk) if h.training == one.key]
            ends = [end for end in (rules.expires(h, one) for h in held) if end is not None]
            if ends and len(ends) == len(held) and today < max(ends) <= until:
                path = SitePathway.objects.filter(study_site_id=row.study_site_id).first()
                if path is not None:
                    entry = Entry(
                        row, state_of(row, today), row.tasks, [rules.Lack(one, max(ends))]
                    )
                    found.append((path, entry, max(ends)))
    return found
