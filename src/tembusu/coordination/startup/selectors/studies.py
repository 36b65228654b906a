"""What start-up reads of studies: by what a pathway is chosen, and under what a site is counted."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tembusu.coordination.registry.selectors import kinds
from tembusu.coordination.startup.models import PathwayVersion
from tembusu.coordination.startup.rules import choosing
from tembusu.coordination.startup.selectors import sheets
from tembusu.coordination.startup.terms import VersionState

AREAS = Path(__file__).resolve().parent.parent / "pathways" / "areas.toml"


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What of a study decides on its sites' pathway and figures."""

    study_type: str = ""
    sponsor_kind: str = "unknown"
    phase: str = ""
    area: str = "other"
    interventions: Sequence[str] = ()


@cache
def areas() -> Mapping[str, Sequence[str]]:
    """Return the therapeutic areas with the beginnings of words that tell them."""
    found: Mapping[str, Sequence[str]] = tomllib.loads(AREAS.read_text())["areas"]
    return found


def facts_of(study_ids: Collection[int]) -> dict[int, StudyFacts]:
    """Return what is known of studies, by their ids."""
    found = {pk: StudyFacts() for pk in study_ids}
    for one in kinds.kinds_of(study_ids):
        found[one.study_id] = StudyFacts(
            study_type=one.study_type,
            sponsor_kind=choosing.sponsor_kind(one.sponsor_class, one.sponsor_kind),
            phase=one.phase,
            area=choosing.therapeutic_area(one.conditions, areas()),
            interventions=one.interventions,
        )
    return found


def milestone_labels() -> dict[str, str]:
    """Return how milestones are called: as the newest version in force that has one calls it."""
    plans = [sheets.plan_of(one) for one in sorted(versions_in_force(), key=lambda one: one.pk)]
    return {one.key: one.label for plan in plans for one in plan.milestones}


def versions_in_force() -> list[PathwayVersion]:
    """Return each pathway's version in force, in the order in which they were made."""
    rows = PathwayVersion.objects.filter(state=VersionState.IN_FORCE)
    return list(rows.select_related("pathway").order_by("pathway_id"))


def version_for(facts: StudyFacts, obligations: Collection[str] = ()) -> PathwayVersion:
    """Return the version in force that fits a study best.

    :raises NoPathway: where none does
    """
    versions = versions_in_force()
    plans = [sheets.plan_of(one) for one in versions]
    return versions[plans.index(choosing.choose(_asked(facts, obligations), plans))]


def reasons_for(
    version: PathwayVersion, facts: StudyFacts, obligations: Collection[str] = ()
) -> list[tuple[str, list[str]]]:
    """Return by which facts of a study a version fits, as ``rules.choosing.why`` has them."""
    return choosing.why(_asked(facts, obligations), sheets.plan_of(version))


def _asked(facts: StudyFacts, obligations: Collection[str]) -> dict[str, Collection[str]]:
    return {
        "study_type": [facts.study_type],
        "sponsor_kind": [facts.sponsor_kind],
        "intervention": sorted(set(facts.interventions)),
        "obligation": sorted(obligations),
    }
