"""Pathways and their versions: a file seeds the first, then people decide, and the database wins."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tembusu.coordination.startup import permissions
from tembusu.coordination.startup.models import Pathway, PathwayVersion
from tembusu.coordination.startup.rules import moves, plans
from tembusu.coordination.startup.rules.plans import PlanFault
from tembusu.coordination.startup.terms import StartupRefused, VersionState
from tembusu.foundation.core import audit, states
from tembusu.foundation.people import selectors as people

FOLDER = Path(__file__).resolve().parent.parent / "pathways"
FILE_REASON = "The file of this release differs from the version in force."


class NothingChanged(StartupRefused):
    """A version that says what one in force or proposed says already."""


def read_files(folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Yield the plans of the release's files as ``read_plan`` wrote them back.

    :raises PlanFault: naming the file and what is wrong in it
    """
    for path in sorted(folder.glob("[0-9]*.toml")):
        try:
            yield plans.as_json(plans.read_plan(tomllib.loads(path.read_text())))
        except (tomllib.TOMLDecodeError, PlanFault) as fault:
            raise PlanFault(f"{path.name}: {fault}") from fault


@audit.act
def seed_pathways(*, by: None = None, at: datetime, folder: Path = FOLDER) -> int:
    """Put each file's pathway in force where there is none yet; propose it where one differs.

    A file that was seen before, whatever came of it, is not proposed again.

    :return: how many versions were made
    """
    n = 0
    for plan in read_files(folder):
        pathway, is_new = Pathway.objects.get_or_create(key=plan["key"], defaults={"made_at": at})
        made = plans.digest(plan)
        if pathway.versions.filter(digest=made).exists():
            continue
        state = VersionState.IN_FORCE if is_new else VersionState.PROPOSED
        reason = "" if is_new else FILE_REASON
        _add(pathway, plan, state, reason=reason, by=by, at=at)
        n += 1
    return n


@audit.act
def propose_version(
    *, plan: Mapping[str, Any], reason: str, by: Any, at: datetime
) -> PathwayVersion:
    """Propose a pathway as edited on screen, new or changed.

    :raises PermissionDenied: unless the user decides on pathways
    :raises PlanFault: if nobody could go along it
    :raises NothingChanged: if it says nothing new
    :raises StartupRefused: without a reason
    """
    people.check(by, permissions.EDIT_PATHWAY)
    data = plans.as_json(plans.read_plan(plan))
    if not reason.strip():
        raise StartupRefused("Say why the pathway changes; whoever decides will read it.")
    pathway, _ = Pathway.objects.get_or_create(key=data["key"], defaults={"made_at": at})
    pathway = Pathway.objects.select_for_update().get(pk=pathway.pk)
    same = pathway.versions.filter(digest=plans.digest(data)).exclude(
        state__in=[VersionState.DECLINED, VersionState.REPLACED]
    )
    if found := same.first():
        state = VersionState(found.state).label.lower()
        raise NothingChanged(f"Version {found.number} says the same and is {state}.")
    return _add(pathway, data, VersionState.PROPOSED, reason=reason.strip(), by=by, at=at)


@audit.act
def decide_version(
    *, version: PathwayVersion, to: VersionState, by: Any, at: datetime, reason: str = ""
) -> PathwayVersion:
    """Put a proposed version in force, or decline it. Study-sites under way keep theirs.

    :raises PermissionDenied: unless the user decides on pathways
    :raises IllegalMove: unless it is proposed
    """
    people.check(by, permissions.EDIT_PATHWAY)
    Pathway.objects.select_for_update().get(pk=version.pathway_id)
    version = PathwayVersion.objects.select_for_update().get(pk=version.pk)
    states.check_move(moves.VERSION_MOVES, present=VersionState(version.state), to=to)
    if to is VersionState.IN_FORCE:
        present = PathwayVersion.objects.filter(
            pathway_id=version.pathway_id, state=VersionState.IN_FORCE
        )
        present.update(state=VersionState.REPLACED)
    version.state, version.decided_by, version.decided_at = to, by, at
    version.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(
        f"startup.pathway.{to.value}",
        on=[version.pathway, version],
        by=by,
        at=at,
        change={"version": version.number},
        reason=reason,
    )
    return version


def _add(
    pathway: Pathway, plan: Mapping[str, Any], state: VersionState, **more: Any
) -> PathwayVersion:
    by, at, reason = more["by"], more["at"], more["reason"]
    last = pathway.versions.order_by("-number").values_list("number", flat=True).first() or 0
    is_decided = state is VersionState.IN_FORCE
    version = PathwayVersion.objects.create(
        pathway=pathway,
        number=last + 1,
        plan=dict(plan),
        digest=plans.digest(plan),
        state=state,
        reason=reason,
        made_by=by,
        made_at=at,
        decided_at=at if is_decided else None,
    )
    audit.record(
        f"startup.pathway.{state.value}",
        on=[pathway, version],
        by=by,
        at=at,
        change={"version": version.number},
        reason=reason,
    )
    return version
