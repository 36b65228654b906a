"""The delegation log of the investigator's sites: signed, waiting, changed, and trainings that lapse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tembusu.coordination.startup import actions
from tembusu.coordination.startup.models import Delegation, SitePathway
from tembusu.coordination.startup.selectors import delegations, paths
from tembusu.foundation.people.terms import Role

BEGAN = timedelta(days=40)  # how long ago the first log was begun, at most
COURSE = timedelta(days=730)  # how long before it lapses a training was done


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the log.

    :ivar lapses_in: days until the person's trainings lapse, below 0 for ago; None for one without any
    """

    role: Role
    tasks: Sequence[str]
    lapses_in: int | None
    is_signed: bool = True


FIRST = (
    Line(Role.PRINCIPAL_INVESTIGATOR, ("consent", "eligibility", "randomisation"), 40),
    Line(Role.SITE_COORDINATOR, ("data_entry", "essential_records"), 19),
    Line(Role.SUPERVISOR, ("history_and_examination", "safety_reporting"), -12),
    Line(Role.DATA_MANAGER, ("data_entry",), None, is_signed=False),
)
LATER = (
    Line(
        Role.SITE_COORDINATOR, ("ethics_correspondence", "essential_records"), 19, is_signed=False
    ),
)


def load(at: datetime, cast: Callable[[Role], Any]) -> int:
    """Begin the logs of the investigator's sites that are on their way; return how many entries.

    :param cast: gives the demonstration's person in a role
    """
    farah = cast(Role.PRINCIPAL_INVESTIGATOR)
    rows = SitePathway.objects.visible_to(farah).filter(state__in=paths.GOING)
    for path, lines in zip(rows.order_by("selected_date", "pk"), (FIRST, LATER), strict=False):
        for line in lines:
            _enter(path, line, cast, at)
    _change(farah, cast(Role.SITE_COORDINATOR), at)
    return int(Delegation.objects.count())


def _enter(path: SitePathway, line: Line, cast: Callable[[Role], Any], at: datetime) -> None:
    farah, siti = cast(Role.PRINCIPAL_INVESTIGATOR), cast(Role.SITE_COORDINATOR)
    person, then = cast(line.role), at - BEGAN
    start = max(then.date(), path.selected_date)
    if line.lapses_in is not None:
        _train(path, person, line, siti, then, at)
    row = actions.record_delegation(
        path=path, person=person, tasks=list(line.tasks), start_date=start, by=siti, at=then
    )
    if line.is_signed:
        actions.sign_delegation(delegation=row, by=farah, at=then + timedelta(hours=3))


def _train(
    path: SitePathway, person: Any, line: Line, by: Any, then: datetime, at: datetime
) -> None:
    held = {one.training for one in delegations.held_by(person.pk)}
    ends = at.date() + timedelta(days=line.lapses_in or 0)
    for asked in delegations.asked_for(line.tasks, at.date()):
        if asked.key not in held:
            actions.record_qualification(
                person=person,
                training=asked.key,
                completed_date=ends - COURSE,
                expires_date=ends,
                certificate_no=f"{asked.key}-{person.pk:04d}",
                by=by,
                at=then,
                path=path,
            )


def _change(farah: Any, siti: Any, at: datetime) -> None:
    """Give the coordinator one more task after her entry was signed, so that it waits again."""
    row = Delegation.objects.filter(person=siti, signed_by=farah).order_by("pk").first()
    if row is not None:
        actions.change_delegation(
            delegation=row,
            tasks=[*row.tasks, "specimens"],
            end_date=None,
            reason="Takes the samples too, from this week",
            by=siti,
            at=at - timedelta(days=4),
        )
