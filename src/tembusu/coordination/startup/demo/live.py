"""Study-sites that are on their way now, at all stages, recorded by the cast through the room's acts."""

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from tembusu.coordination.registry.selectors import sites as registry
from tembusu.coordination.startup import actions
from tembusu.coordination.startup.demo import log
from tembusu.coordination.startup.models import SitePathway
from tembusu.coordination.startup.rules import plans
from tembusu.coordination.startup.selectors import paths, sheets
from tembusu.coordination.startup.terms import MilestoneState, PathState
from tembusu.foundation.core.states import Refusal
from tembusu.foundation.people import selectors as people_selectors
from tembusu.foundation.people.terms import Role

SEED = 20261121
N_SITES = 36
PACE = (2, 5, 9, 14, 24)  # days from ready to done
SINCE = (1, 3, 6, 12, 45)  # days since something last happened


def load(at: datetime, cast: Callable[[Role], Any]) -> int:
    """Select sites of the first studies and walk each some way; return how many there are.

    :param cast: gives the demonstration's person in a role
    """
    if SitePathway.objects.exists():
        return 0
    dice = random.Random(SEED)  # noqa: S311 synthetic data, the same each time
    analyst = cast(Role.COORDINATING_ANALYST)
    chosen = registry.first_sites(N_SITES)
    for n, one in enumerate(chosen):
        waits = [dice.choice(PACE) for _ in range(24)]
        n_done = round(20 * (n + 1) / len(chosen))
        # The last thing that was done lies some days back.
        selected = at.date() - timedelta(days=sum(waits[:n_done]) * 2 // 3 + dice.choice(SINCE))
        try:
            path = actions.select_site(
                study=one.study,
                organisation=one.organisation,
                selected_date=selected,
                by=analyst,
                at=_noon(selected, at),
            )
        except Refusal:
            continue  # no pathway is meant for such a study
        _walk(path, waits, n_done, dice, analyst, at)
        if n % 17 == 14:
            _leave(path, at, analyst)
    _ask(analyst, cast(Role.INSTITUTION_REPRESENTATIVE), at)
    log.load(at, cast)
    return int(SitePathway.objects.count())


def _noon(day: date, at: datetime) -> datetime:
    """Return the middle of a day, or the demo's present where that is earlier."""
    return min(at, timezone.make_aware(datetime.combine(day, time(12))))


def _walk(
    path: SitePathway,
    waits: Sequence[int],
    n_done: int,
    dice: random.Random,
    analyst: Any,
    at: datetime,
) -> None:
    """Complete milestones in the pathway's order; the first that lies ahead is on hold."""
    order = plans.in_order(sheets.plan_of(path.version))
    done: dict[str, date] = {}
    left_out = set(
        path.milestones.filter(state=MilestoneState.NOT_APPLICABLE).values_list("key", flat=True)
    )
    for one, wait in zip(order[:n_done], waits, strict=False):
        ready = max([path.selected_date, *(done.get(k, path.selected_date) for k in one.needs)])
        day = ready + timedelta(days=wait)
        if one.key in left_out:
            continue
        by = _recorder(path, one.party, analyst)
        if day > at.date():
            _hold(path, one.key, ready, dice, by, at)
            break
        told = _noon(day + timedelta(days=dice.choice((0, 0, 1, 12))), at)
        actions.complete_milestone(
            path=path, key=one.key, day=day, evidence=one.evidence, by=by, at=told
        )
        done[one.key] = day


def _hold(
    path: SitePathway, key: str, ready: date, dice: random.Random, by: Any, at: datetime
) -> None:
    reason = dice.choice(sheets.plan_of(path.version).reasons[:4])
    actions.hold_milestone(
        path=path,
        key=key,
        waiting_on=reason.party,
        reason_code=reason.key,
        start_date=min(ready + timedelta(days=1), at.date()),
        by=by,
        at=at,
        note="Asked twice by e-mail",
    )


def _leave(path: SitePathway, at: datetime, by: Any) -> None:
    path.refresh_from_db()
    if path.opened_date is None:
        day = at.date() - timedelta(days=3)
        actions.leave_path(
            path=path,
            to=PathState.WITHDRAWN,
            day=max(day, path.selected_date),
            reason="The investigator moved to another hospital",
            by=by,
            at=at,
        )


def _recorder(path: SitePathway, party: str, otherwise: Any) -> Any:
    """Return whom of the cast records what this party does here; the analyst where nobody does."""
    site = path.study_site
    roles: dict[str, Sequence[Role]] = {
        "site": (Role.SITE_COORDINATOR,),
        "institution": (Role.INSTITUTION_REPRESENTATIVE,),
        "sponsor": (Role.SPONSOR_MANAGER,),
    }
    for scope in (site.scope_id, site.organisation.scope_id):
        for above in people_selectors.ancestors(scope):
            if held := people_selectors.holders(roles.get(party, ()), above):
                return held[0]
    return otherwise


def _ask(analyst: Any, lakshmi: Any, at: datetime) -> None:
    """Put the longest waiting study-site of the cast before its institution's representative."""
    rows = SitePathway.objects.visible_to(lakshmi).filter(state__in=paths.GOING)
    for path in rows.order_by("waiting_since")[:1]:
        still = path.milestones.exclude(
            state__in=[MilestoneState.COMPLETED, MilestoneState.NOT_APPLICABLE]
        ).first()
        actions.escalate(
            path=path,
            to_person=lakshmi,
            question="The agreement has been with your office for weeks. When will it be signed?",
            reply_by=at.date() + timedelta(days=5),
            key=still.key if still else "",
            by=analyst,
            at=at,
        )
